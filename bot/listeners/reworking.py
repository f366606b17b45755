"""Make another survey of one that stands in a thread: another model, other queries, papers back."""

import json
from dataclasses import replace

from slack_bolt import Args

from bot.blocks.forms import left_out_form, model_form, queries_form
from bot.errors import BadOption
from bot.listeners.actions import pressed_job, tell
from bot.listeners.asking import Place, start
from bot.listeners.forms import read_values
from bot.listeners.who import actor_of
from bot.messages import reworking as say
from bot.messages.failures import explain
from bot.options import find_arm, split_list
from bot.reception import Actor, Reception
from bot.requests import SurveyRequest
from bot.store import Job
from pipeline.bibliography import left_out
from pipeline.errors import PaperwalkError
from pipeline.sources.syntax import clean_phrase, is_category
from pipeline.types import Context, Query, Survey


def ask_for_model(reception: Reception, args: Args) -> None:
    """Open the form for another model."""
    args.ack()
    actor = actor_of(reception, args)
    job = pressed_job(reception, args, actor)
    if job is not None and _known(reception, args, job) is not None:
        _open(args, model_form(reception.offer, job.request.language, job.id))


def ask_for_queries(reception: Reception, args: Args) -> None:
    """Open the form with the queries of a survey."""
    args.ack()
    actor = actor_of(reception, args)
    job = pressed_job(reception, args, actor)
    known = _known(reception, args, job) if job else None
    if job is not None and known is not None:
        queries = known[0].plan.queries
        _open(args, queries_form(queries, job.request.language, job.id))


def show_left_out(reception: Reception, args: Args) -> None:
    """Show which papers a survey left out, and why."""
    args.ack()
    actor = actor_of(reception, args)
    job = pressed_job(reception, args, actor)
    known = _known(reception, args, job) if job else None
    if job is not None and known is not None:
        papers = left_out(*known)
        _open(args, left_out_form(papers, job.request.language, job.id))


def submit_model(reception: Reception, args: Args) -> None:
    """Write again from the same papers."""
    filled = read_values(args.view or {})
    actor = actor_of(reception, args)
    job = _remembered_job(reception, args, actor)
    known = _known(reception, args, job) if job else None
    if job is None or known is None:
        args.ack()
        return
    request = _request(job)
    try:
        arm = find_arm(filled["model"], reception.offer, reception.offer.usual.mode)
    except BadOption as error:
        language = job.request.language
        args.ack(response_action="errors", errors={"model": explain(error, language)})
        return
    arm = replace(arm, mode="single" if filled.get("mode") == "single" else "sections")
    _start(reception, args, job, replace(request, arms=(arm,), context_id=known[0].id))


def submit_queries(reception: Reception, args: Args) -> None:
    """Search with the person's own queries, and write from what they give."""
    filled = read_values(args.view or {})
    actor = actor_of(reception, args)
    job = _remembered_job(reception, args, actor)
    if job is None:
        args.ack()
        return
    language = job.request.language
    request = _request(job)
    known = reception.kit.store.load_context(f"{job.id}-c")
    before = known.plan.queries if known else ()
    queries: list[Query] = []
    for number in range(1, 4):
        categories = tuple(split_list(filled.get(f"categories{number}", "").replace(";", ",")))
        wrong = next((one.strip() for one in categories if not is_category(one.strip())), None)
        if wrong is not None:
            said = say.BAD_CATEGORY[language].format(name=wrong[:40])
            args.ack(response_action="errors", errors={f"categories{number}": said})
            return
        must, any_of = (_phrases(filled.get(f"{name}{number}", "")) for name in ("must", "any_of"))
        dates = before[number - 1].dates if number <= len(before) else request.question.dates
        if must or any_of:
            queries.append(Query(must, any_of, tuple(one.strip() for one in categories), dates))
    if not queries:
        args.ack(response_action="errors", errors={"must1": say.NO_QUERY[language]})
        return
    _start(reception, args, job, replace(request, queries=tuple(queries), context_id=None))


def submit_bring_back(reception: Reception, args: Args) -> None:
    """Write again with papers that had been called off topic."""
    filled = read_values(args.view or {})
    actor = actor_of(reception, args)
    job = _remembered_job(reception, args, actor)
    known = _known(reception, args, job) if job else None
    papers = split_list(filled.get("papers", ""))
    if job is None or known is None or not papers:
        args.ack()
        return
    request = _request(job)
    more = tuple(dict.fromkeys((*request.bring_back, *papers)))
    # The searches are those of before: arXiv's answers and the summaries are kept.
    request = replace(request, queries=known[0].plan.queries, bring_back=more, context_id=None)
    _start(reception, args, job, request)


def _start(reception: Reception, args: Args, job: Job, request: SurveyRequest) -> None:
    actor = actor_of(reception, args)
    view = args.view or {}
    place = Place(job.channel, job.thread_ts)
    try:
        said = start(reception, actor, place, request, f"form {view['id']}")
    except PaperwalkError as error:
        said = explain(error, request.language)
    args.ack()
    args.client.chat_postEphemeral(channel=job.channel, user=actor.person, text=said)


def _known(reception: Reception, args: Args, job: Job) -> tuple[Context, Survey] | None:
    """Give what the thread of a job is about now; the person is told where it is gone."""
    survey_id = reception.tables.jobs.survey_of(job.id)
    survey = reception.kit.store.load_survey(survey_id) if survey_id else None
    context = reception.kit.store.load_context(survey.context_id) if survey else None
    if survey is None or context is None:
        if args.respond.response_url:
            tell(args, say.GONE[job.request.language])
        return None
    return context, survey


def _remembered_job(reception: Reception, args: Args, actor: Actor) -> Job | None:
    memory = json.loads(str((args.view or {}).get("private_metadata") or "{}"))
    return reception.tables.jobs.find(str(memory.get("job", "")), actor.team)


def _request(job: Job) -> SurveyRequest:
    assert isinstance(job.request, SurveyRequest), "only surveys have these buttons"
    return job.request


def _phrases(text: str) -> tuple[str, ...]:
    cleaned = (clean_phrase(phrase) for phrase in text.split(";"))
    return tuple(dict.fromkeys(phrase for phrase in cleaned if phrase))


def _open(args: Args, form: dict[str, object]) -> None:
    args.client.views_open(trigger_id=str(args.body["trigger_id"]), view=form)
