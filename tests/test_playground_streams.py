"""The loopback Slack streams, shows what an agent is at, and ends both, as Slack does."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground import EVERYTHING, Message, Playground


@pytest.fixture
def slack() -> Iterator[Playground]:
    with Playground(manifest=EVERYTHING) as empty:
        yield empty


@pytest.fixture
def client(slack: Playground) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def root(slack: Playground, client: WebClient) -> Message:
    return find(slack, client.chat_postMessage(channel=slack.channel, text="root")["ts"])


def find(slack: Playground, ts: str) -> Message:
    found = slack.find(ts)
    assert found
    return found


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as refused:
        call()
    return str(refused.value.response["error"])


METADATA = {"event_type": "e", "event_payload": {"k": "v"}}
FOOTER = {"type": "section", "text": {"type": "mrkdwn", "text": "footer"}}


def start(slack: Playground, client: WebClient, root: Message, **more: Any) -> str:
    return str(
        client.chat_startStream(
            channel=slack.channel,
            thread_ts=root.ts,
            recipient_user_id=slack.user,
            recipient_team_id=slack.team_id,
            **more,
        )["ts"]
    )


def test_a_stream_needs_its_reader_in_channels_but_not_in_direct_messages(
    slack: Playground, client: WebClient, root: Message
) -> None:
    place: dict[str, Any] = {"channel": slack.channel, "thread_ts": root.ts}
    dm = slack.dm()
    question = slack.say("why?", channel=dm)

    no_user = error_of(lambda: client.chat_startStream(**place))
    no_team = error_of(lambda: client.chat_startStream(**place, recipient_user_id=slack.user))
    client.chat_startStream(channel=dm, thread_ts=question.ts, markdown_text="because")

    assert (no_user, no_team) == ("missing_recipient_user_id", "missing_recipient_team_id")
    assert slack.messages(dm)[-1].text == "because"


def test_the_clients_own_stream_is_written_and_stopped(
    slack: Playground, client: WebClient, root: Message
) -> None:
    stream = client.chat_stream(
        channel=slack.channel,
        thread_ts=root.ts,
        recipient_user_id=slack.user,
        recipient_team_id=slack.team_id,
        task_display_mode="plan",
        buffer_size=1,
    )

    task = {"type": "task_update", "id": "1", "title": "Search", "status": "in_progress"}
    stream.append(chunks=[{"type": "plan_update", "title": "Looking"}, task])
    stream.append(markdown_text="**Found** ")
    live = find(slack, str(stream.ts))
    stream.append(chunks=[task | {"status": "complete", "output": "3 papers"}])
    stream.append(markdown_text="it.")
    stream.stop(blocks=[FOOTER], metadata=METADATA)

    message = find(slack, str(stream.ts))
    plan, body, footer = message.blocks
    assert (live.is_streaming, message.is_streaming) == (True, False)
    assert (message.text, message.metadata) == ("**Found** it.", METADATA)
    assert plan["title"] == "Looking"
    assert isinstance(plan["tasks"], list)
    assert [task["status"] for task in plan["tasks"]] == ["complete"]
    assert body == {"type": "markdown", "text": "**Found** it."}
    assert footer == FOOTER


def test_a_timeline_of_tasks_and_blocks_ends_with_the_sessions_status(
    slack: Playground, client: WebClient, root: Message
) -> None:
    source = {"type": "url", "url": "https://arxiv.org", "text": "arXiv"}
    task = {"type": "task_update", "id": "1", "title": "Search", "status": "in_progress"}
    ts = start(slack, client, root, chunks=[task, {"type": "blocks", "blocks": [FOOTER]}])

    client.chat_stopStream(
        channel=slack.channel,
        ts=ts,
        chunks=[task | {"status": "complete", "sources": [source]}],
        session_status="closed",
    )

    card, footer = find(slack, ts).blocks
    assert (card["type"], card["status"], card["sources"]) == ("task_card", "complete", [source])
    assert footer == FOOTER
    session = slack.session(root.ts)
    assert session
    assert session.status == "closed"


def test_a_stream_is_bound_to_the_shape_of_its_opening(
    slack: Playground, client: WebClient, root: Message
) -> None:
    ts = start(slack, client, root, markdown_text="text")
    place: dict[str, Any] = {"channel": slack.channel, "ts": ts}

    chunks = error_of(
        lambda: client.chat_appendStream(**place, chunks=[{"type": "markdown_text", "text": "x"}])
    )
    unknown: list[dict[str, Any]] = [
        {"type": "sparkle"},
        {"type": "markdown_text"},
        {"type": "blocks", "blocks": 1},
    ]
    for chunk in unknown:
        with pytest.raises(SlackApiError, match="invalid_chunks"):
            client.chat_appendStream(**place, chunks=[chunk])
    both = error_of(
        lambda: client.chat_appendStream(
            **place, markdown_text="x", chunks=[{"type": "markdown_text", "text": "x"}]
        )
    )
    empty = error_of(lambda: client.chat_appendStream(**place))
    long = error_of(lambda: client.chat_appendStream(**place, markdown_text="x" * 11_999))
    edit = error_of(lambda: client.chat_update(**place, text="x"))

    assert (chunks, both) == ("streaming_mode_mismatch", "streaming_mode_mismatch")
    assert empty == "no_text"
    assert (long, edit) == ("msg_too_long", "streaming_state_conflict")
    assert find(slack, ts).text == "text"


def test_the_server_closes_a_stream_after_a_while(
    slack: Playground, client: WebClient, root: Message
) -> None:
    ts = start(slack, client, root, markdown_text="text")
    place: dict[str, Any] = {"channel": slack.channel, "ts": ts}
    slack.stream_seconds = 60.0
    slack.pass_time(61)

    append = error_of(lambda: client.chat_appendStream(**place, markdown_text="x"))
    stop = error_of(lambda: client.chat_stopStream(**place))
    client.chat_update(**place, text="rescued")
    slack.stream_seconds = 300.0

    assert append == stop == "message_not_in_streaming_state"
    assert find(slack, ts).text == "rescued"


def test_a_slack_without_streams_says_so(
    slack: Playground, client: WebClient, root: Message
) -> None:
    slack.refuse_streams = True

    said = error_of(lambda: start(slack, client, root))
    slack.refuse_streams = False

    assert said == "invalid_stream_arguments"


# What an agent is at


def test_a_status_goes_with_the_next_message_or_after_two_minutes(
    slack: Playground, client: WebClient, root: Message
) -> None:
    place: dict[str, Any] = {"channel_id": slack.channel, "thread_ts": root.ts}

    client.assistant_threads_setStatus(**place, status="is reading", loading_messages=["…"])
    shown = slack.status(root.ts)
    client.chat_postMessage(channel=slack.channel, thread_ts=root.ts, text="read")
    after_message = slack.status(root.ts)
    client.assistant_threads_setStatus(**place, status="is writing")
    slack.pass_time(121)

    assert (shown, after_message, slack.status(root.ts)) == ("is reading", "", "")
    many = ["…"] * 11
    too_many = error_of(
        lambda: client.assistant_threads_setStatus(**place, status="x", loading_messages=many)
    )
    slack.refuse_statuses = True
    refused = error_of(lambda: client.assistant_threads_setStatus(**place, status="x"))
    slack.refuse_statuses = False
    assert (too_many, refused) == ("invalid_arguments", "no_permission")


def test_a_session_has_a_status_and_a_title(
    slack: Playground, client: WebClient, root: Message
) -> None:
    place: dict[str, Any] = {"channel_id": slack.channel, "thread_ts": root.ts}

    long = error_of(
        lambda: client.agents_sessions_setStatus(**place, status="active", title="x" * 201)
    )
    odd = error_of(lambda: client.agents_sessions_setStatus(**place, status="idle"))
    first = client.agents_sessions_setStatus(**place, status="processing", title="NeRF")
    second = client.agents_sessions_setStatus(**place, status="active", title="ignored")
    client.agents_sessions_rename(**place, title="NeRF, later")
    slack.refuse_sessions = True
    refused = error_of(lambda: client.agents_sessions_setStatus(**place, status="active"))
    slack.refuse_sessions = False

    assert (long, odd, refused) == (
        "invalid_arguments",
        "invalid_status",
        "not_allowed_token_type",
    )
    assert (first["status"], second["title"], "warning" in first.data) == (
        "processing",
        "NeRF",
        False,
    )
    session = slack.session(root.ts)
    assert session
    assert (session.status, session.title) == ("active", "NeRF, later")


def test_only_an_agent_that_hears_the_stop_button_has_sessions_with_one() -> None:
    place: dict[str, Any] = {"channel_id": "C0GENERAL", "thread_ts": "1.1"}
    deaf = replace(EVERYTHING, events=frozenset())
    with Playground(manifest=deaf) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        unknown = error_of(lambda: client.agents_sessions_rename(**place, title="x"))
        warned = client.agents_sessions_setStatus(**place, status="processing")
    with Playground(manifest=replace(EVERYTHING, is_agent=False)) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        plain = error_of(lambda: client.agents_sessions_setStatus(**place, status="active"))

    assert unknown == "session_not_found"
    assert warned["warning"] == "missing_agent_session_stopped_event_subscription"
    assert plain == "feature_disabled"
