"""Many weighted logistic regressions with one design, solved at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

AddUp = Callable[[Floats], tuple[Floats, Floats]]
"""Gives the wins and losses of each row, shape (replicates, rows), under weights of the clusters,
shape (replicates, clusters)."""

_CELLS_AT_ONCE = 1_000_000
"""Numbers held at once in an array of replicates × rows (8 MB), so that many votes still fit."""

_MOST_STEPS = 200
_NEAR_ENOUGH = 1e-9
"""Largest change of a log-odds in the last step; Newton's error is then about its square."""


def fit(design: Floats, weights: Floats, add_up: AddUp) -> Floats:
    """Find the coefficients under which each replicate's wins and losses are most likely.

    The log-odds of row r are ``design[r] @ coefficients``. Each Newton step is shortened to
    ln(1 + d) ÷ d of itself, d being the largest change of a log-odds in it: so it cannot overshoot,
    and near the optimum, where d is small, still converges quadratically.

    Args:
        design: shape (rows, columns), of full column rank.
        weights: shape (replicates, clusters); the first replicate is where the others begin.
        add_up: wins and losses are ≥ 0, fractions are welcome, and must leave the optimum finite.

    Returns:
        shape (replicates, columns).

    Source: Sun & Tran-Dinh 2019, "Generalized self-concordant functions", for the step's length.
    """
    found = _solve(design, *add_up(weights[:1]), np.zeros((1, design.shape[1])))
    size = max(1, _CELLS_AT_ONCE // max(1, len(design)))
    parts = [weights[i : i + size] for i in range(1, len(weights), size)]
    return np.concatenate([found, *(_solve(design, *add_up(part), found) for part in parts)])


def _solve(design: Floats, won: Floats, lost: Floats, start: Floats) -> Floats:
    columns = design.shape[1]
    squares = (design[:, :, None] * design[:, None, :]).reshape(len(design), columns**2)
    total = won + lost
    found = np.repeat(start, len(won), axis=0)
    for _ in range(_MOST_STEPS):
        likely = 0.5 + 0.5 * np.tanh(0.5 * (found @ design.T))
        slope = (won - total * likely) @ design
        bend = (total * likely * (1.0 - likely)) @ squares
        step = np.linalg.solve(bend.reshape(-1, columns, columns), slope[..., None])[..., 0]
        reach = np.abs(step @ design.T).max(axis=1, initial=0.0, keepdims=True)
        found = found + step * np.log1p(reach) / np.maximum(reach, np.finfo(float).tiny)
        if reach.max(initial=0.0) < _NEAR_ENOUGH:
            break
    return found
