"""The bot, whole, against the loopback Slack."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from slack_bolt import BoltRequest
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import text

from bot.app import build_app
from bot.delivery import open_client
from bot.playground import Channel, CommandReceipt, Fault, Message, Playground
from bot.requests import SurveyRequest
from bot.run import House, open_house
from bot.scenes import demo_settings
from bot.store import Jobs, name_job
from bots import bot_settings, root_of, running_bot, wait_for_end
from pipeline.errors import NotConfigured

QUESTION = "NeRFの進化の研究について教えて"


@dataclass(frozen=True)
class Office:
    """A workspace with a running bot, and a channel of the test's own."""

    slack: Playground
    jobs: Jobs
    channel: str

    def ask(self, text: str, **more: str) -> CommandReceipt:
        return self.slack.command(text, channel=self.channel, **more)

    def survey(self, text: str) -> tuple[str, list[Message]]:
        status = wait_for_end(self.jobs, self.ask(text))
        return status, self.slack.thread(root_of(self.slack, self.channel).ts, self.channel)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Playground, Jobs]]:
    """Start one bot for all tests that need no settings of their own."""
    folder = tmp_path_factory.mktemp("bot")
    with Playground() as slack, running_bot(slack, folder, person_at_once=0) as house:
        yield slack, house.tables.jobs


@pytest.fixture
def office(running: tuple[Playground, Jobs], request: pytest.FixtureRequest) -> Office:
    slack, jobs = running
    channel = f"C{abs(hash(request.node.name)):X}"
    slack.add_channel(Channel(channel, "test"))
    return Office(slack, jobs, channel)


@pytest.fixture
def slack() -> Iterator[Playground]:
    with Playground() as empty:
        yield empty


def test_a_command_becomes_a_thread_with_survey_files_and_footer(office: Office) -> None:
    receipt = office.ask(QUESTION)
    status = wait_for_end(office.jobs, receipt)

    assert status == "done"
    assert receipt.acked
    assert receipt.seconds < 1
    assert "受け付けました" in receipt.text
    slack, channel = office.slack, office.channel
    thread = slack.thread(root_of(slack, channel).ts, channel)
    root, *rest = thread
    files = {message.files[0].name: message.files[0] for message in rest if message.files}
    parts = [message for message in rest if message.text.startswith("サーベイ（")]
    references = [message for message in rest if message.text == "参考文献"]
    assert QUESTION in str(root.blocks)
    assert "✅" in str(root.blocks)
    assert root.edits >= 1
    survey = "\n".join(str(part.blocks[0]["text"]) for part in parts)
    assert "](https://arxiv.org/abs/2003.08934)" in survey
    assert "NeRF: Representing Scenes" in str(references[0].blocks)
    assert {name.rpartition(".")[2] for name in files} == {"md", "bib", "png"}
    document = next(file.content for name, file in files.items() if name.endswith(".md"))
    assert "検索式" in document.decode()
    assert any(b"eprint = {2003.08934}" in file.content for file in files.values())
    assert "引用：見つかった論文" in str(rest[-1].blocks)
    assert slack.unfurls(channel) == []
    assert slack.pings(channel) == {f"<@{slack.user}>"}


def test_an_english_question_is_answered_in_english(office: Office) -> None:
    _, thread = office.survey("What is new in LLM quantization?")

    assert "Cited:" in str(thread[-1].blocks)
    assert "Introduction" in str(thread[1].blocks)


def test_a_second_delivery_of_a_command_starts_nothing(office: Office) -> None:
    first = office.ask(QUESTION)
    again = office.ask(QUESTION, trigger_id=first.trigger_id)
    wait_for_end(office.jobs, first)

    assert again.acked
    root_of(office.slack, office.channel)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("help", "`/survey"),
        ("使い方", "/survey 質問"),
        ("!!!", "empty"),
        ("x" * 3000, "2,000"),
        ("質問" * 1500, "2,000"),
    ],
)
def test_what_is_no_question_is_answered_privately(office: Office, text: str, said: str) -> None:
    receipt = office.ask(text)

    assert said in receipt.text
    assert office.jobs.status(name_job(receipt.trigger_id)) is None
    assert all(message.ephemeral_for for message in office.slack.messages(office.channel))


def test_a_question_that_finds_nothing_is_told_in_the_thread(office: Office) -> None:
    status, thread = office.survey("quuxology of blorptangles")

    assert status == "failed"
    assert "No paper was found" in thread[-1].text
    assert "job" in thread[-1].text
    assert "⚠️" in str(thread[0].blocks)


def test_hostile_questions_do_not_ping_or_link(office: Office) -> None:
    status, _ = office.survey("NeRF <!channel> @here <@U0VICTIM> <https://evil.example|x>")

    assert status == "done"
    assert office.slack.pings(office.channel) == {f"<@{office.slack.user}>"}


