"""Ratings, against independent libraries and against populations whose strengths are known."""

from itertools import combinations, pairwise

import choix
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from pipeline.evaluation.preference import Battle
from pipeline.evaluation.preference.covariates import STYLES, admit
from pipeline.evaluation.preference.fit import Floats, fit
from pipeline.evaluation.preference.intervals import read_interval
from pipeline.evaluation.preference.ratings import Ratings, find_groups, rate, tabulate
from pipeline.evaluation.preference.votes import Choice, score
from population import Population, battle, series, swap

choices: st.SearchStrategy[Choice] = st.sampled_from(["a", "b", "tie", "both_bad"])


@st.composite
def held(draw: st.DrawFn) -> list[Battle]:
    rows = draw(st.lists(st.tuples(st.sampled_from(range(12)), choices), min_size=1, max_size=30))
    pairs = [(a, b) for a in "wxyz" for b in "wxyz" if a != b]
    return [
        battle(*pairs[pair], choice, question=f"q{i % 7}", comparison=f"c{i}")
        for i, (pair, choice) in enumerate(rows)
    ]


def strengths(ratings: Ratings) -> Floats:
    return np.asarray(ratings.log_odds[0])


@given(held())
@settings(deadline=None, max_examples=30)
def test_ratings_are_those_of_an_independent_library(battles: list[Battle]) -> None:
    """choix knows neither halves nor groups: double everything, add the pseudo-draws, join."""
    columns = tabulate(battles)
    place = columns.models.index
    met = {tuple(sorted((b.model_a, b.model_b))) for b in battles}
    groups = find_groups([(first, second) for first, second in met])
    wins = [pair for first, second in met for pair in ((first, second), (second, first))]
    for each in battles:
        wins += [(each.model_a, each.model_b)] * int(2 * score(each.choice))
        wins += [(each.model_b, each.model_a)] * int(2 - 2 * score(each.choice))

    ours = strengths(rate(columns, seed=0, replicates=0))

    for group in groups:
        inside = [(group.index(won), group.index(lost)) for won, lost in wins if won in group]
        theirs = choix.mm_pairwise(len(group), inside, tol=1e-12, max_iter=200_000)
        mine = ours[[place(model) for model in group]]
        assert mine == pytest.approx(theirs - theirs.mean(), abs=1e-6)


def test_ratings_with_covariates_are_the_optimum_that_scipy_finds() -> None:
    battles, _ = Population({"x": 0.5, "y": 0.0, "z": -0.5}).vote(40, 3, seed=1)
    extra = np.random.default_rng(0).normal(size=(len(battles), 2))
    columns = tabulate(battles)

    ours = rate(columns, extra, seed=0, replicates=0)

    def loss(found: Floats) -> float:
        rating = np.array([found[0], found[1], -found[0] - found[1]])
        odds = rating[columns.a] - rating[columns.b] + extra @ found[2:]
        pairs = np.array([rating[i] - rating[j] for i, j in combinations(range(3), 2)])
        pseudo = np.concatenate([pairs, found[2:]])
        won = columns.score * special.log_expit(odds) + (1 - columns.score) * special.log_expit(
            -odds
        )
        half = 0.5 * (special.log_expit(pseudo) + special.log_expit(-pseudo))
        return -float(won.sum() + half.sum())

    theirs = optimize.minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-8}).x
    assert strengths(ours)[:2] == pytest.approx(theirs[:2], abs=1e-5)
    assert ours.effects[0] == pytest.approx(theirs[2:], abs=1e-5)


@given(held(), st.integers(0, 2**30))
@settings(deadline=None, max_examples=30)
def test_showing_the_surveys_the_other_way_round_changes_nothing(
    battles: list[Battle], seed: int
) -> None:
    mixed = [swap(b) if i % 2 else b for i, b in enumerate(battles)]

    plain = rate(tabulate(battles), seed=seed, replicates=20)

    assert rate(tabulate(mixed), seed=seed, replicates=20).log_odds == pytest.approx(
        plain.log_odds, abs=1e-6
    )


def test_the_order_of_known_strengths_is_recovered() -> None:
    known = {"a": 1.5, "b": 0.9, "c": 0.3, "d": -0.3, "e": -0.9, "f": -1.5}
    battles, _ = Population(known).vote(300, 5, seed=0)

    ratings = rate(tabulate(battles), seed=0, replicates=0)

    assert sorted(ratings.models, key=lambda model: -ratings.elo(model)[0]) == list("abcdef")


