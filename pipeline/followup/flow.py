"""One follow-up, top to bottom: plan, then answer from the saved context or change the survey.

Each stage runs through ``checkpoint(name, function, *arguments)``, as in ``pipeline.survey``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

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
from pipeline.types import Checkpoint, Context, Found, Passage, Survey, run_now


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
        on_text: hears an answer while it comes, see ``answer``; it must not raise.

    Raises:
        BadQuestion: the request is empty or too long.
        Refused, CeilingReached: the model wrote none of the parts that were to change.
        OperatorActs, TryAgain: as the models and the source raise them.
    """
    thread = Thread(ask(request.text).text, context, survey, request.turns)
    plan = checkpoint("plan", make_plan, thread, writer, today=request.now.date())
    if plan.kind == "answer":
        return checkpoint("answer", answer, thread, plan.language, writer, on_text)
    run = _Run(request, thread, plan, tools, checkpoint)
    found, passages = run.find_passages()
    if all(passage.relevance == "off_topic" for passage in passages):
        return Answer(labels(context.question.language).nothing_left, ())
    change = run.settle(found, passages)
    if nothing := _say_nothing_changes(change, writer):
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


@dataclass(frozen=True, slots=True)
class _Run:
    """A change at work."""

    request: Request
    thread: Thread
    plan: Plan
    tools: Tools
    checkpoint: Checkpoint

    def find_passages(self) -> tuple[Found, tuple[Passage, ...]]:
        """Search where further papers are wanted, and give the passages of the changed context."""
        before, tools, queries = self.thread.context, self.tools, self.plan.queries
        found = self.checkpoint(
            "search", find_more, queries, before, tools.source, self.request.now
        )
        if queries:
            self._over("search", found)
        new = self.checkpoint(
            "shorten",
            shorten,
            find_unread(found, before),
            narrow(before.question, self.thread.text),
            tools.shorten_model,
            at_once=tools.at_once,
            on_progress=tools.on_progress,
        )
        if new:
            self._over("shorten")
        return found, choose_passages(self.thread, self.plan, found, new)

    def settle(self, found: Found, passages: tuple[Passage, ...]) -> Change:
        """Order the passages anew where they have changed, and freeze the context."""
        thread, plan, tools, checkpoint = self.thread, self.plan, self.tools, self.checkpoint
        before, context_id = thread.context, f"{self.request.id}-c"
        question = change_question(before.question, plan)
        if passages == (*before.passages, *before.off_topic):
            return Change(thread, plan, replace(before, id=context_id, question=question), {})
        papers = tuple(passage.paper for passage in passages)
        embedded = checkpoint("embed", embed_papers, papers, tools.embedding_model, tools.vectors)
        self._over("embed")
        tour = checkpoint("order", order_papers, embedded, tools.vectors, tools.seed)
        self._over("order")
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

    def _over(self, stage: Stage, found: Found | None = None) -> None:
        searches, papers = (found.searches, len(found.papers)) if found else ((), None)
        self.tools.on_progress(Progress(stage, 1, 1, searches=searches, papers=papers))


def _say_nothing_changes(change: Change, writer: ChatModel | None) -> str:
    """Give a sentence on why the survey stays as it is, or nothing where it changes."""
    thread, plan = change.thread, change.plan
    language = thread.context.question.language
    words = labels(language)
    if writer is None and thread.survey.model != KEYLESS and (plan.length or change.is_translated):
        return words.needs_model
    ids = [{p.paper.id for p in one.passages} for one in (thread.context, change.context)]
    if ids[0] != ids[1] or any(task.action != "keep" for task in make_tasks(change)):
        return ""
    if plan.sought:
        sought = quote(tuple(map(make_harmless, plan.sought)), language)
        return words.nothing_new.format(sought=sought)
    return words.nothing_to_change
