"""The orders in which a writing model can meet the papers; the tour is the usual one."""

from collections.abc import Sequence
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from pipeline.tour.baseline import solve_by_python_tsp
from pipeline.tour.hierarchy import order_by_hierarchy
from pipeline.tour.solve import solve_tour, trace
from pipeline.tour.window import shorten_windows
from pipeline.types import Order, Tour


def order_rows(
    embeddings: NDArray[np.float32],
    order: Order,
    *,
    seed: int = 0,
    relevance: Sequence[float] = (),
) -> Tour:
    """Order rows.

    Args:
        embeddings: shape (n, d) float32, rows of length 1, newest paper first.
        order: ``tour`` and ``python-tsp`` make neighbours alike, ``windowed`` also the next but
            one and but two, ``hierarchical`` keeps clusters together; ``relevance`` begins with
            what the searches rank best, ``newest`` and ``random`` say it.
        seed: of ``tour``, ``python-tsp``, ``windowed`` and ``random``.
        relevance: of each row, larger is better; equal ones and none stand newest first.
    """
    count = len(embeddings)
    match order:
        case "tour":
            return solve_tour(embeddings, seed=seed)
        case "python-tsp":
            return trace(embeddings, solve_by_python_tsp(embeddings, seed=seed))
        case "windowed":
            return trace(
                embeddings, shorten_windows(embeddings, solve_tour(embeddings, seed=seed).order)
            )
        case "hierarchical":
            return trace(embeddings, order_by_hierarchy(embeddings))
        case "relevance":
            worth = relevance or [0.0] * count
            return trace(embeddings, sorted(range(count), key=lambda i: -worth[i]))
        case "newest":
            return trace(embeddings, range(count))
        case "random":
            dice = np.random.default_rng(seed)
            return trace(embeddings, [int(i) for i in dice.permutation(count)])
        case _:
            assert_never(order)
