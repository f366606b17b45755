"""The FAISS index beside the mirror's file, made from its rows.

It only proposes candidates, and how near one is its row says. So an index that is stale, or coarse
as one of millions has to be, costs papers at worst and brings no wrong one.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from pipeline.errors import NotConfigured
from pipeline.sources.vectors import (
    decode_rows,
    read_dimensions,
    read_note,
    read_rows,
    write_note,
)

_FLAT = 200_000
"""Up to so many rows every one is compared, in 8 bits a number: exact, 30 ms, 77 MB at 384."""

_SAMPLE = 65_536
"""Rows that a larger index is trained with; bounds its memory."""

_LISTS = 2_048
_PROBES = 64
"""A larger index keeps its rows in so many lists at most, and looks into so many of them."""

_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Space:
    """The rows' space seen from their centre: embeddings of one field all lean to one side.

    Attributes:
        centre: mean of the rows, shape (d,) float32; empty where there are none.
    """

    centre: NDArray[np.float32]

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> "Space":
        """Give the space of a mirror's rows, as it was when its index was made."""
        noted = read_note(connection, "centre")
        return cls(np.frombuffer(noted if isinstance(noted, bytes) else b"", dtype=np.float32))

    def place(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give directions from the centre, each of length 1."""
        moved = rows - self.centre
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(moved / np.maximum(lengths, 1e-9), dtype=np.float32)

    def compare(
        self, connection: sqlite3.Connection, numbers: Sequence[int], aim: NDArray[np.float32]
    ) -> dict[int, float]:
        """Give the cosine to a direction of each paper that has a row."""
        rows = read_rows(connection, numbers)
        if not rows:
            return {}
        placed = self.place(decode_rows(list(rows.values()), len(self.centre)))
        return dict(zip(rows, (placed @ aim).tolist(), strict=True))


def build_index(database: Database, file: Path, *, flat: int = _FLAT) -> int:
    """Make the index beside a mirror anew from its rows, and put it in place at once.

    Args:
        flat: up to so many rows every one is compared.

    Returns:
        how many rows it holds.
    """
    place = index_file(file)
    (rows,) = database.conn.execute("SELECT COUNT(*) FROM vectors").fetchone()
    if rows == 0:
        place.unlink(missing_ok=True)
        return 0
    dimensions = read_dimensions(database.conn)
    sample = _sample(database.conn, rows, dimensions)
    with database.atomic():
        write_note(database.conn, "centre", sample.mean(axis=0).astype(np.float32).tobytes())
    space = Space.of(database.conn)
    index = _empty_index(rows, dimensions, flat)
    index.train(space.place(sample))
    for numbers, chunk in _stream(database.conn, dimensions):
        index.add_with_ids(space.place(chunk), numbers)
    new = place.with_suffix(".new")
    faiss.write_index(index, str(new))
    new.replace(place)
    return int(index.ntotal)


def index_file(mirror: Path) -> Path:
    """Name the index beside a mirror."""
    return mirror.with_suffix(".faiss")


def read_index(file: Path) -> faiss.Index | None:
    """Give the index of a file, or null where there is none.

    Raises:
        NotConfigured: the file is no index.
    """
    return _load_index(str(file), file.stat().st_mtime_ns) if file.is_file() else None


def propose(
    index: faiss.Index, aim: NDArray[np.float32], numbers: tuple[int, int], count: int
) -> list[int]:
    """Give candidates inside a range of numbers."""
    chosen = faiss.IDSelectorRange(numbers[0], numbers[1] + 1)
    parameters = faiss.SearchParameters()
    if isinstance(index, faiss.IndexIVF):
        parameters = faiss.SearchParametersIVF()
        parameters.nprobe = _PROBES
    parameters.sel = chosen
    _, found = index.search(aim[None], min(count, index.ntotal), params=parameters)
    return [number for number in found[0].tolist() if number >= 0]


def _empty_index(rows: int, dimensions: int, flat: int) -> faiss.Index:
    """Choose an index: each row in 8 bits a number, or, for many, lists of coarser codes."""
    kind = "IDMap2,SQ8"
    if rows > flat:
        codes = f"PQ{dimensions // 8}" if dimensions % 8 == 0 else "SQ8"
        kind = f"IVF{min(_LISTS, rows // 64 + 1)},{codes}"
    return faiss.index_factory(dimensions, kind, faiss.METRIC_INNER_PRODUCT)


@lru_cache(maxsize=2)
def _load_index(file: str, changed: int) -> faiss.Index:
    del changed  # a part of the key: an index that was made anew is read anew
    try:
        return faiss.read_index(file, faiss.IO_FLAG_MMAP)
    except RuntimeError as error:
        raise NotConfigured(f"{file} is damaged; run: paperwalk mirror embed") from error


def _sample(connection: sqlite3.Connection, rows: int, dimensions: int) -> NDArray[np.float32]:
    """Give every k-th row, so that all years are in it."""
    every = -(-rows // _SAMPLE)
    chunks = [chunk[::every].copy() for _, chunk in _stream(connection, dimensions)]
    return np.concatenate(chunks)


def _stream(
    connection: sqlite3.Connection, dimensions: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    cursor = connection.execute("SELECT number, row FROM vectors ORDER BY number")
    while chunk := cursor.fetchmany(_CHUNK):
        numbers = np.array([number for number, _ in chunk], dtype=np.int64)
        yield numbers, decode_rows([row for _, row in chunk], dimensions)
