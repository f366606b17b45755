"""Which votes count."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation.preference import Battle, Thumb
from pipeline.evaluation.preference.votes import SetAside, count_battles, count_thumbs
from population import DAY, battle

moments = st.integers(0, 4 * int(DAY)).map(float)
votes = st.builds(
    battle,
    st.sampled_from("xyz"),
    st.sampled_from("xyz"),
    st.sampled_from(["a", "b", "tie", "both_bad"]),
    question=st.sampled_from(["q0", "q1"]),
    person=st.sampled_from(["p0", "p1"]),
    at=moments,
)


def test_a_vote_by_somebody_who_knew_the_names_does_not_count() -> None:
    seen = replace(battle("x", "y", "a"), blind=False)

    counted = count_battles([seen])

    assert counted.battles == ()
    assert counted.set_aside == SetAside(not_blind=1)


def test_a_model_against_itself_does_not_count() -> None:
    assert count_battles([battle("x", "x", "a")]).set_aside == SetAside(same_model=1)


def test_a_persons_first_vote_on_a_comparison_counts_and_no_other() -> None:
    first = battle("x", "y", "a", at=1)

    counted = count_battles([battle("x", "y", "b", at=2), first])

    assert counted.battles == (first,)
    assert counted.set_aside == SetAside(repeated=1)


def test_the_first_votes_of_a_person_and_day_count() -> None:
    eager = [battle("x", "y", "a", question=f"q{i}", person="eager", at=float(i)) for i in range(9)]
    next_day = battle("x", "y", "a", question="q9", person="eager", at=DAY)
    other = battle("x", "y", "b", person="other", at=8)

    counted = count_battles([*eager, next_day, other], votes_per_day=4)

    assert counted.battles == (*eager[:4], other, next_day)
    assert counted.set_aside == SetAside(over_cap=5)


@given(st.lists(votes, max_size=12), moments)
@settings(deadline=None)
def test_whether_a_vote_counts_never_depends_on_later_ones(cast: list[Battle], now: float) -> None:
    early = [each for each in cast if each.at < now]

    before = count_battles(early, votes_per_day=2).battles
    after = count_battles(cast, votes_per_day=2).battles

    assert before == tuple(each for each in after if each.at < now)


def test_a_persons_last_thumb_on_a_survey_counts_within_the_days_cap() -> None:
    up = Thumb("s0", "q0", "x", "p0", 1, at=1)
    down = replace(up, value=-1, at=2)
    others = [replace(up, survey=f"s{i}", at=10.0 + i) for i in range(1, 5)]

    assert count_thumbs([down, up, *others], votes_per_day=3) == (down, *others[:2])
