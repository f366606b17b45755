"""Groups of models that can be compared, and how much may be said of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.evaluation.preference.intervals import FEWEST_QUESTIONS
from pipeline.evaluation.preference.pairs import Pair
from pipeline.evaluation.preference.ratings import find_groups
from pipeline.evaluation.preference.votes import Battle

Standing = Literal["no_votes", "too_few", "undecided", "ranked"]
"""How much may be said: nothing; no rating yet; ratings, but no pair decided; a pair decided."""

FEWEST_LEANING = 8
"""Questions with a preference per model beyond the first. With fewer not even unanimous votes
decide one pair: 2⁷ ÷ 8 < 20 ≤ 2⁸ ÷ 9."""


@dataclass(frozen=True, slots=True)
class Group:
    """Models that a chain of comparisons connects; only their ratings can be compared.

    Attributes:
        votes_needed: until there is something to show (too few), or until the nearest pair is
            likely decided (undecided); 0 when one is; null when more than 10,000 would be.
    """

    models: tuple[str, ...]
    votes: int
    questions: int
    standing: Standing
    votes_needed: int | None

    @property
    def is_rated(self) -> bool:
        """Tell whether there are votes enough to show ratings."""
        return self.standing in {"undecided", "ranked"}


def assess_groups(battles: Sequence[Battle], pairs: Sequence[Pair]) -> tuple[Group, ...]:
    """Tell for each group how much its votes allow to say.

    Args:
        battles: those that count.
        pairs: all that have met in them.
    """
    return tuple(
        _assess(
            models,
            [battle for battle in battles if battle.model_a in models],
            [pair for pair in pairs if pair.model_a in models],
        )
        for models in find_groups((pair.model_a, pair.model_b) for pair in pairs)
    )


def _assess(models: tuple[str, ...], battles: Sequence[Battle], pairs: Sequence[Pair]) -> Group:
    questions = len({battle.question for battle in battles})
    leaning = sum(pair.leaning for pair in pairs)
    missing = max(FEWEST_LEANING * (len(models) - 1) - leaning, FEWEST_QUESTIONS - questions)
    standing: Standing
    needed: int | None
    if any(pair.is_decided for pair in pairs):
        standing, needed = "ranked", 0
    elif missing > 0:
        standing, needed = "too_few", missing
    else:
        further = [pair.votes_needed for pair in pairs if pair.votes_needed is not None]
        standing, needed = "undecided", min(further, default=None)
    return Group(models, len(battles), questions, standing, needed)
