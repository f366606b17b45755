"""Settle which papers the changed survey has, and which part takes each new one up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import Embedded, VectorCache, read_rows
from pipeline.errors import NothingFound
from pipeline.followup.parts import find_leaving, kind_of, number_parts
from pipeline.followup.types import Plan, Thread
from pipeline.outline import read_parts
from pipeline.question import MAX_QUESTION_CHARACTERS
from pipeline.search import SearchRules, find_papers
from pipeline.sources.base import PaperSource
from pipeline.types import Context, DateRange, Found, Paper, Passage, Query, Question

_RULES = SearchRules(per_query=20, recent_years=None, enough=3)
"""Twenty, because the best hits may stand in the survey already; relaxed only where next to none
is found, because further papers are worth less than those asked for."""

_MOST_NEW = 12
"""New papers of one request: each costs a call that shortens it."""

_FEWEST_FOR_A_SECTION = 4


def find_more(
    queries: tuple[Query, ...], context: Context, source: PaperSource, now: datetime
) -> Found:
    """Search for papers that the survey does not hold yet; finding none is no error.

    Args:
        queries: without any, nothing is searched.

    Raises:
        SourceRefused, TryAgain: as the source raises them.
    """
    if not queries:
        return Found((), (), source.name, 0)
    try:
        rules = replace(_RULES, categories=context.question.categories)
        found = find_papers(queries, source, now, rules)
    except NothingFound:
        return Found((), (), source.name, 0)
    known = {passage.paper.id for passage in context.passages}
    new = tuple(paper for paper in found.papers if paper.id not in known)
    return replace(found, papers=new[:_MOST_NEW])


def find_unread(found: Found, context: Context) -> tuple[Paper, ...]:
    """Give the papers that have no summary yet; those once set aside as off topic have one."""
    read = {passage.paper.id for passage in context.off_topic}
    return tuple(paper for paper in found.papers if paper.id not in read)


def narrow(question: Question, text: str) -> Question:
    """Give the question against which new papers are judged: the survey's and the request."""
    return replace(question, text=f"{question.text}\n{text}"[:MAX_QUESTION_CHARACTERS])


def change_question(question: Question, plan: Plan) -> Question:
    """Give the question that the changed survey answers: its language and dates may differ."""
    dates, limit = question.dates, plan.dates
    if dates and limit:
        since, until = max(dates.since, limit.since), min(dates.until, limit.until)
        limit = DateRange(since, until) if since <= until else limit
    return replace(question, language=plan.language or question.language, dates=limit or dates)


def choose_passages(
    thread: Thread, plan: Plan, found: Found, new: tuple[Passage, ...]
) -> tuple[Passage, ...]:
    """Give the passages of the changed context, those off topic among them."""
    leaving = find_leaving(thread, plan)
    wanted = {paper.id for paper in found.papers}
    aside = (
        replace(passage, relevance="related") if passage.paper.id in wanted else passage
        for passage in thread.context.off_topic
    )
    stays = (p for p in (*thread.context.passages, *aside) if p.paper.id not in leaving)
    return (*stays, *new)


def merge_found(before: Found, more: Found, passages: Sequence[Passage]) -> Found:
    """Give the record of all searches so far, with the papers that are left."""
    papers = [passage.paper for passage in passages]
    here = {paper.id for paper in papers}
    known = {paper.id for paper in before.papers} | {one.paper_id for one in before.dropped}
    return replace(
        before,
        papers=tuple(sorted(papers, key=lambda p: (p.published, p.id), reverse=True)),
        searches=(*before.searches, *more.searches),
        merged=before.merged + sum(paper.id not in known for paper in more.papers),
        dropped=tuple(one for one in before.dropped if one.paper_id not in here),
    )


def place_papers(
    thread: Thread,
    plan: Plan,
    passages: tuple[Passage, ...],
    embedded: Embedded,
    vectors: VectorCache,
) -> dict[str, int | None]:
    """Give each new paper the number of its part; null for a section of its own.

    Where the plan names parts to extend, the nearest of these; where it wants a section of what the
    search brings, that one.

    Args:
        passages: of the changed context, in the order in which they were embedded.
    """
    known = {passage.paper.id for passage in thread.context.passages}
    row_of = {passage.paper.id: row for row, passage in enumerate(passages)}
    on_topic = (passage for passage in passages if passage.relevance != "off_topic")
    new = [one for one in (passage.paper.id for passage in on_topic) if one not in known]
    if any(not wish.paper_ids for wish in plan.sections):
        return dict.fromkeys(new)
    named = {wish.number for wish in plan.parts if wish.action == "extend"}
    dropped = {wish.number for wish in plan.parts if wish.action == "drop"}
    parts = [
        (number, rows)
        for number, part in number_parts(read_parts(thread.survey.markdown))
        if kind_of(part) == "section" and (number in named if named else number not in dropped)
        if (rows := [row_of[one] for one in part.paper_ids if one in row_of])
    ]
    homes = find_homes(
        read_rows(embedded, vectors).rows,
        [rows for _, rows in parts],
        [row_of[one] for one in new],
        alone_from=len(new) + 1 if named else _FEWEST_FOR_A_SECTION,
    )
    numbers = (None if home is None else parts[home][0] for home in homes)
    return dict(zip(new, numbers, strict=True))


def find_homes(
    rows: NDArray[np.float32],
    parts: Sequence[Sequence[int]],
    new: Sequence[int],
    *,
    alone_from: int = _FEWEST_FOR_A_SECTION,
) -> tuple[int | None, ...]:
    """Give each new row the part with the nearest centre.

    Enough new rows that are nearer to the centre of the other new ones than to any part have no
    home: they make a part of their own.

    Args:
        rows: shape (n, d) float32, each of length 1.
        parts: rows of each part, none empty.
        new: rows to place.
        alone_from: how many rows are enough for a part of their own.

    Returns:
        an index into ``parts`` or null, for each new row.
    """
    if not parts or not new:
        return (None,) * len(new)
    centres = np.stack([_unit(rows[list(part)].sum(axis=0)) for part in parts])
    fresh = rows[list(new)]
    nearness = fresh @ centres.T
    total = fresh.sum(axis=0)
    among = np.asarray([float(row @ _unit(total - row)) for row in fresh])
    apart = among > nearness.max(axis=1)
    if apart.sum() < alone_from:
        apart[:] = False
    best = nearness.argmax(axis=1)
    return tuple(None if alone else int(home) for alone, home in zip(apart, best, strict=True))


def _unit(row: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.float32(np.linalg.norm(row))
    return row / length if length > 0 else row
