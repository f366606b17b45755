"""The methods ``conversations.*`` and ``reactions.*``."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from bot.playground.methods.places import readable, some_message, visible
from bot.playground.methods.reading import Request
from bot.playground.records import Channel, Json, Message, Reaction
from bot.playground.refusal import Refusal
from bot.playground.shapes import show_channel, show_message
from bot.playground.state import State

T = TypeVar("T")

_PAGE = 100
_MOST = 8
"""People that one conversation can be opened with."""
_EMOJI = re.compile(r"[a-z0-9_+'-]+(?:::skin-tone-[2-6])?")
_ALIASES = {"thumbsup": "+1", "thumbsdown": "-1"}


def join(request: Request) -> Json:
    """Carry out ``conversations.join``."""
    channel = visible(request)
    if channel.type != "channel":
        raise Refusal("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refusal("is_archived")
    joined = replace(channel, is_member=True)
    request.state.channels[channel.id] = joined
    return {"channel": show_channel(joined)}


def open_dm(request: Request) -> Json:
    """Carry out ``conversations.open``: with one person, or with several."""
    state = request.state
    if request.text("channel"):
        return {"channel": {"id": readable(request).id}}
    people = [name for name in request.text("users").split(",") if name]
    if not people:
        raise Refusal("users_list_not_supplied")
    if len(people) > _MOST:
        raise Refusal("too_many_users")
    for name in people:
        person = state.users.get(name)
        if person is None or person.team != request.team.id:
            raise Refusal("user_not_found")
    channel = state.dm(people[0]) if len(people) == 1 else _group(request, people)
    return {"channel": {"id": channel.id}}


def info(request: Request) -> Json:
    """Carry out ``conversations.info``."""
    return {"channel": show_channel(visible(request))}


def members(request: Request) -> Json:
    """Carry out ``conversations.members``."""
    channel = visible(request)
    state = request.state
    people = channel.members
    if people is None:
        people = frozenset(user.id for user in state.users.values() if user.team == channel.team)
        people |= {request.team.bot_user} if channel.is_member else set()
    page, cursor = _page(request, sorted(people))
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def history(request: Request) -> Json:
    """Carry out ``conversations.history``: newest first, without replies."""
    channel = readable(request)
    found = [message for message in request.state.messages(channel.id) if not message.thread_ts]
    return _show(request, _between(request, list(reversed(found))))


def replies(request: Request) -> Json:
    """Carry out ``conversations.replies``: the root, then its replies."""
    channel = readable(request)
    root = request.text("ts")
    if request.state.find(channel.id, root) is None:
        raise Refusal("thread_not_found")
    found = [one for one in request.state.messages(channel.id) if root in {one.ts, one.thread_ts}]
    return _show(request, _between(request, found))


def react(state: State, message: Message, name: str, user: str) -> Message:
    """Put somebody's reaction under a message.

    Raises:
        Refusal: it stands there, or is no emoji.
    """
    name = _emoji(name)
    with state.lock:
        now = state.find(message.channel, message.ts)
        if now is None:
            raise Refusal("message_not_found")
        users = next((one.users for one in now.reactions if one.name == name), ())
        if user in users:
            raise Refusal("already_reacted")
        return _set(state, now, Reaction(name, (*users, user)))


def unreact(state: State, message: Message, name: str, user: str) -> Message:
    """Take somebody's reaction away.

    Raises:
        Refusal: there is none.
    """
    name = _emoji(name)
    with state.lock:
        now = state.find(message.channel, message.ts)
        if now is None:
            raise Refusal("message_not_found")
        users = next((one.users for one in now.reactions if one.name == name), ())
        if user not in users:
            raise Refusal("no_reaction")
        return _set(state, now, Reaction(name, tuple(one for one in users if one != user)))


def add_reaction(request: Request) -> Json:
    """Carry out ``reactions.add``."""
    message = _reactable(request)
    react(request.state, message, request.need("name", "invalid_name"), request.team.bot_user)
    return {}


def remove_reaction(request: Request) -> Json:
    """Carry out ``reactions.remove``."""
    message = _reactable(request)
    unreact(request.state, message, request.need("name", "invalid_name"), request.team.bot_user)
    return {}


def get_reactions(request: Request) -> Json:
    """Carry out ``reactions.get``."""
    message = _reactable(request)
    return {"type": "message", "channel": message.channel, "message": show_message(message)}


def _group(request: Request, people: Sequence[str]) -> Channel:
    everyone = frozenset({*people, request.team.bot_user})
    known = request.state.channels.values()
    found = next((one for one in known if one.kind == "mpim" and one.members == everyone), None)
    channel = found or Channel(
        request.state.new_id("G"),
        "mpdm",
        is_private=True,
        team=request.team.id,
        kind="mpim",
        members=everyone,
    )
    request.state.channels[channel.id] = channel
    return channel


def _reactable(request: Request) -> Message:
    request.need("channel", "no_item_specified")
    request.need("timestamp", "no_item_specified")
    readable(request)
    return some_message(request, "timestamp")


def _emoji(name: str) -> str:
    """Give the name under which an emoji is counted."""
    if not _EMOJI.fullmatch(name):
        raise Refusal("invalid_name")
    base, _, tone = name.partition("::")
    base = _ALIASES.get(base, base)
    return f"{base}::{tone}" if tone else base


def _set(state: State, message: Message, reaction: Reaction) -> Message:
    kept = {one.name: one for one in message.reactions} | {reaction.name: reaction}
    return state.change(message, reactions=tuple(one for one in kept.values() if one.users))


def _between(request: Request, messages: list[Message]) -> list[Message]:
    oldest = request.text("oldest") or "0"
    latest = request.text("latest")
    return [
        one
        for one in messages
        if not one.ephemeral_for
        and float(one.ts) >= float(oldest)
        and (not latest or float(one.ts) <= float(latest))
    ]


def _show(request: Request, messages: list[Message]) -> Json:
    with_metadata = request.is_on("include_all_metadata")
    page, cursor = _page(request, messages)
    return {
        "messages": [show_message(one, with_metadata=with_metadata) for one in page],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def _page(request: Request, items: Sequence[T]) -> tuple[Sequence[T], str]:
    start = request.number("cursor", 0)
    end = start + max(request.number("limit", _PAGE), 1)
    return items[start:end], str(end) if end < len(items) else ""
