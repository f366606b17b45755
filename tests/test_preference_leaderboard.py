"""The leaderboard as a whole, also where there is hardly anything to say."""

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation.preference import Battle, Measures, Style, Thumb, make_leaderboard
from pipeline.evaluation.preference.entries import Entry, rank_by_intervals
from pipeline.evaluation.preference.intervals import Estimate
from pipeline.evaluation.preference.leaderboard import Leaderboard
from pipeline.evaluation.preference.votes import Choice
from population import DAY, LATER, Population, battle, series, swap

choices: st.SearchStrategy[Choice] = st.sampled_from(["a", "b", "tie", "both_bad"])


def board(
    battles: list[Battle],
    thumbs: list[Thumb] | None = None,
    measures: list[Measures] | None = None,
    *,
    now: float = LATER,
    votes_per_day: int = 20,
) -> Leaderboard:
    return make_leaderboard(
        battles, thumbs or [], measures or [], now=now, seed=7, votes_per_day=votes_per_day
    )


def entry(found: Leaderboard, model: str) -> Entry:
    return next(each for each in found.entries if each.model == model)


def test_no_votes_give_no_ranking_and_say_how_many_are_needed() -> None:
    found = board([])

    assert (found.standing, found.votes_needed, found.entries) == ("no_votes", 8, ())
    assert found.turnout.busiest_share == 0


def test_one_vote_is_counted_and_not_rated() -> None:
    found = board([battle("x", "y", "a")])

    assert (found.standing, found.votes_needed) == ("too_few", 7)
    winner = entry(found, "x")
    assert (winner.tally.wins, winner.tally.losses, winner.rating, winner.rank) == (
        1,
        0,
        None,
        None,
    )
    assert winner.tally.win_rate
    assert winner.tally.win_rate.low == pytest.approx(0.2065, abs=1e-4)
    assert found.notes == ("few_questions", "one_person_dominates")


def test_many_votes_on_one_question_are_still_too_few() -> None:
    votes = [battle("x", "y", "a", comparison="c", person=f"p{i}") for i in range(40)]

    found = board(votes)

    assert (found.standing, found.votes_needed, found.turnout.questions) == ("too_few", 7, 1)
    assert found.pairs[0].e_value == pytest.approx(1)


def test_an_unbeaten_model_is_ranked_first_with_a_finite_rating() -> None:
    found = board(series("best", "other", ["a"] * 12))

    assert found.standing == "ranked"
    first, second = found.entries
    assert (first.model, first.rank, second.rank) == ("best", 1, 2)
    assert first.rating
    assert second.rating
    assert second.rating.value < 1000 < first.rating.value < 1500
    assert first.rating.value + second.rating.value == pytest.approx(2000)


def test_models_that_nobody_compared_stand_in_groups_of_their_own() -> None:
    found = board(series("a", "b", ["a"] * 8) + series("c", "d", ["a", "b"]))

    assert [group.models for group in found.groups] == [("a", "b"), ("c", "d")]
    assert [group.standing for group in found.groups] == ["undecided", "too_few"]
    assert entry(found, "a").group == 0
    assert entry(found, "c").rating is None
    assert "several_groups" in found.notes
    assert [(pair.model_a, pair.model_b) for pair in found.pairs] == [("a", "b"), ("c", "d")]


def test_votes_that_go_either_way_stay_undecided_and_share_the_first_rank() -> None:
    found = board(series("x", "y", ["a", "b", "b", "a"] * 10))

    assert (found.standing, found.votes_needed) == ("undecided", None)
    assert [each.rank for each in found.entries] == [1, 1]
    assert not found.pairs[0].is_decided


def test_a_preference_is_decided_once_its_questions_have_settled() -> None:
    votes = series("x", "y", ["a"] * 8)
    last = votes[-1].at

    before = board(votes, now=last + DAY - 1).pairs[0]
    after = board(votes, now=last + DAY).pairs[0]

    assert (before.is_decided, before.votes_needed) == (False, 0)
    assert (after.is_decided, after.votes_needed) == (True, 0)
    assert after.e_value == pytest.approx(256 / 9)


def test_more_pairs_ask_for_more_evidence() -> None:
    three = series("x", "y", ["a"] * 8) + series("y", "z", ["a"] * 8) + series("x", "z", ["a"] * 8)

    found = board(three)

    assert found.enough == 60
    assert not any(pair.is_decided for pair in found.pairs)
    assert board(series("x", "y", ["a"] * 8)).enough == 20


def test_a_decided_pair_is_shown_though_a_third_model_has_hardly_been_seen() -> None:
    found = board(series("x", "y", ["a"] * 9) + series("y", "z", ["a"]))

    assert (found.standing, found.votes_needed) == ("ranked", 0)
    assert [pair.is_decided for pair in found.pairs] == [True, False]
    assert all(each.rating for each in found.entries)


