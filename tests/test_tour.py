"""How near the tour is to the best possible one."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.tour import measure_gaps, solve_tour

Rows = NDArray[np.float32]


def topics(count: int, seed: int) -> Rows:
    """Give rows in eight dimensions, like the keyless ones: many near, some far apart."""
    dice = np.random.default_rng(seed)
    centres = 2 * dice.normal(size=(8, 8))
    rows = centres[dice.integers(0, 8, count)] + dice.normal(size=(count, 8))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def bound_below(rows: Rows, goal: float, rounds: int = 300) -> float:
    """Give Held and Karp's bound (1970): no path through all rows is shorter."""
    count = len(rows) + 1
    distances = np.zeros((count, count))
    distances[1:, 1:] = np.clip(1 - rows.astype(np.float64) @ rows.astype(np.float64).T, 0, None)
    np.fill_diagonal(distances, np.inf)
    price, best, step = np.zeros(count), -np.inf, 1.0
    for turn in range(rounds):
        priced = distances + price[:, None] + price[None, :]
        total, degrees = one_tree(priced)
        value = total - 2 * price.sum()
        best = max(best, value)
        step = step / 1.5 if turn % 20 == 19 else step
        off = degrees - 2
        if not off.any():
            break
        price += step * (goal - value) / (off @ off) * off
    return float(best)


def one_tree(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.int64]]:
    """Give the least spanning tree of all places but the first, and the first's two edges."""
    count = len(weights)
    degrees = np.zeros(count, dtype=np.int64)
    reached = np.zeros(count, dtype=bool)
    reached[:2] = True
    near, parent, total = weights[1].copy(), np.ones(count, dtype=np.int64), 0.0
    for _ in range(count - 2):
        new = int(np.where(reached, np.inf, near).argmin())
        total += near[new]
        degrees[[new, parent[new]]] += 1
        reached[new] = True
        closer = (weights[new] < near) & ~reached
        near[closer], parent[closer] = weights[new][closer], new
    first = np.argsort(weights[0])[:2]
    degrees[0] = 2
    degrees[first] += 1
    return total + float(weights[0][first].sum()), degrees


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_tour_is_near_the_bound_that_no_path_can_beat(seed: int) -> None:
    rows = topics(100, seed)

    length = solve_tour(rows).length

    bound = bound_below(rows, length)
    assert bound <= length <= 1.02 * bound


def test_a_walk_along_an_arc_is_found_from_end_to_end() -> None:
    angles = np.linspace(0, np.pi, 60)
    mixed = np.random.default_rng(0).permutation(60)
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    tour = solve_tour(rows[mixed])

    assert [int(mixed[i]) for i in tour.order] in [list(range(60)), list(range(60))[::-1]]
    assert tour.length == pytest.approx(sum(measure_gaps(rows)))


def test_more_copies_of_a_row_than_it_has_neighbours_stand_together() -> None:
    rows = np.repeat(np.eye(3, dtype=np.float32), 15, axis=0)
    mixed = np.random.default_rng(1).permutation(45)

    tour = solve_tour(rows[mixed])

    assert tour.length == pytest.approx(2)
