"""How short a tour can be at best: a certificate for the one that was found."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_ROUNDS = 60
_PATIENCE = 5
"""Rounds without a better bound, after which the steps become smaller."""


def bound_below(distances: Matrix, length: float, *, rounds: int = _ROUNDS) -> float:
    """Give a length that no open path through all rows can be shorter than.

    A path closed by a virtual place is a 1-tree: a spanning tree of the rows, and two edges of the
    virtual place. Each row gets a price that is paid for each of its edges; a path has two at
    every row, so prices change what all paths cost by the same sum, but not which tree is the
    shortest. They are raised where the tree has many edges and lowered where it has one.

    Args:
        distances: shape (n, n), n ≥ 2.
        length: of a path that was found; it sets the size of the steps.
        rounds: trees that are tried; each takes O(n²) steps.

    Source: Held & Karp 1970 and 1971, "The traveling-salesman problem and minimum spanning trees";
        Volgenant & Jonker 1982 for the steps' direction.
    """
    count = len(distances)
    prices = np.zeros(count)
    best, stale, pace = 0.0, 0, 1.0
    before = np.zeros(count)
    for _ in range(rounds):
        degrees, cost = _span(distances, prices)
        first, second = (int(i) for i in np.argsort(prices, kind="stable")[:2])
        cost += float(prices[first] + prices[second])
        degrees[first] += 1
        degrees[second] += 1
        bound = cost - 2 * float(prices.sum())
        if bound > best + 1e-9 * length:
            best, stale = bound, 0
        else:
            stale += 1
        if stale >= _PATIENCE:
            pace, stale = pace / 2, 0
        excess = degrees - 2.0
        norm = float(excess @ excess)
        if norm == 0 or pace < 1e-4:
            break
        step = pace * max(1.01 * length - bound, 1e-12) / norm
        prices = prices + step * (0.7 * excess + 0.3 * before)
        before = excess
    return best


def _span(distances: Matrix, prices: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Give degrees and cost of the shortest spanning tree.

    Source: Prim 1957.
    """
    count = len(distances)
    degrees = np.zeros(count)
    nearest = distances[0] + prices + prices[0]  # what joining a row to the tree costs
    nearest[0] = np.inf
    by = np.zeros(count, dtype=np.intp)
    cost = 0.0
    inside = np.zeros(count, dtype=bool)
    inside[0] = True
    for _ in range(count - 1):
        new = int(np.argmin(nearest))
        cost += float(nearest[new])
        degrees[new] += 1
        degrees[by[new]] += 1
        inside[new] = True
        nearest[new] = np.inf
        offer = distances[new] + prices + prices[new]
        nearer = offer < nearest
        nearer &= ~inside
        nearest[nearer] = offer[nearer]
        by[nearer] = new
    return degrees, cost
