"""Intervals, against independent libraries and against populations whose truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pipeline.evaluation.preference.intervals import (
    draw_parts,
    draw_weights,
    estimate_share,
    read_interval,
    student,
    wilson,
)

counts = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12)


@pytest.mark.parametrize(
    ("won", "votes"), [(0, 1), (1, 1), (3, 7), (50, 100), (0, 40), (999, 1000)]
)
def test_wilsons_interval_is_that_of_scipy(won: int, votes: int) -> None:
    theirs = stats.binomtest(won, votes).proportion_ci(method="wilson")

    assert wilson(won / votes, votes) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize("freedom", [4, 5, 9, 19, 99, 1000])
def test_students_quantile_is_that_of_scipy(freedom: int) -> None:
    assert student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), abs=1e-3)


@given(counts)
@settings(deadline=None)
def test_a_share_lies_within_its_interval_and_that_within_0_and_1(
    rows: list[tuple[int, int]],
) -> None:
    estimate = estimate_share([won for won, _ in rows], [won + lost for won, lost in rows])

    if not any(won + lost for won, lost in rows):
        assert estimate is None
    else:
        assert estimate
        assert estimate.low is not None
        assert estimate.high is not None
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
        assert estimate.high - estimate.low > 0


def test_votes_that_repeat_each_other_on_a_question_count_as_one() -> None:
    once = estimate_share([1, 0, 1, 1], [1, 1, 1, 1])

    assert estimate_share([9, 0, 9, 9], [9, 9, 9, 9]) == once


def test_a_share_is_covered_when_votes_on_a_question_go_together() -> None:
    dice = np.random.default_rng(2)
    questions, votes, runs = 20, 4, 600
    truth = float(stats.logistic.cdf(0.4 + dice.normal(size=400_000)).mean())
    likely = stats.logistic.cdf(0.4 + dice.normal(size=(runs, questions)))
    won = dice.binomial(votes, likely)

    ours = [estimate_share(row.tolist(), [votes] * questions) for row in won]
    naive = [wilson(row.sum() / questions / votes, questions * votes) for row in won]

    inside = [e.low <= truth <= e.high for e in ours if e and e.low is not None and e.high]
    assert 0.92 <= np.mean(inside) <= 0.98
    assert np.mean([low <= truth <= high for low, high in naive]) < 0.90


def test_replicates_of_wins_and_losses_are_jeffreys_posterior() -> None:
    dice = np.random.default_rng(0)
    weights = draw_weights(12, 40_000, dice)
    parts = draw_parts([0.5, 0.5], 40_000, dice)

    won = weights[1:, :9].sum(axis=1) + parts[1:, 0]
    lost = weights[1:, 9:].sum(axis=1) + parts[1:, 1]

    assert stats.kstest(won / (won + lost), stats.beta(9.5, 3.5).cdf).pvalue > 0.01
    assert weights[0].tolist() == [1.0] * 12
    assert parts[0].tolist() == [0.5, 0.5]


def test_less_than_five_questions_give_a_figure_without_an_interval() -> None:
    estimate = read_interval(np.arange(100.0), questions=4)

    assert estimate
    assert (estimate.value, estimate.low, estimate.high) == (0.0, None, None)


def test_an_undefined_figure_is_none_and_undefined_replicates_are_left_out() -> None:
    assert read_interval(np.array([np.nan, 1.0, 2.0]), questions=9) is None
    kept = read_interval(np.array([1.0, np.nan, 0.0, 2.0]), questions=50)
    assert kept
    assert kept.low == pytest.approx(0, abs=0.1)
    assert kept.high == pytest.approx(2, abs=0.1)
