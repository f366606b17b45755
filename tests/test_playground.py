"""The loopback Slack refuses what Slack refuses."""

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from bot.playground import Channel, Fault, Playground
from bot.playground.prose import set_markdown, wrap
from bot.playground.render import draw_thread


@pytest.fixture(scope="module")
def slack() -> Iterator[Playground]:
    with Playground() as running:
        yield running


@pytest.fixture
def client(slack: Playground) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(**more: str) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": "Go"}, **more}


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("msg_too_long", {"text": "x" * 40_001}),
    ("invalid_blocks", {"text": "t", "blocks": [section("x")] * 51}),
    ("invalid_blocks", {"text": "t", "blocks": [section("x" * 3001)]}),
    ("invalid_blocks", {"text": "t", "blocks": [section("")]}),
    ("invalid_blocks", {"text": "t", "blocks": [{"type": "section"}]}),
    (
        "invalid_blocks",
        {
            "text": "t",
            "blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}],
        },
    ),
    (
        "invalid_blocks",
        {
            "text": "t",
            "blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}],
        },
    ),
    (
        "invalid_blocks",
        {
            "text": "t",
            "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        },
    ),
    ("invalid_blocks", {"text": "t", "blocks": [{"type": "sparkles"}]}),
    ("invalid_blocks", {"text": "t", "blocks": [{"type": "markdown", "text": ""}]}),
    ("invalid_blocks", {"text": "t", "blocks": [{"type": "markdown", "text": "x" * 6001}] * 2}),
    (
        "invalid_blocks",
        {"text": "t", "blocks": [{"type": "markdown", "text": "# h\n\n---\n\n" * 26}]},
    ),
    (
        "invalid_blocks",
        {
            "text": "t",
            "blocks": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
        },
    ),
    ("invalid_blocks", {"text": "t", "blocks": [{"type": "context", "elements": []}]}),
    ("invalid_blocks", {"text": "t", "blocks": [{"type": "actions", "elements": [button()] * 26}]}),
    (
        "invalid_blocks",
        {"text": "t", "blocks": [{"type": "actions", "elements": [button(value="x" * 2001)]}]},
    ),
    (
        "invalid_blocks",
        {"text": "t", "blocks": [{"type": "actions", "elements": [button(action_id="x" * 256)]}]},
    ),
    ("invalid_blocks", {"text": "t", "blocks": [section("x") | {"block_id": "same"}] * 2}),
    ("invalid_blocks", {"text": "t", "blocks": [section("x") | {"block_id": "x" * 256}]}),
    ("msg_blocks_too_long", {"text": "t", "blocks": [section("x" * 2900)] * 5}),
    ("thread_not_found", {"text": "t", "thread_ts": "1.0"}),
    ("channel_not_found", {"text": "t", "channel": "C404"}),
]


@pytest.mark.parametrize(("error", "arguments"), REFUSED)
def test_what_slack_refuses_is_refused_by_its_name(
    slack: Playground, client: WebClient, error: str, arguments: dict[str, Any]
) -> None:
    before = len(slack.messages())

    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(**({"channel": slack.channel} | arguments))

    assert refused.value.response["error"] == error
    assert len(slack.messages()) == before


def test_a_message_without_text_or_blocks_is_refused(slack: Playground, client: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.api_call("chat.postMessage", json={"channel": slack.channel})

    assert refused.value.response["error"] == "no_text"


def test_what_slack_takes_is_taken(slack: Playground, client: WebClient) -> None:
    blocks = [
        section("x" * 3000),
        {"type": "divider"},
        {"type": "actions", "elements": [button(value="v")]},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "f"}]},
    ]

    posted = client.chat_postMessage(channel=slack.channel, text="t", blocks=blocks)

    assert slack.thread(posted["ts"])[0].blocks[1] == {"type": "divider"}


def test_channels_keep_their_doors(slack: Playground, client: WebClient) -> None:
    slack.add_channel(Channel("C1", "public", is_member=False))
    slack.add_channel(Channel("C2", "private", is_private=True, is_member=False))
    slack.add_channel(Channel("C3", "ours", is_private=True))

    errors: list[str] = []
    for channel in ("C1", "C2"):
        with pytest.raises(SlackApiError) as refused:
            client.chat_postMessage(channel=channel, text="t")
        errors.append(refused.value.response["error"])
    client.conversations_join(channel="C1")
    client.chat_postMessage(channel="C1", text="t")
    with pytest.raises(SlackApiError) as no_join:
        client.conversations_join(channel="C3")

    assert errors == ["not_in_channel", "channel_not_found"]
    assert no_join.value.response["error"] == "method_not_supported_for_channel_type"


def test_edits_replace_blocks_and_strangers_messages_stay(
    slack: Playground, client: WebClient
) -> None:
    ts = client.chat_postMessage(channel=slack.channel, text="t", blocks=[section("x")])["ts"]

    client.chat_update(channel=slack.channel, ts=ts, text="only text")
    with pytest.raises(SlackApiError) as refused:
        client.chat_update(channel=slack.channel, ts="1.1", text="x")

    message = slack.thread(ts)[0]
    assert (message.text, message.blocks, message.edits) == ("only text", (), 1)
    assert refused.value.response["error"] == "message_not_found"