def test_an_unbeaten_model_has_a_finite_rating_and_an_interval_that_reaches_far_up() -> None:
    columns = tabulate(series("best", "other", ["a"] * 20))

    ratings = rate(columns, seed=0)

    rating = read_interval(ratings.elo("best"), 20)
    assert rating
    assert rating.low is not None
    assert rating.high is not None
    assert 1000 < rating.low < rating.value < 1500 < rating.high < 3000
    assert rating.value == pytest.approx(1000 + 200 * np.log10(20.5 / 0.5))


def test_ratings_of_separate_groups_average_1000_each() -> None:
    battles = series("a", "b", ["a"] * 9) + series("c", "d", ["a", "b", "b"])

    ratings = rate(tabulate(battles), seed=0, replicates=5)

    assert find_groups([("a", "b"), ("c", "d")]) == (("a", "b"), ("c", "d"))
    assert ratings.elo("a") + ratings.elo("b") == pytest.approx([2000] * 6)
    assert ratings.elo("c") + ratings.elo("d") == pytest.approx([2000] * 6)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=8))
@settings(deadline=None)
def test_groups_part_all_models_and_no_pair(pairs: list[tuple[str, str]]) -> None:
    groups = find_groups(pairs)

    assert sorted(m for group in groups for m in group) == sorted(
        {m for pair in pairs for m in pair}
    )
    assert all(any(a in group and b in group for group in groups) for a, b in pairs)


def test_pairs_that_never_met_do_not_pull_ratings_together() -> None:
    chain = "abcdef"
    battles = [b for x, y in pairwise(chain) for b in series(x, y, ["a", "a", "b"])]

    ratings = rate(tabulate(battles), seed=0, replicates=0)

    steps = -np.diff(strengths(ratings))
    assert steps == pytest.approx([np.log(2.5 / 1.5)] * 5)


def marginal(population: Population, dice: np.random.Generator) -> Floats:
    """Give the ratings that endless votes on endless questions would give."""
    names = list(population.strengths)
    pairs = list(combinations(range(len(names)), 2))
    favour = dice.normal(0, population.question_sd, size=(200_000, len(names)))
    odds = np.array(list(population.strengths.values())) + favour
    design = np.zeros((len(pairs), len(names)))
    for row, (i, j) in enumerate(pairs):
        design[row, [i, j]] = 1.0, -1.0
    won = special.expit(odds @ design.T).mean(axis=0)[None]
    free = fit(design[:, :-1], np.ones((1, 1)), lambda _: (won, 1 - won))[0]
    found = np.array([*free, 0.0])
    return np.asarray(found - found.mean())


@pytest.mark.slow
@pytest.mark.parametrize(("questions", "votes"), [(12, 5), (40, 2)])
def test_intervals_over_questions_have_their_nominal_coverage(questions: int, votes: int) -> None:
    population = Population({"x": 0.6, "y": 0.0, "z": -0.6})
    truth = marginal(population, np.random.default_rng(9))
    inside = []

    for seed in range(150):
        battles, _ = population.vote(questions, votes, seed)
        ratings = rate(tabulate(battles), seed=seed, replicates=300)
        for samples, true in zip(ratings.log_odds.T, truth, strict=True):
            found = read_interval(samples, questions)
            assert found
            assert found.low is not None
            assert found.high is not None
            inside.append(found.low <= true <= found.high)

    assert 0.90 <= np.mean(inside) <= 0.98


@pytest.mark.slow
def test_style_control_removes_what_length_alone_has_won() -> None:
    population = Population(
        {"long": 0.0, "short": 0.0}, length_lure=2.0, chars={"long": 5000.0, "short": 3500.0}
    )
    battles, measures = population.vote(300, 2, seed=4)
    admitted = admit(STYLES, battles, {each.survey: each for each in measures})

    raw = read_interval(rate(tabulate(battles), seed=0).elo("long"), 300)
    ratings = rate(tabulate(admitted.battles), admitted.values, seed=0)
    controlled = read_interval(ratings.elo("long"), 300)

    assert raw
    assert controlled
    assert raw.low is not None
    assert raw.low > 1010
    assert controlled.low is not None
    assert controlled.high is not None
    assert controlled.low < 1000 < controlled.high
    assert admitted.names == ("chars",)
    length = read_interval(ratings.effects[:, 0], 300)
    assert length
    assert length.low is not None
    assert length.low > 0
