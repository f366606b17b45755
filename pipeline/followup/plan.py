"""Read what a request wants: by the writing model against a schema, or by rules."""

import re
from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from pipeline.cite import find_anchors, unresolve
from pipeline.errors import ModelDeclined
from pipeline.followup.parts import number_parts
from pipeline.followup.rules import plan_by_rules
from pipeline.followup.types import Length, PartWish, Plan, SectionWish, Thread, Turn
from pipeline.outline import read_parts
from pipeline.providers.base import ChatModel
from pipeline.queries import FIRST_DAY, phrase_queries
from pipeline.types import Context, DateRange, Language, Paper, Query
from pipeline.write.replies import Writer

_LATEST_TURNS = 3
_LONGEST_TURN = 2_000
"""Of each side of an exchange, in characters: enough to know what "it" means."""

_MOST_SECTIONS = 2
"""New sections of one request."""


class _PartReply(BaseModel):
    number: int
    action: Literal["rewrite", "extend", "drop"]
    instruction: str = ""


class _SectionReply(BaseModel):
    heading: str
    anchors: list[str] = Field(default_factory=list)
    instruction: str = ""


class PlanReply(BaseModel):
    """The reply to ``followup_plan.md``."""

    kind: Literal["answer", "change"]
    parts: list[_PartReply] = Field(default_factory=list)
    sections: list[_SectionReply] = Field(default_factory=list)
    remove: list[str] = Field(default_factory=list)
    search: list[str] = Field(default_factory=list)
    search_since: str | None = None
    search_until: str | None = None
    since: str | None = None
    until: str | None = None
    language: Language | None = None
    length: Length | None = None


def make_plan(thread: Thread, model: ChatModel | None, *, today: date) -> Plan:
    """Plan how a request is met; a plan that cannot be read is an answer.

    Args:
        model: null for rules.
        today: the open end of "since 2025".

    Raises:
        OperatorActs, TryAgain: as the model raises them.
    """
    if model is None:
        return plan_by_rules(thread, today)
    context = thread.context
    writer = Writer(model, context.question, len(context.passages))
    papers = [passage.paper for passage in context.passages]
    parts = {
        "survey": _show_parts(thread),
        "papers": "\n".join(f"[P{i}] {one.title}" for i, one in enumerate(papers, start=1)),
        "thread": show_turns(thread.turns, papers),
        "request": thread.text,
    }
    try:
        reply = writer.ask("followup_plan", PlanReply, parts, is_prose=False, today=f"{today}")
    except ModelDeclined:
        return Plan("answer")
    return _read(reply, thread, today)


def show_turns(turns: tuple[Turn, ...], papers: list[Paper]) -> str:
    """Give the last exchanges as a model reads them, with anchors."""
    return "\n\n".join(
        f"Person: {turn.asked[:_LONGEST_TURN]}\n"
        f"Reply: {unresolve(turn.answered, papers)[:_LONGEST_TURN]}"
        for turn in turns[-_LATEST_TURNS:]
    )


def _show_parts(thread: Thread) -> str:
    """Give each part's number, heading and anchors."""
    numbers = {p.paper.id: n for n, p in enumerate(thread.context.passages, start=1)}
    lines: list[str] = []
    for number, part in number_parts(read_parts(thread.survey.markdown)):
        anchors = [f"P{numbers[one]}" for one in part.paper_ids if one in numbers]
        lines.append(f"{number}. {part.heading}" + (f" [{', '.join(anchors)}]" if anchors else ""))
    return "\n".join(lines)


def _read(reply: PlanReply, thread: Thread, today: date) -> Plan:
    """Keep what can be done; where nothing can, the request is answered."""
    if reply.kind == "answer":
        return Plan("answer", language=reply.language)
    context = thread.context
    numbers = [number for number, _ in number_parts(read_parts(thread.survey.markdown))]
    wishes = {
        one.number: PartWish(one.number, one.action, one.instruction)
        for one in reversed(reply.parts)
        if one.number in numbers
    }
    queries, sought = _queries(reply, context, today)
    sections = tuple(
        SectionWish(one.heading, one.instruction, ids)
        for one in reply.sections[:_MOST_SECTIONS]
        if (ids := _papers(one.anchors, context)) or queries
    )
    plan = Plan(
        kind="change",
        parts=tuple(wishes[number] for number in numbers if number in wishes),
        sections=sections,
        remove=_papers(reply.remove, context),
        queries=queries,
        sought=sought,
        dates=_range(reply.since, reply.until, today),
        language=reply.language,
        length=reply.length,
    )
    return Plan("answer") if plan == Plan("change") else plan


def _queries(
    reply: PlanReply, context: Context, today: date
) -> tuple[tuple[Query, ...], tuple[str, ...]]:
    """Make the searches, limited as they, the survey from now on, or its question are."""
    dates = (
        _range(reply.search_since, reply.search_until, today)
        or _range(reply.since, reply.until, today)
        or context.question.dates
    )
    queries = phrase_queries(reply.search[:3], dates)
    sought = (phrase for query in queries for phrase in query.must)
    return queries, tuple(dict.fromkeys(sought)) or tuple(reply.search[:3])


def _papers(anchors: list[str], context: Context) -> tuple[str, ...]:
    """Give the ids of the papers that anchors of any spelling name."""
    numbers = (n for anchor in anchors for n in find_anchors(f"[{anchor.strip('[] ')}]"))
    known = (n for n in dict.fromkeys(numbers) if 1 <= n <= len(context.passages))
    return tuple(context.passages[n - 1].paper.id for n in known)


def _range(since: str | None, until: str | None, today: date) -> DateRange | None:
    first, last = _day(since, "-01-01"), _day(until, "-12-31")
    if first is None and last is None:
        return None
    limits = DateRange(first or FIRST_DAY, last or today)
    return limits if limits.since <= limits.until else None


def _day(text: str | None, rest: str) -> date | None:
    """Read a day, or a year with the rest of its first or last day."""
    if not text:
        return None
    try:
        return date.fromisoformat(text + rest if re.fullmatch(r"\d{4}", text) else text)
    except ValueError:
        return None
