"""Run the queries and merge their papers; relax the queries when too few papers answer."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.errors import NothingFound
from pipeline.sources.base import PaperSource
from pipeline.types import Found, Paper, Query, Search

_WITHDRAWN = re.compile(
    r"\W*(this (paper|article|submission|manuscript|work|preprint) (has been|is|was)"
    r"( \w+){0,2} (withdrawn|retracted)|(paper |article )?(withdrawn|retracted)\b)",
    re.IGNORECASE,
)
"""Arxiv's feed does not say that a paper is withdrawn; its comment or abstract begins so."""

_DAYS_PER_YEAR = 365.25

_LAST_RUNG = "kept the first phrase alone"
"""Taken only where nothing at all was found: it trades the question for its first word."""


@dataclass(frozen=True, slots=True)
class SearchRules:
    """How many papers to ask for and which to leave out.

    Attributes:
        per_query: papers asked for by each query, 1 to 300.
        recent_years: age limit, applied from ``recent_from`` papers on; null keeps all.
        enough: with fewer papers the queries are relaxed.
    """

    per_query: int = 60
    recent_years: float | None = 2.0
    recent_from: int = 40
    enough: int = 10


def find_papers(
    queries: tuple[Query, ...], source: PaperSource, now: datetime, rules: SearchRules
) -> Found:
    """Give the papers of all queries, merged by id, newest first.

    From ``rules.recent_from`` papers on, those older than ``rules.recent_years`` before ``now``
    are dropped, as in the article; where that would leave none, nothing is dropped.

    Args:
        now: timezone-aware.

    Raises:
        NothingFound: no paper answers, even relaxed.
        SourceRefused, TryAgain: as the source raises them; a part of the papers is never passed
            off as all.
    """
    papers: dict[str, Paper] = {}
    searches: list[Search] = []
    done: set[Query] = set()
    for trees, relaxed in _ladder(queries):
        if papers and relaxed[-1:] == (_LAST_RUNG,):
            break
        for query in trees:
            if query in done:
                continue
            done.add(query)
            page = source.search(query, rules.per_query)
            searches.append(Search(query, page.text, page.hits, relaxed))
            for paper in page.papers:
                known = papers.get(paper.id)
                if known is None or known.version < paper.version:
                    papers[paper.id] = paper
        if len(papers) >= rules.enough:
            break
    standing = [paper for paper in papers.values() if not is_withdrawn(paper)]
    if not standing:
        raise NothingFound("no paper answers the queries, even relaxed")
    recent = _recent(standing, now, rules)
    return Found(
        papers=tuple(sorted(recent, key=lambda p: (p.published, p.id), reverse=True)),
        searches=tuple(searches),
        source=source.name,
        merged=len(papers),
        dropped_old=len(standing) - len(recent),
        dropped_withdrawn=len(papers) - len(standing),
        recent_years=rules.recent_years if len(recent) < len(standing) else None,
    )


def is_withdrawn(paper: Paper) -> bool:
    """Tell whether comment or abstract begin by saying that the paper was withdrawn."""
    return any(_WITHDRAWN.match(said) is not None for said in (paper.comment or "", paper.abstract))


def _recent(papers: list[Paper], now: datetime, rules: SearchRules) -> list[Paper]:
    if rules.recent_years is None or len(papers) < rules.recent_from:
        return papers
    oldest = now - timedelta(days=rules.recent_years * _DAYS_PER_YEAR)
    return [paper for paper in papers if paper.published >= oldest] or papers


def _ladder(queries: tuple[Query, ...]) -> Iterator[tuple[tuple[Query, ...], tuple[str, ...]]]:
    """Give the queries, then ever looser ones with what was loosened; dates always stay."""
    relaxed: tuple[str, ...] = ()
    yield queries, relaxed
    rungs: tuple[tuple[Callable[[Query], Query], str], ...] = (
        (_without_alternatives, "dropped the weakest phrases"),
        (lambda query: replace(query, categories=()), "dropped the categories"),
        (lambda query: replace(query, words=True), "matched words instead of phrases"),
        (_first_phrase, _LAST_RUNG),
    )
    for loosen, said in rungs:
        looser = tuple(dict.fromkeys(loosen(query) for query in queries))
        if looser != queries:
            relaxed = (*relaxed, said)
            queries = looser
            yield queries, relaxed


def _without_alternatives(query: Query) -> Query:
    """Drop what binds least: the any-of group, or else the last of several must phrases."""
    if query.must and query.any_of:
        return replace(query, any_of=())
    return replace(query, must=query.must[:-1]) if len(query.must) > 1 else query


def _first_phrase(query: Query) -> Query:
    return replace(query, must=query.must[:1]) if len(query.must) > 1 else query
