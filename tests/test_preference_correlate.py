"""What predicts people's preference."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pipeline.evaluation.preference import Measures, Style, Thumb, correlate
from pipeline.evaluation.preference.correlate import Correlation, Predictor, kendall, kendall_needed
from pipeline.evaluation.preference.intervals import Estimate
from population import Population, series

EVEN = {"x": 0.2, "y": 0.0, "z": -0.2}
levels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=9)


def of(found: Correlation, name: str) -> Predictor:
    return next(each for each in found.predictors if each.effect.name == name)


def ends(estimate: Estimate | None) -> tuple[float, float]:
    assert estimate
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


@pytest.mark.slow
def test_recall_that_sways_people_is_found_with_its_strength() -> None:
    battles, measures = Population(EVEN, recall_lure=2.5, question_sd=0.3).vote(150, 3, seed=0)

    recall = of(correlate(battles, [], measures, seed=0), "recall")

    low, high = ends(recall.effect.value)
    typical = 2.5 * np.sqrt(1 / 6)  # root mean square of the difference of two uniform recalls
    assert 0 < low < typical < high
    assert ends(recall.accuracy)[0] > 0.5
    assert recall.decided == 450


@pytest.mark.slow
def test_recall_that_only_goes_with_length_is_told_from_length() -> None:
    battles, measures = Population(EVEN, length_lure=2.0).vote(200, 3, seed=1)
    dice = np.random.default_rng(0)
    tied = [
        replace(each, recall=float(np.log(each.style.chars) / 10 + dice.normal(0, 0.02)))
        for each in measures
        if each.style
    ]

    found = correlate(battles, [], tied, seed=0)

    low, high = ends(of(found, "recall").effect.value)
    assert low < 0 < high
    assert ends(of(found, "chars").effect.value)[0] > 0
    assert ends(of(found, "recall").accuracy)[0] > 0.5


def test_what_cannot_be_told_is_left_out_with_its_reason() -> None:
    battles, measures = Population(EVEN).vote(100, 1, seed=2)
    doubled = [replace(each, precision=each.recall) for each in measures]

    found = correlate(battles, [], doubled, seed=0, replicates=50)

    reasons = {each.effect.name: each.effect.excluded for each in found.predictors}
    assert reasons == {
        "recall": None,
        "precision": "collinear",
        "support": "missing",
        "chars": None,
        "headers": "constant",
        "lists": "constant",
        "bold": "constant",
    }
    assert of(found, "support").accuracy is None


def test_a_measure_that_only_tells_the_models_apart_is_collinear_with_them() -> None:
    battles, measures = Population({"x": 0.5, "y": 0.0}).vote(80, 1, seed=3)
    fixed = [replace(each, recall=0.9 if each.model == "x" else 0.4) for each in measures]

    found = correlate(battles, [], fixed, seed=0, replicates=50)

    assert of(found, "recall").effect.excluded == "collinear"
    assert of(found, "recall").accuracy is not None


def test_few_votes_admit_few_measures_and_the_earlier_ones_first() -> None:
    battles, measures = Population(EVEN).vote(30, 1, seed=4)

    found = correlate(battles, [], measures, seed=0, replicates=50)

    assert of(found, "recall").effect.excluded is None
    assert of(found, "chars").effect.excluded == "too_few_votes"


def test_no_votes_predict_nothing() -> None:
    found = correlate([], [], [], seed=0)

    assert (found.votes, found.questions, found.models, found.kendall_needed) == (0, 0, 0, None)
    assert all(
        (each.effect.value, each.accuracy, each.point_biserial, each.kendall)
        == (None, None, None, None)
        for each in found.predictors
    )


def test_thumbs_go_with_a_measure_within_questions_and_not_between_them() -> None:
    dice = np.random.default_rng(8)
    within = dice.normal([0.6, 0.4], 0.05, size=(30, 2))
    recalls = within + 3 * dice.random((30, 1))
    measures = [
        Measures(f"{model}@{q}", f"q{q}", model, recall=float(recalls[q, i]))
        for q in range(30)
        for i, model in enumerate("xy")
    ]
    thumbs = [
        Thumb(
            each.survey, each.question, each.model, "p", 1 if each.model == "x" else -1, q * 86400.0
        )
        for q, each in enumerate(measures)
    ]
    alone = Thumb("alone", "q99", "x", "p", -1, 0.5 * 86400.0)
    measures.append(Measures("alone", "q99", "x", recall=0.9))

    recall = of(correlate([], [*thumbs, alone], measures, seed=0), "recall")

    centred = (within - within.mean(axis=1, keepdims=True)).ravel()
    assert recall.thumbs == 60
    assert recall.point_biserial
    assert recall.point_biserial.value == pytest.approx(
        stats.pointbiserialr([True, False] * 30, centred).statistic
    )
    assert ends(recall.point_biserial)[0] > 0.8


def test_thumbs_that_all_agree_correlate_with_nothing() -> None:
    thumbs = [Thumb(f"s{i}", "q0", "x", f"p{i}", 1, 0.0) for i in range(5)]
    measures = [Measures(f"s{i}", "q0", "x", recall=i / 5) for i in range(5)]

    assert of(correlate([], thumbs, measures, seed=0), "recall").point_biserial is None


def test_the_order_of_models_by_recall_is_set_beside_that_by_rating() -> None:
    battles = [*series("x", "y", ["a"] * 5), *series("y", "z", ["a"] * 5)]
    recalls = {"x": 0.9, "y": 0.5, "z": 0.1}
    measures = [
        Measures(f"s-{m}", "q", m, recall=r, style=Style(9, 0, 0, 0)) for m, r in recalls.items()
    ]

    found = correlate(battles, [], measures, seed=0, replicates=50)

    assert found.models == 3
    assert of(found, "recall").kendall == pytest.approx(1)
    assert of(found, "chars").kendall is None
    assert found.kendall_needed is None


@given(levels)
@settings(deadline=None)
def test_kendalls_tau_is_that_of_scipy(rows: list[tuple[int, int]]) -> None:
    first, second = zip(*rows, strict=True)

    ours = kendall([float(x) for x in first], [float(y) for y in second])

    theirs = stats.kendalltau(first, second).statistic
    assert (np.isnan(theirs) and ours is None) or ours == pytest.approx(theirs)


@pytest.mark.parametrize("models", [2, 4, 5, 6])
def test_the_tau_needed_is_the_least_that_chance_reaches_in_less_than_one_case_of_twenty(
    models: int,
) -> None:
    order = range(models)
    taus = np.array([stats.kendalltau(order, other).statistic for other in permutations(order)])
    surprising = [
        t for t in np.unique(taus.round(9)) if t > 0 and np.mean(abs(taus) >= t - 1e-9) < 0.05
    ]

    assert kendall_needed(models) == (
        pytest.approx(min(surprising), abs=1e-6) if surprising else None
    )


def test_nine_models_need_a_tau_of_five_ninths() -> None:
    assert kendall_needed(9) == pytest.approx(5 / 9)
