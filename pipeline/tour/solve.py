"""Solve the open tour: exactly for few rows, else greedy edges improved by local search."""

import time
from collections.abc import Mapping, Sequence

import numpy as np
import structlog
from numpy.typing import NDArray

from pipeline.tour.bound import bound_below
from pipeline.tour.greedy import find_neighbours, join_greedily
from pipeline.tour.improve import Row, improve
from pipeline.types import Tour

log = structlog.get_logger()

_NEIGHBOURS = 10
"""Candidate edges of a row; with more, tours of papers become hardly shorter."""

_EXACT_UP_TO = 9
"""Dynamic programming takes 13 ms for 9 rows and four times as long for each row more."""

_WHOLE_UP_TO = 1_200
"""So many rows have a table of all distances; larger ones compute those that they are asked for."""

_BOUND_UP_TO = 400
"""The bound takes O(n²) steps for each tree, which larger tours would wait for."""

_KICKS_PER_ROW, _MOST_KICKS = 3, 3_000
"""What a tour without a time limit is given: up to 1,000 rows less than a call of a model takes."""

_SCALE = 1 << 24
"""Distances are compared as integers, so that sums are exact and the tour is reproducible."""


def solve_tour(
    embeddings: NDArray[np.float32],
    *,
    seed: int = 0,
    seconds: float | None = None,
    is_bounded: bool = True,
) -> Tour:
    """Order rows so that similar ones are neighbours.

    FAISS finds each row's nearest neighbours; the shortest of these edges are joined greedily into
    a path; local search with perturbations improves it. Both ends are free. No matrix of all
    distances is made for many rows.

    Args:
        embeddings: shape (n, d) float32, rows of length 1; n ≥ 0.
        seed: of the perturbations.
        seconds: search as long as this; null for a fixed number of perturbations, so that the same
            input and seed give the same tour.
        is_bounded: up to 400 rows, find a bound that no tour can be shorter than, too; it takes
            time beyond ``seconds``, 0.1 s for 158 rows.

    Returns:
        an open tour; its length is the sum of cosine distances, in [0, 2(n - 1)].

    Raises:
        ValueError: the rows are no finite matrix.
    """
    if embeddings.ndim != 2 or not np.isfinite(embeddings).all():
        raise ValueError("embeddings must be a finite matrix, one row a paper")
    deadline = None if seconds is None else time.monotonic() + seconds
    rows = np.ascontiguousarray(embeddings, dtype=np.float32)
    tour = trace(rows, _order(rows, seed, deadline))
    if not is_bounded or not 2 < len(rows) <= _BOUND_UP_TO:
        return tour
    bound = min(bound_below(measure_all(rows), tour.length), tour.length)
    gap = tour.length / bound - 1 if bound > 0 else 0.0
    log.debug("tour_solved", rows=len(rows), length=round(tour.length, 4), gap=round(gap, 5))
    return Tour(tour.order, tour.length, tour.gaps, bound)


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


def measure_all(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Give 1 - cosine between all rows, shape (n, n), symmetric, in [0, 2]."""
    wide = rows.astype(np.float64)
    distances = np.clip(1.0 - wide @ wide.T, 0.0, 2.0)
    np.fill_diagonal(distances, 0.0)
    return np.minimum(distances, distances.T)


def _order(rows: NDArray[np.float32], seed: int, deadline: float | None) -> list[int]:
    count = len(rows)
    if count <= 2:
        return list(range(count))
    if count <= _EXACT_UP_TO:
        return _solve_exactly(measure_all(rows))
    near, cosines = find_neighbours(rows, _NEIGHBOURS)
    path = join_greedily(rows, near, cosines)
    # A virtual place, near to all, closes the path to a cycle: so both ends are free and every
    # move is one of a closed tour.
    closed: list[list[int]] = [[count, *map(int, row)] for row in near]
    closed.append([])
    table = _tabulate(rows) if count <= _WHOLE_UP_TO else _tabulate_lazily(rows)
    kicks = min(_KICKS_PER_ROW * count, _MOST_KICKS) if deadline is None else 1_000 * count
    tour = improve([*path, count], table, closed, kicks=kicks, seed=seed, deadline=deadline)
    cut = tour.index(count)
    opened = tour[cut + 1 :] + tour[:cut]
    return opened if opened[0] < opened[-1] else opened[::-1]


def _tabulate(rows: NDArray[np.float32]) -> list[Row]:
    """Give all distances, those to the virtual place included."""
    whole = np.rint(measure_all(rows) * _SCALE).astype(np.int64)
    padded = np.zeros((len(rows) + 1,) * 2, dtype=np.int64)
    padded[:-1, :-1] = whole
    return list(padded.tolist())


class _Lazy(dict[int, int]):
    """The distances of one row; those not asked for before are computed."""

    def __init__(self, rows: NDArray[np.float64], row: int) -> None:
        super().__init__({len(rows): 0, row: 0})
        self.rows = rows
        self.row = row

    def __missing__(self, other: int) -> int:
        """Compute a distance, and keep it."""
        cosine = float(self.rows[self.row] @ self.rows[other])
        distance = self[other] = round(min(max(1.0 - cosine, 0.0), 2.0) * _SCALE)
        return distance


class _Zeros(dict[int, int]):
    """The distances of the virtual place."""

    def __missing__(self, other: int) -> int:
        """Be near to all."""
        return 0


def _tabulate_lazily(rows: NDArray[np.float32]) -> list[Row]:
    wide = rows.astype(np.float64)
    lazy: list[Mapping[int, int]] = [_Lazy(wide, row) for row in range(len(rows))]
    return [*lazy, _Zeros()]


def _solve_exactly(distances: NDArray[np.float64]) -> list[int]:
    """Solve the path as a closed tour through one more place that is near to all."""
    from python_tsp.exact import solve_tsp_dynamic_programming  # noqa: PLC0415 - small cases alone

    closed = np.zeros((len(distances) + 1, len(distances) + 1))
    closed[1:, 1:] = np.rint(distances * _SCALE)
    tour, _ = solve_tsp_dynamic_programming(closed)
    return [place - 1 for place in tour[1:]]
