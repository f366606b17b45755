"""Several workspaces: installed by OAuth, tokens encrypted, each by itself, forgotten in the end."""

import html
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from pydantic import SecretStr
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import text
from waitress.server import create_server

from bot.installations import InstallationStore
from bot.playground import Playground
from bot.run import House, build_web_app, open_house, working
from bot.scenes import demo_settings
from bot.scopes import SCOPES
from bot.store import name_job
from bots import bot_settings
from office import QUESTION, Office, until
from pipeline.errors import NotConfigured

FIRST, SECOND = "T0FIRST", "T0SECOND"


@dataclass
class Town:
    """Two workspaces and one bot that both install."""

    slack: Playground
    house: House
    url: str

    def install(self, team: str) -> int:
        """Install the app as a person does in the browser; give the last page's status."""
        browser = requests.Session()
        page = browser.get(f"{self.url}/slack/install", timeout=5).text
        address = link_in(page)
        confirmed = browser.get(f"{address}&team={team}", timeout=5, allow_redirects=False)
        query = urlsplit(confirmed.headers["Location"]).query
        state = parse_qs(urlsplit(address).query)["state"]
        assert parse_qs(query)["state"] == state
        cookies = {"slack-app-oauth-state": state[0]}
        back = f"{self.url}/slack/oauth_redirect?{query}"
        return requests.get(back, timeout=5, cookies=cookies).status_code

    def office(self, team: str) -> Office:
        return Office(self.slack, self.house, self.slack.team(team).channel)


def link_in(page: str) -> str:
    """Give the address that the page of installation leads to."""
    found = re.search(r'href="(http[^"]+)"', page)
    assert found
    return html.unescape(found[1])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Playground() as slack, serving(slack, tmp_path_factory.mktemp("town")) as (house, url):
        for team in (FIRST, SECOND):
            slack.add_team(team, team, installed=False)
        slack.deliver_over_http(f"{url}/slack/events")
        town = Town(slack, house, url)
        assert town.install(FIRST) == 200
        assert town.install(SECOND) == 200
        yield town


@contextmanager
def serving(slack: Playground, folder: Path) -> Iterator[tuple[House, str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = bot_settings(
        slack,
        slack_bot_token=None,
        slack_client_id=slack.client_id,
        slack_client_secret=SecretStr(slack.client_secret),
        slack_authorize_url=slack.authorize_url,
        secret_key=SecretStr("a secret of sixteen characters"),
        public_url=f"http://127.0.0.1:{port}",
    )
    house = open_house(settings, demo_settings(folder))
    app = SlackRequestHandler(build_web_app(house), path="/slack/events")
    server = create_server(app, host="127.0.0.1", port=port, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        with working(house):
            yield house, f"http://127.0.0.1:{port}"
    finally:
        server.close()
        for channel in list(server.active_channels.values()):  # type: ignore[union-attr]  # a dictionary
            channel.handle_close()
        thread.join(5)
        house.kit.engine.dispose()


def post_signed(town: Town, body: str) -> int:
    """Post what Slack would sign, and give the status."""
    stamp = str(int(time.time()))
    signature = SignatureVerifier(town.slack.signing_secret).generate_signature(
        timestamp=stamp, body=body
    )
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature or "",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return requests.post(
        f"{town.url}/slack/events", data=body, headers=headers, timeout=10
    ).status_code


def surveyed(town: Town, team: str) -> str:
    office = town.office(team)
    receipt = town.slack.command(QUESTION, channel=office.channel)
    job_id = name_job(receipt.trigger_id)
    assert office.wait(job_id) == "done", receipt.text
    return job_id


def test_each_workspace_gets_its_survey_by_its_own_token(town: Town) -> None:
    for team in (FIRST, SECOND):
        job_id = surveyed(town, team)

        thread = town.office(team).thread(job_id)
        assert len(thread) > 4
        assert {message.team for message in thread} == {team}


def test_the_installation_asks_for_our_scopes(town: Town) -> None:
    page = requests.get(f"{town.url}/slack/install", timeout=5).text

    asked = parse_qs(urlsplit(link_in(page)).query)["scope"][0]
    assert set(asked.split(",")) == set(SCOPES)


def test_a_forged_state_installs_nothing(town: Town) -> None:
    code = "made-up"
    answer = requests.get(f"{town.url}/slack/oauth_redirect?code={code}&state=made-up", timeout=5)

    assert answer.status_code != 200


def test_tokens_are_encrypted_at_rest(town: Town) -> None:
    tokens = [town.slack.team(team).token for team in (FIRST, SECOND)]
    with town.house.kit.engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM slack_bots")).all())
        stored += str(connection.execute(text("SELECT * FROM slack_installations")).all())

    assert all(tokens)
    assert not any(token in stored for token in tokens)
    assert town.house.installations is not None
    found = town.house.installations.find_team(FIRST)
    assert found is not None
    assert found.bot_token == tokens[0]


def test_another_secret_reads_no_token(town: Town) -> None:
    other = InstallationStore(town.slack.client_id, town.house.kit.engine, b"x" * 32)

    with pytest.raises(NotConfigured, match="PAPERWALK_SECRET_KEY"):
        other.find_team(FIRST)


def test_a_workspace_never_sees_anothers_data(town: Town) -> None:
    mine = surveyed(town, FIRST)
    tables, kit = town.house.tables, town.house.kit
    stranger = town.slack.team(SECOND).person
    office = town.office(SECOND)
    own = surveyed(town, SECOND)
    root = office.message(own, "root")
    before = len(office.jobs("survey"))
    for action in ("job_again", "job_model", "job_queries", "job_left_out"):
        # A button whose value was changed to name a job of the other workspace.
        forged = {
            "type": "block_actions",
            "trigger_id": f"forged-{action}",
            "team": {"id": SECOND},
            "user": {"id": stranger, "team_id": SECOND},
            "channel": {"id": office.channel},
            "message": {"ts": root.ts},
            "actions": [{"type": "button", "action_id": action, "value": mine, "block_id": "b"}],
        }
        assert post_signed(town, urlencode({"payload": json.dumps(forged)})) == 200

    assert len(office.jobs("survey")) == before
    assert town.house.reception.board(SECOND).turnout.votes == 0
    assert tables.jobs.find(mine, SECOND) is None
    assert kit.ballots.find(mine, SECOND) is None
    assert tables.jobs.list_of_person(SECOND, office.house.reception.actor(FIRST, "x").hash) == []
    office.slack.open_home(stranger)
    view = until(lambda: office.slack.home(stranger), "the home tab")
    assert view is not None
    assert mine not in str(view.blocks)


def test_uninstalling_deletes_tokens_questions_and_watches(town: Town) -> None:
    team = "T0LEAVING"
    town.slack.add_team(team, team, installed=False)
    assert town.install(team) == 200
    channel = town.slack.team(team).channel
    receipt = town.slack.command(f"watch {QUESTION}（退会） weekly", channel=channel)
    job_id = name_job(receipt.trigger_id)
    assert Office(town.slack, town.house, channel).wait(job_id) == "done"

    town.slack.uninstall(team)

    assert town.house.installations is not None
    store = town.house.installations
    until(lambda: store.find_team(team) is None, "the tokens to go")

    def kept() -> str:
        with town.house.kit.engine.connect() as connection:
            return "".join(
                str(connection.execute(text(f"SELECT * FROM {table}")).all())
                for table in ("jobs", "contexts", "surveys", "stages", "watches")
            )

    until(lambda: "退会" not in kept(), "the questions to go")
    assert town.house.tables.jobs.status(job_id) == "done"
    assert surveyed(town, FIRST)
