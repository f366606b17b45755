"""The buttons of a survey's root message: stop, go on, again, export, send directly."""

import time

from slack_bolt import Args

from bot.listeners.asking import Place, start
from bot.listeners.who import actor_of
from bot.messages import working as say
from bot.messages.failures import explain
from bot.messages.reworking import ALREADY_THERE
from bot.reception import Actor, Reception
from bot.requests import LedgerRequest, SurveyRequest
from bot.store import Job
from pipeline.errors import PaperwalkError


def stop(reception: Reception, args: Args) -> None:
    """Stop a survey, if the person who asked presses."""
    args.ack()
    actor = actor_of(reception, args)
    job = pressed_job(reception, args, actor)
    if job is None:
        return
    language = job.request.language
    if job.person_hash != actor.hash:
        tell(args, say.ONLY_THE_ASKER_STOPS[language])
    elif not reception.tables.jobs.stop(job.id, time.time()):
        tell(args, say.TOO_LATE_TO_STOP[language])


def stop_session(reception: Reception, args: Args) -> None:
    """Stop a survey by Slack's own Stop button under its thread."""
    args.ack()
    event = args.event or {}
    actor = actor_of(reception, args)
    thread = str(event.get("thread_ts") or "")
    job = reception.tables.jobs.find_in_thread(actor.team, str(event.get("channel")), thread)
    if job is not None and job.person_hash == actor.hash:
        reception.tables.jobs.stop(job.id, time.time())


def resume(reception: Reception, args: Args) -> None:
    """Let a survey that was stopped, or has failed, go on where it was."""
    args.ack()
    actor = actor_of(reception, args)
    job = pressed_job(reception, args, actor)
    if job is not None:
        reception.take_up(job)


def again(reception: Reception, args: Args) -> None:
    """Ask the same question anew."""
    args.ack()
    actor = actor_of(reception, args)
    job = pressed_job(reception, args, actor)
    if job is not None and isinstance(job.request, SurveyRequest):
        ask_anew(reception, args, actor, job, job.request)


def export(reception: Reception, args: Args) -> None:
    """Post a survey's papers or text as a file in its thread."""
    args.ack()
    actor = actor_of(reception, args)
    kind, _, job_id = str(args.payload["selected_option"]["value"]).partition(":")
    job = reception.tables.jobs.find(job_id, actor.team)
    survey_id = reception.tables.jobs.survey_of(job_id) if job else None
    if job is None or survey_id is None:
        return
    if kind != "csv":
        tell(args, ALREADY_THERE[job.request.language])
        return
    request = LedgerRequest(survey_id, job.request.language)
    place = Place(job.channel, reception.tables.jobs.root_of(job.id))
    start(reception, actor, place, request, f"ledger {survey_id}")


def send_directly(reception: Reception, args: Args) -> None:
    """Let a survey that could not be posted in its channel come as a direct message."""
    args.ack()
    actor = actor_of(reception, args)
    job = pressed_job(reception, args, actor)
    if job is None or job.person_hash != actor.hash:
        return
    opened = args.client.conversations_open(users=actor.person)
    reception.tables.jobs.move_to(job.id, str(opened["channel"]["id"]))
    reception.take_up(job)


def pressed_job(reception: Reception, args: Args, actor: Actor) -> Job | None:
    """Give the job whose button was pressed, or null where it is not of this workspace."""
    return reception.tables.jobs.find(str(args.payload.get("value") or ""), actor.team)


def ask_anew(
    reception: Reception, args: Args, actor: Actor, job: Job, request: SurveyRequest
) -> None:
    """Start another survey where an earlier one stands, and tell the person privately."""
    trigger = str(args.body["trigger_id"])
    place = Place(job.channel, job.thread_ts)
    try:
        said = start(reception, actor, place, request, trigger)
    except PaperwalkError as error:
        said = explain(error, request.language)
    tell(args, said)


def tell(args: Args, text: str) -> None:
    """Tell the person who pressed a button something privately."""
    args.respond(text=text, response_type="ephemeral", replace_original=False)
