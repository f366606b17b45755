"""Verdicts of judge models: kept for each order, read for both together."""

import uuid
from collections.abc import Iterator, Sequence

import pytest

from elections import FIRST, SECOND, TEAM, Election
from pipeline.database import open_database
from pipeline.evaluation.verdicts import (
    Consistency,
    Judgement,
    OrderedVerdict,
    Side,
    list_verdicts,
    read_verdicts,
    save_verdict,
)
from pipeline.types import Survey

JUDGE = "openai:gpt-6-judge"


@pytest.fixture
def election(database_url: str) -> Iterator[Election]:
    engine = open_database(database_url)
    yield Election(engine)
    engine.dispose()


def judge(
    election: Election,
    surveys: Sequence[Survey],
    choices: dict[Side, Judgement],
    *,
    prompt: str = "prompt",
) -> None:
    """Let the judge see two surveys in each order that a choice is given for."""
    for first, choice in choices.items():
        save_verdict(
            election.engine,
            OrderedVerdict(
                id=uuid.uuid4().hex,
                context_id=surveys[0].context_id,
                survey_a=surveys[0].id,
                survey_b=surveys[1].id,
                judge=JUDGE,
                first=first,
                choice=choice,
                prompt_hash=prompt,
                created_at=1.0,
            ),
        )


def write_two(election: Election, number: int) -> tuple[Survey, Survey]:
    context = election.ask(number)
    return election.write(context, "model:a"), election.write(context, "model:b")


def test_a_choice_in_both_orders_is_the_verdict(election: Election) -> None:
    pair = write_two(election, 1)

    judge(election, pair, {"a": "b", "b": "b"})

    (verdict,) = read_verdicts(election.engine).verdicts
    assert (verdict.judge, verdict.survey_b, verdict.choice) == (JUDGE, pair[1].id, "b")


@pytest.mark.parametrize("second", ["a", "tie"])
def test_choices_that_differ_by_order_are_a_tie(election: Election, second: Judgement) -> None:
    judge(election, write_two(election, 1), {"a": "b", "b": second})

    assert [one.choice for one in read_verdicts(election.engine).verdicts] == ["tie"]


def test_a_pair_judged_in_one_order_or_by_two_prompts_has_no_verdict(election: Election) -> None:
    judge(election, write_two(election, 1), {"a": "a"})
    changed = write_two(election, 2)
    judge(election, changed, {"a": "a", "b": "a"}, prompt="old")
    judge(election, changed, {"b": "a"}, prompt="new")

    found = read_verdicts(election.engine)

    assert found.verdicts == ()
    assert found.consistency == (Consistency(JUDGE, 0, 0, 0, 0, half=2),)


def test_position_bias_is_counted(election: Election) -> None:
    said: list[dict[Side, Judgement]] = [
        {"a": "a", "b": "a"},
        {"a": "tie", "b": "tie"},
        {"a": "a", "b": "b"},
        {"a": "b", "b": "a"},
        {"a": "tie", "b": "a"},
    ]
    for number, choices in enumerate(said):
        judge(election, write_two(election, number), choices)

    found = read_verdicts(election.engine).consistency

    assert found == (
        Consistency(JUDGE, pairs=5, consistent=2, took_first=1, took_second=1, half=0),
    )


def test_the_same_pair_named_the_other_way_round_is_the_same_pair(election: Election) -> None:
    first, second = write_two(election, 1)

    judge(election, (first, second), {"a": "a"})
    judge(election, (second, first), {"a": "b"})

    (verdict,) = read_verdicts(election.engine).verdicts
    assert (verdict.survey_a, verdict.choice) == (first.id, "a")


def test_judging_again_replaces_the_earlier_verdict(election: Election) -> None:
    pair = write_two(election, 1)
    judge(election, pair, {"a": "a", "b": "a"}, prompt="old")

    judge(election, pair, {"a": "b", "b": "b"}, prompt="new")

    assert [one.prompt_hash for one in list_verdicts(election.engine)] == ["new", "new"]
    assert [one.choice for one in read_verdicts(election.engine).verdicts] == ["b"]


def test_a_verdict_bears_the_name_of_the_comparison_that_people_voted_in(
    election: Election,
) -> None:
    comparison = election.compare(1, ["a"])
    surveys = [election.store.load_survey(f"context001-{model}") for model in (FIRST, SECOND)]
    judge(election, [survey for survey in surveys if survey], {"a": "a", "b": "a"})
    judge(election, write_two(election, 2), {"a": "a", "b": "a"})

    everywhere = read_verdicts(election.engine).verdicts
    here = read_verdicts(election.engine, TEAM).verdicts
    elsewhere = read_verdicts(election.engine, "T0OTHER").verdicts

    assert len(everywhere) == 2
    assert [one.comparison for one in here] == [comparison.id]
    assert elsewhere == ()


def test_verdicts_on_an_open_comparison_are_not_shown(election: Election) -> None:
    pair = write_two(election, 1)
    election.open(*pair)
    judge(election, pair, {"a": "a", "b": "a"})

    assert read_verdicts(election.engine).verdicts == ()
    assert list_verdicts(election.engine) == ()
    assert len(list_verdicts(election.engine, with_open=True)) == 2
