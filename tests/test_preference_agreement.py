"""Agreement of judges with people, against published examples."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation.preference import Battle, Verdict, measure_agreement
from pipeline.evaluation.preference.agreement import alpha, decisive, kappa, raw
from pipeline.evaluation.preference.intervals import Estimate
from pipeline.evaluation.preference.votes import Choice
from population import battle, swap

choices: st.SearchStrategy[Choice] = st.sampled_from(["a", "b", "tie", "both_bad"])


def ask(comparison: int, *answers: Choice) -> list[Battle]:
    """Give people's votes on a comparison that is the only one of its question."""
    return [
        battle(
            "x", "y", choice, question=f"q{comparison}", comparison=f"c{comparison}", person=f"p{i}"
        )
        for i, choice in enumerate(answers)
    ]


def judge(comparison: int, choice: Choice, name: str = "judge") -> Verdict:
    question = f"q{comparison}"
    return Verdict(f"c{comparison}", question, f"x@{question}", f"y@{question}", name, choice)


def value(estimate: Estimate | None) -> float:
    assert estimate
    return estimate.value


def test_alpha_is_krippendorffs_for_his_four_observers_and_twelve_units() -> None:
    """Krippendorff 2011, section C: coincidences of nominal data with gaps; alpha = 0.743."""
    table = np.array(
        [
            [7, 4 / 3, 1 / 3, 1 / 3, 0],
            [4 / 3, 10, 4 / 3, 1 / 3, 0],
            [1 / 3, 4 / 3, 8, 1 / 3, 0],
            [1 / 3, 1 / 3, 1 / 3, 4, 0],
            [0, 0, 0, 0, 3],
        ]
    )

    assert float(alpha(table)) == pytest.approx(0.743, abs=5e-4)


def test_alpha_is_krippendorffs_for_his_two_observers_and_ten_units() -> None:
    """Krippendorff 2011, section A: binary data; alpha = 0.095."""
    rows = zip("0100000010", "1110010000", strict=True)
    names: dict[str, Choice] = {"0": "a", "1": "b"}
    battles = [v for i, (m, w) in enumerate(rows) for v in ask(i, names[m], names[w])]

    people = measure_agreement([], battles, seed=0).people

    assert value(people.alpha) == pytest.approx(0.095, abs=5e-4)
    assert value(people.raw) == pytest.approx(0.6)


def test_kappa_is_that_of_the_textbook_table() -> None:
    """20 of 50 both yes, 15 both no, 5 and 10 apart: 0.7 agree, 0.5 by chance, kappa = 0.4."""
    table = np.array([[20.0, 5.0], [10.0, 15.0]])

    assert float(raw(table)) == pytest.approx(0.7)
    assert float(kappa(table)) == pytest.approx(0.4)


def test_agreement_without_ties_leaves_out_pairs_with_a_tie() -> None:
    table = np.array([[6.0, 2.0, 5.0], [1.0, 3.0, 5.0], [5.0, 5.0, 9.0]])

    assert float(decisive(table)) == pytest.approx(9 / 12)


def test_a_judge_is_compared_with_each_vote_and_people_on_the_same_comparisons() -> None:
    battles = [*ask(0, "a", "a", "b"), *ask(1, "b"), *ask(2, "tie", "a"), *ask(3, "b", "b")]
    verdicts = [judge(0, "a"), judge(1, "b"), judge(2, "both_bad"), judge(99, "a")]

    agreements = measure_agreement(verdicts, battles, seed=0)

    beside = agreements.judges[0]
    assert beside.judge == "judge"
    assert (beside.with_people.comparisons, beside.with_people.votes) == (3, 6)
    assert value(beside.with_people.raw) == pytest.approx(4 / 6)
    assert value(beside.with_people.decisive) == pytest.approx(3 / 4)
    assert (beside.among_people.comparisons, beside.among_people.votes) == (2, 5)
    assert value(beside.among_people.raw) == pytest.approx((3 * 1 / 3 + 2 * 0) / 5)
    assert agreements.people.comparisons == 3
    assert value(agreements.people.raw) == pytest.approx((3 * 1 / 3 + 2 * 0 + 2 * 1) / 7)


def test_people_and_judges_agree_on_a_survey_whichever_side_it_was_shown_on() -> None:
    shown = [vote for i in range(6) for vote in ask(i, "a", "a", "tie")]
    mixed = [swap(vote) if i % 2 else vote for i, vote in enumerate(shown)]
    turned = replace(judge(1, "b"), survey_a="y@q1", survey_b="x@q1")

    plain = measure_agreement([judge(0, "a"), judge(1, "a")], shown, seed=0)

    assert measure_agreement([judge(0, "a"), turned], mixed, seed=0) == plain


def test_an_echo_of_people_agrees_fully_and_a_coin_does_not() -> None:
    dice = np.random.default_rng(1)
    names: list[Choice] = ["a", "b"]
    cast = [names[i] for i in dice.integers(0, 2, 60)]
    battles = [vote for i, choice in enumerate(cast) for vote in ask(i, choice, choice)]
    coin = [judge(i, names[j], "coin") for i, j in enumerate(dice.integers(0, 2, 60))]
    echo = [judge(i, choice, "echo") for i, choice in enumerate(cast)]

    of_coin, of_echo = measure_agreement([*echo, *coin], battles, seed=0).judges

    assert (of_coin.judge, of_echo.judge) == ("coin", "echo")
    assert value(of_echo.with_people.kappa) == pytest.approx(1)
    assert of_echo.with_people.raw
    assert of_echo.with_people.raw.low is not None
    assert 0.9 < of_echo.with_people.raw.low < 1
    assert of_coin.with_people.kappa
    assert of_coin.with_people.kappa.low is not None
    assert of_coin.with_people.kappa.high is not None
    assert of_coin.with_people.kappa.low < 0 < of_coin.with_people.kappa.high


def test_agreement_that_cannot_be_told_is_none() -> None:
    nobody = measure_agreement([judge(0, "a")], [], seed=0)
    alone = measure_agreement([judge(0, "a")], ask(0, "a"), seed=0)
    same = measure_agreement([], [v for i in range(9) for v in ask(i, "a", "a")], seed=0).people

    assert nobody.people.raw is None
    assert nobody.judges[0].with_people.comparisons == 0
    assert alone.judges[0].with_people.raw == Estimate(1.0)
    assert alone.judges[0].among_people.raw is None
    assert value(same.raw) == 1
    assert same.kappa is None
    assert same.alpha is None


def test_votes_that_do_not_count_are_left_out_here_too() -> None:
    seen = [replace(vote, blind=False) for vote in ask(0, "a", "a")]

    assert measure_agreement([judge(0, "a")], seen, seed=0).judges[0].with_people.votes == 0


@given(st.lists(st.tuples(choices, st.lists(choices, max_size=4)), max_size=12))
@settings(deadline=None, max_examples=40)
def test_agreement_never_leaves_its_range(rows: list[tuple[Choice, list[Choice]]]) -> None:
    battles = [vote for i, (_, cast) in enumerate(rows) for vote in ask(i, *cast)]
    verdicts = [judge(i, choice) for i, (choice, _) in enumerate(rows)]

    agreements = measure_agreement(verdicts, battles, seed=0, replicates=30)

    both = [part for each in agreements.judges for part in (each.with_people, each.among_people)]
    for part in [*both, agreements.people]:
        for figure in (part.raw, part.decisive, part.kappa, part.alpha):
            assert figure is None or -1 <= figure.value <= 1
        assert part.raw is None or 0 <= part.raw.value <= 1
