"""Bradley-Terry ratings of the models, raw or with covariates, with a bootstrap of each."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.preference.fit import AddUp, Floats, fit
from pipeline.evaluation.preference.intervals import REPLICATES, draw_parts, draw_weights
from pipeline.evaluation.preference.votes import Battle, score

Numbers = NDArray[np.intp]

MEAN_ELO = 1000.0
"""What an average model of a group has; as in chess, 400 more is ten times the odds of winning."""

ELO_PER_LOG_ODDS = 400 / math.log(10)


@dataclass(frozen=True, slots=True)
class Columns:
    """Battles as columns of numbers, n rows.

    Attributes:
        models: in sorted order; ``a`` and ``b`` are places in it.
        a, b, question: shape (n,).
        score: shape (n,), what side a gets.
        questions: how many there are.
    """

    models: tuple[str, ...]
    a: Numbers
    b: Numbers
    question: Numbers
    score: Floats
    questions: int


@dataclass(frozen=True, slots=True)
class Ratings:
    """Log-odds of each model and effects of the covariates; row 0 is the sample's own fit.

    Attributes:
        models: in sorted order.
        log_odds: shape (1 + replicates, models), mean 0 within each group.
        effects: shape (1 + replicates, covariates), log-odds per unit of the covariate.
    """

    models: tuple[str, ...]
    log_odds: Floats
    effects: Floats

    def elo(self, model: str) -> Floats:
        """Give a model's samples on the Elo scale, shape (1 + replicates,)."""
        return MEAN_ELO + ELO_PER_LOG_ODDS * self.log_odds[:, self.models.index(model)]


def tabulate(battles: Sequence[Battle]) -> Columns:
    """Write battles as columns of numbers."""
    models = tuple(sorted({m for battle in battles for m in (battle.model_a, battle.model_b)}))
    place = {model: i for i, model in enumerate(models)}
    cluster = {q: i for i, q in enumerate(sorted({battle.question for battle in battles}))}
    return Columns(
        models=models,
        a=np.array([place[battle.model_a] for battle in battles], dtype=np.intp),
        b=np.array([place[battle.model_b] for battle in battles], dtype=np.intp),
        question=np.array([cluster[battle.question] for battle in battles], dtype=np.intp),
        score=np.array([score(battle.choice) for battle in battles]),
        questions=len(cluster),
    )


def find_groups(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    """Part the models into groups within which a chain of comparisons leads from each to each.

    Ratings of two groups cannot be compared: nobody has compared them.
    """
    groups: list[set[str]] = []
    for pair in pairs:
        touched = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touched]
        groups.append(set(pair).union(*touched))
    return tuple(sorted(tuple(sorted(group)) for group in groups))


def rate(
    columns: Columns,
    covariates: Floats | None = None,
    *,
    seed: int,
    replicates: int = REPLICATES,
) -> Ratings:
    """Fit log-odds P(a wins) = rating a - rating b + covariates · effects.

    Each pair that has met gets one pseudo-draw, so that an unbeaten model stays finite, and each
    covariate one between equal models that differ by one unit of it. Pairs that never met get
    none: what nobody compared must not pull ratings together.

    Args:
        columns: at least one battle.
        covariates: shape (n, k), side a less side b.

    Source: Bradley & Terry 1952, "Rank analysis of incomplete block designs".
    """
    dice = np.random.default_rng(seed)
    free = _contrast(columns)
    pairs = np.unique(np.sort(np.stack([columns.a, columns.b], axis=1), axis=1), axis=0)
    per_pair = free[pairs[:, 0]] - free[pairs[:, 1]]
    if covariates is None:
        design, add_up, count = per_pair, _add_by_pair(columns, pairs), 0
    else:
        design = np.hstack([free[columns.a] - free[columns.b], covariates])
        add_up, count = _add_by_battle(columns), covariates.shape[1]
    pseudo = _block(per_pair, np.eye(count))
    drawn = draw_weights(columns.questions, replicates, dice)
    halves = draw_parts([0.5] * 2 * len(pseudo), replicates, dice)

    def add_all(weights: Floats) -> tuple[Floats, Floats]:
        of_questions, of_halves = np.split(weights, [columns.questions], axis=1)
        won, lost = add_up(of_questions)
        first, second = np.split(of_halves, 2, axis=1)
        return np.hstack([won, first]), np.hstack([lost, second])

    found = fit(np.vstack([design, pseudo]), np.hstack([drawn, halves]), add_all)
    return Ratings(columns.models, found[:, : free.shape[1]] @ free.T, found[:, free.shape[1] :])


def _contrast(columns: Columns) -> Floats:
    """Give a basis of ratings whose mean is 0 in each group, shape (models, models - groups)."""
    names = columns.models
    met = {(names[a], names[b]) for a, b in zip(columns.a, columns.b, strict=True)}
    parts = []
    for group in find_groups(sorted(met)):
        for model in group[1:]:
            part = np.zeros(len(names))
            part[names.index(model)] = 1.0
            part[[names.index(other) for other in group]] -= 1 / len(group)
            parts.append(part)
    return np.array(parts).T


def _add_by_pair(columns: Columns, pairs: Numbers) -> AddUp:
    """Add up the wins and losses of each pair's first model."""
    place = {(int(i), int(j)): row for row, (i, j) in enumerate(pairs)}
    won, lost = np.zeros((2, columns.questions, len(pairs)))
    for a, b, question, score_of_a in zip(
        columns.a.tolist(), columns.b.tolist(), columns.question, columns.score, strict=True
    ):
        row = place[min(a, b), max(a, b)]
        won[question, row] += score_of_a if a < b else 1 - score_of_a
        lost[question, row] += 1 - score_of_a if a < b else score_of_a
    return lambda weights: (weights @ won, weights @ lost)


def _add_by_battle(columns: Columns) -> AddUp:
    """Weigh side a's win and loss in each battle by its question."""

    def add_up(weights: Floats) -> tuple[Floats, Floats]:
        own = weights[:, columns.question]
        return own * columns.score, own * (1 - columns.score)

    return add_up


def _block(upper: Floats, lower: Floats) -> Floats:
    """Set two matrices on the diagonal, zeros beside them."""
    whole = np.zeros((len(upper) + len(lower), upper.shape[1] + lower.shape[1]))
    whole[: len(upper), : upper.shape[1]] = upper
    whole[len(upper) :, upper.shape[1] :] = lower
    return whole
