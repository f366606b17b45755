"""A first path: the shortest candidate edges, as long as they make paths, then their ends."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import faiss
import numpy as np
from numpy.typing import NDArray

_ALONE_UP_TO = 1_000
"""For so many rows one thread is as fast: waking others can take longer than the search."""


@contextmanager
def _threads(number: int) -> Iterator[None]:
    """Have FAISS use so many threads in the thread that calls."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(number)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def find_neighbours(
    rows: NDArray[np.float32], number: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Give the nearest rows of each row, nearest first, itself left out.

    Returns:
        rows of shape (n, k) and their cosines, k = min(number, n - 1).
    """
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    with _threads(1 if len(rows) <= _ALONE_UP_TO else faiss.omp_get_max_threads()):
        cosines, found = index.search(rows, min(number + 1, len(rows)))
    # Among duplicates a row need not find itself first, or at all: then its last one goes.
    others = found != np.arange(len(rows))[:, None]
    others[others.all(axis=1), -1] = False
    shape = (len(rows), found.shape[1] - 1)
    return found[others].reshape(shape), cosines[others].reshape(shape)


def join_greedily(
    rows: NDArray[np.float32], near: NDArray[np.int64], cosines: NDArray[np.float32]
) -> list[int]:
    """Take the shortest edges that keep all pieces paths, then join the pieces' ends likewise.

    Source: Bentley 1992, "Fast algorithms for geometric traveling salesman problems".
    """
    pieces = _Pieces(len(rows))
    starts = np.repeat(np.arange(len(rows)), near.shape[1])
    pieces.take(starts, near.ravel(), cosines.ravel())
    while pieces.number > 1:
        ends = np.array(pieces.ends())
        found, values = find_neighbours(rows[ends], 2 + min(len(ends) // 2, 8))
        starts = np.repeat(ends, found.shape[1])
        if not pieces.take(starts, ends[found.ravel()], values.ravel()):
            pieces.join_all(rows, ends)
    return pieces.walk()


class _Pieces:
    """Paths that grow together."""

    def __init__(self, count: int) -> None:
        self.links: list[list[int]] = [[] for _ in range(count)]
        self.piece = list(range(count))
        self.number = count

    def take(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64], cosines: NDArray[np.float32]
    ) -> bool:
        """Take edges, the nearest first, and tell whether any could be taken."""
        before = self.number
        low, high = np.minimum(starts, ends), np.maximum(starts, ends)
        for place in np.lexsort((high, low, -cosines)).tolist():
            self._link(int(low[place]), int(high[place]))
        return self.number < before

    def join_all(self, rows: NDArray[np.float32], ends: NDArray[np.int64]) -> None:
        """Join the pieces one after another, each end to the nearest of another piece."""
        for end in ends.tolist():
            if len(self.links[end]) < 2 and self.number > 1:
                for other in ends[np.argsort(-(rows[ends] @ rows[end]), kind="stable")].tolist():
                    if self._link(end, other):
                        break

    def _link(self, i: int, j: int) -> bool:
        if len(self.links[i]) > 1 or len(self.links[j]) > 1:
            return False
        first, second = self._root(i), self._root(j)
        if first == second:
            return False
        self.links[i].append(j)
        self.links[j].append(i)
        self.piece[first] = second
        self.number -= 1
        return True

    def _root(self, i: int) -> int:
        piece = self.piece
        while piece[i] != i:
            piece[i] = piece[piece[i]]
            i = piece[i]
        return i

    def ends(self) -> Iterable[int]:
        """Give the rows that can still be joined."""
        return [row for row, near in enumerate(self.links) if len(near) < 2]

    def walk(self) -> list[int]:
        """Read the path off its links, beginning at the end with the smaller number."""
        here = next(i for i, near in enumerate(self.links) if len(near) < 2)
        order, before = [here], -1
        while len(order) < len(self.links):
            here, before = next(j for j in self.links[here] if j != before), here
            order.append(here)
        return order
