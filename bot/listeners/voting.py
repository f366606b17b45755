"""Votes by buttons: feedback on a survey, reasons, wrong citations, A or B."""

import json
import time
from typing import get_args

from slack_bolt import Args

from bot.blocks.feedback import CHOOSE
from bot.blocks.remarks import citation_form, reasons_form
from bot.listeners.actions import tell
from bot.listeners.forms import read_values
from bot.listeners.who import actor_of
from bot.messages import voting as say
from bot.messages.words import escape
from bot.reception import Actor, Reception
from bot.store import Job
from bot.store.jobs import ID_LENGTH
from pipeline.types import Choice, Recall, Survey

_LONGEST = 1_000
"""Characters of a remark."""


def rate(reception: Reception, args: Args) -> None:
    """Count a press of a feedback button as a vote; a later press changes it."""
    args.ack()
    actor = actor_of(reception, args)
    sense, _, survey_id = str(args.payload.get("value") or "").partition(":")
    job = _job_of(reception, actor, survey_id)
    if job is None or sense not in {"good", "bad"}:
        return
    reception.kit.ballots.vote(
        survey_id,
        actor.hash,
        "button",
        actor.team,
        value=1 if sense == "good" else -1,
        at=_moment(args),
    )
    tell(args, say.VOTED[job.request.language])


def ask_why(reception: Reception, args: Args) -> None:
    """Open the form for the reasons of a vote."""
    args.ack()
    actor = actor_of(reception, args)
    survey_id = str(args.payload.get("value") or "")
    job = _job_of(reception, actor, survey_id)
    if job is not None:
        form = reasons_form(survey_id, job.request.language)
        args.client.views_open(trigger_id=str(args.body["trigger_id"]), view=form)


def submit_reasons(reception: Reception, args: Args) -> None:
    """Keep the reasons of a vote."""
    args.ack()
    filled = read_values(args.view or {})
    reasons = filled.get("reasons", "").split(",") if filled.get("reasons") else []
    said = filled.get("words", "")[:_LONGEST]
    _remark(reception, args, [*reasons, *(["words"] if said else [])], said)


def ask_which_citation(reception: Reception, args: Args) -> None:
    """Open the form for a wrong citation."""
    args.ack()
    actor = actor_of(reception, args)
    survey_id = str(args.payload.get("value") or "")
    job = _job_of(reception, actor, survey_id)
    survey = reception.kit.store.load_survey(survey_id) if job else None
    context = reception.kit.store.load_context(survey.context_id) if survey else None
    recall = reception.kit.store.load_score(survey_id, "recall", Recall)
    if job is not None and context is not None and recall is not None and recall.cited:
        cited = [p.paper for p in context.passages if p.paper.id in recall.cited]
        form = citation_form(survey_id, cited, job.request.language)
        args.client.views_open(trigger_id=str(args.body["trigger_id"]), view=form)


def submit_citation(reception: Reception, args: Args) -> None:
    """Keep which citation is wrong."""
    args.ack()
    filled = read_values(args.view or {})
    said = filled.get("words", "")[:_LONGEST]
    _remark(reception, args, [f"citation:{filled.get('paper', '')}"], said)


def choose(reception: Reception, args: Args) -> None:
    """Record which of two surveys somebody prefers, and tell that person alone the names."""
    args.ack()
    actor = actor_of(reception, args)
    comparison_id = str(args.payload.get("value") or "")
    choice = str(args.payload["action_id"]).removeprefix(CHOOSE)
    comparison = reception.kit.ballots.find(comparison_id, actor.team)
    job = _job_of(reception, actor, comparison_id)
    if comparison is None or job is None or choice not in get_args(Choice):
        return
    language = job.request.language
    chosen: Choice = next(one for one in get_args(Choice) if one == choice)
    cast = reception.kit.ballots.choose(comparison, actor.hash, chosen, _moment(args))
    if cast is None:
        tell(args, say.CLOSED[language])
        return
    receipt = say.CHOSEN if cast.blind else say.CHOSEN_AGAIN
    a, b = (_name(reception, one) for one in (comparison.survey_a, comparison.survey_b))
    tell(args, receipt[language].format(choice=say.CHOICES[chosen][language], a=a, b=b))
    if cast.votes >= comparison.votes_wanted:
        reception.close(comparison)


def _job_of(reception: Reception, actor: Actor, survey_id: str) -> Job | None:
    """Give the job that wrote a survey, where it is of the person's workspace."""
    return reception.tables.jobs.find(survey_id[:ID_LENGTH], actor.team)


def _name(reception: Reception, survey_id: str) -> str:
    survey: Survey | None = reception.kit.store.load_survey(survey_id)
    return escape(survey.arm.label) if survey else "?"


def _remark(reception: Reception, args: Args, kinds: list[str], said: str) -> None:
    """Keep remarks on the survey that a form remembers."""
    view = args.view or {}
    memory = json.loads(str(view.get("private_metadata") or "{}"))
    survey_id = str(memory.get("survey", ""))
    actor = actor_of(reception, args)
    if _job_of(reception, actor, survey_id) is None:
        return
    for kind in kinds:
        reception.kit.ballots.remark(
            f"{view['id']}:{kind}",
            survey_id,
            actor.hash,
            actor.team,
            kind=kind,
            said=said,
            at=time.time(),
        )


def _moment(args: Args) -> float:
    """Give when a button was pressed, by Slack's clock where it says so."""
    pressed = args.payload.get("action_ts")
    return float(pressed) if pressed else time.time()
