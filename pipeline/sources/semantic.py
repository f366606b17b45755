"""Search the mirror by meaning, and merge what is near with what the text search finds."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import NotConfigured
from pipeline.sources.index import number_range, read_papers
from pipeline.sources.nearest import Space, index_file, propose, read_index
from pipeline.sources.syntax import is_category
from pipeline.sources.vectors import TextEmbedder, read_model, usable_rows
from pipeline.types import Paper, Query

_WIDER = (4, 16, 64)
"""So many times the limit is asked for, until enough candidates have the right categories."""

_RANK = 60
"""Source: Cormack, Clarke and Büttcher, Reciprocal rank fusion, SIGIR 2009."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Finds papers near to a query's phrases.

    Attributes:
        open_model: opens an embedding model by name, or raises ``NotConfigured``.
        wanted: ``auto`` takes the mirror's own model and does without where it is not there;
            another name has to be the mirror's.
    """

    open_model: Callable[[str], TextEmbedder]
    wanted: str = "auto"

    def find_near(
        self,
        connection: sqlite3.Connection,
        file: Path,
        query: Query,
        text_hits: Sequence[int],
        limit: int,
    ) -> tuple[int, ...]:
        """Give the numbers of the papers nearest to a query, nearest first.

        Days and categories hold as in the text search. What that finds says how near is near
        enough: at least as near as the middle one of its papers. So without any there is none.

        Args:
            file: the mirror's.
            text_hits: numbers of the best papers of the text search.

        Raises:
            NotConfigured: the model that is wanted did not make the mirror's rows.
        """
        model, index = self._open(connection), read_index(index_file(file))
        space = Space.of(connection)
        if model is None or index is None or index.d != len(space.centre):
            return ()
        aim = space.place(_embed(query, model, len(space.centre)))[0]
        known = space.compare(connection, text_hits, aim)
        if not known:
            return ()
        floor = float(np.median(list(known.values())))
        near: list[int] = []
        for wider in _WIDER:
            candidates = propose(index, aim, number_range(query.dates), wider * limit)
            similar = space.compare(connection, candidates, aim)
            ranked = sorted(similar, key=lambda number: (-similar[number], -number))
            reached = [number for number in ranked if similar[number] >= floor]
            near = _in_categories(connection, reached, query.categories)
            over = len(candidates) < wider * limit or len(reached) < len(ranked)
            if len(near) >= limit or over:
                break
        return tuple(near[:limit])

    def _open(self, connection: sqlite3.Connection) -> TextEmbedder | None:
        made_by = read_model(connection)
        if made_by is None:
            return None
        if self.wanted not in {"auto", made_by}:
            raise NotConfigured(
                f"the mirror was embedded by {made_by}, but {self.wanted} is set;"
                f" run: paperwalk mirror embed --anew --model {self.wanted}"
            )
        try:
            return self.open_model(made_by)
        except NotConfigured:
            if self.wanted == "auto":
                return None
            raise


def fuse(text: Sequence[int], near: Sequence[int], limit: int) -> tuple[int, ...]:
    """Merge two rankings: the first half is the text's own, the rest by reciprocal ranks.

    Whatever is near, the first half of ``limit`` stays with what the text search finds first.

    Returns:
        at most ``limit`` numbers, each once.
    """
    head = list(text[: (limit + 1) // 2])
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking in (text, near):
        for rank, number in enumerate(ranking, start=1):
            scores[number] += 1 / (_RANK + rank)
    for number in head:
        scores.pop(number, None)
    rest = sorted(scores, key=lambda number: -scores[number])
    return tuple([*head, *rest][:limit])


def _embed(query: Query, model: TextEmbedder, dimensions: int) -> NDArray[np.float32]:
    rows = usable_rows(model, [", ".join((*query.must, *query.any_of))])
    if rows.shape[1] != dimensions:
        raise NotConfigured(f"{model.name} has changed since the mirror was embedded")
    return rows


def _in_categories(
    connection: sqlite3.Connection, numbers: Sequence[int], categories: Sequence[str]
) -> list[int]:
    """Keep the papers that have one of the categories, or one of an archive's."""
    wanted = tuple(one.lower() for one in categories if is_category(one))
    if not wanted:
        return list(numbers)

    def fits(paper: Paper) -> bool:
        return any(
            own == one or own.startswith(f"{one}.")
            for own in map(str.lower, paper.categories)
            for one in wanted
        )

    return [number for number, paper in read_papers(connection, numbers).items() if fits(paper)]
