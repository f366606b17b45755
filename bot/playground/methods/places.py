"""Which conversations an app sees, and where it may write."""

from bot.playground.methods.reading import Request
from bot.playground.records import Channel, Message
from bot.playground.refusal import Refusal

_BURST = 5.0
"""Messages that a channel takes at once before it takes one a second."""


def find_channel(request: Request, name: str = "channel") -> Channel | None:
    """Give the conversation that a call is about, where its token sees it.

    A person's id stands for the conversation with that person.
    """
    state, wanted = request.state, request.text(name)
    user = state.users.get(wanted)
    if user is not None and user.team == request.team.id:
        return state.dm(user.id)
    channel = state.channels.get(wanted)
    if channel is None or channel.team != request.team.id:
        return None
    return channel if channel.type == "channel" or channel.is_member else None


def visible(request: Request, name: str = "channel") -> Channel:
    """Give the conversation that a call is about.

    Raises:
        Refusal: the app does not see it.
    """
    channel = find_channel(request, name)
    if channel is None:
        raise Refusal("channel_not_found")
    return channel


def readable(request: Request, name: str = "channel") -> Channel:
    """Give a conversation whose messages the app may read.

    Raises:
        Refusal: it does not see it, or is not in it.
    """
    channel = visible(request, name)
    if not channel.is_member:
        raise Refusal("not_in_channel")
    return channel


def open_to_messages(request: Request, *, joined: bool = False) -> Channel:
    """Give a conversation in which the app may post.

    Args:
        joined: only where it is a member, whatever its scopes.

    Raises:
        Refusal: it may not.
    """
    channel = visible(request)
    if channel.is_archived:
        raise Refusal("is_archived")
    if not channel.is_member and (joined or "chat:write.public" not in request.team.scopes):
        raise Refusal("not_in_channel")
    if channel.is_restricted:
        raise Refusal("restricted_action")
    return channel


def own_message(request: Request, error: str) -> Message:
    """Give a message of the app's own.

    Raises:
        Refusal: there is no such message, or somebody else wrote it.
    """
    message = some_message(request, "ts")
    if message.bot_id != request.team.bot_id:
        raise Refusal(error)
    return message


def some_message(request: Request, name: str) -> Message:
    """Give a message that everyone sees.

    Raises:
        Refusal: there is none.
    """
    channel = visible(request)
    message = request.state.find(channel.id, request.text(name))
    if message is None:
        raise Refusal("message_not_found")
    return message


def thread_of(request: Request, channel: Channel) -> str | None:
    """Give the root of the thread that a message is to go to.

    Raises:
        Refusal: there is no such message.
    """
    ts = request.text("thread_ts")
    if not ts:
        return None
    root = request.state.find(channel.id, ts)
    if root is None:
        raise Refusal("thread_not_found")
    return root.thread_ts or root.ts


def keep_pace(request: Request, channel: Channel) -> None:
    """Let a channel take about one message a second, where this Slack counts.

    Raises:
        Refusal: that was one too many.
    """
    state = request.state
    if not state.knobs.pace:
        return
    now = state.now()
    left, then = state.posted_at.get(channel.id, (_BURST, now))
    left = min(_BURST, left + now - then)
    state.posted_at[channel.id] = (max(left - 1, 0.0) if left >= 1 else left, now)
    if left < 1:
        raise Refusal("ratelimited")
