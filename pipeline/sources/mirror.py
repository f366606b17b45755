"""A local mirror of arXiv's metadata: import files, search without the network."""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from pipeline.errors import BadFile
from pipeline.sources.base import Page
from pipeline.sources.harvest import Harvest, read_harvests
from pipeline.sources.index import add_papers, newest_paper, rank_papers, read_papers
from pipeline.sources.mirror_file import read_mirror, write_mirror
from pipeline.sources.nearest import index_file, read_index
from pipeline.sources.records import read_record
from pipeline.sources.semantic import Meaning, fuse
from pipeline.sources.syntax import compile_arxiv
from pipeline.sources.vectors import Coverage, cover
from pipeline.types import Paper, Query

_BATCH = 5_000
"""Records in one transaction; bounds the memory of an import."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        imported: papers that were new.
        updated: papers that replaced an older version.
        skipped: lines that are no record.
        first_fault: line number and what is wrong with the first of them, or null.
    """

    imported: int
    updated: int
    skipped: int
    first_fault: str | None


@dataclass(frozen=True, slots=True)
class MirrorSource:
    """Papers from the mirror's file; each call has its own connection, so threads may share it.

    Attributes:
        meaning: finds near papers, too, where the mirror was embedded; null searches text alone.
    """

    database: Path
    meaning: Meaning | None = None
    name: str = "mirror"

    def search(self, query: Query, limit: int) -> Page:
        """Answer a query tree from the mirror.

        The hits are those of the text search; papers that are near in meaning are not counted.

        Raises:
            NotConfigured: nothing was imported yet, the file is damaged, or the embedding model
                that is set is not the mirror's.
            Unavailable: the file is busy for long.
            the errors of ``EmbeddingModel.embed``, where the query is embedded.
        """
        with read_mirror(self.database) as connection:
            ranking = rank_papers(connection, query, limit)
            numbers = ranking.numbers
            if self.meaning is not None:
                near = self.meaning.find_near(connection, self.database, query, numbers, limit)
                numbers = fuse(numbers, near, limit)
            papers = read_papers(connection, numbers)
        return Page(tuple(papers.values()), ranking.hits, compile_arxiv(query))


@dataclass(frozen=True, slots=True)
class Description:
    """What a mirror holds.

    Attributes:
        newest: the paper submitted last; null in an empty mirror.
        size_bytes: of the file and the index beside it.
        indexed: how many rows that index holds.
    """

    covered: Coverage
    newest: Paper | None
    size_bytes: int
    harvests: tuple[Harvest, ...]
    indexed: int


def describe_mirror(file: Path) -> Description:
    """Say what a mirror holds.

    Raises:
        NotConfigured: there is none, or it is damaged.
    """
    beside = index_file(file)
    index = read_index(beside)
    with read_mirror(file) as connection:
        return Description(
            covered=cover(connection),
            newest=newest_paper(connection),
            size_bytes=sum(one.stat().st_size for one in (file, beside) if one.is_file()),
            harvests=read_harvests(connection),
            indexed=0 if index is None else index.ntotal,
        )


def import_file(
    file: Path, database: Path, *, on_rows: Callable[[int], object] = lambda rows: rows
) -> ImportReport:
    """Add the records of a file to the mirror; importing again changes nothing.

    Args:
        file: JSON lines, plain or gzip (told by its first bytes), in our own fields or the public
            snapshot's.
        database: the mirror's file, made where it is missing.
        on_rows: is told now and then how many lines were read.

    Raises:
        BadFile: the file cannot be read, or none of its lines is a record. What came before a
            broken end stays imported.
    """
    totals = Counter[str]()
    first_fault: str | None = None
    batch: list[Paper] = []
    with _open(file) as lines, write_mirror(database) as mirror:

        def flush() -> None:
            added = add_papers(mirror, batch)
            totals.update(new=added.new, newer=added.newer, read=len(batch))
            batch.clear()
            on_rows(totals["read"])

        try:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    batch.append(read_record(line))
                except ValueError as error:
                    totals["skipped"] += 1
                    first_fault = first_fault or f"line {number}: {error}"
                if len(batch) == _BATCH:
                    flush()
        finally:
            if batch:
                flush()
    if not totals["read"]:
        because = f" ({first_fault})" if first_fault else ""
        raise BadFile(f"{file.name} holds no record{because}")
    return ImportReport(totals["new"], totals["newer"], totals["skipped"], first_fault)


@contextmanager
def _open(file: Path) -> Iterator[TextIOWrapper]:
    """Open a plain or gzip file as text.

    Raises:
        BadFile: it is missing, unreadable, broken, or no UTF-8.
    """
    try:
        with file.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with TextIOWrapper(gzip.open(raw) if packed else raw, encoding="utf-8") as lines:
                yield lines
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadFile(f"{file.name} is no whole gzip file") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{file.name} is not UTF-8 text") from error
    except OSError as error:
        raise BadFile(f"{file} cannot be read ({error.strerror})") from error
