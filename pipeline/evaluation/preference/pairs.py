"""Two models against each other: counts, win rate, and whether the better one is decided."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.evaluation.preference.intervals import Estimate, estimate_share
from pipeline.evaluation.preference.sequential import (
    ENOUGH,
    count_questions_needed,
    log_e_value,
    read_leans,
)
from pipeline.evaluation.preference.votes import Battle, Choice, score, swap

_LARGEST_LOG = 700.0
"""An e-value beyond e^700 is written as that, so that it stays a finite number."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A model's votes; its win rate counts ties and two bad surveys as half."""

    votes: int
    wins: int
    losses: int
    ties: int
    both_bad: int
    win_rate: Estimate | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models that have met, ``model_a`` before ``model_b`` in the alphabet.

    Attributes:
        tally: from ``model_a``'s side.
        questions: on which they have met.
        leaning: those of them on which somebody preferred one of the two.
        e_value: evidence against "equal", from settled questions.
        is_decided: the evidence suffices, whenever and however often one has looked.
        votes_needed: further votes, each on a new question, after which it will likely suffice;
            0 also while questions settle; null when more than 10,000 would be needed.
    """

    model_a: str
    model_b: str
    tally: Tally
    questions: int
    leaning: int
    e_value: float
    is_decided: bool
    votes_needed: int | None


def tally_votes(battles: Sequence[Battle], model: str) -> Tally:
    """Count a model's votes among battles in which it took part."""
    choices: Counter[Choice] = Counter()
    won: dict[str, float] = defaultdict(float)
    votes: dict[str, int] = defaultdict(int)
    for battle in battles:
        choice = battle.choice if battle.model_a == model else swap(battle.choice)
        choices[choice] += 1
        won[battle.question] += score(choice)
        votes[battle.question] += 1
    return Tally(
        votes=len(battles),
        wins=choices["a"],
        losses=choices["b"],
        ties=choices["tie"],
        both_bad=choices["both_bad"],
        win_rate=estimate_share(list(won.values()), list(votes.values())),
    )


def compare_pairs(
    battles: Sequence[Battle], *, now: float, settle_seconds: float
) -> tuple[Pair, ...]:
    """Compare all models that have met.

    Args:
        battles: those that count.
        now: epoch seconds; see ``sequential.read_leans``.
    """
    met: dict[tuple[str, str], list[Battle]] = defaultdict(list)
    for battle in battles:
        first, second = sorted((battle.model_a, battle.model_b))
        met[first, second].append(battle)
    enough = find_enough(len(met))
    return tuple(
        _compare(models, met[models], enough, now, settle_seconds) for models in sorted(met)
    )


def find_enough(pairs: int) -> float:
    """Give the e-value that decides a pair, so that one table of true ties errs in 1 case of 20."""
    return ENOUGH * max(1, pairs)


def _compare(
    models: tuple[str, str],
    battles: Sequence[Battle],
    enough: float,
    now: float,
    settle_seconds: float,
) -> Pair:
    model = models[0]
    tally = tally_votes(battles, model)
    log_e = log_e_value(read_leans(battles, model, until=now, settle_seconds=settle_seconds))
    leans = read_leans(battles, model, until=math.inf, settle_seconds=settle_seconds)
    is_decided = log_e >= math.log(enough)
    needed = 0 if is_decided else count_questions_needed(leans, enough)
    deciding = (tally.wins + tally.losses + 0.5) / (tally.votes + 1)  # with one pseudo-draw
    return Pair(
        *models,
        tally=tally,
        questions=len({battle.question for battle in battles}),
        leaning=len(leans),
        e_value=math.exp(min(log_e, _LARGEST_LOG)),
        is_decided=is_decided,
        votes_needed=None if needed is None else math.ceil(needed / deciding),
    )