def test_slack_being_slow_or_broken_loses_and_repeats_nothing(office: Office) -> None:
    office.slack.fail_next(
        "chat.postMessage", Fault(429, retry_after=0), Fault(503), Fault(accepted=True), Fault(500)
    )
    office.slack.fail_next("chat.update", Fault(500))
    office.slack.fail_next("files.completeUploadExternal", Fault(accepted=True))

    status, thread = office.survey(QUESTION)

    assert status == "done"
    names = [message.metadata["event_payload"]["name"] for message in thread if message.metadata]  # type: ignore[index]  # ours
    assert sorted(set(names)) == sorted(names)
    assert {"root", "part 1", "references 1", "footer"} <= set(names)
    assert sum(bool(message.files) for message in thread) == 3


def test_a_survey_that_slack_refuses_to_format_is_posted_plainly(office: Office) -> None:
    office.slack.refuse_markdown = True
    try:
        status, thread = office.survey(QUESTION)
    finally:
        office.slack.refuse_markdown = False

    assert status == "done"
    text = "".join(str(message.blocks) for message in thread)
    assert "https://arxiv.org/abs/2003.08934" in text
    assert "'markdown'" not in text


def test_a_public_channel_is_joined(office: Office) -> None:
    office.slack.add_channel(Channel(office.channel, "open", is_member=False))

    status, _ = office.survey(QUESTION)

    assert status == "done"


def test_a_channel_that_is_closed_to_us_is_said_privately(office: Office) -> None:
    office.slack.add_channel(Channel(office.channel, "x", is_private=True, is_member=False))

    status = wait_for_end(office.jobs, office.ask(QUESTION))

    assert status == "failed"
    private = [m for m in office.slack.messages(office.channel) if m.ephemeral_for]
    assert any("招待" in message.text for message in private)


def test_events_that_nobody_asked_for_are_acknowledged(office: Office) -> None:
    event = {"type": "reaction_added", "user": office.slack.user, "reaction": "+1"}

    assert office.slack.event(event)  # type: ignore[arg-type]  # plain JSON


def signed(
    slack: Playground, body: str, *, at: float | None = None, secret: str | None = None
) -> BoltRequest:
    stamp = str(int(at or time.time()))
    signature = SignatureVerifier(secret or slack.signing_secret).generate_signature(
        timestamp=stamp, body=body
    )
    headers: dict[str, str | Sequence[str]] = {
        "X-Slack-Request-Timestamp": [stamp],
        "X-Slack-Signature": [signature or ""],
        "Content-Type": ["application/x-www-form-urlencoded"],
    }
    return BoltRequest(body=body, headers=headers)


@contextmanager
def web_house(slack: Playground, folder: Path) -> Iterator[House]:
    """Put a bot together that only answers requests."""
    house = open_house(bot_settings(slack), demo_settings(folder))
    try:
        yield house
    finally:
        house.kit.engine.dispose()


def test_http_mode_checks_signatures(slack: Playground, tmp_path: Path) -> None:
    with web_house(slack, tmp_path) as house:
        client = open_client(slack.bot_token, slack.api_url)
        app = build_app(house.reception, client, slack.signing_secret)
        payload = slack.command_payload(QUESTION)
        body = urlencode(payload)

        good = app.dispatch(signed(slack, body))
        forged = app.dispatch(signed(slack, body, secret="other"))
        old = app.dispatch(signed(slack, body, at=time.time() - 600))
        job = house.tables.jobs.load(name_job(payload["trigger_id"]))

    assert good.status == 200
    assert "受け付けました" in good.body
    assert (forged.status, old.status) == (401, 401)
    assert isinstance(job.request, SurveyRequest)
    assert job.request.question.text == QUESTION


def test_a_failing_listener_answers_500_and_does_not_tell_why(
    slack: Playground, tmp_path: Path
) -> None:
    with web_house(slack, tmp_path) as house:
        client = open_client(slack.bot_token, slack.api_url)
        app = build_app(house.reception, client, slack.signing_secret)
        payload = slack.command_payload(QUESTION)
        with house.kit.engine.begin() as connection:
            connection.execute(text("ALTER TABLE jobs RENAME TO secret_reason"))

        response = app.dispatch(signed(slack, urlencode(payload)))
        with house.kit.engine.begin() as connection:
            connection.execute(text("ALTER TABLE secret_reason RENAME TO jobs"))
        again = app.dispatch(signed(slack, urlencode(payload)))

    assert response.status == 500
    assert "secret_reason" not in response.body
    assert "受け付けました" in again.body, "a delivery that failed is taken when it comes again"


def test_missing_tokens_and_forgetful_disks_are_said(slack: Playground, tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="SLACK_BOT_TOKEN"):
        bot_settings(slack, slack_bot_token=None).need("SLACK_BOT_TOKEN")
    with pytest.raises(NotConfigured, match="DYNO"):
        open_house(bot_settings(slack, dyno="web.1"), demo_settings(tmp_path))
