"""How many votes to plan for."""

import pytest
from scipy import stats

from pipeline.evaluation.preference import plan_votes
from pipeline.evaluation.preference.power import find_power


@pytest.mark.parametrize(
    ("win_rate", "at_80", "at_90"),
    [(0.55, 820, 1080), (0.60, 210, 274), (0.65, 97, 121), (0.70, 54, 70)],
)
def test_votes_that_find_a_preference_are_those_of_the_documents(
    win_rate: float, at_80: int, at_90: int
) -> None:
    assert plan_votes(win_rate, 0.8).decided == at_80
    assert plan_votes(win_rate, 0.9).decided == at_90


@pytest.mark.parametrize(("votes", "win_rate"), [(6, 0.9), (9, 0.99), (40, 0.7), (97, 0.65)])
def test_power_is_that_of_scipys_binomial_test(votes: int, win_rate: float) -> None:
    rejecting = [k for k in range(votes + 1) if stats.binomtest(k, votes).pvalue <= 0.05]

    theirs = stats.binom.pmf(rejecting, votes, win_rate).sum()

    assert find_power(votes, win_rate) == pytest.approx(theirs, abs=1e-12)


def test_ties_and_votes_on_one_question_ask_for_more() -> None:
    plan = plan_votes(0.6, 0.8, tie_rate=0.3, votes_per_question=15, correlation=0.1)

    assert plan.decided == 210
    assert plan.votes == 720  # 210 ÷ 0.7 · (1 + 14 · 0.1)
    assert plan.questions == 48


def test_one_vote_each_on_many_questions_needs_the_fewest_votes() -> None:
    votes = [plan_votes(0.65, 0.8, votes_per_question=m).votes for m in (1, 2, 5, 15)]

    assert votes == sorted(votes)
    assert votes[0] == 97


@pytest.mark.parametrize(
    ("win_rate", "power", "tie_rate", "per_question"),
    [(0.5, 0.8, 0, 1), (1.0, 0.8, 0, 1), (0.6, 1.0, 0, 1), (0.6, 0.8, 1.0, 1), (0.6, 0.8, 0, 0.5)],
)
def test_a_plan_for_what_cannot_be_is_refused(
    win_rate: float, power: float, tie_rate: float, per_question: float
) -> None:
    with pytest.raises(ValueError, match=r"at least one|win rate"):
        plan_votes(win_rate, power, tie_rate=tie_rate, votes_per_question=per_question)
