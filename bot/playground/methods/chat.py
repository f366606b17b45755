"""The methods ``chat.*`` that post, edit and delete whole messages."""

from bot.playground.limits import check_markdown, check_message, check_metadata
from bot.playground.methods.places import (
    keep_pace,
    open_to_messages,
    own_message,
    some_message,
    thread_of,
    visible,
)
from bot.playground.methods.reading import Request
from bot.playground.records import Channel, Json, Message
from bot.playground.refusal import Refusal
from bot.playground.shapes import show_message

_EDITED_TEXT = 4_000
"""What ``chat.update`` takes as text.

Source: https://docs.slack.dev/reference/methods/chat.update"""


def post_message(request: Request) -> Json:
    """Carry out ``chat.postMessage``."""
    channel = open_to_messages(request)
    text, blocks = read_content(request)
    message = _compose(
        request,
        channel,
        text=text,
        blocks=blocks,
        metadata=read_metadata(request),
        unfurls=not (request.is_off("unfurl_links") and request.is_off("unfurl_media")),
        username=request.text("username"),
    )
    keep_pace(request, channel)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": show_message(_add(request, message)),
    }


def post_ephemeral(request: Request) -> Json:
    """Carry out ``chat.postEphemeral``."""
    channel = open_to_messages(request)
    user = request.need("user")
    person = request.state.users.get(user)
    members = channel.members
    if person is None or person.team != channel.team or (members and user not in members):
        raise Refusal("user_not_in_channel")
    text, blocks = read_content(request)
    message = _compose(request, channel, text=text, blocks=blocks, ephemeral_for=user)
    return {"message_ts": request.state.add(message).ts}


def update(request: Request) -> Json:
    """Carry out ``chat.update``; blocks vanish where text alone is given."""
    message = own_message(request, "cant_update_message")
    state = request.state
    if state.is_live((message.channel, message.ts)):
        raise Refusal("streaming_state_conflict")
    if state.channels[message.channel].is_archived:
        raise Refusal("is_inactive")
    text, blocks = read_content(request)
    if len(text) > _EDITED_TEXT:
        raise Refusal("msg_too_long")
    metadata = message.metadata
    if request.arguments.get("metadata") is not None:
        metadata = None if request.json("metadata") == {} else read_metadata(request)
    changed = state.change(
        message,
        text=text,
        blocks=blocks,
        metadata=metadata,
        edits=message.edits + 1,
        is_streaming=False,
    )
    _echo(request, changed, "message_changed")
    return {"channel": message.channel, "ts": message.ts, "text": text}


def delete(request: Request) -> Json:
    """Carry out ``chat.delete``; a root with replies leaves a stone behind."""
    message = own_message(request, "cant_delete_message")
    state = request.state
    if any(one.thread_ts == message.ts for one in state.messages(message.channel)):
        state.change(
            message,
            text="This message was deleted.",
            user="USLACKBOT",
            bot_id="",
            blocks=(),
            metadata=None,
            files=(),
            reactions=(),
            subtype="tombstone",
        )
    else:
        state.remove(message)
    _echo(request, message, "message_deleted")
    return {"channel": message.channel, "ts": message.ts}


def permalink(request: Request) -> Json:
    """Carry out ``chat.getPermalink``."""
    message = some_message(request, "message_ts")
    link = f"https://{request.team.domain}.slack.com/archives/{message.channel}/p"
    link += message.ts.replace(".", "")
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={message.channel}"
    return {"channel": message.channel, "permalink": link}


def read_content(request: Request) -> tuple[str, tuple[Json, ...]]:
    """Read text and blocks, and check them.

    Raises:
        Refusal: Slack would not take them.
    """
    text = request.text("text")
    blocks = request.objects("blocks", "invalid_blocks_format")
    markdown = request.text("markdown_text")
    if markdown:
        if text or blocks:
            raise Refusal("markdown_text_conflict")
        check_markdown(markdown)
        text, blocks = markdown, ({"type": "markdown", "text": markdown},)
    if request.arguments.get("attachments"):
        raise Refusal("invalid_attachments", "this Slack shows blocks only")
    check_message(text, blocks, unknown=request.state.knobs.unknown_blocks)
    check_pictures(request, blocks)
    return text, blocks


def read_metadata(request: Request) -> Json | None:
    """Read what the app hides in a message.

    Raises:
        Refusal: Slack would not take it.
    """
    metadata = request.json("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    check_metadata(metadata)
    assert isinstance(metadata, dict)
    return metadata


def check_pictures(request: Request, blocks: tuple[Json, ...]) -> None:
    """Check that images which stand in Slack do so.

    Raises:
        Refusal: there is no such file.
    """
    for block in blocks:
        file = block.get("slack_file")
        if isinstance(file, dict) and str(file.get("id")) not in request.state.uploads:
            raise Refusal("invalid_blocks", "invalid slack file")


def _compose(request: Request, channel: Channel, **fields: object) -> Message:
    return Message(
        channel=channel.id,
        ts=request.state.new_ts(),
        user=request.team.bot_user,
        team=request.team.id,
        bot_id=request.team.bot_id,
        thread_ts=thread_of(request, channel),
        **fields,  # type: ignore[arg-type]  # fields of Message
    )


def _add(request: Request, message: Message) -> Message:
    _echo(request, message, "")
    return request.state.add(message)


def _echo(request: Request, message: Message, subtype: str) -> None:
    """Note that the app is to be told of its own doing, as Slack tells it."""
    state = request.state
    channel = visible(request)
    if not (state.knobs.echo and channel.is_member):
        return
    event = show_message(message) | {"channel_type": channel.type}
    if subtype:
        named = "previous_message" if subtype == "message_deleted" else "message"
        event = {"type": "message", "subtype": subtype, "hidden": True, named: event}
        event |= {"ts": state.new_ts(), "channel_type": channel.type}
    event |= {"channel": channel.id, "event_ts": event["ts"]}
    state.echoes.append((request.team.id, event))
