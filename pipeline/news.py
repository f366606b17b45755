"""Look at a survey's question again: which papers are new, and which sections they touch."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.embed import embed_papers, read_rows
from pipeline.errors import NothingFound
from pipeline.followup.papers import find_homes
from pipeline.outline import read_parts
from pipeline.search import SearchRules, find_papers
from pipeline.shorten import shorten
from pipeline.sources.base import PaperSource
from pipeline.survey import Tools
from pipeline.types import Checkpoint, Context, DateRange, Found, Passage, Query, Survey, run_now

_LAG = timedelta(days=7)
"""A paper is announced up to four days after its submission, whose day arXiv searches by; what was
shown before is not shown again."""

_MOST = 20
"""New papers shown at once; more than this is a topic for a survey of its own."""


@dataclass(frozen=True, slots=True)
class News:
    """One new paper.

    Attributes:
        section: heading of the survey's section that it is nearest to; empty where it stands apart.
    """

    passage: Passage
    section: str


def look_again(
    context: Context,
    survey: Survey,
    tools: Tools,
    *,
    since: datetime,
    now: datetime,
    seen: Collection[str],
    checkpoint: Checkpoint = run_now,
) -> tuple[News, ...]:
    """Find papers that have come since the last look, nearest to the question first.

    Args:
        context: what the survey was written from; its papers are not new.
        since: moment of the last look, timezone-aware.
        seen: ids of papers that were shown already.

    Raises:
        OperatorActs, TryAgain: as the models and the source raise them.
    """
    dates = DateRange((since - _LAG).date(), now.date())
    queries = tuple(replace(query, dates=dates) for query in context.plan.queries)
    found = checkpoint("search", _search, queries, tools.source, now, context.question.categories)
    known = {paper.id for paper in context.found.papers} | set(seen)
    new = tuple(paper for paper in found.papers if paper.id not in known)[:_MOST]
    passages = checkpoint(
        "shorten", shorten, new, context.question, tools.shorten_model, at_once=tools.at_once
    )
    on_topic = tuple(passage for passage in passages if passage.relevance != "off_topic")
    return checkpoint("place", _place, context, survey, on_topic, tools)


def _search(
    queries: tuple[Query, ...], source: PaperSource, now: datetime, categories: tuple[str, ...]
) -> Found:
    """Search without relaxing anything; finding none is no error."""
    rules = SearchRules(recent_years=None, enough=0, categories=categories)
    try:
        return find_papers(queries, source, now, rules)
    except NothingFound:
        return Found((), (), source.name, 0)


def _place(
    context: Context, survey: Survey, new: tuple[Passage, ...], tools: Tools
) -> tuple[News, ...]:
    """Give each new paper the section whose papers are nearest."""
    if not new:
        return ()
    ids = [passage.paper.id for passage in context.passages]
    place_of = {paper_id: place for place, paper_id in enumerate(ids)}
    sections = [
        (part.heading, rows)
        for part in read_parts(survey.markdown).sections
        if (rows := [place_of[one] for one in part.paper_ids if one in place_of])
    ]
    papers = tuple(passage.paper for passage in (*context.passages, *new))
    embedded = embed_papers(papers, tools.embedding_model, tools.vectors)
    homes = find_homes(
        read_rows(embedded, tools.vectors).rows,
        [rows for _, rows in sections],
        range(len(ids), len(papers)),
    )
    return tuple(
        News(passage, "" if home is None else sections[home][0])
        for passage, home in zip(new, homes, strict=True)
    )
