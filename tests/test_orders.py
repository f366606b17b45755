"""Orders of papers other than the tour."""

import random
from itertools import pairwise, product
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage

from pipeline.tour import order_rows
from pipeline.tour.greedy import find_neighbours, join_greedily
from pipeline.tour.hierarchy import order_by_hierarchy
from pipeline.tour.solve import trace
from pipeline.types import Order

Rows = NDArray[np.float32]


def draw_rows(count: int, seed: int, size: int = 16) -> Rows:
    """Give rows in clumps, each of length 1."""
    dice = np.random.default_rng(seed)
    rows = dice.normal(size=(5, size))[dice.integers(0, 5, count)] + 0.7 * dice.normal(
        size=(count, size)
    )
    unit: Rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def weigh_windows(rows: Rows, order: tuple[int, ...]) -> float:
    """Give what ``windowed`` makes small."""
    path = rows[list(order)].astype(np.float64)
    lags = ((1, 1.0), (2, 0.5), (3, 0.25))
    return float(sum(w * np.sum(1 - np.sum(path[:-k] * path[k:], axis=1)) for k, w in lags))


@given(st.sampled_from(get_args(Order)), st.integers(0, 14), st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_every_order_holds_each_row_once(order: Order, count: int, seed: int) -> None:
    rows = draw_rows(count, seed)
    if count > 4:
        rows[1] = rows[3]

    tour = order_rows(rows, order, seed=seed)

    assert sorted(tour.order) == list(range(count))
    assert tour == order_rows(rows, order, seed=seed)
    assert len(tour.gaps) == max(count - 1, 0)
    assert tour.length == pytest.approx(sum(tour.gaps))


def test_newest_and_relevance_do_as_they_say() -> None:
    rows = draw_rows(4, 1)

    assert order_rows(rows, "newest").order == (0, 1, 2, 3)
    assert order_rows(rows, "relevance", relevance=(0.1, 0.3, 0.3, 0.2)).order == (1, 2, 3, 0)
    assert order_rows(rows, "relevance").order == (0, 1, 2, 3)


def test_random_depends_on_the_seed_alone() -> None:
    rows = draw_rows(30, 1)

    first, second = (order_rows(rows, "random", seed=seed).order for seed in (1, 2))

    assert first != second
    assert order_rows(draw_rows(30, 9), "random", seed=1).order == first


def test_the_baseline_improves_on_its_beginning_and_leaves_the_worlds_dice_alone() -> None:
    rows = draw_rows(40, 5)
    near, cosines = find_neighbours(rows, 10)
    began = trace(rows, join_greedily(rows, near, cosines))
    random.seed(3)
    expected = random.Random(3).random()

    baseline = order_rows(rows, "python-tsp", seed=4)

    assert random.random() == expected
    assert order_rows(rows, "tour").length <= baseline.length < began.length


@pytest.mark.parametrize("count", [10, 60])
def test_a_windowed_tour_has_nearer_windows_and_a_longer_path(count: int) -> None:
    rows = draw_rows(count, 3)

    tour, windowed = (order_rows(rows, order) for order in ("tour", "windowed"))

    assert weigh_windows(rows, windowed.order) <= weigh_windows(rows, tour.order)
    assert windowed.length >= tour.length - 1e-9
    if count == 60:
        assert weigh_windows(rows, windowed.order) < 0.995 * weigh_windows(rows, tour.order)


@pytest.mark.parametrize("seed", range(4))
def test_the_hierarchys_order_is_the_best_that_its_tree_allows(seed: int) -> None:
    rows = draw_rows(8, seed).astype(np.float64)
    distances = 1 - rows @ rows.T
    merges = [(int(a), int(b)) for a, b, *_ in linkage(rows, "ward")]

    def length(order: list[int]) -> float:
        return float(sum(distances[i, j] for i, j in pairwise(order)))

    shortest = np.inf
    for flips in product((False, True), repeat=len(merges)):
        nodes = [[i] for i in range(len(rows))]
        for (first, second), flip in zip(merges, flips, strict=True):
            a, b = (second, first) if flip else (first, second)
            nodes.append(nodes[a] + nodes[b])
        shortest = min(shortest, length(nodes[-1]))

    # A node's halves are turned on their own, so all turnings of the tree have been tried.
    assert length(order_by_hierarchy(rows.astype(np.float32))) == pytest.approx(shortest, abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_hierarchy_is_that_of_an_independent_library(seed: int) -> None:
    rows = draw_rows(25, seed)
    clusters = [{i} for i in range(len(rows))]
    for first, second, *_ in linkage(rows.astype(np.float64), "ward"):
        clusters.append(clusters[int(first)] | clusters[int(second)])

    place = {row: i for i, row in enumerate(order_by_hierarchy(rows))}

    for cluster in clusters:
        places = [place[row] for row in cluster]
        assert max(places) - min(places) == len(cluster) - 1


@given(st.integers(3, 9), st.integers(0, 999))
@settings(deadline=None, max_examples=40)
def test_no_path_is_shorter_than_the_bound(count: int, seed: int) -> None:
    tour = order_rows(draw_rows(count, seed), "tour")  # solved exactly

    assert tour.bound is not None
    assert 0.9 * tour.length <= tour.bound <= tour.length + 1e-9
