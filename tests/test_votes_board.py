"""`paperwalk votes`: what the votes say, in the terminal and as JSON."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from rich.cells import cell_len

from command import run
from elections import FIRST, SECOND, TEAM, Election
from office import idle_office, until
from pipeline.database import open_database
from pipeline.evaluation.preference.leaderboard import Leaderboard
from pipeline.evaluation.verdicts import OrderedVerdict, Side, save_verdict
from population import Population, battle
from postgres import empty_database

JUDGE = "anthropic:claude-judge"
JAPANESE = "openai_compatible:国産の大きな言語モデル"


@pytest.fixture
def election(isolated: Path) -> Iterator[Election]:
    """Give an empty database, the one that the command line reads."""
    engine = open_database(f"sqlite:///{isolated}/paperwalk.sqlite")
    yield Election(engine)
    engine.dispose()


def judge(election: Election, number: int, choice: Side) -> None:
    for first in ("a", "b"):
        save_verdict(
            election.engine,
            OrderedVerdict(
                id=uuid.uuid4().hex,
                context_id=f"context{number:03d}",
                survey_a=f"context{number:03d}-{FIRST}",
                survey_b=f"context{number:03d}-{SECOND}",
                judge=JUDGE,
                first=first,
                choice=choice,
                prompt_hash="prompt",
                created_at=0.0,
            ),
        )


def test_without_votes_the_page_says_so_and_shows_no_table(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    del election

    printed = run(capsys, "votes", "leaderboard")

    assert printed.code == 0
    assert printed.out == (
        "Nobody has voted on a comparison yet; a ranking needs votes on about 8 questions.\n"
    )


def test_with_few_votes_counts_are_shown_and_no_ranking(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    election.compare(1, ["a", "tie", "both_bad"])

    out = run(capsys, "votes", "leaderboard").out

    assert out.startswith(
        "Too few votes for a ranking (3 votes of 3 people on 1 question);"
        " votes on about 7 more questions are needed.\n"
    )
    assert "1/0/1/1" in out
    assert "Elo" not in out
    assert "rank" not in out.split("\n", 1)[1]


def test_enough_votes_show_ratings_and_the_pair_that_is_decided(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(12):
        election.compare(number, ["a"])

    out = run(capsys, "votes", "leaderboard", "--replicates", "50").out

    assert out.startswith(
        f"A difference is certain (12 votes of 1 person on 12 questions): {FIRST} over {SECOND}.\n"
    )
    assert "Elo" in out
    assert "e-value" in out
    assert "No Elo with style held equal: never differs." in out
    assert "There are few questions, so the intervals are rough." in out
    assert "More than half of the votes are one person's." in out


def test_votes_that_do_not_count_are_named(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    context = election.ask(2)
    comparison = election.open(election.write(context, FIRST), election.write(context, SECOND))
    election.ballots.choose(comparison, "person", "a", 1.0)
    election.ballots.choose(comparison, "person", "b", 2.0)
    election.ballots.close(comparison.id, 3.0)

    out = run(capsys, "votes", "leaderboard").out

    assert "Votes that do not count: 1 cast after the names were shown." in out


def test_a_days_votes_can_be_capped_otherwise(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    election.hold([battle(FIRST, SECOND, "a", question=f"q{i}", at=float(i)) for i in range(3)])

    printed = run(capsys, "votes", "leaderboard", "--votes-per-day", "1", "--json")

    turnout = json.loads(printed.out)["turnout"]
    assert (turnout["votes"], turnout["set_aside"]["over_cap"]) == (1, 2)


def test_an_open_comparison_moves_no_figure(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    context = election.ask(1)
    pair = election.write(context, FIRST), election.write(context, SECOND)
    comparison = election.open(*pair)
    election.ballots.choose(comparison, "person", "a", 1.0)
    election.ballots.vote(pair[0].id, "person", "mark", TEAM, value=1, at=1.0)

    for command in ("leaderboard", "correlate", "agreement"):
        printed = run(capsys, "votes", command)

        assert FIRST not in printed.out


def test_models_with_japanese_names_stand_in_columns(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(8):
        election.compare(number, ["a", "tie"], models=(JAPANESE, SECOND))

    out = run(capsys, "votes", "leaderboard", "--replicates", "20").out

    rows = [line for line in out.splitlines() if "/8/0" in line]
    ends = [cell_len(line[: line.index("/8/0")].rsplit(" ", 1)[0]) for line in rows]
    assert len(rows) == 2
    assert ends[0] == ends[1]
    assert any(JAPANESE in row for row in rows)


def test_json_has_the_same_leaderboard_for_the_same_seed(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    battles, _ = Population({FIRST: 1.0, SECOND: -1.0}).vote(10, 2, seed=3)
    election.hold(battles)
    words = ("votes", "leaderboard", "--json", "--replicates", "50", "--seed", "7")

    first, again = run(capsys, *words), run(capsys, *words)

    board = json.loads(first.out)
    assert first.out == again.out
    assert {entry["model"] for entry in board["entries"]} == {FIRST, SECOND}
    assert board["turnout"]["votes"] == len(battles)


def test_a_workspace_is_shown_alone(election: Election, capsys: pytest.CaptureFixture[str]) -> None:
    election.compare(1, ["a"])
    Election(election.engine, "T0OTHER").compare(2, ["a", "b"])

    here = run(capsys, "votes", "leaderboard", "--workspace", TEAM, "--json")
    both = run(capsys, "votes", "leaderboard", "--json")

    assert json.loads(here.out)["turnout"]["votes"] == 1
    assert json.loads(both.out)["turnout"]["votes"] == 3


def test_judges_stand_beside_people(election: Election, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(6):
        election.compare(number, ["a", "a", "b"])
        judge(election, number, "a")

    out = run(capsys, "votes", "agreement", "--replicates", "50").out

    (line,) = [one for one in out.splitlines() if JUDGE in one and "%" in one]
    assert "67% [" in line
    assert "people, on the same" in out
    assert "Each judge with the two surveys shown in either order" in out


def test_without_verdicts_or_second_votes_agreement_is_not_made_up(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    election.compare(1, ["a"])

    printed = run(capsys, "votes", "agreement")

    assert printed.out == (
        "No judge has given a verdict yet. No two people have voted on the same comparison yet.\n"
    )


def test_a_judge_that_nobody_voted_beside_shows_only_how_steady_it_is(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    election.compare(1, [])
    judge(election, 1, "b")

    out = run(capsys, "votes", "agreement").out

    assert out.startswith("No judge's verdict is on a comparison that people have voted on.")
    assert "kappa" not in out
    assert "same choice" in out


def test_measures_are_shown_beside_preference_with_the_reason_where_they_are_not(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    battles, _ = Population({FIRST: 0.5, SECOND: 0.0, JAPANESE: -0.5}).vote(25, 3, seed=1)
    election.hold(battles)

    out = run(capsys, "votes", "correlate", "--replicates", "50").out

    assert out.startswith("From 75 votes on 25 questions")
    assert "with 3 models no tau is beyond chance" in out
    (line,) = [one for one in out.splitlines() if one.startswith(" recall")]
    assert "%" in line
    assert "No effect of support: not measured for half of the votes or more." in out


def test_nothing_is_said_of_measures_without_votes(
    election: Election, capsys: pytest.CaptureFixture[str]
) -> None:
    del election

    out = run(capsys, "votes", "correlate").out

    assert out == (
        "No vote that counts compares surveys that were measured, so no effect is known yet.\n"
    )


def test_votes_are_planned_for_without_a_database(
    isolated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del isolated

    plain = run(capsys, "votes", "power", "--win-rate", "0.6", "--power", "0.8", "--json")
    ties = run(capsys, "votes", "power", "--tie-rate", "0.5", "--votes-per-question", "3").out

    assert json.loads(plain.out) == {"decided": 210, "votes": 210, "questions": 210}
    assert "win rate of 60% with a chance of 80%" in ties
    assert [int(word) for word in ties.split() if word.isdigit()][-3:] == [210, 504, 168]


@pytest.mark.parametrize(
    "words",
    [
        ("power", "--win-rate", "0.5"),
        ("power", "--tie-rate", "1"),
        ("leaderboard", "--votes-per-day", "0"),
        ("leaderboard", "--seed", "-1"),
    ],
)
def test_a_figure_out_of_range_is_refused(
    words: tuple[str, ...], isolated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del isolated

    printed = run(capsys, "votes", *words)

    assert printed.code == 2
    assert "range" in printed.err


def test_both_kinds_of_database_give_the_same_figures(
    election: Election,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    battles, _ = Population({FIRST: 1.0, SECOND: 0.0}, tie_rate=0.2).vote(10, 2, seed=2)
    other = empty_database(postgres_url)
    engine = open_database(other)
    for each in (election, Election(engine)):
        each.hold(battles)
        each.ballots.vote(f"context001-{FIRST}", "person", "mark", TEAM, value=1, at=1.0)
        judge(each, 1, "a")
    engine.dispose()
    more = ("--json", "--replicates", "20", "--workspace", TEAM)

    for command in ("leaderboard", "agreement", "correlate"):
        monkeypatch.setenv("DATABASE_URL", str(election.engine.url))
        here = run(capsys, "votes", command, *more)
        monkeypatch.setenv("DATABASE_URL", other)
        there = run(capsys, "votes", command, *more)

        assert here.out == there.out
        assert here.code == 0


def test_the_terminal_and_the_home_tab_show_the_same_figures(
    tmp_path: Path,
    isolated: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del isolated
    with idle_office(tmp_path / "house") as office:
        team = office.slack.team_id
        election = Election(office.house.kit.engine, team)
        battles, _ = Population({FIRST: 1.0, SECOND: 0.0, JAPANESE: -1.0}).vote(30, 2, seed=5)
        election.hold(battles)
        election.ballots.vote(f"context000-{FIRST}", "person", "mark", team, value=1, at=1.0)
        election.write(election.ask(900), "openai:never-compared", cited=3)
        monkeypatch.setenv("DATABASE_URL", office.house.kit.settings.database_url)

        board = office.house.reception.board(team)
        office.slack.open_home()
        home = str(until(office.slack.home, "the home tab"))
        words = ("votes", "leaderboard", "--replicates", "300")
        table = run(capsys, *words).out
        shown = run(capsys, *words, "--json").out
        here = run(capsys, *words, "--json", "--workspace", team).out

    assert shown == here == TypeAdapter(Leaderboard).dump_json(board, indent=2).decode() + "\n"
    for entry in board.entries:
        rate = entry.tally.win_rate
        figures = [f"{rate.value:.0%}"] if rate else []
        figures += [f"{entry.recall:.0%}"] if entry.recall is not None else []
        assert figures
        assert all(figure in home and figure in table for figure in figures)
