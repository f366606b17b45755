"""Solve the open tour: exactly for few rows, else greedy edges improved by local search."""

from collections.abc import Sequence

import faiss
import numpy as np
from numpy.typing import NDArray
from python_tsp.exact import solve_tsp_dynamic_programming

from pipeline.tour.improve import improve
from pipeline.types import Tour

_NEIGHBOURS = 10
"""Candidate edges of a row; with more, tours of papers become hardly shorter."""

_EXACT_UP_TO = 9
"""Dynamic programming takes 13 ms for 9 rows and four times as long for each row more."""

_SCALE = 1 << 24
"""Distances are compared as integers, so that sums are exact and the tour is reproducible."""


def solve_tour(embeddings: NDArray[np.float32], *, seed: int = 0) -> Tour:
    """Order rows so that similar ones are neighbours.

    FAISS finds each row's nearest neighbours; the shortest of these edges are joined greedily into
    a path; local search with a fixed number of perturbations improves it. Both ends are free.

    Args:
        embeddings: shape (n, d) float32, rows of length 1; n ≥ 0.
        seed: of the perturbations; the same input and seed give the same tour.

    Returns:
        an open tour; its length is the sum of cosine distances, in [0, 2(n - 1)].

    Raises:
        ValueError: the rows are no finite matrix.

    Source: Bentley 1992 for greedy edges and 2-opt with neighbour lists, Or 1976 for Or-opt.
    """
    if embeddings.ndim != 2 or not np.isfinite(embeddings).all():
        raise ValueError("embeddings must be a finite matrix, one row a paper")
    rows = np.ascontiguousarray(embeddings, dtype=np.float32)
    return trace(rows, _order(rows, seed))


def trace(embeddings: NDArray[np.float32], order: Sequence[int]) -> Tour:
    """Measure the path through rows in a given order.

    Args:
        embeddings: shape (n, d), rows of length 1.
        order: a permutation of 0 … n - 1.
    """
    gaps = measure_gaps(embeddings[list(order)])
    return Tour(tuple(order), float(sum(gaps)), gaps)


def measure_gaps(rows: NDArray[np.float32]) -> tuple[float, ...]:
    """Give 1 - cosine between neighbouring rows, each in [0, 2].

    Args:
        rows: shape (n, d), rows of length 1.
    """
    wide = rows.astype(np.float64)
    cosines = np.einsum("ij,ij->i", wide[:-1], wide[1:])
    return tuple(float(gap) for gap in np.clip(1.0 - cosines, 0.0, 2.0))


def _order(rows: NDArray[np.float32], seed: int) -> list[int]:
    count = len(rows)
    if count <= 2:
        return list(range(count))
    cosines = rows.astype(np.float64) @ rows.astype(np.float64).T
    distances = np.rint(np.clip(1.0 - cosines, 0.0, 2.0) * _SCALE).astype(np.int64)
    np.fill_diagonal(distances, 0)
    if count <= _EXACT_UP_TO:
        return _solve_exactly(distances)
    neighbours = _find_neighbours(rows)
    seeded = _join_greedily(distances, neighbours)
    return improve(seeded, distances, neighbours, seed)


def _solve_exactly(distances: NDArray[np.int64]) -> list[int]:
    """Solve the path as a closed tour through one more place that is near to all."""
    closed = np.zeros((len(distances) + 1, len(distances) + 1))
    closed[1:, 1:] = distances
    tour, _ = solve_tsp_dynamic_programming(closed)
    return [place - 1 for place in tour[1:]]


def _find_neighbours(rows: NDArray[np.float32]) -> list[list[int]]:
    """Give the nearest rows of each row, nearest first, itself left out."""
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    _, nearest = index.search(rows, min(_NEIGHBOURS + 1, len(rows)))
    return [[int(j) for j in found if j not in {i, -1}] for i, found in enumerate(nearest)]


def _join_greedily(distances: NDArray[np.int64], neighbours: list[list[int]]) -> list[int]:
    """Take the shortest edges that keep all pieces paths, then join the pieces' ends likewise."""
    count = len(distances)
    links: list[list[int]] = [[] for _ in range(count)]
    piece = list(range(count))

    def root(i: int) -> int:
        while piece[i] != i:
            piece[i] = piece[piece[i]]
            i = piece[i]
        return i

    def take(edges: list[tuple[int, int, int]]) -> None:
        for _, i, j in sorted(edges):
            if len(links[i]) < 2 and len(links[j]) < 2 and root(i) != root(j):
                links[i].append(j)
                links[j].append(i)
                piece[root(i)] = root(j)

    take([(int(distances[i, j]), i, j) for i in range(count) for j in neighbours[i]])
    ends = [i for i in range(count) if len(links[i]) < 2]
    take([(int(distances[i, j]), i, j) for i in ends for j in ends if i < j])
    return _walk(links)


def _walk(links: list[list[int]]) -> list[int]:
    """Read the path off its links, beginning at the end with the smaller number."""
    here = next(i for i, near in enumerate(links) if len(near) < 2)
    order, before = [here], -1
    while len(order) < len(links):
        here, before = next(j for j in links[here] if j != before), here
        order.append(here)
    return order
