"""The figures of an experiment: means, deviations, intervals, differences, positions, verdicts."""

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipeline.evaluation.preference.intervals import (
    REPLICATES,
    Estimate,
    draw_weights,
    read_interval,
)
from pipeline.evaluation.recall import pool_positions
from pipeline.report.data import Findings, Observation
from pipeline.types import Tally

SMALL = 10
"""Contexts of fewer papers make recall jump: the article's third question has two."""


@dataclass(frozen=True, slots=True)
class Box:
    """The surveys of one arm on one question.

    Attributes:
        mean: over the surveys; null where none is measured.
        sd: sample standard deviation over them; null for fewer than two.
        number: of surveys measured.
    """

    mean: float | None
    sd: float | None
    number: int


@dataclass(frozen=True, slots=True)
class Row:
    """One arm over all questions.

    Attributes:
        boxes: one for each question.
        overall: mean of the questions' means, with the interval of a bootstrap over questions.
        sd_runs, sd_generations: how far query runs, and generations from one context, lie apart:
            root mean square over the questions; null where it cannot be told.
    """

    arm: str
    boxes: tuple[Box, ...]
    overall: Estimate | None
    sd_runs: float | None
    sd_generations: float | None


@dataclass(frozen=True, slots=True)
class Table:
    """One metric for all arms and questions.

    Attributes:
        questions: places of its questions in the plan.
        papers: mean context of each.
    """

    metric: str
    questions: tuple[int, ...]
    papers: tuple[float | None, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better one arm does than another where both have written on the same query run."""

    first: str
    second: str
    estimate: Estimate


def count_papers(findings: Findings) -> dict[int, float]:
    """Give the mean number of papers of each question's contexts."""
    sizes: dict[int, dict[int, int]] = defaultdict(dict)
    for one in findings.observations:
        sizes[one.question][one.run] = one.papers
    return {question: statistics.fmean(runs.values()) for question, runs in sizes.items()}


def make_table(
    findings: Findings, metric: str, *, fewest: int = 0, seed: int = 0, replicates: int = REPLICATES
) -> Table:
    """Give a metric's table.

    Args:
        fewest: leave out questions whose mean context is smaller.
        seed: of the bootstrap.
    """
    papers = count_papers(findings)
    questions = tuple(
        q for q in range(len(findings.plan.questions)) if papers.get(q, math.inf) >= fewest
    )
    dice = np.random.default_rng(seed)
    weights = draw_weights(len(questions), replicates, dice)
    rows = tuple(
        _row(findings.observations, arm, metric, questions, weights) for arm in findings.arms
    )
    return Table(metric, questions, tuple(papers.get(q) for q in questions), rows)


def _row(
    observations: Sequence[Observation],
    arm: str,
    metric: str,
    questions: Sequence[int],
    weights: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> Row:
    mine = [one for one in observations if one.arm == arm and metric in one.values]
    by_question = {q: [one for one in mine if one.question == q] for q in questions}
    boxes = tuple(_box([one.values[metric] for one in by_question[q]]) for q in questions)
    means = np.array([math.nan if box.mean is None else box.mean for box in boxes])
    runs, generations = _components([by_question[q] for q in questions], metric)
    return Row(arm, boxes, _average(means, weights), runs, generations)


def _box(values: Sequence[float]) -> Box:
    if not values:
        return Box(None, None, 0)
    sd = statistics.stdev(values) if len(values) > 1 else None
    return Box(statistics.fmean(values), sd, len(values))


def _average(
    means: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    weights: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> Estimate | None:
    """Average over the questions that have a figure, with the interval of a bootstrap over them."""
    known = np.isfinite(means)
    if not known.any():
        return None
    shares = weights[:, known] / weights[:, known].sum(axis=1, keepdims=True)
    return read_interval(shares @ means[known], int(known.sum()))


def _components(
    questions: Iterable[Sequence[Observation]], metric: str
) -> tuple[float | None, float | None]:
    """Split the variance of a question's surveys: between query runs, and within one.

    Source: one-way analysis of variance with random effects; a negative component is 0.
    """
    between: list[float] = []
    within: list[float] = []
    for observations in questions:
        runs: dict[int, list[float]] = defaultdict(list)
        for one in observations:
            runs[one.run].append(one.values[metric])
        groups = [values for values in runs.values() if len(values) > 1]
        if not groups:
            continue
        inside = statistics.fmean(statistics.variance(values) for values in groups)
        within.append(inside)
        if len(groups) > 1:
            size = statistics.harmonic_mean([len(values) for values in groups])
            outside = statistics.variance([statistics.fmean(values) for values in groups])
            between.append(max(0.0, outside - inside / size))
    root = [math.sqrt(statistics.fmean(part)) if part else None for part in (between, within)]
    return root[0], root[1]


def compare_arms(
    findings: Findings, metric: str, *, seed: int = 0, replicates: int = REPLICATES
) -> tuple[Difference, ...]:
    """Give the paired difference of every two arms, the first less the second.

    Compared are the means of a query run, where both arms have written on it; then they are
    averaged over the runs of a question, and over questions.
    """
    runs: dict[str, dict[tuple[int, int], list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in findings.observations:
        if metric in one.values:
            runs[one.arm][one.question, one.run].append(one.values[metric])
    weights = draw_weights(len(findings.plan.questions), replicates, np.random.default_rng(seed))
    differences: list[Difference] = []
    for first, second in combinations(findings.arms, 2):
        by_question: dict[int, list[float]] = defaultdict(list)
        for key in sorted(runs[first].keys() & runs[second].keys()):
            gap = statistics.fmean(runs[first][key]) - statistics.fmean(runs[second][key])
            by_question[key[0]].append(gap)
        gaps = np.full(len(findings.plan.questions), math.nan)
        for question, values in by_question.items():
            gaps[question] = statistics.fmean(values)
        estimate = _average(gaps, weights)
        if estimate is not None:
            differences.append(Difference(first, second, estimate))
    return tuple(differences)


def pool_arms(findings: Findings) -> dict[str, tuple[Tally, ...]]:
    """Give recall by position of each arm: cited papers of each tenth, added up over surveys."""
    pooled = {
        arm: pool_positions(one.positions for one in findings.observations if one.arm == arm)
        for arm in findings.arms
    }
    return {arm: tallies for arm, tallies in pooled.items() if tallies}


def find_front(points: Mapping[str, tuple[float, float]]) -> set[str]:
    """Give those that nobody beats on both: cost as low, quality as high.

    Args:
        points: cost and quality of each arm.
    """

    def beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
        return one[0] <= other[0] and one[1] >= other[1] and one != other

    return {arm for arm, at in points.items() if not any(beats(o, at) for o in points.values())}


def mean_of(findings: Findings, metric: str) -> dict[str, float]:
    """Give each arm's mean over questions of a metric that needs no interval."""
    table = make_table(findings, metric, replicates=1)
    return {row.arm: row.overall.value for row in table.rows if row.overall is not None}


def make_all(
    findings: Findings, make: Callable[[str], Table], metrics: Iterable[str]
) -> tuple[Table, ...]:
    """Give the tables of those metrics that anything was measured of."""
    known = {name for one in findings.observations for name in one.values}
    return tuple(make(metric) for metric in metrics if metric in known)