def test_ties_and_bad_surveys_are_counted_apart_and_as_half_a_win() -> None:
    found = board(series("x", "y", ["a", "tie", "both_bad", "both_bad"]))

    tally = entry(found, "y").tally
    assert (tally.votes, tally.wins, tally.losses, tally.ties, tally.both_bad) == (4, 0, 1, 1, 2)
    assert tally.win_rate
    assert tally.win_rate.value == pytest.approx(1.5 / 4)


def test_votes_that_do_not_count_change_nothing_but_their_number() -> None:
    votes = series("x", "y", ["a", "b", "a", "a", "b", "a", "a", "a", "b"])
    seen = [replace(vote, blind=False, person="late") for vote in votes]

    found = board(votes + seen)

    assert found.turnout.set_aside.not_blind == 9
    assert replace(found, turnout=board(votes).turnout) == board(votes)


def test_one_person_with_many_votes_moves_little() -> None:
    won: list[Choice] = ["a"] * 20
    lost: list[Choice] = ["b"] * 5
    honest = series("x", "y", won + lost)
    rigged = [
        battle("x", "y", "b", question=f"rigged{i}", person="adversary", at=float(i))
        for i in range(300)
    ]

    found = board(honest + rigged, votes_per_day=5)

    assert found.turnout.set_aside.over_cap == 295
    assert entry(found, "x").tally.votes == 30
    assert found.entries[0].model == "x"
    assert board(honest + rigged, votes_per_day=1000).entries[0].model == "y"


@pytest.mark.slow
def test_a_synthetic_population_is_ranked_in_its_true_order() -> None:
    battles, measures = Population({"x": 1.2, "y": 0.0, "z": -1.2}, tie_rate=0.2).vote(
        120, 3, seed=1
    )

    found = board(battles, measures=measures)

    assert [each.model for each in found.entries] == ["x", "y", "z"]
    assert [each.rank for each in found.entries] == [1, 2, 3]
    assert found.standing == "ranked"
    assert all(pair.is_decided for pair in found.pairs)
    assert [each.controlled_rank for each in found.entries] == [1, 2, 3]


def test_the_same_seed_and_votes_in_any_order_or_side_give_the_same_board() -> None:
    battles, measures = Population({"x": 0.4, "y": 0.0}).vote(30, 2, seed=2)
    turned = [swap(vote) for vote in reversed(battles)]

    found = board(battles, measures=measures)

    again = board(turned, measures=measures)
    assert board(list(reversed(battles)), measures=measures) == found
    assert again.pairs == found.pairs
    for one, other in zip(found.entries, again.entries, strict=True):
        assert one.rating
        assert other.rating
        assert other.rating.value == pytest.approx(one.rating.value, abs=1e-6)
        assert other.rating.low == pytest.approx(one.rating.low, abs=1e-6)
        assert other.tally == one.tally


def test_style_that_is_not_known_is_not_held_equal() -> None:
    found = board(series("x", "y", ["a"] * 30))

    assert {effect.excluded for effect in found.style} == {"missing"}
    assert all(each.controlled is None for each in found.entries)


def test_thumbs_and_measures_stand_beside_the_votes_also_without_any() -> None:
    thumbs = [Thumb("s1", "q1", "x", f"p{i}", 1 if i else -1, 0.0) for i in range(4)]
    measures = [
        Measures("s1", "q1", "x", recall=0.2, usd=0.1, seconds=30, style=Style(1, 0, 0, 0)),
        Measures("s2", "q1", "x", recall=0.4, usd=None),
        Measures("s3", "q2", "x", recall=0.9),
        Measures("s4", "q2", "y"),
    ]

    found = board([], thumbs, measures)

    x, y = found.entries
    assert (x.thumbs_up, x.thumbs_down) == (3, 1)
    assert x.thumbs_share
    assert x.thumbs_share.value == 0.75
    assert x.recall == pytest.approx((0.3 + 0.9) / 2)
    assert (x.usd, x.seconds, x.group, x.tally.votes) == (0.1, 30, None, 0)
    assert (y.recall, y.thumbs_share) == (None, None)


def test_a_rank_counts_the_models_whose_interval_lies_wholly_above() -> None:
    ranks = rank_by_intervals(
        {
            "top": Estimate(1200, 1150, 1250),
            "next": Estimate(1160, 1100, 1220),
            "low": Estimate(900, 850, 1120),
            "unknown": Estimate(1000),
        }
    )

    assert ranks == {"top": 1, "next": 1, "low": 2}


@given(
    st.lists(
        st.tuples(st.sampled_from("wxyz"), st.sampled_from("wxyz"), choices, st.integers(0, 9)),
        max_size=25,
    )
)
@settings(deadline=None, max_examples=40)
def test_any_votes_give_a_leaderboard_of_finite_numbers(
    rows: list[tuple[str, str, Choice, int]],
) -> None:
    battles = [
        battle(a, b, choice, question=f"q{q}", comparison=f"c{i}", person=f"p{q % 3}", at=DAY * i)
        for i, (a, b, choice, q) in enumerate(rows)
    ]

    found = make_leaderboard(battles, [], [], now=LATER, seed=0, replicates=30)

    assert json.dumps(asdict(found), allow_nan=False)
    assert sum(group.votes for group in found.groups) == found.turnout.votes
