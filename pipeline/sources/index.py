"""The full-text index of papers that the mirror and the demonstration catalogue search."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlite_utils import Database

from pipeline.sources.base import Page
from pipeline.sources.syntax import clean_phrase, compile_arxiv, is_category
from pipeline.types import Paper, Query

_PAPER = TypeAdapter(Paper)
_LOOKUP_SIZE = 500


@dataclass(frozen=True, slots=True)
class Added:
    """How many papers of a batch were new, and how many replaced an older version."""

    new: int
    newer: int


def create_index(database: Database) -> None:
    """Make the tables where they are missing; stems words as arXiv's own search does."""
    table = database.table("papers")
    if table.exists():
        return
    table.create(
        {
            "id": str,
            "version": int,
            "title": str,
            "abstract": str,
            "categories": str,
            "day": str,
            "record": str,
        },
        pk="id",
    )
    table.enable_fts(["title", "abstract"], create_triggers=True, tokenize="porter unicode61")


def add_papers(
    database: Database, papers: Iterable[Paper], searched: Mapping[str, str] | None = None
) -> Added:
    """Add papers in one transaction; a paper that is there stays unless this version is newer.

    Args:
        searched: text to search instead of the abstract, by id.
    """
    latest: dict[str, Paper] = {}
    for paper in papers:
        if paper.id not in latest or latest[paper.id].version < paper.version:
            latest[paper.id] = paper
    known = _versions(database, list(latest))
    wanted = [p for p in latest.values() if known.get(p.id, 0) < p.version]
    with database.atomic():
        database.table("papers").upsert_all(
            (
                {
                    "id": paper.id,
                    "version": paper.version,
                    "title": paper.title,
                    "abstract": (searched or {}).get(paper.id, paper.abstract),
                    "categories": f" {' '.join(paper.categories)} ",
                    "day": paper.published.date().isoformat(),
                    "record": _PAPER.dump_json(paper).decode(),
                }
                for paper in wanted
            ),
            pk="id",
        )
    newer = sum(paper.id in known for paper in wanted)
    return Added(new=len(wanted) - newer, newer=newer)


def find_papers(connection: sqlite3.Connection, query: Query, limit: int) -> Page:
    """Answer a query tree: phrases by full text, categories and days by columns, best first.

    Raises:
        ValueError: the query has no phrase with a letter or digit.
    """
    text = compile_arxiv(query)
    conditions = ["papers_fts MATCH ?"]
    values: list[str | int] = [_match(query)]
    if query.dates:
        conditions.append("papers.day BETWEEN ? AND ?")
        values += [query.dates.since.isoformat(), query.dates.until.isoformat()]
    categories = [one for one in query.categories if is_category(one)]
    if categories:
        likes = " OR ".join("papers.categories LIKE ?" for _ in categories)
        conditions.append(f"({likes})")
        values += [f"% {one} %" if "." in one else f"% {one}%" for one in categories]
    found = (
        " FROM papers_fts JOIN papers ON papers.rowid = papers_fts.rowid"
        f" WHERE {' AND '.join(conditions)}"
    )
    hits = connection.execute(f"SELECT COUNT(*){found}", values).fetchone()[0]
    rows = connection.execute(
        f"SELECT papers.record{found}"
        " ORDER BY bm25(papers_fts, 3.0, 1.0), papers.day DESC, papers.id LIMIT ?",
        [*values, limit],
    )
    return Page(tuple(_PAPER.validate_json(record) for (record,) in rows), int(hits), text)


def _versions(database: Database, ids: list[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    for start in range(0, len(ids), _LOOKUP_SIZE):
        some = ids[start : start + _LOOKUP_SIZE]
        marks = ",".join("?" * len(some))
        found = database.query(
            f"SELECT id, version FROM papers WHERE id IN ({marks})",  # noqa: S608 - only marks
            some,
        )
        known.update((str(row["id"]), int(row["version"])) for row in found)
    return known


def _match(query: Query) -> str:
    """Give an FTS5 expression; phrases hold ASCII words only, so nothing of them is syntax."""
    groups = [_phrase(phrase, words=query.words) for phrase in query.must]
    any_of = [_phrase(phrase, words=query.words) for phrase in query.any_of]
    groups.append(" OR ".join(f"({one})" for one in any_of if one))
    return " AND ".join(f"({group})" for group in groups if group)


def _phrase(phrase: str, *, words: bool) -> str:
    clean = clean_phrase(phrase)
    if not clean:
        return ""
    return " AND ".join(f'"{word}"' for word in clean.split()) if words else f'"{clean}"'
