"""The methods ``chat.startStream``, ``appendStream`` and ``stopStream``.

Source: https://docs.slack.dev/reference/methods/chat.startStream, and what people measured: the
server closes a stream about five minutes after its start, and binds it to its opening call's shape.
"""

from collections.abc import Sequence

from bot.playground.limits import check_chunks, check_markdown, check_message
from bot.playground.methods.chat import read_metadata
from bot.playground.methods.places import keep_pace, open_to_messages, own_message, thread_of
from bot.playground.methods.reading import Request
from bot.playground.methods.sessions import set_session
from bot.playground.records import Json, Message
from bot.playground.refusal import Refusal
from bot.playground.state import Stream


def start(request: Request) -> Json:
    """Carry out ``chat.startStream``."""
    state = request.state
    if state.knobs.refuse_streams:
        raise Refusal("invalid_stream_arguments", "Agents feature not enabled")
    channel = open_to_messages(request)
    request.need("thread_ts")
    thread_ts = thread_of(request, channel)
    if channel.type != "im":
        request.need("recipient_user_id", "missing_recipient_user_id")
        request.need("recipient_team_id", "missing_recipient_team_id")
    shape, chunks = _read(request)
    keep_pace(request, channel)
    message = Message(
        channel=channel.id,
        ts=state.new_ts(),
        user=request.team.bot_user,
        text="",
        team=request.team.id,
        bot_id=request.team.bot_id,
        thread_ts=thread_ts,
        username=request.text("username"),
        is_streaming=True,
    )
    stream = Stream(state.now(), shape, in_plan=request.text("task_display_mode") == "plan")
    text, blocks = _written(request, message, stream, chunks)
    state.add(message)
    state.streams[channel.id, message.ts] = stream
    state.change(message, text=text, blocks=blocks)
    return {"channel": channel.id, "ts": message.ts}


def append(request: Request) -> Json:
    """Carry out ``chat.appendStream``."""
    message, stream = _live(request)
    shape, chunks = _read(request)
    if not chunks:
        raise Refusal("no_text")
    _bind(stream, shape)
    text, blocks = _written(request, message, stream, chunks)
    request.state.change(message, text=text, blocks=blocks)
    return {"channel": message.channel, "ts": message.ts}


def stop(request: Request) -> Json:
    """Carry out ``chat.stopStream``; its blocks stand at the end of the message."""
    message, stream = _live(request, stopping=True)
    shape, chunks = _read(request)
    if chunks:
        _bind(stream, shape)
    text, blocks = _written(request, message, stream, chunks)
    blocks = (*blocks, *request.objects("blocks", "invalid_blocks_format"))
    check_message(text, blocks, unknown=request.state.knobs.unknown_blocks)
    metadata = read_metadata(request) or message.metadata
    if request.text("session_status"):
        set_session(request, message.channel, message.thread_ts or "", "session_status")
    stream.stopped_by = "app"
    request.state.change(message, text=text, blocks=blocks, metadata=metadata, is_streaming=False)
    return {"channel": message.channel, "ts": message.ts, "message": {"text": text}}


def _live(request: Request, *, stopping: bool = False) -> tuple[Message, Stream]:
    message = own_message(request, "message_not_owned_by_app")
    key = (message.channel, message.ts)
    stream = request.state.streams.get(key)
    if stream is not None and stream.stopped_by == "user" and not stopping:
        raise Refusal("stopped_by_user")
    if stream is None or not request.state.is_live(key):
        raise Refusal("message_not_in_streaming_state")
    return message, stream


def _bind(stream: Stream, shape: str) -> None:
    if stream.shape and stream.shape != shape:
        raise Refusal("streaming_mode_mismatch")
    stream.shape = shape


def _read(request: Request) -> tuple[str, Sequence[Json]]:
    """Give the shape of a call, and what it adds, as chunks."""
    markdown = request.text("markdown_text")
    chunks = request.objects("chunks", "invalid_chunks")
    if markdown and chunks:
        raise Refusal("streaming_mode_mismatch")
    check_markdown(markdown)
    check_chunks(chunks)
    if markdown:
        return "markdown_text", [{"type": "markdown_text", "text": markdown}]
    return ("chunks" if chunks else ""), chunks


def _written(
    request: Request, message: Message, stream: Stream, chunks: Sequence[Json]
) -> tuple[str, tuple[Json, ...]]:
    """Give the message with what a call adds to it."""
    text, blocks = message.text, list(message.blocks)
    for chunk in chunks:
        match chunk["type"]:
            case "markdown_text":
                text += str(chunk["text"])
                _write(blocks, str(chunk["text"]))
            case "task_update":
                _update_task(blocks, chunk, in_plan=stream.in_plan)
            case "plan_update":
                _plan(blocks)["title"] = chunk["title"]
            case _:
                added = chunk.get("blocks", [])
                assert isinstance(added, list)
                blocks.extend(added)
    check_markdown(text)
    if blocks:
        check_message(text, blocks, unknown=request.state.knobs.unknown_blocks)
    return text, tuple(blocks)


def _write(blocks: list[Json], markdown: str) -> None:
    if blocks and blocks[-1]["type"] == "markdown":
        blocks[-1] = {"type": "markdown", "text": f"{blocks[-1]['text']}{markdown}"}
    else:
        blocks.append({"type": "markdown", "text": markdown})


def _update_task(blocks: list[Json], chunk: Json, *, in_plan: bool) -> None:
    card: Json = {
        "type": "task_card",
        "task_id": chunk["id"],
        "title": chunk["title"],
        "status": chunk["status"],
    }
    for name in ("details", "output"):
        if chunk.get(name):
            words = {"type": "text", "text": str(chunk[name])}
            section = {"type": "rich_text_section", "elements": [words]}
            card[name] = {"type": "rich_text", "elements": [section]}
    if chunk.get("sources"):
        card["sources"] = chunk["sources"]
    cards = blocks
    if in_plan:
        cards = list(_tasks(_plan(blocks)))
        _plan(blocks)["tasks"] = cards
    for place, block in enumerate(cards):
        if block.get("task_id") == card["task_id"]:
            cards[place] = card
            return
    cards.append(card)


def _plan(blocks: list[Json]) -> Json:
    """Give the message's plan, a copy that may be changed; it stands first."""
    if blocks and blocks[0]["type"] == "plan":
        blocks[0] = dict(blocks[0])
    else:
        blocks.insert(0, {"type": "plan", "title": "Thinking", "tasks": []})
    return blocks[0]


def _tasks(plan: Json) -> list[Json]:
    tasks = plan.get("tasks")
    return tasks if isinstance(tasks, list) else []
