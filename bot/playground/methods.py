"""The methods of Slack's Web API that an app of ours calls, carried out on the state."""

import json
from collections.abc import Callable, Mapping
from typing import cast

from bot.playground.limits import Refusal, check_message
from bot.playground.state import BOT_USER, Channel, File, Json, Message, State

Arguments = Mapping[str, object]


def call(state: State, method: str, arguments: Arguments, base: str) -> Json:
    """Carry out a method.

    Args:
        base: address of this server, for upload addresses.

    Returns:
        Slack's answer, ``ok`` included.
    """
    carry_out = _METHODS.get(method)
    if carry_out is None:
        return {"ok": False, "error": "unknown_method"}
    try:
        with state.lock:
            return {"ok": True, **carry_out(state, arguments, base)}
    except Refusal as refusal:
        return {
            "ok": False,
            "error": refusal.error,
            "response_metadata": {"messages": list(refusal.messages)},
        }


def _auth_test(state: State, arguments: Arguments, base: str) -> Json:
    del state, arguments
    return {
        "url": base,
        "team": "Playground",
        "team_id": "T0PLAYGROUND",
        "user": "paperwalk",
        "user_id": BOT_USER,
        "bot_id": "B0PAPERWALK",
    }


def _post_message(state: State, arguments: Arguments, base: str) -> Json:
    del base
    channel = _writable(state, arguments)
    blocks = read_blocks(arguments)
    text = str(arguments.get("text") or "")
    check_message(text, blocks)
    if state.refuse_markdown and any(block["type"] == "markdown" for block in blocks):
        raise Refusal("invalid_blocks", "unsupported type: markdown")
    thread_ts = _optional(arguments, "thread_ts")
    if thread_ts and state.find(channel.id, thread_ts) is None:
        raise Refusal("thread_not_found")
    message = state.add(
        Message(
            channel=channel.id,
            ts=state.new_ts(),
            user=BOT_USER,
            text=text,
            thread_ts=thread_ts,
            blocks=blocks,
            metadata=cast("Json | None", _json(arguments.get("metadata"))),
            unfurls=not (_is_off(arguments, "unfurl_links") and _is_off(arguments, "unfurl_media")),
        )
    )
    return {"channel": channel.id, "ts": message.ts, "message": show(message)}


def _post_ephemeral(state: State, arguments: Arguments, base: str) -> Json:
    del base
    channel = _writable(state, arguments)
    blocks = read_blocks(arguments)
    text = str(arguments.get("text") or "")
    check_message(text, blocks)
    message = Message(
        channel=channel.id,
        ts=state.new_ts(),
        user=BOT_USER,
        text=text,
        thread_ts=_optional(arguments, "thread_ts"),
        blocks=blocks,
        ephemeral_for=str(arguments.get("user")),
    )
    state.add(message)
    return {"message_ts": message.ts}


def _update(state: State, arguments: Arguments, base: str) -> Json:
    del base
    channel, ts = str(arguments.get("channel")), str(arguments.get("ts"))
    message = state.find(channel, ts)
    if message is None:
        raise Refusal("message_not_found")
    if message.user != BOT_USER:
        raise Refusal("cant_update_message")
    # Slack drops the blocks of a message that is edited with text alone.
    blocks = read_blocks(arguments)
    text = str(arguments.get("text") or "")
    check_message(text, blocks)
    state.edit(message, text, blocks)
    return {"channel": channel, "ts": ts, "text": text}


def _replies(state: State, arguments: Arguments, base: str) -> Json:
    del base
    channel, root = str(arguments.get("channel")), str(arguments.get("ts"))
    if state.find(channel, root) is None:
        raise Refusal("thread_not_found")
    found = [
        show(message)
        for message in state.messages
        if message.channel == channel
        and root in {message.ts, message.thread_ts}
        and not message.ephemeral_for
    ]
    return {"messages": found, "has_more": False}


def _history(state: State, arguments: Arguments, base: str) -> Json:
    del base
    channel = _known(state, arguments)
    found = [
        show(message)
        for message in reversed(state.messages)
        if message.channel == channel.id and not message.thread_ts and not message.ephemeral_for
    ]
    return {"messages": found, "has_more": False}


def _upload_address(state: State, arguments: Arguments, base: str) -> Json:
    if not arguments.get("filename") or not arguments.get("length"):
        raise Refusal("invalid_arguments")
    file_id = state.new_id("F")
    state.uploads[file_id] = File(file_id, str(arguments["filename"]), b"")
    return {"upload_url": f"{base}/upload/{file_id}", "file_id": file_id}


def _complete_upload(state: State, arguments: Arguments, base: str) -> Json:
    del base
    wanted = cast("list[dict[str, str]]", _json(arguments.get("files")) or [])
    files = tuple(state.uploads[one["id"]] for one in wanted if one["id"] in state.uploads)
    if len(files) != len(wanted) or not files or any(not file.content for file in files):
        raise Refusal("file_not_found")
    if arguments.get("channel_id"):
        channel = _writable(state, {"channel": arguments["channel_id"]})
        state.add(
            Message(
                channel=channel.id,
                ts=state.new_ts(),
                user=BOT_USER,
                text=str(arguments.get("initial_comment") or ""),
                thread_ts=_optional(arguments, "thread_ts"),
                files=files,
            )
        )
    return {"files": [{"id": file.id, "title": file.name} for file in files]}


def _join(state: State, arguments: Arguments, base: str) -> Json:
    del base
    channel = _known(state, arguments)
    if channel.is_private:
        raise Refusal("method_not_supported_for_channel_type")
    state.channels[channel.id] = Channel(channel.id, channel.name)
    return {"channel": {"id": channel.id}}


def _known(state: State, arguments: Arguments) -> Channel:
    channel = state.channels.get(str(arguments.get("channel")))
    if channel is None or (channel.is_private and not channel.is_member):
        raise Refusal("channel_not_found")
    return channel


def _writable(state: State, arguments: Arguments) -> Channel:
    channel = _known(state, arguments)
    if not channel.is_member:
        raise Refusal("not_in_channel")
    return channel


def show(message: Message) -> Json:
    """Give a message as Slack's methods and events show it."""
    shown: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "blocks": list(message.blocks),
        "files": [{"id": file.id, "name": file.name} for file in message.files],
    }
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.metadata:
        shown["metadata"] = message.metadata
    return shown


def read_blocks(arguments: Arguments) -> tuple[Json, ...]:
    """Read the blocks, which a form holds as JSON text.

    Raises:
        Refusal: they are no list of objects.
    """
    blocks = _json(arguments.get("blocks")) or []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refusal("invalid_blocks_format")
    return tuple(blocks)


def _json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return cast("object", json.loads(value))
    except json.JSONDecodeError as error:
        raise Refusal("invalid_arguments") from error


def _optional(arguments: Arguments, name: str) -> str | None:
    return str(arguments[name]) if arguments.get(name) else None


def _is_off(arguments: Arguments, name: str) -> bool:
    return str(arguments.get(name, "")).lower() in {"false", "0"}


_METHODS: Mapping[str, Callable[[State, Arguments, str], Json]] = {
    "auth.test": _auth_test,
    "chat.postMessage": _post_message,
    "chat.postEphemeral": _post_ephemeral,
    "chat.update": _update,
    "conversations.replies": _replies,
    "conversations.history": _history,
    "conversations.join": _join,
    "files.getUploadURLExternal": _upload_address,
    "files.completeUploadExternal": _complete_upload,
}
