"""How near the tour is to the best possible one, and what solving it costs others."""

import os
import subprocess
import sys

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


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_tour_is_near_the_bound_that_no_path_can_beat(seed: int) -> None:
    rows = topics(100, seed)

    tour = solve_tour(rows)

    assert tour.bound is not None  # tests/test_orders.py holds it below exact solutions
    assert tour.bound <= tour.length <= 1.02 * tour.bound


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


def test_no_second_core_is_kept_busy_after_a_product() -> None:
    code = (
        "import time, pipeline, numpy as np\n"
        "square = np.ones((400, 400))\n"
        "square @ square\n"
        "began = time.process_time()\n"
        "square @ square\n"
        "time.sleep(0.3)\n"
        "print(time.process_time() - began)\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )

    assert float(done.stdout) < 0.05
