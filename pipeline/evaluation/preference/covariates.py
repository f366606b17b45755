"""By how much the two surveys of a battle differ in what may sway a vote."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline.evaluation.preference.fit import Floats
from pipeline.evaluation.preference.intervals import Estimate, read_interval
from pipeline.evaluation.preference.votes import Battle, Measures

Covariate = Literal["recall", "precision", "support", "chars", "headers", "lists", "bold"]

STYLES: tuple[Covariate, ...] = ("chars", "headers", "lists", "bold")
PREDICTORS: tuple[Covariate, ...] = ("recall", "precision", "support", *STYLES)
"""In the order in which they are let in when the votes do not suffice for all."""

Reason = Literal["missing", "constant", "collinear", "too_few_votes"]
"""Why a covariate is left out: not measured for half of the battles or more, without any
difference, a sum of other covariates and of which models met, or one more than votes allow."""

VOTES_PER_COEFFICIENT = 10
"""Below it logistic regression is biased and its intervals too short.

Source: Peduzzi et al. 1996, "A simulation study of the number of events per variable".
"""

_MOST_EXPLAINED = 0.95
"""Of a covariate's squares by the others, which make its interval 4.5 times as wide."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a covariate does to a vote, or why nothing can be said.

    Attributes:
        value: log-odds for side a per typical (root-mean-square) difference, other things equal.
    """

    name: Covariate
    value: Estimate | None
    excluded: Reason | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """The covariates that a fit takes in.

    Attributes:
        battles: those whose surveys both have all of them; m of them.
        names: k of them.
        values: shape (m, k), side a less side b, of root mean square 1.
        excluded: the reason for each one left out.
    """

    battles: tuple[Battle, ...]
    names: tuple[Covariate, ...]
    values: Floats
    excluded: Mapping[Covariate, Reason]


def read_level(name: Covariate, measures: Measures | None) -> float:
    """Give a survey's measure; counts as ln(1 + count), since people see ratios. NaN if missing."""
    if measures is None:
        return math.nan
    if name not in STYLES:
        value: float | None = getattr(measures, name)
        return math.nan if value is None else value
    return math.nan if measures.style is None else math.log1p(getattr(measures.style, name))


def subtract_levels(
    name: Covariate, battles: Sequence[Battle], measures: Mapping[str, Measures]
) -> Floats:
    """Give side a less side b for each battle, NaN where either is missing.

    Args:
        measures: by survey.
    """
    return np.array(
        [
            read_level(name, measures.get(battle.survey_a))
            - read_level(name, measures.get(battle.survey_b))
            for battle in battles
        ]
    )


def admit(
    names: Sequence[Covariate], battles: Sequence[Battle], measures: Mapping[str, Measures]
) -> Admitted:
    """Choose the covariates that the battles can tell apart, the earlier names first."""
    differences = np.array([subtract_levels(name, battles, measures) for name in names])
    gaps = np.isnan(differences)
    enough = 2 * gaps.sum(axis=1) < len(battles)
    whole = ~gaps[enough].any(axis=0)
    kept = tuple(battle for battle, is_whole in zip(battles, whole, strict=True) if is_whole)
    known = _sides(kept)
    room = len(kept) // VOTES_PER_COEFFICIENT - max(known.shape[1] - 1, 0)
    excluded: dict[Covariate, Reason] = {}
    admitted: list[Covariate] = []
    for name, difference, is_known in zip(names, differences[:, whole], enough, strict=True):
        size = math.sqrt(float(difference @ difference) / max(1, len(kept)))
        if not is_known:
            excluded[name] = "missing"
        elif size < 1e-9:
            excluded[name] = "constant"
        elif len(admitted) >= room:
            excluded[name] = "too_few_votes"
        elif _is_explained(difference / size, known):
            excluded[name] = "collinear"
        else:
            known = np.column_stack([known, difference / size])
            admitted.append(name)
    values = known[:, known.shape[1] - len(admitted) :]
    return Admitted(kept, tuple(admitted), values, excluded)


def read_effects(
    names: Sequence[Covariate], admitted: Admitted, samples: Floats | None
) -> tuple[Effect, ...]:
    """Read each covariate's effect off the bootstrap, or why it was left out.

    Args:
        samples: shape (1 + replicates, k); null when no fit was possible.
    """
    questions = len({battle.question for battle in admitted.battles})
    effects = []
    for name in names:
        if name in admitted.names and samples is not None:
            column = samples[:, admitted.names.index(name)]
            effects.append(Effect(name, read_interval(column, questions)))
        else:
            effects.append(Effect(name, None, admitted.excluded.get(name, "missing")))
    return tuple(effects)


def _sides(battles: Sequence[Battle]) -> Floats:
    """Give 1 for the model on side a and -1 for that on side b, shape (battles, models)."""
    models = sorted({m for battle in battles for m in (battle.model_a, battle.model_b)})
    sides = np.zeros((len(battles), len(models)))
    for row, battle in enumerate(battles):
        sides[row, models.index(battle.model_a)] = 1.0
        sides[row, models.index(battle.model_b)] = -1.0
    return sides


def _is_explained(column: Floats, known: Floats) -> bool:
    """Tell whether a column of mean square 1 is nearly a sum of known ones."""
    fitted = known @ np.linalg.lstsq(known, column, rcond=None)[0]
    return float(np.mean((column - fitted) ** 2)) < 1 - _MOST_EXPLAINED
