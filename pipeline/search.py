"""Run the queries and merge their papers; relax the queries when too few papers answer."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.errors import NothingFound
from pipeline.sources.base import PaperSource
from pipeline.types import Dropped, DropReason, Found, Paper, Query, Search

_WITHDRAWN = re.compile(
    r"\W*(this (paper|article|submission|manuscript|work|preprint) (has been|is|was)"
    r"( \w+){0,2} (withdrawn|retracted)|(paper |article )?(withdrawn|retracted)\b)",
    re.IGNORECASE,
)
"""Arxiv's feed does not say that a paper is withdrawn; its comment or abstract begins so."""

_DAYS_PER_YEAR = 365.25

_RANK_OFFSET = 60
"""Keeps the first places of one search from outweighing agreement between searches."""

_LAST_RUNG = "kept the first phrase alone"
"""Taken only where nothing at all was found: it trades the question for its first word."""


@dataclass(frozen=True, slots=True)
class SearchRules:
    """How many papers to ask for and which to leave out.

    Attributes:
        per_query: papers asked for by each query, 1 to 300.
        recent_years: age limit, applied from ``recent_from`` papers on; null keeps all.
        enough: with fewer papers the queries are relaxed.
        top: of more papers than this only those that the searches rank best stay; null keeps all.
        categories: the person's own limit; unlike a model's choice it holds on every rung.
    """

    per_query: int = 60
    recent_years: float | None = 2.0
    recent_from: int = 40
    enough: int = 10
    top: int | None = None
    categories: tuple[str, ...] = ()


def find_papers(
    queries: tuple[Query, ...], source: PaperSource, now: datetime, rules: SearchRules
) -> Found:
    """Give the papers of all queries, merged by id, newest first.

    From ``rules.recent_from`` papers on, those older than ``rules.recent_years`` before ``now``
    are dropped, as in the article; where that would leave none, or where the queries themselves
    limit the time, nothing is dropped.

    Args:
        now: timezone-aware.

    Raises:
        NothingFound: no paper answers, even relaxed.
        SourceRefused, TryAgain: as the source raises them; a part of the papers is never passed
            off as all.
    """
    papers: dict[str, Paper] = {}
    worth: dict[str, float] = defaultdict(float)
    searches: list[Search] = []
    done: set[Query] = set()
    for trees, relaxed in _ladder(queries, rules.categories):
        if papers and relaxed[-1:] == (_LAST_RUNG,):
            break
        for query in trees:
            if query in done:
                continue
            done.add(query)
            page = source.search(query, rules.per_query)
            searches.append(Search(query, page.text, page.hits, relaxed))
            for rank, paper in enumerate(page.papers):
                worth[paper.id] += 1 / (_RANK_OFFSET + rank)
                known = papers.get(paper.id)
                if known is None or known.version < paper.version:
                    papers[paper.id] = paper
        if len(papers) >= rules.enough:
            break
    standing = [paper for paper in papers.values() if not is_withdrawn(paper)]
    if not standing:
        raise NothingFound("no paper answers the queries, even relaxed")
    limited = any(query.dates for query in queries)
    recent = standing if limited else _recent(standing, now, rules)
    best = _best(recent, worth, rules.top)
    newest_first = tuple(sorted(best, key=lambda p: (p.published, p.id), reverse=True))
    return Found(
        papers=newest_first,
        searches=tuple(searches),
        source=source.name,
        merged=len(papers),
        dropped=(
            *_dropped(papers.values(), standing, "withdrawn"),
            *_dropped(standing, recent, "old"),
            *_dropped(recent, best, "beyond_top"),
        ),
        recent_years=rules.recent_years if len(recent) < len(standing) else None,
        relevance=tuple(worth[paper.id] for paper in newest_first),
    )


def is_withdrawn(paper: Paper) -> bool:
    """Tell whether comment or abstract begin by saying that the paper was withdrawn."""
    return any(_WITHDRAWN.match(said) is not None for said in (paper.comment or "", paper.abstract))


def _recent(papers: list[Paper], now: datetime, rules: SearchRules) -> list[Paper]:
    if rules.recent_years is None or len(papers) < rules.recent_from:
        return papers
    oldest = now - timedelta(days=rules.recent_years * _DAYS_PER_YEAR)
    return [paper for paper in papers if paper.published >= oldest] or papers


def _best(papers: list[Paper], worth: Mapping[str, float], top: int | None) -> list[Paper]:
    """Keep the papers that the searches together rank best.

    Source: Cormack, Clarke & Buettcher 2009 for adding reciprocal ranks.
    """
    if top is None:
        return papers
    return sorted(papers, key=lambda paper: (-worth[paper.id], paper.id))[:top]


def _dropped(before: Iterable[Paper], after: list[Paper], reason: DropReason) -> list[Dropped]:
    stay = {paper.id for paper in after}
    return [Dropped(one.id, one.title, reason) for one in before if one.id not in stay]


def _ladder(
    queries: tuple[Query, ...], categories: tuple[str, ...]
) -> Iterator[tuple[tuple[Query, ...], tuple[str, ...]]]:
    """Give the queries, then ever looser ones with what was loosened; dates always stay.

    Args:
        categories: those that the person named; they take the place of a model's and stay.
    """
    if categories:
        queries = tuple(replace(query, categories=categories) for query in queries)
    relaxed: tuple[str, ...] = ()
    yield queries, relaxed
    rungs: tuple[tuple[Callable[[Query], Query], str], ...] = (
        (_without_alternatives, "dropped the weakest phrases"),
        (lambda query: replace(query, categories=categories), "dropped the categories"),
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
