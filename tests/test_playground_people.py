"""What people do in the loopback Slack reaches a real Bolt app as Slack sends it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.playground import (
    EVERYTHING,
    Channel,
    Message,
    NotShown,
    Playground,
    Refusal,
)
from slack_app import Recorder, connected, reachable, wait_for


@pytest.fixture(scope="module")
def office() -> Iterator[tuple[Playground, Recorder]]:
    with Playground(manifest=EVERYTHING) as slack, connected(slack) as recorder:
        yield slack, recorder


@pytest.fixture
def slack(office: tuple[Playground, Recorder]) -> Playground:
    return office[0]


@pytest.fixture(autouse=True)
def app(office: tuple[Playground, Recorder]) -> Recorder:
    office[1].reset()
    return office[1]


@pytest.fixture
def client(slack: Playground) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


def button(action_id: str, value: str, text: str = "Go") -> dict[str, Any]:
    shown = {"type": "plain_text", "text": text}
    return {"type": "button", "action_id": action_id, "value": value, "text": shown}


def option(value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": value.upper()}, "value": value}


def post(slack: Playground, client: WebClient, **more: Any) -> Message:
    ts = client.chat_postMessage(**({"channel": slack.channel, "text": "t"} | more))["ts"]
    found = slack.find(ts, more.get("channel"))
    assert found
    return found


# Words


def test_a_command_is_acknowledged_and_answered_privately(slack: Playground, app: Recorder) -> None:
    app.acks["command"] = {"text": "working on it"}

    receipt = slack.command("NeRF", user="U7")

    assert (receipt.acked, receipt.text) == (True, "working on it")
    assert app.last["user_id"] == "U7"
    assert slack.messages()[-1].ephemeral_for == "U7"


def test_an_answer_that_slack_cannot_show_is_said(slack: Playground, app: Recorder) -> None:
    app.acks["command"] = {"text": "t", "blocks": [{"type": "sparkles"}]}

    assert slack.command("NeRF").error == "invalid_blocks"


def test_a_message_is_told_with_the_kind_of_its_channel(slack: Playground, app: Recorder) -> None:
    slack.add_channel(Channel("G1", "private", is_private=True))
    slack.add_channel(Channel("G2", "group", kind="mpim"))

    said = [slack.say("hello", channel=where) for where in ("C0GENERAL", "G1", "G2", slack.dm())]

    heard = app.events("message")
    assert [event["channel_type"] for event in heard] == ["channel", "group", "mpim", "im"]
    assert [event["ts"] for event in heard] == [message.ts for message in said]
    assert heard[3]["user"] == slack.user


def test_a_mention_is_told_twice_but_not_in_a_direct_message(
    slack: Playground, app: Recorder
) -> None:
    root = slack.say("a question")
    slack.say(f"<@{slack.bot_user}> please", thread_ts=root.ts, user="U8")
    slack.say(f"<@{slack.bot_user}> please", channel=slack.dm())

    assert len(app.events("message")) == 3
    (mention,) = app.events("app_mention")
    assert (mention["thread_ts"], mention["user"]) == (root.ts, "U8")


def test_where_the_app_is_no_member_it_hears_nothing(slack: Playground, app: Recorder) -> None:
    slack.add_channel(Channel("C2", "elsewhere", is_member=False))

    message = slack.say(f"<@{slack.bot_user}> hello", channel="C2")
    slack.react(message, "+1")

    assert app.bodies == []
    found = slack.find(message.ts, "C2")
    assert found
    assert found.reactions[0].users == (slack.user,)


def test_who_is_not_in_a_channel_does_not_write_there(slack: Playground) -> None:
    slack.add_channel(Channel("G3", "few", is_private=True, members=frozenset({"U1"})))
    slack.add_channel(Channel("C3", "old", is_archived=True))

    with pytest.raises(Refusal, match="not_in_channel"):
        slack.say("x", channel="G3", user="U2")
    with pytest.raises(Refusal, match="is_archived"):
        slack.say("x", channel="C3")
    with pytest.raises(NotShown):
        slack.say("x", thread_ts="1.1")
    with pytest.raises(NotShown):
        slack.say("x", channel="C404")


# Emoji


@pytest.mark.parametrize("name", ["+1", "thumbsup", "+1::skin-tone-3", "tada"])
def test_a_reaction_is_told_and_taken_back(
    slack: Playground, app: Recorder, client: WebClient, name: str
) -> None:
    message = post(slack, client)

    stood = slack.react(message, name, user="U9", event_ts="1.5", event_id="Ev1")
    slack.unreact(message, name, user="U9")

    added, removed = app.events()
    assert stood.reactions[0].users == ("U9",)
    assert (added["type"], added["reaction"], added["event_ts"]) == ("reaction_added", name, "1.5")
    assert added["item"] == {"type": "message", "channel": slack.channel, "ts": message.ts}
    assert added["item_user"] == slack.bot_user
    assert app.bodies[0]["event_id"] == "Ev1"
    assert removed["type"] == "reaction_removed"
    now = slack.find(message.ts)
    assert now
    assert now.reactions == ()


def test_a_reaction_counts_once_under_each_of_its_names(
    slack: Playground, client: WebClient
) -> None:
    message = post(slack, client)
    slack.react(message, "+1")

    with pytest.raises(Refusal, match="already_reacted"):
        slack.react(message, "thumbsup")
    with pytest.raises(Refusal, match="no_reaction"):
        slack.unreact(message, "tada")
    with pytest.raises(Refusal, match="invalid_name"):
        slack.react(message, ":+1:")
    toned = slack.react(message, "+1::skin-tone-6")

    assert [one.name for one in toned.reactions] == ["+1", "+1::skin-tone-6"]


# Buttons


ELEMENTS = [
    (button("go", "v1"), None, {"type": "button", "value": "v1"}),
    (
        {"type": "static_select", "action_id": "go", "options": [option("a"), option("b")]},
        "b",
        {"type": "static_select", "selected_option": option("b")},
    ),
    (
        {"type": "overflow", "action_id": "go", "options": [option("a"), option("b")]},
        "a",
        {"type": "overflow", "selected_option": option("a")},
    ),
    (
        {"type": "checkboxes", "action_id": "go", "options": [option("a"), option("b")]},
        "a",
        {"type": "checkboxes", "selected_options": [option("a")]},
    ),
    (
        {"type": "datepicker", "action_id": "go"},
        "2026-11-23",
        {"type": "datepicker", "selected_date": "2026-11-23"},
    ),
]


@pytest.mark.parametrize(("element", "value", "told"), ELEMENTS)
def test_touching_an_element_is_told(
    slack: Playground,
    app: Recorder,
    client: WebClient,
    element: dict[str, Any],
    value: str | None,
    told: dict[str, Any],
) -> None:
    root = post(slack, client)
    block = {"type": "actions", "block_id": "b", "elements": [element]}
    message = post(slack, client, thread_ts=root.ts, blocks=[block])

    receipt = slack.click(message, "go", user="U5", value=value)

    body = app.last
    assert receipt.acked
    assert body["type"] == "block_actions"
    assert body["user"]["id"] == "U5"
    assert body["trigger_id"] == receipt.trigger_id
    assert body["container"]["message_ts"] == message.ts
    assert body["container"]["thread_ts"] == root.ts
    assert body["message"]["ts"] == message.ts
    (action,) = body["actions"]
    assert action | told == action
    assert (action["block_id"], action["action_id"]) == ("b", "go")


FEEDBACK = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "useful",
            "positive_button": {"text": {"type": "plain_text", "text": "👍"}, "value": "yes 1"},
            "negative_button": {"text": {"type": "plain_text", "text": "👎"}, "value": "no 1"},
        },
        {
            "type": "icon_button",
            "action_id": "away",
            "icon": "trash",
            "text": {"type": "plain_text", "text": "Delete"},
            "visible_to_user_ids": ["U1"],
        },
    ],
}


@pytest.mark.parametrize(("value", "told"), [("positive", "yes 1"), ("no 1", "no 1")])
def test_feedback_is_told_by_its_value(
    slack: Playground, app: Recorder, client: WebClient, value: str, told: str
) -> None:
    message = post(slack, client, blocks=[FEEDBACK])

    slack.click(message, "useful", value=value)

    (action,) = app.last["actions"]
    assert (action["type"], action["value"]) == ("feedback_buttons", told)


def test_only_what_stands_there_for_this_person_can_be_touched(
    slack: Playground, app: Recorder, client: WebClient
) -> None:
    twins = [
        {"type": "actions", "elements": [button("vote", side)], "block_id": side} for side in "AB"
    ]
    message = post(slack, client, blocks=[FEEDBACK, *twins])

    slack.click(message, "vote", value="B")
    slack.click(message, "away", user="U1")
    for touched in ({"action_id": "nothing"}, {"action_id": "vote", "value": "C"}):
        with pytest.raises(NotShown):
            slack.click(message, **touched)
    with pytest.raises(NotShown):
        slack.click(message, "away", user="U2")
    client.chat_update(channel=slack.channel, ts=message.ts, text="closed")
    with pytest.raises(NotShown):
        slack.click(message, "vote", value="B")

    assert [body["actions"][0]["block_id"] for body in app.bodies] == ["B", "block-0"]


def test_a_private_message_is_touched_by_its_reader_only(
    slack: Playground, app: Recorder, client: WebClient
) -> None:
    blocks = [{"type": "actions", "elements": [button("dm_me", "1")]}]
    client.chat_postEphemeral(channel=slack.channel, user=slack.user, text="t", blocks=blocks)
    message = slack.messages()[-1]

    slack.click(message, "dm_me")
    with pytest.raises(NotShown):
        slack.click(message, "dm_me", user="U2")

    assert app.last["container"]["is_ephemeral"] is True
    assert "message" not in app.last


def test_a_click_is_answered_at_its_address(
    slack: Playground, app: Recorder, client: WebClient
) -> None:
    message = post(slack, client, blocks=[{"type": "actions", "elements": [button("go", "1")]}])
    slack.click(message, "go", user="U3")
    webhook = WebhookClient(app.last["response_url"])

    webhook.send(text="only for you")
    webhook.send(text="for all", response_type="in_channel")
    webhook.send(text="instead", replace_original=True)
    private, public = slack.messages()[-2:]
    replaced = slack.find(message.ts)
    webhook.send_dict({"delete_original": True})

    assert (private.text, private.ephemeral_for) == ("only for you", "U3")
    assert (public.text, public.ephemeral_for) == ("for all", None)
    assert replaced
    assert (replaced.text, replaced.blocks) == ("instead", ())
    assert slack.find(message.ts) is None


def test_an_address_serves_five_times_within_half_an_hour(slack: Playground) -> None:
    webhook = WebhookClient(slack.command("x").response_url)
    old = WebhookClient(slack.command("y").response_url)

    statuses = [webhook.send(text="t").status_code for _ in range(6)]
    refused = webhook.send(text="t")
    bad = old.send(text="t", blocks=[{"type": "sparkles"}])
    slack.pass_time(1801)

    assert statuses == [200] * 5 + [404]
    assert "used_url" in refused.body
    assert (bad.status_code, "invalid_blocks" in bad.body) == (400, True)
    assert "expired_url" in old.send(text="t").body


def test_an_address_takes_only_what_it_understands(slack: Playground) -> None:
    address = slack.command("x").response_url

    answers = [
        requests.post(f"{address}0", json={"text": "t"}, timeout=10),
        requests.post(address, data=b"{", timeout=10),
        requests.post(address, json=["t"], timeout=10),
        requests.post(address, json={"text": "t", "blocks": "b"}, timeout=10),
        requests.post(address, json={"delete_original": True}, timeout=10),
    ]

    assert [answer.status_code for answer in answers] == [404, 400, 400, 400, 200]


# Shortcuts, home, sessions


def test_shortcuts_carry_the_message_or_nothing(slack: Playground, app: Recorder) -> None:
    message = slack.say("an old remark")
    app.bodies.clear()

    slack.shortcut("survey_message", message, user="U4")
    slack.shortcut("survey_new")

    on_message, overall = app.bodies
    assert (on_message["type"], on_message["callback_id"]) == ("message_action", "survey_message")
    assert on_message["message"]["text"] == "an old remark"
    assert (overall["type"], "message" in overall) == ("shortcut", False)


def test_opening_the_home_tab_tells_the_app(slack: Playground, app: Recorder) -> None:
    def publish(body: dict[str, Any], client: WebClient) -> None:
        section = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
        client.views_publish(
            user_id=body["event"]["user"], view={"type": "home", "blocks": [section]}
        )

    app.react = publish
    slack.open_home("U6")
    home = wait_for(lambda: slack.home("U6"))
    slack.open_home("U6", tab="messages")
    slack.open_home("U6")

    assert home.blocks[0]["type"] == "section"
    tabs = [(event["tab"], "view" in event) for event in app.events("app_home_opened")]
    assert tabs == [("home", False), ("messages", False), ("home", True)]


def test_the_stop_button_is_there_while_work_goes_on(
    slack: Playground, app: Recorder, client: WebClient
) -> None:
    root = post(slack, client)
    place: dict[str, Any] = {"channel_id": slack.channel, "thread_ts": root.ts}
    with pytest.raises(NotShown):
        slack.stop_session(slack.channel, root.ts)

    client.agents_sessions_setStatus(**place, status="processing", title="NeRF")
    stream = client.chat_startStream(
        channel=slack.channel,
        thread_ts=root.ts,
        recipient_user_id=slack.user,
        recipient_team_id=slack.team_id,
        markdown_text="so far",
    )
    slack.stop_session(slack.channel, root.ts)

    (stopped,) = app.events("agent_session_stopped")
    assert stopped["thread_ts"] == root.ts
    assert stopped["streaming_message_ts"] == [stream["ts"]]
    with pytest.raises(SlackApiError, match="stopped_by_user"):
        client.chat_appendStream(channel=slack.channel, ts=stream["ts"], markdown_text="x")
    session = slack.session(root.ts)
    assert session
    assert (session.status, session.title) == ("processing", "NeRF")


# The manifest


def test_what_the_manifest_does_not_declare_does_not_happen() -> None:
    poor = replace(
        EVERYTHING,
        events=frozenset({"message.channels"}),
        scopes=frozenset({"chat:write"}),
        shortcuts=frozenset(),
        interactivity=False,
        messages_tab=False,
    )
    with Playground(manifest=poor) as slack, reachable(slack) as app:
        message = slack.say(f"<@{slack.bot_user}>")
        slack.react(message, "+1")
        with pytest.raises(NotShown, match="survey_new"):
            slack.shortcut("survey_new")
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        blocks = [{"type": "actions", "elements": [button("go", "1")]}]
        with pytest.raises(NotShown, match="interactivity"):
            slack.click(post(slack, client, blocks=blocks), "go")
        with pytest.raises(Refusal, match="messages_tab_disabled"):
            slack.say("x", channel=slack.dm())

        assert app.bodies == []
