"""Rows of embeddings in the mirror's file: one for each paper, all by one model.

Each batch is kept in one transaction, so that embedding may stop at any moment and go on.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from pipeline.errors import NotConfigured, Unavailable
from pipeline.sources.index import look_up, read_papers
from pipeline.types import Paper

_WORDS = 70
"""Of the abstract; with more the small local model is no better and half as fast."""


class Rows(Protocol):
    """What an embedding model gives."""

    @property
    def rows(self) -> NDArray[np.float32]:
        """Shape (n, d) float32, each row of length 1."""
        ...


class TextEmbedder(Protocol):
    """What is asked of an embedding model here."""

    @property
    def name(self) -> str:
        """``provider:model``."""
        ...

    @property
    def scope(self) -> Literal["text", "context"]:
        """``context`` where a row depends on the other texts of its call."""
        ...

    @property
    def batch_size(self) -> int:
        """The largest number of texts in one call."""
        ...

    def embed(self, texts: Sequence[str]) -> Rows:
        """Give one row for each text."""
        ...


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whose rows the mirror holds.

    Attributes:
        model: ``provider:model`` that made them; null where there are none.
        rows: how many papers have one.
        papers: how many papers there are.
    """

    model: str | None
    rows: int
    papers: int


def embed_missing(
    database: Database,
    model: TextEmbedder,
    *,
    most: int | None = None,
    on_rows: Callable[[int], object] = lambda rows: rows,
) -> int:
    """Give papers that have no row theirs, the newest first.

    Args:
        most: stop after so many papers; null means all.
        on_rows: is told after each batch how many rows were made.

    Returns:
        how many rows were made.

    Raises:
        NotConfigured: the rows that are there come from another model, or this model's rows
            depend on each other.
        Unavailable: the model gave rows that are not usable; and the model's own errors.
    """
    _check(database.conn, model)
    made, before = 0, 2**62
    while most is None or made < most:
        size = model.batch_size if most is None else min(model.batch_size, most - made)
        papers = _without_row(database.conn, before, size)
        if not papers:
            break
        rows = usable_rows(model, [embedded_text(paper) for paper in papers.values()])
        with database.atomic():
            _claim(database.conn, model.name, rows.shape[1])
            database.conn.executemany(
                "INSERT OR REPLACE INTO vectors (number, row) VALUES (?, ?)",
                (
                    (number, row.astype(np.float16).tobytes())
                    for number, row in zip(papers, rows, strict=True)
                ),
            )
        made += len(papers)
        before = min(papers)
        on_rows(made)
    return made


def forget_rows(database: Database) -> None:
    """Drop all rows, so that another model may begin."""
    with database.atomic():
        database.conn.execute("DELETE FROM vectors")
        database.conn.execute("DELETE FROM notes WHERE name IN ('model', 'dimensions', 'centre')")


def cover(connection: sqlite3.Connection) -> Coverage:
    """Count rows and papers."""
    (papers,) = connection.execute("SELECT COUNT(*) FROM papers").fetchone()
    (rows,) = connection.execute("SELECT COUNT(*) FROM vectors").fetchone()
    return Coverage(read_model(connection) if rows else None, rows, papers)


def read_model(connection: sqlite3.Connection) -> str | None:
    """Name the model that made the rows, or null."""
    model = read_note(connection, "model")
    return None if model is None else str(model)


def read_dimensions(connection: sqlite3.Connection) -> int:
    """Give the length of the rows; 0 where there are none."""
    dimensions = read_note(connection, "dimensions")
    return dimensions if isinstance(dimensions, int) else 0


def read_note(connection: sqlite3.Connection, name: str) -> object:
    """Give what was noted under a name, or null."""
    row = connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
    return None if row is None else row[0]


def write_note(connection: sqlite3.Connection, name: str, value: str | int | bytes) -> None:
    """Note something under a name, in the caller's transaction."""
    connection.execute("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", (name, value))


def read_rows(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, bytes]:
    """Give the stored rows of the papers that have one."""
    return dict(look_up(connection, "SELECT number, row FROM vectors WHERE number", numbers))


def decode_rows(rows: Sequence[bytes], dimensions: int) -> NDArray[np.float32]:
    """Give stored rows as an array of shape (n, dimensions) float32."""
    flat = np.frombuffer(b"".join(rows), dtype=np.float16)
    return flat.reshape(len(rows), dimensions).astype(np.float32)


def usable_rows(model: TextEmbedder, texts: Sequence[str]) -> NDArray[np.float32]:
    """Embed texts, shape (n, d) float32, each row of length 1.

    Raises:
        Unavailable: there are too few rows, or one of them is no direction.
    """
    rows = np.asarray(model.embed(texts).rows, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    if rows.ndim != 2 or len(rows) != len(texts) or not np.isfinite(lengths).all():
        raise Unavailable(f"{model.name} gave no usable rows")
    if (lengths == 0).any():
        raise Unavailable(f"{model.name} gave an empty row")
    return np.asarray(rows / lengths, dtype=np.float32)


def embedded_text(paper: Paper) -> str:
    """Give what stands for a paper: its title and the beginning of its abstract."""
    return f"{paper.title}\n{' '.join(paper.abstract.split()[:_WORDS])}"


def _without_row(connection: sqlite3.Connection, before: int, size: int) -> dict[int, Paper]:
    numbers = connection.execute(
        "SELECT number FROM papers WHERE number < ?"
        " AND NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.number = papers.number)"
        " ORDER BY number DESC LIMIT ?",
        (before, size),
    )
    return read_papers(connection, [number for (number,) in numbers])


def _check(connection: sqlite3.Connection, model: TextEmbedder) -> None:
    if model.scope != "text":
        raise NotConfigured(f"{model.name} cannot embed a mirror: its rows depend on each other")
    known = read_model(connection)
    if known not in {None, model.name}:
        raise NotConfigured(
            f"the mirror's rows come from {known}, not from {model.name};"
            " --anew drops them and begins anew"
        )


def _claim(connection: sqlite3.Connection, model: str, dimensions: int) -> None:
    """Note whose rows these are.

    Raises:
        NotConfigured: rows of another length are there.
    """
    known = read_dimensions(connection)
    if known not in {0, dimensions}:
        raise NotConfigured(f"{model} gave rows of {known} and now of {dimensions} numbers")
    write_note(connection, "model", model)
    write_note(connection, "dimensions", dimensions)
