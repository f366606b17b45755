"""The article's solver as an order of its own: python-tsp's 2-opt, made safe and repeatable."""

import random
import threading

import numpy as np
from numpy.typing import NDArray

from pipeline.tour.greedy import find_neighbours, join_greedily
from pipeline.tour.solve import measure_all

_SECONDS = 20.0
"""After this long the best tour so far is taken: at 158 rows it needs one to three."""

_SCALE = 1 << 20
"""Distances on a grid: on plain floats the library's solvers can go round for ever."""

_dice = threading.Lock()
"""The library draws from Python's global dice, which one caller at a time may set."""


def solve_by_python_tsp(embeddings: NDArray[np.float32], *, seed: int = 0) -> list[int]:
    """Order rows by python-tsp's 2-opt, from the greedy path that our own search begins with.

    Args:
        embeddings: shape (n, d) float32, rows of length 1. Takes O(n²) memory.
        seed: of the order in which moves are tried; it repeats unless the time runs out.

    Returns:
        a permutation; both ends are free.

    Source: https://github.com/fillipe-gsm/python-tsp
    """
    from python_tsp.heuristics import solve_tsp_local_search  # noqa: PLC0415 - this order alone

    count = len(embeddings)
    if count <= 2:
        return list(range(count))
    closed = np.zeros((count + 1,) * 2)
    closed[:-1, :-1] = np.rint(measure_all(embeddings) * _SCALE)
    near, cosines = find_neighbours(embeddings, 10)
    start = [count, *join_greedily(embeddings, near, cosines)]
    with _dice:
        before = random.getstate()
        random.seed(seed)
        try:
            # It goes on only from better tours, so that the last one is the best.
            tour, _ = solve_tsp_local_search(
                closed, x0=start, perturbation_scheme="two_opt", max_processing_time=_SECONDS
            )
        finally:
            random.setstate(before)
    cut = tour.index(count)
    opened = [*tour[cut + 1 :], *tour[:cut]]
    return opened if opened[0] < opened[-1] else opened[::-1]
