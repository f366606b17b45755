"""How far judge models agree with people, beside how far people agree with each other."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.evaluation.preference.fit import Floats
from pipeline.evaluation.preference.intervals import (
    REPLICATES,
    Estimate,
    draw_parts,
    draw_weights,
    read_interval,
)
from pipeline.evaluation.preference.votes import (
    VOTES_PER_DAY,
    Battle,
    Choice,
    Verdict,
    count_battles,
    swap,
)

_PLACE: dict[Choice, int] = {"a": 0, "b": 1, "tie": 2, "both_bad": 2}
"""Labels that are compared: two bad surveys are a tie."""

_PSEUDO_PAIR = [1 / 6 if i == j else 1 / 12 for i in range(3) for j in range(3)]
"""One pair of labels that agrees by half, so that ten agreements of ten leave a doubt."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far labels on the same comparisons agree; null where undefined.

    Attributes:
        comparisons: with at least two labels to compare.
        votes: people's votes on them.
        raw: share of pairs of labels that are equal, each vote weighing the same.
        decisive: the same among pairs that both prefer a survey.
        kappa: Cohen's between a judge and people; Scott's pi among people.
        alpha: Krippendorff's, nominal, of all labels on these comparisons.
    """

    comparisons: int
    votes: int
    raw: Estimate | None
    decisive: Estimate | None
    kappa: Estimate | None
    alpha: Estimate | None


@dataclass(frozen=True, slots=True)
class JudgeAgreement:
    """A judge beside people.

    Attributes:
        with_people: the judge's verdicts against each vote on the same comparison.
        among_people: the ceiling: people against each other on the judge's comparisons.
    """

    judge: str
    with_people: Agreement
    among_people: Agreement


@dataclass(frozen=True, slots=True)
class Agreements:
    """Every judge, by name, and people among themselves on all comparisons."""

    judges: tuple[JudgeAgreement, ...]
    people: Agreement


@dataclass(frozen=True, slots=True)
class _Labels:
    """What was said of one comparison: people's labels, and the judge's where there is one."""

    question: str
    people: tuple[int, ...]
    judge: int | None = None


def measure_agreement(
    verdicts: Sequence[Verdict],
    battles: Sequence[Battle],
    *,
    seed: int,
    replicates: int = REPLICATES,
    votes_per_day: int = VOTES_PER_DAY,
) -> Agreements:
    """Compare judges with people, and people with each other.

    Args:
        verdicts: one per judge and comparison; of several the last counts.
        battles: all votes; those that do not count are set aside here.
    """
    votes: dict[str, list[Battle]] = defaultdict(list)
    for battle in count_battles(battles, votes_per_day=votes_per_day).battles:
        votes[battle.comparison].append(battle)
    labels = {
        comparison: _Labels(cast[0].question, tuple(map(_label, cast)))
        for comparison, cast in votes.items()
    }
    said: dict[str, dict[str, int]] = defaultdict(dict)
    for verdict in verdicts:
        said[verdict.judge][verdict.comparison] = _label(verdict)
    judges = []
    for judge, choices in sorted(said.items()):
        shared = [
            _Labels(labels[comparison].question, labels[comparison].people, choice)
            for comparison, choice in sorted(choices.items())
            if comparison in labels
        ]
        judges.append(
            JudgeAgreement(
                judge,
                with_people=_summarise(shared, _cross, seed, replicates),
                among_people=_summarise(_drop_judge(shared), _coincide, seed, replicates),
            )
        )
    everything = [labels[comparison] for comparison in sorted(labels)]
    return Agreements(tuple(judges), _summarise(everything, _coincide, seed, replicates))


def raw(tables: Floats) -> Floats:
    """Give the share of equal labels in tables of pairs, shape (…, 3, 3) → (…)."""
    return _divide(np.trace(tables, axis1=-2, axis2=-1), tables.sum(axis=(-2, -1)))


def decisive(tables: Floats) -> Floats:
    """Give the share of equal labels among pairs that both prefer a survey."""
    return raw(tables[..., :2, :2])


def kappa(tables: Floats) -> Floats:
    """Give agreement beyond chance.

    Source: Cohen 1960, "A coefficient of agreement for nominal scales".
    """
    shares = tables / np.maximum(tables.sum(axis=(-2, -1), keepdims=True), np.finfo(float).tiny)
    chance = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    return _divide(np.trace(shares, axis1=-2, axis2=-1) - chance, 1 - chance)


def alpha(tables: Floats) -> Floats:
    """Give Krippendorff's alpha for nominal labels from tables of coincidences.

    Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability".
    """
    total = tables.sum(axis=(-2, -1))
    each = tables.sum(axis=-1)
    unequal = total - np.trace(tables, axis1=-2, axis2=-1)
    by_chance = total**2 - (each**2).sum(axis=-1)
    return 1 - _divide((total - 1) * unequal, by_chance)


def _divide(above: Floats, below: Floats) -> Floats:
    """Divide, with NaN where there is nothing to divide by."""
    usable = below > 1e-12
    return np.where(usable, above / np.where(usable, below, 1.0), np.nan)


def _label(said: Battle | Verdict) -> int:
    """Give the label of a choice; people may have seen the same two surveys on either side."""
    is_turned = said.survey_a > said.survey_b
    return _PLACE[swap(said.choice) if is_turned else said.choice]


def _drop_judge(labels: Iterable[_Labels]) -> list[_Labels]:
    return [_Labels(each.question, each.people) for each in labels]


def _cross(labels: _Labels) -> Floats:
    """Count pairs of the judge's label (row) and each person's (column)."""
    table = np.zeros((3, 3))
    if labels.judge is not None:
        table[labels.judge] = np.bincount(labels.people, minlength=3)
    return table


def _coincide(labels: _Labels) -> Floats:
    """Count ordered pairs of all labels, each label weighing 1 (Krippendorff's coincidences)."""
    given = labels.people if labels.judge is None else (*labels.people, labels.judge)
    if len(given) < 2:
        return np.zeros((3, 3))
    counts = np.bincount(given, minlength=3).astype(np.float64)
    return np.asarray((np.outer(counts, counts) - np.diag(counts)) / (len(given) - 1))


def _summarise(
    labels: Sequence[_Labels],
    pair: Callable[[_Labels], Floats],
    seed: int,
    replicates: int,
) -> Agreement:
    labels = [each for each in labels if pair(each).any()]
    places = {question: i for i, question in enumerate(sorted({e.question for e in labels}))}
    pairs, coincidences = np.zeros((2, len(places), 9))
    for each in labels:
        pairs[places[each.question]] += pair(each).ravel()
        coincidences[places[each.question]] += _coincide(each).ravel()
    dice = np.random.default_rng(seed)
    weights = draw_weights(len(places), replicates, dice)
    doubt = draw_parts(_PSEUDO_PAIR, replicates, dice)
    doubt[0] = 0.0

    def estimate(figure: Callable[[Floats], Floats], tables: Floats) -> Estimate | None:
        samples = figure((weights @ tables + doubt).reshape(-1, 3, 3))
        return read_interval(samples, len(places))

    return Agreement(
        comparisons=len(labels),
        votes=sum(len(each.people) for each in labels),
        raw=estimate(raw, pairs),
        decisive=estimate(decisive, pairs),
        kappa=estimate(kappa, pairs),
        alpha=estimate(alpha, coincidences),
    )
