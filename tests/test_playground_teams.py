"""Several workspaces, what their tokens are good for, and how an app gets in and out."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground import EVERYTHING, Channel, Playground
from slack_app import reachable


@pytest.fixture
def slack() -> Iterator[Playground]:
    with Playground(manifest=EVERYTHING) as empty:
        yield empty


def client_of(slack: Playground, token: str) -> WebClient:
    return WebClient(token, base_url=slack.api_url, retry_handlers=[])


def refusal(call: object) -> dict[str, str]:
    assert callable(call)
    with pytest.raises(SlackApiError) as refused:
        call()
    data = refused.value.response.data
    assert isinstance(data, dict)
    return data


def error_of(call: object) -> str:
    return refusal(call)["error"]


def test_a_token_sees_its_own_workspace_only(slack: Playground) -> None:
    token = slack.add_team("T0OTHER", "Other Lab")
    ours, theirs = client_of(slack, slack.bot_token), client_of(slack, token)

    who = theirs.auth_test()
    theirs.chat_postMessage(channel="C0OTHER", text="there")

    assert (who["team"], who["user_id"]) == ("Other Lab", "U0OTHERBOT")
    assert theirs.team_info()["team"]["domain"] == "other-lab"
    assert error_of(lambda: ours.chat_postMessage(channel="C0OTHER", text="t")) == (
        "channel_not_found"
    )
    assert error_of(lambda: theirs.conversations_info(channel="C0GENERAL")) == "channel_not_found"
    assert error_of(lambda: ours.users_info(user="U0OTHER")) == "user_not_found"
    assert error_of(lambda: theirs.conversations_open(users="U0PERSON")) == "user_not_found"
    assert ours.users_info(user=slack.user)["user"]["locale"] == "ja-JP"
    assert [message.team for message in slack.messages("C0OTHER")] == ["T0OTHER"]


def test_what_people_do_is_told_with_their_workspace(slack: Playground) -> None:
    slack.add_team("T0OTHER", "Other Lab")
    with reachable(slack) as app:
        slack.command("NeRF", channel="C0OTHER")
        slack.say("<@U0OTHERBOT> hello", channel="C0OTHER")
        slack.say("<@U0PAPERWALK> hello")
        slack.open_home("U0OTHER")

    assert [body.get("team_id") for body in app.bodies] == [
        "T0OTHER",
        "T0OTHER",
        "T0OTHER",
        "T0PLAYGROUND",
        "T0PLAYGROUND",
        "T0OTHER",
    ]
    assert app.bodies[0]["user_id"] == "U0OTHER"


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("xoxb-wrong", "invalid_auth"),
        ("", "not_authed"),
        (Playground.app_token, "not_allowed_token_type"),
    ],
)
def test_a_wrong_token_is_refused(slack: Playground, token: str, error: str) -> None:
    assert error_of(client_of(slack, token).auth_test) == error


def test_socket_mode_is_opened_with_the_app_token_only(slack: Playground) -> None:
    client = WebClient(base_url=slack.api_url)

    opened = client.apps_connections_open(app_token=slack.app_token)
    wrong = error_of(lambda: client.apps_connections_open(app_token=slack.bot_token))
    unknown = error_of(lambda: client.apps_connections_open(app_token="xapp-other"))

    assert opened["url"].startswith("ws://127.0.0.1:")
    assert (wrong, unknown) == ("not_allowed_token_type", "invalid_auth")


SCOPES = [
    ("chat.postMessage", {"channel": "C0GENERAL", "text": "t"}, "chat:write"),
    ("conversations.history", {"channel": "C0GENERAL"}, "channels:history"),
    ("conversations.history", {"channel": "G1"}, "groups:history"),
    ("conversations.replies", {"channel": "D0PERSON", "ts": "1.0"}, "im:history"),
    ("conversations.info", {"channel": "G1"}, "groups:read"),
    ("conversations.open", {"users": "U0PERSON"}, "im:write"),
    ("conversations.open", {"users": "U0PERSON,U2"}, "mpim:write"),
    ("conversations.join", {"channel": "C0GENERAL"}, "channels:join"),
    ("reactions.add", {"channel": "C0GENERAL"}, "reactions:write"),
    ("reactions.get", {"channel": "C0GENERAL"}, "reactions:read"),
    ("files.getUploadURLExternal", {"filename": "a"}, "files:write"),
    ("users.info", {"user": "U0PERSON"}, "users:read"),
    ("team.info", {}, "team:read"),
    ("assistant.threads.setStatus", {"channel_id": "C0GENERAL"}, "chat:write"),
]


def test_each_method_needs_its_scope() -> None:
    with Playground(manifest=EVERYTHING, scopes=["commands"]) as slack:
        slack.add_channel(Channel("G1", "private", is_private=True))
        slack.dm()
        client = client_of(slack, slack.bot_token)
        for method, arguments, needed in SCOPES:
            said = refusal(lambda m=method, a=arguments: client.api_call(m, json=a))

            assert (said["error"], said["needed"]) == ("missing_scope", needed), method
            assert said["provided"] == "commands"
        assert client.auth_test()["ok"]


def test_an_uninstalled_app_is_told_and_shut_out(slack: Playground) -> None:
    client = client_of(slack, slack.bot_token)
    with reachable(slack) as app:
        slack.uninstall()

    assert {event["type"] for event in app.events()} == {"app_uninstalled", "tokens_revoked"}
    (revoked,) = app.events("tokens_revoked")
    assert revoked["tokens"] == {"oauth": [], "bot": [slack.bot_user]}
    assert error_of(client.auth_test) == "account_inactive"


def test_an_app_may_give_its_token_back(slack: Playground) -> None:
    client = client_of(slack, slack.bot_token)

    kept = client.auth_revoke(test=True)["revoked"]
    given = client.auth_revoke()["revoked"]

    assert (kept, given) == (False, True)
    assert error_of(client.auth_test) == "token_revoked"


def install(slack: Playground, **query: str) -> requests.Response:
    asked = {
        "client_id": slack.client_id,
        "scope": "chat:write,commands",
        "state": "once",
        "redirect_uri": "http://127.0.0.1:1/slack/oauth_redirect",
    }
    return requests.get(
        slack.authorize_url, params=asked | query, allow_redirects=False, timeout=10
    )


def test_a_workspace_installs_the_app(slack: Playground) -> None:
    assert slack.add_team("T0NEW", "New Lab", installed=False) == ""

    sent_back = install(slack, team="T0NEW").headers["Location"]
    answered = parse_qs(urlsplit(sent_back).query)
    client = WebClient(base_url=slack.api_url)
    proof = {"client_id": slack.client_id, "client_secret": slack.client_secret}
    granted = client.oauth_v2_access(**proof, code=answered["code"][0])
    again = error_of(lambda: client.oauth_v2_access(**proof, code=answered["code"][0]))

    assert answered["state"] == ["once"]
    assert granted["team"] == {"id": "T0NEW", "name": "New Lab"}
    assert (granted["scope"], granted["bot_user_id"]) == ("chat:write,commands", "U0NEWBOT")
    assert client_of(slack, granted["access_token"]).auth_test()["team_id"] == "T0NEW"
    assert again == "invalid_code"


def test_an_app_that_comes_back_gets_another_token(slack: Playground) -> None:
    slack.uninstall()
    code = parse_qs(urlsplit(install(slack).headers["Location"]).query)["code"][0]

    granted = WebClient(base_url=slack.api_url).oauth_v2_access(
        client_id=slack.client_id, client_secret=slack.client_secret, code=code
    )

    assert granted["access_token"] != slack.bot_token
    assert slack.team().token == granted["access_token"]
    assert error_of(client_of(slack, slack.bot_token).auth_test) == "account_inactive"


def test_whoever_is_not_the_app_gets_no_token(slack: Playground) -> None:
    code = parse_qs(urlsplit(install(slack).headers["Location"]).query)["code"][0]
    client = WebClient(base_url=slack.api_url)

    wrong_id = error_of(lambda: client.oauth_v2_access(client_id="1", client_secret="x", code=code))
    wrong_secret = error_of(
        lambda: client.oauth_v2_access(client_id=slack.client_id, client_secret="x", code=code)
    )
    elsewhere = error_of(
        lambda: client.oauth_v2_access(
            client_id=slack.client_id,
            client_secret=slack.client_secret,
            code=code,
            redirect_uri="https://evil.example/",
        )
    )

    assert (wrong_id, wrong_secret) == ("invalid_client_id", "bad_client_secret")
    assert elsewhere == "bad_redirect_uri"
    assert install(slack, client_id="1").status_code == 400
    assert install(slack, team="T404").status_code == 400
