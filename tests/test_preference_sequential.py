"""Deciding between two models, looking whenever one likes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation.preference.sequential import (
    ENOUGH,
    count_questions_needed,
    log_e_value,
    read_leans,
)
from population import DAY, LATER, battle, series

leans = st.lists(st.floats(-1, 1), max_size=40)
ENOUGH_LOG = math.log(ENOUGH)


@given(st.integers(0, 120), st.integers(0, 120))
@settings(deadline=None)
def test_with_one_vote_a_question_it_is_the_beta_mixture(wins: int, losses: int) -> None:
    votes = wins + losses
    ways = math.lgamma(votes + 1) - math.lgamma(wins + 1) - math.lgamma(losses + 1)

    e = log_e_value([1.0] * wins + [-1.0] * losses)

    assert e == pytest.approx(votes * math.log(2) - math.log(votes + 1) - ways, abs=1e-8)


@given(leans)
@settings(deadline=None)
def test_evidence_is_the_same_for_either_side_and_in_any_order(values: list[float]) -> None:
    turned = [-value for value in reversed(values)]

    assert log_e_value(turned) == pytest.approx(log_e_value(values), abs=1e-9)


def test_eight_unanimous_questions_decide_and_seven_do_not() -> None:
    assert log_e_value([1.0] * 7) < ENOUGH_LOG <= log_e_value([1.0] * 8)
    assert log_e_value([]) == pytest.approx(0, abs=1e-12)


def test_three_thousand_questions_are_still_summed_exactly() -> None:
    ways = math.lgamma(3001) - math.lgamma(1601) - math.lgamma(1401)

    e = log_e_value([1.0] * 1600 + [-1.0] * 1400)

    assert e == pytest.approx(3000 * math.log(2) - math.log(3001) - ways, abs=1e-6)


def fewest_wins(questions: int) -> list[int]:
    """Give, for each number of questions, the fewest wins that decide."""
    found, wins = [], 1
    for n in range(1, questions + 1):
        while wins <= n and log_e_value([1.0] * wins + [-1.0] * (n - wins)) < ENOUGH_LOG:
            wins += 1
        found.append(wins)
    return found


@pytest.mark.slow
def test_equal_models_are_decided_in_less_than_one_case_of_twenty_though_we_look_each_time() -> (
    None
):
    runs, questions = 4_000, 400
    wins = np.random.default_rng(3).integers(0, 2, size=(runs, questions)).cumsum(axis=1)
    seen = np.arange(1, questions + 1)
    needed = np.array(fewest_wins(questions))

    decided = ((wins >= needed) | (seen - wins >= needed)).any(axis=1).mean()
    naive = (np.abs(2 * wins - seen) > 1.96 * np.sqrt(seen))[:, 19:].any(axis=1).mean()

    assert 0.01 < decided <= 0.05
    assert naive > 0.25


@pytest.mark.slow
def test_questions_that_favour_one_side_do_not_decide_between_equal_models() -> None:
    dice = np.random.default_rng(5)
    runs, questions, votes = 400, 30, 10
    likely = 1 / (1 + np.exp(-1.5 * dice.normal(size=(runs, questions))))
    means = 2 * dice.binomial(votes, likely) / votes - 1

    decided = [
        any(log_e_value(row[: n + 1]) >= ENOUGH_LOG for n in range(7, questions)) for row in means
    ]

    assert np.mean(decided) <= 0.05


def test_a_clear_preference_is_decided_within_a_few_hundred_questions() -> None:
    dice = np.random.default_rng(6)

    decided = [
        log_e_value(np.where(dice.random(250) < 0.65, 1.0, -1.0).tolist()) >= ENOUGH_LOG
        for _ in range(200)
    ]

    assert np.mean(decided) > 0.9


def test_a_question_enters_a_day_after_its_first_vote_and_is_fixed_then() -> None:
    first = battle("x", "y", "a", person="p0", at=0)
    second = battle("x", "y", "b", person="p1", at=DAY / 2)
    third = battle("x", "y", "b", person="p2", at=DAY / 2 + 1)
    late = battle("x", "y", "b", person="p3", at=DAY + 1)
    votes = [late, second, first, third]

    assert read_leans(votes, "x", until=DAY - 1) == ()
    assert read_leans(votes, "x", until=DAY) == ((1 - 1 - 1) / 3,)
    assert read_leans(votes, "x", until=LATER) == ((1 - 1 - 1) / 3,)
    assert read_leans(votes, "y", until=LATER) == ((-1 + 1 + 1) / 3,)


def test_ties_say_nothing_either_way() -> None:
    votes = [
        battle("x", "y", "tie", question="q0"),
        battle("x", "y", "both_bad", question="q0", person="p1"),
        battle("x", "y", "tie", question="q1"),
        battle("y", "x", "b", question="q1", person="p1"),
    ]

    assert read_leans(votes, "x", until=LATER) == (1.0,)


def test_as_many_more_questions_as_are_needed_decide_if_they_lean_as_before() -> None:
    held = read_leans(series("x", "y", ["a", "a", "b"] * 8), "x", until=LATER)

    needed = count_questions_needed(held, ENOUGH)

    assert needed is not None
    assert 20 < needed < 100
    share = (16 + 0.5) / 25
    wins = round(share * needed)
    assert log_e_value([*held, *[1.0] * wins, *[-1.0] * (needed - wins)]) == pytest.approx(
        ENOUGH_LOG, abs=0.7
    )


def test_no_number_is_named_for_models_that_look_equal_and_none_for_decided_ones() -> None:
    assert count_questions_needed([], ENOUGH) is None
    assert count_questions_needed([1.0, -1.0] * 20, ENOUGH) is None
    assert count_questions_needed([1.0] * 8, ENOUGH) == 0
