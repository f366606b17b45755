"""The home tab: shown when it is opened, and anew when a setting changes."""

from dataclasses import replace
from typing import get_args

import structlog
from slack_bolt import Args
from slack_sdk.errors import SlackApiError

from bot.blocks.home import USUAL, HomeState, home_view
from bot.listeners.who import actor_of, language_of
from bot.reception import Actor, Reception
from pipeline.types import Language

log = structlog.get_logger()

_LISTED = 10


def open_home(reception: Reception, args: Args) -> None:
    """Show the home tab to whoever opens it."""
    args.ack()
    if (args.event or {}).get("tab") == "home":
        _publish(reception, args, actor_of(reception, args))


def set_language(reception: Reception, args: Args) -> None:
    """Keep the language that a person wants surveys in."""
    args.ack()
    actor = actor_of(reception, args)
    chosen = str(args.payload["selected_option"]["value"])
    people = reception.tables.people
    preferences = people.preferences(actor.team, actor.hash)
    language = next((one for one in get_args(Language) if one == chosen), None)
    people.prefer(actor.team, actor.hash, replace(preferences, language=language))
    _publish(reception, args, actor)


def set_model(reception: Reception, args: Args) -> None:
    """Keep the model that a person wants surveys of."""
    args.ack()
    actor = actor_of(reception, args)
    chosen = str(args.payload["selected_option"]["value"])
    people = reception.tables.people
    preferences = people.preferences(actor.team, actor.hash)
    model = chosen if chosen != USUAL and chosen in reception.offer.models else None
    people.prefer(actor.team, actor.hash, replace(preferences, model=model))
    _publish(reception, args, actor)


def _publish(reception: Reception, args: Args, actor: Actor) -> None:
    language = language_of(reception, actor)
    state = _state(reception, actor)
    try:
        args.client.views_publish(user_id=actor.person, view=home_view(state, language, chart=True))
    except SlackApiError as error:
        if error.response["error"] not in {"invalid_blocks", "invalid_arguments"}:
            raise
        log.info("chart_refused")
        args.client.views_publish(
            user_id=actor.person, view=home_view(state, language, chart=False)
        )


def _state(reception: Reception, actor: Actor) -> HomeState:
    jobs = reception.tables.jobs
    mine = jobs.list_of_person(actor.team, actor.hash, most=_LISTED)
    live = jobs.list_live(actor.team)
    return HomeState(
        surveys=[(job, jobs.status(job.id) or "done", jobs.root_of(job.id)) for job in mine],
        running=len(live),
        running_own=sum(job.person_hash == actor.hash for job in live),
        board=reception.board(actor.team),
        preferences=reception.tables.people.preferences(actor.team, actor.hash),
        models=reception.offer.models,
    )
