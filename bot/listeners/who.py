"""Who acted, where, and in which language they are spoken to."""

from collections.abc import Mapping
from typing import cast

from slack_bolt import Args

from bot.reception import Actor, Reception
from pipeline.types import Language


def actor_of(reception: Reception, args: Args) -> Actor:
    """Give who acted; the id is used to answer, the hash to keep."""
    body = args.body
    event = cast("Mapping[str, object]", body.get("event") or {})
    user = body.get("user") or event.get("user") or body.get("user_id") or ""
    person = str(user["id"] if isinstance(user, Mapping) else user)
    team = str(args.context.team_id or body.get("team_id") or "")
    return reception.actor(team, person)


def language_of(reception: Reception, actor: Actor) -> Language:
    """Give the language of a person who has not written anything now: as set, or as last asked."""
    chosen = reception.tables.people.preferences(actor.team, actor.hash).language
    if chosen is not None:
        return chosen
    last = reception.tables.jobs.list_of_person(actor.team, actor.hash, most=1)
    return last[0].request.language if last else reception.language
