"""What a test sees in the loopback Slack: pings, previews, leaks, repetitions, and no delays."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.playground import EVERYTHING, Manifest, Playground
from bot.playground.manifest import read_manifest
from slack_app import connected

MODEL = "anthropic:claude-secret"


@pytest.fixture
def slack() -> Iterator[Playground]:
    with Playground(manifest=EVERYTHING) as empty:
        yield empty


@pytest.fixture
def client(slack: Playground) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": "Go"}, **more}


def mention(**leaf: str) -> dict[str, Any]:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [leaf]}],
    }


def test_pings_of_the_app_are_seen_and_those_of_people_are_not(
    slack: Playground, client: WebClient
) -> None:
    for text in ("<!channel>", "hello @here", "mail@here.example", "no ping"):
        client.chat_postMessage(channel=slack.channel, text=text)
    blocks = [
        section("hi <@U123>"),
        {"type": "header", "text": {"type": "plain_text", "text": "<@U999>"}},
        {"type": "markdown", "text": "<!subteam^S1>"},
        mention(type="user", user_id="U5"),
        mention(type="broadcast", range="here"),
    ]
    client.chat_postMessage(channel=slack.channel, text="t", blocks=blocks)
    slack.say("<!everyone>")

    assert slack.pings() == {
        "<!channel>",
        "@here",
        "<@U123>",
        "<!subteam^S1>",
        "<@U5>",
        "<!here>",
    }


def test_previews_are_seen(slack: Playground, client: WebClient) -> None:
    client.chat_postMessage(channel=slack.channel, text="https://a.example")
    client.chat_postMessage(
        channel=slack.channel, text="https://a.example", unfurl_links=False, unfurl_media=False
    )

    assert len(slack.unfurls()) == 1
    assert any(call.method == "chat.postMessage" for call in slack.calls)


LEAKS: list[dict[str, Any]] = [
    {"text": MODEL},
    {"text": "t", "username": MODEL},
    {"text": "t", "metadata": {"event_type": "e", "event_payload": {"model": MODEL}}},
    {"text": "t", "metadata": {"event_type": "e", "event_payload": {MODEL: 1}}},
    {"text": "t", "blocks": [section(MODEL)]},
    {"text": "t", "blocks": [{"type": "markdown", "text": f"by {MODEL}"}]},
    {"text": "t", "blocks": [{"type": "actions", "elements": [button(value=MODEL)]}]},
    {"text": "t", "blocks": [{"type": "actions", "elements": [button(action_id=MODEL)]}]},
    {"text": "t", "blocks": [section("x") | {"block_id": MODEL}]},
    {"text": "t", "blocks": [{"type": "image", "image_url": "u", "alt_text": MODEL}]},
    {"text": "t", "blocks": [{"type": "plan", "title": MODEL, "tasks": []}]},
    {"text": "t", "blocks": [mention(type="link", url=f"https://a.example/{MODEL}")]},
]


@pytest.mark.parametrize("message", LEAKS)
def test_whatever_a_member_could_reach_is_among_the_texts(
    slack: Playground, client: WebClient, message: dict[str, Any]
) -> None:
    client.chat_postMessage(channel=slack.channel, text="nothing here")
    assert MODEL not in "\n".join(slack.texts())

    client.chat_postMessage(channel=slack.channel, **message)

    assert MODEL in "\n".join(slack.texts())


@pytest.mark.parametrize(
    "file",
    [
        {"filename": f"{MODEL}.md", "content": "x"},
        {"filename": "a.md", "content": f"written by {MODEL}"},
        {"filename": "a.md", "content": "x", "title": MODEL},
        {"filename": "a.png", "content": "x", "alt_txt": MODEL},
    ],
)
def test_files_are_among_the_texts(
    slack: Playground, client: WebClient, file: dict[str, Any]
) -> None:
    client.files_upload_v2(channel=slack.channel, **file)

    assert MODEL in "\n".join(slack.texts())


def test_statuses_and_sessions_and_what_once_stood_there_are_among_the_texts(
    slack: Playground, client: WebClient
) -> None:
    root = client.chat_postMessage(channel=slack.channel, text=MODEL)["ts"]
    client.chat_update(channel=slack.channel, ts=root, text="edited away")
    place: dict[str, Any] = {"channel_id": slack.channel, "thread_ts": root}

    assert MODEL not in "\n".join(slack.texts())
    assert MODEL in "\n".join(slack.texts(ever=True))

    client.assistant_threads_setStatus(**place, status=f"asks {MODEL}")
    assert MODEL in "\n".join(slack.texts())
    client.assistant_threads_setStatus(**place, status="")
    client.agents_sessions_setStatus(**place, status="active", title=MODEL)
    assert MODEL in "\n".join(slack.texts())


def test_repetitions_are_seen(slack: Playground, client: WebClient) -> None:
    def post(payload: dict[str, Any]) -> str:
        metadata = {"event_type": "post", "event_payload": payload}
        posted = client.chat_postMessage(channel=slack.channel, text="t", metadata=metadata)
        return str(posted["ts"])

    root = post({"job": "1", "name": "root"})
    post({"job": "1", "name": "part 1"})
    for thread_ts in (root, None):
        client.files_upload_v2(
            channel=slack.channel, thread_ts=thread_ts, filename="a.md", content="x"
        )
    assert slack.duplicates() == []

    again = post({"name": "part 1", "job": "1"})
    client.files_upload_v2(channel=slack.channel, thread_ts=root, filename="a.md", content="y")

    repeated, file = slack.duplicates()
    assert repeated.ts == again
    assert file.files[0].content == b"y"


def test_a_burst_of_commands_is_not_slowed_by_many_messages(
    slack: Playground, client: WebClient
) -> None:
    stop = threading.Event()

    def post() -> int:
        count = 0
        while not stop.is_set():
            client.chat_postMessage(channel=slack.channel, text="busy")
            count += 1
        return count

    with connected(slack), ThreadPoolExecutor(54) as pool:
        posting = [pool.submit(post) for _ in range(4)]
        receipts = list(pool.map(slack.command, [f"question {n}" for n in range(50)]))
        stop.set()

    assert all(receipt.acked for receipt in receipts)
    assert max(receipt.seconds for receipt in receipts) < slack.ack_seconds
    assert min(task.result() for task in posting) > 0


def test_the_manifest_of_the_project_is_what_the_app_may_do() -> None:
    declared = read_manifest()

    with Playground() as slack:
        assert slack.team().scopes == declared.scopes
    assert "chat:write" in declared.scopes


def test_a_manifest_is_read_as_slack_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "manifest.yml"
    file.write_text(
        "features:\n"
        "  agent_view: {agent_description: x}\n"
        "  app_home: {home_tab_enabled: true, messages_tab_enabled: true}\n"
        "  shortcuts: [{name: x, type: message, callback_id: survey_message}]\n"
        "oauth_config: {scopes: {bot: [chat:write]}}\n"
        "settings:\n"
        "  event_subscriptions: {bot_events: [app_mention]}\n"
        "  interactivity: {is_enabled: true}\n",
        encoding="utf-8",
    )

    assert read_manifest(file) == Manifest(
        scopes=frozenset({"chat:write"}),
        events=frozenset({"app_mention"}),
        shortcuts=frozenset({"survey_message"}),
        home_tab=True,
        messages_tab=True,
        interactivity=True,
        is_agent=True,
    )
    assert read_manifest(tmp_path / "none.yml") == EVERYTHING
