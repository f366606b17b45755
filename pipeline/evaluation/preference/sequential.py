"""Decide between two models by a test that stays valid however often one looks."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from pipeline.evaluation.preference.fit import Floats
from pipeline.evaluation.preference.votes import Battle, score

ENOUGH = 20.0
"""E-value at which one pair is decided: by Ville's inequality a true tie gets there in 1 case of 20
at most, whenever one looks and stops."""

SETTLE_SECONDS = 86_400.0
"""A question enters the test this long after its first vote on the pair."""

MOST_QUESTIONS = 10_000
"""A pair that would need more is as good as equal."""

_NODES = 256
"""Of the quadrature, exact for up to 511 questions; at 3,000 it is off by less than 1e-9."""


def read_leans(
    battles: Sequence[Battle], model: str, *, until: float, settle_seconds: float = SETTLE_SECONDS
) -> tuple[float, ...]:
    """Give how each settled question leans, in [-1, 1]: (wins - losses) ÷ (wins + losses).

    A lean is fixed when its question settles: later votes do not enter it, so that a look in
    between changes nothing. Ties say nothing either way; a question of ties alone has no lean.

    Args:
        battles: of one pair of models.
        model: whose wins count as positive.
        until: epoch seconds of the look.
    """
    opened: dict[str, float] = {}
    votes: dict[str, list[float]] = {}
    for battle in sorted(battles, key=lambda b: b.at):
        closes = opened.setdefault(battle.question, battle.at) + settle_seconds
        if battle.at <= closes <= until and (lean := lean_to(battle, model)):
            votes.setdefault(battle.question, []).append(lean)
    return tuple(sum(leans) / len(leans) for leans in votes.values())


def lean_to(battle: Battle, model: str) -> float:
    """Give 1 when the model won, -1 when it lost, 0 for a tie."""
    lean = 2 * score(battle.choice) - 1
    return lean if battle.model_a == model else -lean


def log_e_value(leans: Sequence[float]) -> float:
    """Give the logarithm of the e-value against "on a new question either is as likely to win".

    A gambler who puts the fraction f of her wealth on one model multiplies it by 1 + f · lean with
    each question; no f in [-1, 1] earns anything if the two are equal. The e-value is the wealth
    averaged over all f. For one vote a question it is the Beta(1, 1) mixture of the binomial:
    2ⁿ ÷ ((n + 1) · (n choose wins)).

    Source: Ramdas et al. 2023, "Game-theoretic statistics and safe anytime-valid inference".
    """
    return _average(_log_wealth(leans))


def count_questions_needed(leans: Sequence[float], enough: float) -> int | None:
    """Tell on how many more questions a vote is needed until the e-value is likely enough.

    It is assumed that they lean on average like those so far, taken together with one pseudo-draw.

    Returns:
        0 when it is enough; null when it would take more than ``MOST_QUESTIONS``.
    """
    wealth = _log_wealth(leans)
    goal = math.log(enough)
    if _average(wealth) >= goal:
        return 0
    wins = (sum(1 + lean for lean in leans) / 2 + 0.5) / (len(leans) + 1)
    fractions, _ = _quadrature()
    growth = wins * np.log1p(fractions) + (1 - wins) * np.log1p(-fractions)
    low, high = 0, MOST_QUESTIONS
    if _average(wealth + high * growth) < goal:
        return None
    while high - low > 1:  # log wealth is convex in the number, so it crosses the goal once
        middle = (low + high) // 2
        low, high = (low, middle) if _average(wealth + middle * growth) >= goal else (middle, high)
    return high


def _log_wealth(leans: Sequence[float]) -> Floats:
    fractions, _ = _quadrature()
    return np.asarray(np.log1p(np.outer(leans, fractions)).sum(axis=0), dtype=np.float64)


def _average(log_wealth: Floats) -> float:
    _, weights = _quadrature()
    top = float(log_wealth.max())
    return top + math.log(float(np.exp(log_wealth - top) @ weights))


@lru_cache(maxsize=1)
def _quadrature() -> tuple[Floats, Floats]:
    """Give fractions in (-1, 1) and weights that average over them."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return np.asarray(nodes), np.asarray(weights) / 2
