"""The full-text index of papers that the mirror and the demonstration catalogue search.

A paper's number begins with the day of its first version. So a range of days is a range of
numbers, which FTS5 skips to in its own lists, and equally good papers come newest first without
a look at their records.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlite_utils import Database

from pipeline.sources.base import Page
from pipeline.sources.fts import COLUMNS, RANK, TOKENIZE, compile_fts, searched_text
from pipeline.sources.syntax import compile_arxiv
from pipeline.types import DateRange, Paper, Query

_PAPER = TypeAdapter(Paper)
_LOOKUP_SIZE = 500
_PER_DAY = 1 << 20
"""Numbers kept for one day; on a busy one arXiv announces two thousand papers."""

_FIRST_DAY = date(1970, 1, 1)

_RANKED = 20_000
"""Of more hits only the newest so many are ranked: ranking all would take most of the time."""

_SCHEMA = (
    """
    CREATE TABLE papers (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      version INTEGER NOT NULL,
      record BLOB NOT NULL
    )
    """,
    # Contentless: the text stands in the record alone.
    f"CREATE VIRTUAL TABLE texts USING fts5({COLUMNS}, content='', tokenize='{TOKENIZE}')",
    # A batch makes few large segments, which halves the time of merging them.
    "INSERT INTO texts (texts, rank) VALUES ('hashsize', 16777216)",
)


@dataclass(frozen=True, slots=True)
class Added:
    """How many papers of a batch were new, and how many replaced the record that was there."""

    new: int
    newer: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """What answers a query.

    Attributes:
        numbers: of the best papers, best first.
        hits: how many papers answer in all.
    """

    numbers: tuple[int, ...]
    hits: int


@dataclass(frozen=True, slots=True)
class _Known:
    id: str
    number: int
    version: int
    record: bytes


def create_index(database: Database) -> None:
    """Make the tables."""
    for statement in _SCHEMA:
        database.conn.execute(statement)


def add_papers(database: Database, papers: Iterable[Paper], *, same_version: bool = False) -> Added:
    """Add papers in one transaction; a paper that is there stays unless this version is newer.

    Args:
        same_version: a record of the version that is there replaces it where they differ.
    """
    latest: dict[str, Paper] = {}
    for paper in papers:
        if paper.id not in latest or latest[paper.id].version < paper.version:
            latest[paper.id] = paper
    with database.atomic():
        known = _find(database.conn, list(latest))
        replaced = {
            one.id: one
            for one in known.values()
            if _replaces(latest[one.id], one, same_version=same_version)
        }
        _remove(database.conn, replaced.values())
        wanted = [p for p in latest.values() if p.id not in known or p.id in replaced]
        _insert(database.conn, wanted)
    return Added(new=len(wanted) - len(replaced), newer=len(replaced))


def remove_papers(database: Database, ids: Sequence[str]) -> int:
    """Remove papers in one transaction; unknown ids are passed over.

    Returns:
        how many were there.
    """
    with database.atomic():
        known = _find(database.conn, ids)
        _remove(database.conn, known.values())
    return len(known)


def find_papers(connection: sqlite3.Connection, query: Query, limit: int) -> Page:
    """Answer a query tree with the best papers.

    Raises:
        ValueError: the query has no phrase with a letter or digit.
    """
    ranking = rank_papers(connection, query, limit)
    papers = read_papers(connection, ranking.numbers)
    return Page(tuple(papers.values()), ranking.hits, compile_arxiv(query))


def rank_papers(connection: sqlite3.Connection, query: Query, limit: int) -> Ranking:
    """Find what answers a query tree; hits in the title weigh three times as much.

    Raises:
        ValueError: the query has no phrase with a letter or digit.
    """
    first, last = number_range(query.dates)
    wanted = {"match": compile_fts(query), "first": first, "last": last, "limit": limit}
    found = "FROM texts WHERE texts MATCH :match AND rowid BETWEEN :first AND :last"
    (hits,) = connection.execute(f"SELECT COUNT(*) {found}", wanted).fetchone()
    if hits > _RANKED:
        oldest = connection.execute(
            f"SELECT rowid {found} ORDER BY rowid DESC LIMIT 1 OFFSET {_RANKED - 1}", wanted
        ).fetchone()
        wanted["first"] = oldest[0] if oldest else first
    rows = connection.execute(
        f"SELECT rowid {found} ORDER BY {RANK}, rowid DESC LIMIT :limit", wanted
    )
    return Ranking(tuple(number for (number,) in rows), int(hits))


def read_papers(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, Paper]:
    """Give papers by number, in the order that was asked for; unknown numbers are left out."""
    rows = look_up(connection, "SELECT number, record FROM papers WHERE number", numbers)
    found = {number: _unpack(record) for number, record in rows}
    return {number: found[number] for number in numbers if number in found}


def newest_paper(connection: sqlite3.Connection) -> Paper | None:
    """Give the paper submitted last."""
    row = connection.execute("SELECT record FROM papers ORDER BY number DESC LIMIT 1").fetchone()
    return None if row is None else _unpack(row[0])


def look_up(
    connection: sqlite3.Connection, select: str, values: Sequence[str] | Sequence[int]
) -> Iterator[tuple[Any, ...]]:
    """Give the rows that have one of many values.

    Args:
        select: a SELECT that ends with the column to compare.
    """
    for start in range(0, len(values), _LOOKUP_SIZE):
        some = values[start : start + _LOOKUP_SIZE]
        yield from connection.execute(f"{select} IN ({','.join('?' * len(some))})", some)


def number_range(dates: DateRange | None) -> tuple[int, int]:
    """Give the first and the last number of a range of days, or of all days."""
    if dates is None:
        return -(2**62), 2**62
    return _first_number(dates.since), _first_number(dates.until) + _PER_DAY - 1


def _replaces(paper: Paper, known: _Known, *, same_version: bool) -> bool:
    if same_version and paper.version == known.version:
        return paper != _unpack(known.record)
    return paper.version > known.version


def _first_number(day: date) -> int:
    return (day - _FIRST_DAY).days * _PER_DAY


def _find(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, _Known]:
    select = "SELECT id, number, version, record FROM papers WHERE id"
    return {row[0]: _Known(*row) for row in look_up(connection, select, ids)}


def _insert(connection: sqlite3.Connection, papers: Sequence[Paper]) -> None:
    """Insert new papers in the order of their numbers, as FTS5 likes best."""
    rows = sorted(_numbered(connection, papers), key=lambda row: row[0])
    connection.executemany(
        "INSERT INTO papers (number, id, version, record) VALUES (?, ?, ?, ?)",
        ((number, paper.id, paper.version, _pack(paper)) for number, paper in rows),
    )
    connection.executemany(
        "INSERT INTO texts (rowid, title, abstract, categories) VALUES (?, ?, ?, ?)",
        ((number, *searched_text(paper)) for number, paper in rows),
    )


def _numbered(
    connection: sqlite3.Connection, papers: Sequence[Paper]
) -> Iterator[tuple[int, Paper]]:
    """Give each paper the next free number of its day."""
    free: dict[date, int] = {}
    for paper in papers:
        day = paper.published.date()
        if day not in free:
            first = _first_number(day)
            (highest,) = connection.execute(
                "SELECT MAX(number) FROM papers WHERE number BETWEEN ? AND ?",
                (first, first + _PER_DAY - 1),
            ).fetchone()
            free[day] = first if highest is None else highest + 1
        yield free[day], paper
        free[day] += 1


def _remove(connection: sqlite3.Connection, known: Iterable[_Known]) -> None:
    """Remove papers; a contentless table has to be told the words that it forgets."""
    for one in sorted(known, key=lambda one: one.number):
        connection.execute(
            "INSERT INTO texts (texts, rowid, title, abstract, categories)"
            " VALUES ('delete', ?, ?, ?, ?)",
            (one.number, *searched_text(_unpack(one.record))),
        )
        connection.execute("DELETE FROM papers WHERE number = ?", (one.number,))


def _pack(paper: Paper) -> bytes:
    return zlib.compress(_PAPER.dump_json(paper, exclude_defaults=True))


def _unpack(record: bytes) -> Paper:
    return _PAPER.validate_json(zlib.decompress(record))
