"""How many votes a comparison of two models needs, planned beforehand."""

import math
from dataclasses import dataclass

import numpy as np

_ALPHA = 0.05
_STEADY = 25
"""Power rises in a saw-tooth; it counts as reached when it holds for so many votes in a row."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Votes that show a preference, if it is as strong as assumed.

    Attributes:
        decided: votes for one side or the other, as if all were independent.
        votes: all votes, for ties and for votes on one question that resemble each other.
        questions: that these votes are on.
    """

    decided: int
    votes: int
    questions: int


def plan_votes(
    win_rate: float,
    power: float,
    *,
    tie_rate: float = 0.0,
    votes_per_question: float = 1.0,
    correlation: float = 0.1,
) -> Plan:
    """Plan the votes for one look at the end, by the exact two-sided binomial test at 5 %.

    Looking earlier, and stopping then, takes the sequential test and more votes.

    Args:
        win_rate: of the better model among decided votes, in [0.52, 0.99].
        power: chance to find the preference, in (0, 1).
        tie_rate: share of votes without a winner, in [0, 1).
        votes_per_question: at least 1.
        correlation: of two votes on one question, in [0, 1].

    Raises:
        ValueError: an argument is outside its range.

    Source: Kish 1965, "Survey Sampling", for 1 + (votes per question - 1) · correlation.
    """
    if not (0.52 <= win_rate <= 0.99 and 0 < power < 1 and 0 <= tie_rate < 1):
        raise ValueError("a win rate in [0.52, 0.99], a power in (0, 1), a tie rate in [0, 1)")
    if not (votes_per_question >= 1 and 0 <= correlation <= 1):
        raise ValueError("at least one vote a question, and a correlation in [0, 1]")
    decided = _count_decided(win_rate, power)
    design = 1 + (votes_per_question - 1) * correlation
    votes = math.ceil(round(decided / (1 - tie_rate) * design, 6))  # 720.0000001 is 720
    return Plan(decided, votes, math.ceil(votes / votes_per_question))


def find_power(votes: int, win_rate: float) -> float:
    """Give the chance that so many decided votes reject a tie, for a win rate in (0, 1)."""
    wins = np.arange(votes + 1)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, votes + 1)))])
    ways = factorials[votes] - factorials - factorials[::-1]
    by_chance = np.cumsum(np.exp(ways - votes * math.log(2)))
    few = int(np.searchsorted(by_chance, _ALPHA / 2, side="right"))  # 0 … few - 1 wins reject
    likely = np.exp(ways + wins * math.log(win_rate) + (votes - wins) * math.log1p(-win_rate))
    return float(likely[:few].sum() + likely[votes + 1 - few :].sum())


def _count_decided(win_rate: float, power: float) -> int:
    """Find the first number of votes from which the power holds steadily."""
    votes, held = 0, 0
    while held < _STEADY:
        votes += 1
        held = held + 1 if find_power(votes, win_rate) >= power else 0
    return votes - _STEADY + 1
