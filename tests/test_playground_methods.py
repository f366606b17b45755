"""The loopback Slack's Web API answers and refuses as Slack does, seen by the real client."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground import EVERYTHING, Channel, Message, Playground, User

Call = Callable[[WebClient], object]


@pytest.fixture(scope="module")
def slack() -> Iterator[Playground]:
    with Playground(manifest=EVERYTHING) as running:
        running.add_channel(Channel("C1", "public", is_member=False))
        running.add_channel(Channel("G1", "private", is_private=True, is_member=False))
        running.add_channel(Channel("G2", "ours", is_private=True))
        running.add_channel(Channel("C2", "old", is_archived=True))
        running.add_channel(Channel("C3", "news", is_restricted=True))
        running.add_channel(Channel("C4", "few", members=frozenset({"U0PERSON"})))
        running.add_user(User("U0OUTSIDE", "outside"))
        yield running


@pytest.fixture
def client(slack: Playground) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def root(slack: Playground, client: WebClient) -> Message:
    return find(slack, client.chat_postMessage(channel=slack.channel, text="root")["ts"])


def find(slack: Playground, ts: str, channel: str | None = None) -> Message:
    found = slack.find(ts, channel)
    assert found
    return found


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as refused:
        call()
    return str(refused.value.response["error"])


def section(text: str = "x") -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


METADATA = {"event_type": "e", "event_payload": {"k": "v"}}
HERE = {"channel": "C0GENERAL"}

REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("chat.postMessage", "channel_not_found", {"channel": "C404", "text": "t"}),
    ("chat.postMessage", "channel_not_found", {"channel": "G1", "text": "t"}),
    ("chat.postMessage", "is_archived", {"channel": "C2", "text": "t"}),
    ("chat.postMessage", "restricted_action", {"channel": "C3", "text": "t"}),
    ("chat.postMessage", "no_text", HERE),
    ("chat.postMessage", "thread_not_found", HERE | {"text": "t", "thread_ts": "1.0"}),
    ("chat.postMessage", "invalid_blocks_format", HERE | {"blocks": "[1]"}),
    ("chat.postMessage", "invalid_blocks_format", HERE | {"blocks": "{"}),
    ("chat.postMessage", "markdown_text_conflict", HERE | {"text": "t", "markdown_text": "m"}),
    ("chat.postMessage", "msg_too_long", HERE | {"markdown_text": "m" * 12_001}),
    ("chat.postMessage", "invalid_attachments", HERE | {"text": "t", "attachments": [{}]}),
    (
        "chat.postMessage",
        "invalid_metadata_format",
        HERE | {"text": "t", "metadata": {"event_type": "e"}},
    ),
    ("chat.postMessage", "invalid_metadata_format", HERE | {"text": "t", "metadata": "{"}),
    (
        "chat.postMessage",
        "metadata_too_large",
        HERE | {"text": "t", "metadata": {"event_type": "e", "event_payload": {"k": "あ" * 2_800}}},
    ),
    (
        "chat.postEphemeral",
        "user_not_in_channel",
        {"channel": "C4", "user": "U0OUTSIDE", "text": "t"},
    ),
    ("chat.postEphemeral", "user_not_in_channel", HERE | {"user": "U404", "text": "t"}),
    ("chat.update", "message_not_found", HERE | {"ts": "1.0", "text": "t"}),
    ("chat.delete", "message_not_found", HERE | {"ts": "1.0"}),
    ("chat.getPermalink", "message_not_found", HERE | {"message_ts": "1.0"}),
    ("conversations.join", "method_not_supported_for_channel_type", {"channel": "G2"}),
    ("conversations.join", "is_archived", {"channel": "C2"}),
    ("conversations.open", "users_list_not_supplied", {}),
    ("conversations.open", "user_not_found", {"users": "U404"}),
    ("conversations.open", "too_many_users", {"users": ",".join(f"U{n}" for n in range(9))}),
    ("conversations.history", "not_in_channel", {"channel": "C1"}),
    ("conversations.history", "channel_not_found", {"channel": "G1"}),
    ("conversations.history", "invalid_arguments", HERE | {"limit": "many"}),
    ("conversations.replies", "thread_not_found", HERE | {"ts": "1.0"}),
    ("conversations.info", "channel_not_found", {"channel": "C404"}),
    ("reactions.add", "no_item_specified", {"name": "eyes"}),
    ("reactions.add", "message_not_found", HERE | {"timestamp": "1.0", "name": "eyes"}),
    ("reactions.get", "message_not_found", HERE | {"timestamp": "1.0"}),
    ("files.getUploadURLExternal", "missing_argument", {"filename": "a.md"}),
    ("files.completeUploadExternal", "file_not_found", {"files": [{"id": "F404"}]}),
    ("files.completeUploadExternal", "invalid_arguments", {"files": []}),
    ("users.info", "user_not_found", {"user": "U404"}),
    ("assistant.threads.setStatus", "invalid_thread_ts", {"channel_id": "C0GENERAL"}),
    (
        "assistant.threads.setStatus",
        "invalid_thread_ts",
        {"channel_id": "C0GENERAL", "thread_ts": "1.0"},
    ),
    (
        "agents.sessions.setStatus",
        "thread_ts_required",
        {"channel_id": "C0GENERAL", "status": "active"},
    ),
    (
        "agents.sessions.setStatus",
        "not_authorized",
        {"channel_id": "C1", "thread_ts": "1.0", "status": "active"},
    ),
    ("chat.startStream", "invalid_arguments", HERE),
    ("chat.appendStream", "message_not_found", HERE | {"ts": "1.0"}),
    ("chat.sparkle", "unknown_method", {}),
]


@pytest.mark.parametrize(("method", "error", "arguments"), REFUSED)
def test_what_slack_refuses_is_refused_by_its_name(
    client: WebClient, method: str, error: str, arguments: dict[str, Any]
) -> None:
    assert error_of(lambda: client.api_call(method, json=arguments)) == error


def test_a_body_that_is_no_json_is_refused(slack: Playground) -> None:
    answer = requests.post(
        f"{slack.api_url}auth.test",
        data=b"{",
        headers={"Content-Type": "application/json"},
        timeout=10,
    )

    assert answer.json() == {"ok": False, "error": "invalid_json"}


# Messages


def test_messages_are_posted_edited_and_deleted(slack: Playground, client: WebClient) -> None:
    ts = client.chat_postMessage(
        channel=slack.channel, text="t", blocks=[section()], metadata=METADATA
    )["ts"]

    client.chat_update(channel=slack.channel, ts=ts, text="only text")
    edited = find(slack, ts)
    client.chat_update(channel=slack.channel, ts=ts, text="t", metadata={})
    bare = find(slack, ts)
    client.chat_delete(channel=slack.channel, ts=ts)

    assert (edited.text, edited.blocks, edited.edits) == ("only text", (), 1)
    assert edited.metadata == METADATA
    assert bare.metadata is None
    assert slack.find(ts) is None


def test_markdown_may_be_posted_as_text(slack: Playground, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=slack.channel, markdown_text="**b**")["ts"]

    assert find(slack, ts).blocks == ({"type": "markdown", "text": "**b**"},)


def test_a_root_with_replies_leaves_a_stone(
    slack: Playground, client: WebClient, root: Message
) -> None:
    client.chat_postMessage(channel=slack.channel, text="reply", thread_ts=root.ts)

    client.chat_delete(channel=slack.channel, ts=root.ts)

    assert [message.subtype for message in slack.thread(root.ts)] == ["tombstone", ""]


def test_other_peoples_messages_stay_as_they_are(slack: Playground, client: WebClient) -> None:
    ts = slack.say("mine").ts

    edit = error_of(lambda: client.chat_update(channel=slack.channel, ts=ts, text="x"))
    delete = error_of(lambda: client.chat_delete(channel=slack.channel, ts=ts))

    assert (edit, delete) == ("cant_update_message", "cant_delete_message")


def test_an_edit_takes_less_text_than_a_message(
    slack: Playground, client: WebClient, root: Message
) -> None:
    said = error_of(lambda: client.chat_update(channel=slack.channel, ts=root.ts, text="x" * 4_001))

    assert said == "msg_too_long"


def test_links_to_messages_know_their_thread(
    slack: Playground, client: WebClient, root: Message
) -> None:
    ts = client.chat_postMessage(channel=slack.channel, text="r", thread_ts=root.ts)["ts"]

    link = client.chat_getPermalink(channel=slack.channel, message_ts=ts)["permalink"]

    assert f"/archives/{slack.channel}/p{ts.replace('.', '')}" in link
    assert f"thread_ts={root.ts}" in link


def test_a_reply_to_a_reply_goes_to_the_root(
    slack: Playground, client: WebClient, root: Message
) -> None:
    reply = client.chat_postMessage(channel=slack.channel, text="r", thread_ts=root.ts)["ts"]

    ts = client.chat_postMessage(channel=slack.channel, text="r", thread_ts=reply)["ts"]

    assert find(slack, ts).thread_ts == root.ts


# Conversations


def test_public_channels_take_messages_from_outside_with_the_scope_for_it(
    slack: Playground, client: WebClient
) -> None:
    slack.add_channel(Channel("C5", "open", is_member=False))
    ts = client.chat_postMessage(channel="C5", text="t")["ts"]
    client.chat_update(channel="C5", ts=ts, text="u")
    upload = error_of(lambda: client.files_upload_v2(channel="C5", filename="a.md", content="x"))
    client.conversations_join(channel="C5")
    client.files_upload_v2(channel="C5", filename="a.md", content="x")

    assert upload == "not_in_channel"
    with Playground(scopes=["chat:write"], manifest=EVERYTHING) as strict:
        strict.add_channel(Channel("C5", "open", is_member=False))
        outside = WebClient(strict.bot_token, base_url=strict.api_url)
        assert error_of(lambda: outside.chat_postMessage(channel="C5", text="t")) == (
            "not_in_channel"
        )


def test_direct_messages_are_opened_with_one_or_several(
    slack: Playground, client: WebClient
) -> None:
    alone = client.conversations_open(users=slack.user)["channel"]["id"]
    again = client.conversations_open(users=[slack.user])["channel"]["id"]
    group = client.conversations_open(users=[slack.user, "U0OUTSIDE"])["channel"]["id"]
    client.chat_postMessage(channel=slack.user, text="to the person")

    assert alone == again == slack.dm()
    assert client.conversations_info(channel=alone)["channel"]["is_im"]
    assert client.conversations_info(channel=group)["channel"]["is_mpim"]
    assert slack.messages(alone)[-1].text == "to the person"
    assert client.conversations_members(channel=alone)["members"] == sorted(
        [slack.user, slack.bot_user]
    )


def test_an_open_conversation_is_opened_again_and_a_channel_has_everybody(
    slack: Playground, client: WebClient
) -> None:
    dm = slack.dm()

    again = client.conversations_open(channel=dm)["channel"]["id"]
    members = client.conversations_members(channel=slack.channel)["members"]

    assert again == dm
    assert {slack.user, slack.bot_user, "U0OUTSIDE"} <= set(members)


def test_messages_of_an_archived_channel_are_frozen(slack: Playground, client: WebClient) -> None:
    slack.add_channel(Channel("C6", "six"))
    ts = client.chat_postMessage(channel="C6", text="t")["ts"]
    slack.add_channel(Channel("C6", "six", is_archived=True))

    assert error_of(lambda: client.chat_update(channel="C6", ts=ts, text="u")) == "is_inactive"


def test_threads_and_histories_are_read_in_pages(slack: Playground, client: WebClient) -> None:
    slack.add_channel(Channel("C9", "nine"))
    first = client.chat_postMessage(channel="C9", text="root", metadata=METADATA)["ts"]
    for number in range(3):
        client.chat_postMessage(channel="C9", text=f"reply {number}", thread_ts=first)
    client.chat_postMessage(channel="C9", text="second")
    client.chat_postEphemeral(channel="C9", user=slack.user, text="psst")

    page = client.conversations_replies(channel="C9", ts=first, limit=3)
    cursor = page["response_metadata"]["next_cursor"]
    rest = client.conversations_replies(channel="C9", ts=first, limit=3, cursor=cursor)
    history = client.conversations_history(channel="C9")["messages"]
    hidden = client.conversations_history(channel="C9", include_all_metadata=True)["messages"]
    late = client.conversations_history(channel="C9", oldest=history[0]["ts"])["messages"]

    assert [message["text"] for message in page["messages"]] == ["root", "reply 0", "reply 1"]
    assert (page["has_more"], rest["has_more"]) == (True, False)
    assert [message["text"] for message in rest["messages"]] == ["reply 2"]
    assert [message["text"] for message in history] == ["second", "root"]
    assert "metadata" not in history[1]
    assert hidden[1]["metadata"] == METADATA
    assert [message["text"] for message in late] == ["second"]


def test_reactions_are_added_counted_and_removed(
    slack: Playground, client: WebClient, root: Message
) -> None:
    place: dict[str, Any] = {"channel": slack.channel, "timestamp": root.ts}
    slack.react(root, "eyes")

    client.reactions_add(**place, name="eyes")
    twice = error_of(lambda: client.reactions_add(**place, name="eyes"))
    shown = client.reactions_get(**place)["message"]["reactions"]
    client.reactions_remove(**place, name="eyes")
    gone = error_of(lambda: client.reactions_remove(**place, name="eyes"))

    assert shown == [{"name": "eyes", "users": [slack.user, slack.bot_user], "count": 2}]
    assert (twice, gone) == ("already_reacted", "no_reaction")
    assert find(slack, root.ts).reactions[0].users == (slack.user,)


# Files


def test_several_files_arrive_in_one_message(
    slack: Playground, client: WebClient, root: Message
) -> None:
    client.files_upload_v2(
        channel=slack.channel,
        thread_ts=root.ts,
        initial_comment="two files",
        file_uploads=[
            {"filename": "a.md", "content": "# 題", "title": "Survey"},
            {"filename": "b.png", "content": b"\x89PNG", "alt_txt": "a map"},
        ],
    )

    message = slack.thread(root.ts)[1]
    survey, picture = message.files
    assert message.text == "two files"
    assert (survey.name, survey.title, survey.content.decode()) == ("a.md", "Survey", "# 題")
    assert (picture.alt_text, picture.content) == ("a map", b"\x89PNG")


def test_an_upload_has_the_length_that_was_announced(slack: Playground, client: WebClient) -> None:
    address = client.files_getUploadURLExternal(filename="a.md", length=3)["upload_url"]

    wrong = requests.post(address, data=b"four", timeout=10)
    unknown = requests.post(f"{address}0", data=b"abc", timeout=10)
    multipart = requests.post(address, files={"file": b"abc"}, timeout=10)
    elsewhere = requests.get(slack.api_url.replace("/api/", "/sparkle"), timeout=10)

    assert [wrong.status_code, unknown.status_code, multipart.status_code] == [400, 404, 200]
    assert elsewhere.status_code == 404


def test_an_upload_stands_once_and_can_be_shown_in_a_block(
    slack: Playground, client: WebClient
) -> None:
    uploaded = client.files_upload_v2(filename="a.png", content=b"\x89PNG")
    file_id = uploaded["files"][0]["id"]

    again = error_of(lambda: client.files_completeUploadExternal(files=[{"id": file_id}]))
    image = {"type": "image", "slack_file": {"id": file_id}, "alt_text": "a"}
    client.chat_postMessage(channel=slack.channel, text="t", blocks=[image])
    wrong = image | {"slack_file": {"id": "F404"}}
    unknown = error_of(
        lambda: client.chat_postMessage(channel=slack.channel, text="t", blocks=[wrong])
    )

    assert (again, unknown) == ("file_not_found", "invalid_blocks")
