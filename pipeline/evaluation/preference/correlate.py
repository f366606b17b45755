"""Whether recall, precision, support or style predicts which survey people prefer."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.evaluation.preference.covariates import (
    PREDICTORS,
    Covariate,
    Effect,
    admit,
    read_effects,
    read_level,
    subtract_levels,
)
from pipeline.evaluation.preference.intervals import (
    REPLICATES,
    Estimate,
    draw_weights,
    estimate_share,
    read_interval,
)
from pipeline.evaluation.preference.means import average_by_model
from pipeline.evaluation.preference.ratings import find_groups, rate, tabulate
from pipeline.evaluation.preference.votes import (
    VOTES_PER_DAY,
    Battle,
    Measures,
    Thumb,
    count_battles,
    count_thumbs,
    score,
)


@dataclass(frozen=True, slots=True)
class Predictor:
    """One measure beside what people prefer; null where nothing can be said.

    Attributes:
        effect: log-odds per typical difference in a Bradley-Terry model with all admitted measures,
            the models' own strengths held.
        accuracy: share of decided votes won by the survey with more of it, equal ones ½.
        decided: number of these votes.
        point_biserial: its correlation with 👍 (1) and 👎 (-1) within questions.
        thumbs: number of these, on questions whose surveys or thumbs differ.
        kendall: tau-b of the models' means with their ratings; a description, see
            ``Correlation.kendall_needed``.
    """

    effect: Effect
    accuracy: Estimate | None
    decided: int
    point_biserial: Estimate | None
    thumbs: int
    kendall: float | None


@dataclass(frozen=True, slots=True)
class Correlation:
    """All measures beside what people prefer.

    Attributes:
        votes, questions: that the effects rest on.
        models: of the largest group, which the taus rest on.
        kendall_needed: smallest absolute tau that so many models give by chance in less than one
            case of 20; null when none could.
    """

    predictors: tuple[Predictor, ...]
    votes: int
    questions: int
    models: int
    kendall_needed: float | None


def correlate(
    battles: Sequence[Battle],
    thumbs: Sequence[Thumb],
    measures: Sequence[Measures],
    *,
    seed: int,
    replicates: int = REPLICATES,
    votes_per_day: int = VOTES_PER_DAY,
) -> Correlation:
    """Tell which measures go with people's preference, and how surely."""
    counted = count_battles(battles, votes_per_day=votes_per_day).battles
    liked = count_thumbs(thumbs, votes_per_day=votes_per_day)
    known = {each.survey: each for each in measures}
    admitted = admit(PREDICTORS, counted, known)
    samples = None
    if admitted.names:
        columns = tabulate(admitted.battles)
        samples = rate(columns, admitted.values, seed=seed, replicates=replicates).effects
    strengths = _rate_largest_group(counted)
    predictors = []
    for effect in read_effects(PREDICTORS, admitted, samples):
        name = effect.name
        accuracy, decided = _predict_pairs(name, counted, known)
        biserial, thumbed = _correlate_thumbs(name, liked, known, seed, replicates)
        means = average_by_model((m.model, m.question, read_level(name, m)) for m in measures)
        both = [model for model in strengths if model in means]
        tau = kendall([means[model] for model in both], [strengths[model] for model in both])
        predictors.append(Predictor(effect, accuracy, decided, biserial, thumbed, tau))
    needed = kendall_needed(len(strengths))
    questions = len({battle.question for battle in admitted.battles})
    return Correlation(tuple(predictors), len(admitted.battles), questions, len(strengths), needed)


def kendall(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Give Kendall's tau-b, null when either side is constant.

    Source: Kendall 1945, "The treatment of ties in ranking problems".
    """
    rises = [np.sign(np.subtract.outer(side, side)) for side in (first, second)]
    size = math.sqrt(float((rises[0] ** 2).sum() * (rises[1] ** 2).sum()))
    return float((rises[0] * rises[1]).sum()) / size if size else None


def kendall_needed(models: int) -> float | None:
    """Give the least absolute tau that chance reaches in less than 5 % of all orders."""
    orders = [1]  # orders[k]: permutations of so many models with k inversions
    for size in range(2, models + 1):
        sums = np.concatenate([[0], np.cumsum(np.array(orders + [0] * (size - 1), dtype=object))])
        orders = [int(sums[k + 1] - sums[max(0, k + 1 - size)]) for k in range(len(sums) - 1)]
    total, seen, needed = sum(orders), 0, None
    for inversions, count in enumerate(orders):
        seen += count
        if 2 * seen * 20 >= total:
            break
        needed = 1 - 2 * inversions / (len(orders) - 1)
    return needed


def _rate_largest_group(battles: Sequence[Battle]) -> dict[str, float]:
    """Give raw log-odds of the models of the largest group."""
    groups = find_groups((battle.model_a, battle.model_b) for battle in battles)
    if not groups:
        return {}
    largest = max(groups, key=len)
    ratings = rate(tabulate([b for b in battles if b.model_a in largest]), seed=0, replicates=0)
    return dict(zip(ratings.models, ratings.log_odds[0].tolist(), strict=True))


def _predict_pairs(
    name: Covariate, battles: Sequence[Battle], known: Mapping[str, Measures]
) -> tuple[Estimate | None, int]:
    """Give the share of decided votes that the measure predicts, and their number."""
    right: dict[str, list[float]] = defaultdict(list)
    differences = subtract_levels(name, battles, known)
    for battle, difference in zip(battles, differences, strict=True):
        won = 2 * score(battle.choice) - 1
        if won and not math.isnan(difference):
            right[battle.question].append((1 + won * float(np.sign(difference))) / 2)
    votes = [len(each) for each in right.values()]
    return estimate_share([sum(each) for each in right.values()], votes), sum(votes)


def _correlate_thumbs(
    name: Covariate,
    thumbs: Sequence[Thumb],
    known: Mapping[str, Measures],
    seed: int,
    replicates: int,
) -> tuple[Estimate | None, int]:
    """Correlate a measure with thumbs, both less their means of the question."""
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for thumb in thumbs:
        level = read_level(name, known.get(thumb.survey))
        if not math.isnan(level):
            groups[thumb.question].append((level, thumb.value))
    sums, votes = [], 0
    for _, rows in sorted(groups.items()):
        if all(row == other for row, other in pairwise(rows)):
            continue
        x, y = np.array(rows).T - np.mean(rows, axis=0)[:, None]
        sums.append([x @ y, x @ x, y @ y])
        votes += len(rows)
    if not sums:
        return None, 0
    weights = draw_weights(len(sums), replicates, np.random.default_rng(seed))
    xy, xx, yy = (weights @ np.array(sums)).T
    if min(xx[0], yy[0]) < 1e-12:
        return None, votes
    return read_interval(xy / np.sqrt(xx * yy), len(sums)), votes
