"""One follow-up, top to bottom: plan, then answer from the saved context or change the survey.

Each stage runs through ``checkpoint(name, function, *arguments)``, as in ``pipeline.survey``.
"""

from collections.abc import Callable
from dataclasses import replace

from pipeline.cite import make_harmless
from pipeline.embed import embed_papers
from pipeline.followup.answer import answer
from pipeline.followup.draft import KEYLESS
from pipeline.followup.labels import labels, quote
from pipeline.followup.papers import (
    change_question,
    choose_passages,
    find_more,
    find_unread,
    merge_found,
    narrow,
    place_papers,
)
from pipeline.followup.parts import make_tasks
from pipeline.followup.plan import make_plan
from pipeline.followup.revise import revise
from pipeline.followup.types import Answer, Change, Plan, Request, Revision, Thread
from pipeline.progress import Progress, Stage
from pipeline.providers.base import ChatModel
from pipeline.question import ask
from pipeline.shorten import shorten
from pipeline.survey import Gathered, Tools, freeze, order_papers
from pipeline.types import Checkpoint, Context, Found, Survey, run_now


def follow_up(
    request: Request,
    context: Context,
    survey: Survey,
    writer: ChatModel | None,
    tools: Tools,
    *,
    checkpoint: Checkpoint = run_now,
    on_text: Callable[[str], None] | None = None,
) -> Answer | Revision:
    """Meet a reply in a survey's thread.

    Args:
        context: what the survey was written from.
        survey: the thread's latest.
        writer: null for a few plain wishes by rules, and extracts.
        on_text: is given an answer while it comes, paragraph by paragraph (see
            ``answer.answer``); a changed survey is given as a whole.

    Raises:
        BadQuestion: the request is empty or too long.
        Refused: the model declined every part that was to change.
        OperatorActs, TryAgain: as the models and the source raise them.
    """
    thread = Thread(ask(request.text).text, context, survey, request.turns)
    plan = checkpoint("plan", make_plan, thread, writer, today=request.now.date())
    if plan.kind == "answer":
        return checkpoint("answer", answer, thread, plan.language, writer, on_text)
    change = _change_papers(request, thread, plan, tools, checkpoint)
    nothing = _say_nothing_changes(thread, plan, change, writer)
    if change is None or nothing:
        return Answer(nothing, ())
    revision = checkpoint(
        "revise",
        revise,
        change,
        writer,
        survey_id=f"{request.id}-s",
        at_once=tools.at_once,
        on_progress=tools.on_progress,
    )
    tools.on_progress(Progress("write", 1, 1))
    return revision


def _change_papers(
    request: Request, thread: Thread, plan: Plan, tools: Tools, checkpoint: Checkpoint
) -> Change | None:
    """Search where further papers are wanted, and freeze the changed context; null for no paper."""

    def over(stage: Stage, found: Found | None = None) -> None:
        tools.on_progress(Progress(stage, 1, 1, searches=found.searches if found else ()))

    before, context_id = thread.context, f"{request.id}-c"
    found = checkpoint("search", find_more, plan.queries, before, tools.source, request.now)
    if plan.queries:
        over("search", found)
    new = checkpoint(
        "shorten",
        shorten,
        find_unread(found, before),
        narrow(before.question, thread.text),
        tools.shorten_model,
        at_once=tools.at_once,
        on_progress=tools.on_progress,
    )
    if new:
        over("shorten")
    passages = choose_passages(thread, plan, found, new)
    question = change_question(before.question, plan)
    if all(passage.relevance == "off_topic" for passage in passages):
        return None
    if passages == (*before.passages, *before.off_topic):
        return Change(thread, plan, replace(before, id=context_id, question=question), {})
    papers = tuple(passage.paper for passage in passages)
    embedded = checkpoint("embed", embed_papers, papers, tools.embedding_model, tools.vectors)
    over("embed")
    tour = checkpoint("order", order_papers, embedded, tools.vectors, tools.seed)
    over("order")
    homes = checkpoint("place", place_papers, thread, plan, passages, embedded, tools.vectors)
    gathered = Gathered(
        question,
        replace(before.plan, queries=(*before.plan.queries, *plan.queries)),
        merge_found(before.found, found, passages),
        embedded,
        tour,
        tuple(passages[place] for place in tour.order),
    )
    context = checkpoint("context", freeze, gathered, context_id, tools.vectors)
    return Change(thread, plan, context, homes)


def _say_nothing_changes(
    thread: Thread, plan: Plan, change: Change | None, writer: ChatModel | None
) -> str:
    """Give a sentence on why the survey stays as it is, or nothing where it changes."""
    language = thread.context.question.language
    words = labels(language)
    if change is None:
        return words.nothing_left
    if writer is None and thread.survey.model != KEYLESS and (plan.length or change.is_translated):
        return words.needs_model
    ids = [{p.paper.id for p in one.passages} for one in (thread.context, change.context)]
    if ids[0] != ids[1] or any(task.action != "keep" for task in make_tasks(change)):
        return ""
    if plan.sought:
        sought = quote(tuple(map(make_harmless, plan.sought)), language)
        return words.nothing_new.format(sought=sought)
    return words.nothing_to_change