def test_threads_histories_and_private_answers(slack: Playground, client: WebClient) -> None:
    slack.add_channel(Channel("C9", "nine"))
    root = client.chat_postMessage(
        channel="C9", text="root", metadata={"event_type": "e", "event_payload": {"k": "v"}}
    )["ts"]
    client.chat_postMessage(channel="C9", text="reply", thread_ts=root)
    client.chat_postEphemeral(channel="C9", user=slack.user, text="psst")

    replies = client.conversations_replies(channel="C9", ts=root)["messages"]
    history = client.conversations_history(channel="C9")["messages"]

    assert [message["text"] for message in replies] == ["root", "reply"]
    assert [message["text"] for message in history] == ["root"]
    assert history[0]["metadata"]["event_payload"] == {"k": "v"}
    with pytest.raises(SlackApiError):
        client.conversations_replies(channel="C9", ts="0.1")


def test_files_arrive_in_the_thread(slack: Playground, client: WebClient) -> None:
    root = client.chat_postMessage(channel=slack.channel, text="root")["ts"]

    client.files_upload_v2(channel=slack.channel, thread_ts=root, filename="a.md", content="# 題")

    assert slack.thread(root)[1].files[0].content.decode() == "# 題"
    with pytest.raises(SlackApiError) as refused:
        client.files_completeUploadExternal(files=[{"id": "F404", "title": "x"}])
    assert refused.value.response["error"] == "file_not_found"


def test_tokens_are_checked_and_unknown_methods_refused(
    slack: Playground, client: WebClient
) -> None:
    assert client.auth_test()["team"] == "Playground"
    for token, error in (("xoxb-wrong", "invalid_auth"), ("", "not_authed")):
        with pytest.raises(SlackApiError) as refused:
            WebClient(token, base_url=slack.api_url).auth_test()
        assert refused.value.response["error"] == error
    with pytest.raises(SlackApiError) as unknown:
        client.api_call("chat.sparkle")
    assert unknown.value.response["error"] == "unknown_method"


def test_faults_are_played_once(slack: Playground, client: WebClient) -> None:
    slack.fail_next("auth.test", Fault(429, retry_after=0), Fault(200, error="team_is_sad"))
    patient = WebClient(
        slack.bot_token, base_url=slack.api_url, retry_handlers=[RateLimitErrorRetryHandler(1)]
    )

    with pytest.raises(SlackApiError) as refused:
        patient.auth_test()

    assert refused.value.response["error"] == "team_is_sad"
    assert client.auth_test()["ok"]


def test_a_command_that_nobody_answers_times_out(slack: Playground) -> None:
    assert slack.wait_for_app(0.01) is False


def test_response_addresses_answer_privately(slack: Playground) -> None:
    payload = slack.command_payload("x")

    WebhookClient(payload["response_url"]).send(text="only you")

    assert slack.messages()[-1].ephemeral_for == slack.user


def test_pings_and_unfurls_are_seen(slack: Playground, client: WebClient) -> None:
    slack.add_channel(Channel("C8", "eight"))

    client.chat_postMessage(channel="C8", text="<!channel> https://a.example")
    client.chat_postMessage(
        channel="C8",
        text="t",
        blocks=[section("hi <@U123>")],
        unfurl_links=False,
        unfurl_media=False,
    )

    assert slack.pings("C8") == {"<!channel>", "<@U123>"}
    assert len(slack.unfurls("C8")) == 1
    assert any(call.method == "chat.postMessage" for call in slack.calls)


def test_a_thread_is_drawn_as_a_person_sees_it(slack: Playground, client: WebClient) -> None:
    slack.add_channel(Channel("C7", "seven"))
    context = {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": f"<@{slack.user}> &amp; <https://a.example|link>"}],
    }
    root = client.chat_postMessage(
        channel="C7", text="root", blocks=[section("*質問*"), context, {"type": "divider"}]
    )["ts"]
    client.chat_postMessage(
        channel="C7",
        thread_ts=root,
        text="t",
        blocks=[
            {"type": "markdown", "text": "## 見出し\n\n- **太字** [名前](https://arxiv.org/abs/1)"}
        ],
    )
    client.chat_postMessage(channel="C7", thread_ts=root, text="plain")
    client.chat_update(channel="C7", ts=root, text="root", blocks=[section("*質問*"), context])
    client.files_upload_v2(channel="C7", thread_ts=root, filename="a.md", content="x")
    client.chat_postEphemeral(channel="C7", user=slack.user, text="受け付けました")
    out = StringIO()

    draw_thread(
        Console(file=out, width=80), slack.messages("C7"), person=slack.user, command="/survey 質問"
    )

    drawn = out.getvalue()
    for seen in (
        "/survey 質問",
        "@you & link",
        "見出し",
        "太字",
        "名前",
        "plain",
        "a.md",
        "Only visible to you",
        "(edited)",
        "Paperwalk",
    ):
        assert seen in drawn, seen
    assert "**" not in drawn


@given(
    st.text(alphabet=st.sampled_from(list("あ漢ア。、」（「 abcNeRF1-")), max_size=200),
    st.integers(12, 60),
)
def test_lines_break_rightly_in_japanese_and_lose_nothing(text: str, width: int) -> None:
    lines = [line.plain for line in wrap(Text(text), width)]

    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert all(not re.match(r"[。、」]", line) for line in lines[1:])


def test_markdown_is_set_with_hanging_items_tables_and_quotes() -> None:
    markdown = "# 題\n\n> 引用\n\n- 一つ目の項目はとても長いので折り返します\n\n| a | b |\n|--|--|\n| c | d |\n\n*斜体* `code`"

    lines = [line.plain for line in set_markdown(markdown, 24)]

    assert lines[0] == "題"
    assert "▏ 引用" in lines
    assert lines[4].startswith("• ")
    assert lines[5].startswith("  ")
    assert "| c | d |" in lines
    assert lines[-1] == "斜体 code"
