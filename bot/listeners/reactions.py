"""Reactions: 👍 and 👎 are votes, and the asker's ❌ stops a survey."""

import time
from collections.abc import Mapping
from typing import cast

from slack_bolt import Args

from bot.listeners.who import actor_of
from bot.reception import Actor, Reception
from bot.store.posts import Mark

_THUMBS = {"+1": 1, "thumbsup": 1, "-1": -1, "thumbsdown": -1}
_STOPS = frozenset({"x", "no_entry_sign", "octagonal_sign"})


def add(reception: Reception, args: Args) -> None:
    """Count a reaction that was set."""
    args.ack()
    event = args.event or {}
    _count(reception, args, event, taken_back=False)
    if _name(event) in _STOPS:
        _stop(reception, actor_of(reception, args), _item(event))


def remove(reception: Reception, args: Args) -> None:
    """Take back a reaction that was removed."""
    args.ack()
    _count(reception, args, args.event or {}, taken_back=True)


def _count(
    reception: Reception, args: Args, event: Mapping[str, object], *, taken_back: bool
) -> None:
    value = _THUMBS.get(_name(event))
    actor = actor_of(reception, args)
    item = _item(event)
    ours = args.context.bot_user_id
    if value is None or item is None or actor.person == ours:
        return
    if event.get("item_user") not in {ours, None}:
        return
    reception.tables.posts.mark(
        Mark(
            workspace=actor.team,
            channel=item[0],
            ts=item[1],
            person=actor.hash,
            # Each skin tone is a reaction of its own: taking one back leaves the others.
            name=str(event["reaction"]),
            value=0 if taken_back else value,
            at=float(str(event.get("event_ts") or time.time())),
        )
    )


def _stop(reception: Reception, actor: Actor, item: tuple[str, str] | None) -> None:
    """Stop a survey where its asker sets the sign on its root message."""
    job = reception.tables.posts.find_job(*item) if item else None
    if job is None:
        return
    found = reception.tables.jobs.find(job, actor.team)
    if found is not None and found.person_hash == actor.hash:
        reception.tables.jobs.stop(found.id, time.time())


def _name(event: Mapping[str, object]) -> str:
    """Give the reaction's name without its skin tone."""
    return str(event.get("reaction") or "").partition("::")[0]


def _item(event: Mapping[str, object]) -> tuple[str, str] | None:
    """Give channel and timestamp of the message that a reaction stands on."""
    item = cast("Mapping[str, object]", event.get("item") or {})
    if item.get("type") != "message":
        return None
    return str(item["channel"]), str(item["ts"])
