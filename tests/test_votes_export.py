"""`paperwalk votes export` and `forget`: what leaves the database, and what does not."""

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from command import Printed, run
from elections import FIRST, SECOND, TEAM, Election
from export_schema import (
    RECORD,
    ArenaVote,
    Battle,
    DpoPair,
    KtoExample,
    Question,
    Record,
    Remark,
    Strict,
    Survey,
    Thumb,
)
from pipeline.database import open_database
from pipeline.evaluation.export.arena import ArenaRow
from pipeline.evaluation.export.markup import count_markup, count_words
from pipeline.evaluation.export.tables import TABLES, VIEWS, describe_columns
from pipeline.evaluation.export.training import DpoRow, KtoRow
from pipeline.evaluation.polls import measure_style, read_polls
from pipeline.evaluation.preference import make_leaderboard
from pipeline.evaluation.verdicts import OrderedVerdict, save_verdict
from pipeline.store import name_question
from population import LATER, Population

SECRET = "Is our unreleased walrus engine ahead of the field?"
WORDS = "The walrus section is wrong."
ANNA, BEN = "a" * 32, "b" * 32

Export = Callable[..., Printed]


@pytest.fixture
def election(isolated: Path) -> Iterator[Election]:
    """Give an empty SQLite database, the one that the command line reads."""
    engine = open_database(f"sqlite:///{isolated}/paperwalk.sqlite")
    yield Election(engine)
    engine.dispose()


@pytest.fixture
def either(
    database_url: str, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Election]:
    """Give an empty database of each kind."""
    del isolated
    monkeypatch.setenv("DATABASE_URL", database_url)
    engine = open_database(database_url)
    yield Election(engine)
    engine.dispose()


@pytest.fixture
def export(capsys: pytest.CaptureFixture[str]) -> Export:
    """Export into a file, with success."""

    def call(form: str, file: Path, *words: str) -> Printed:
        printed = run(capsys, "votes", "export", "--format", form, "-o", str(file), *words)
        assert printed.code == 0, printed.err
        return printed

    return call


def fill(election: Election) -> None:
    """Ask one question, compare two surveys of it, and let two people and a judge speak."""
    context = election.ask(1, text=SECRET)
    pair = election.write(context, FIRST), election.write(context, SECOND, cited=2)
    comparison = election.open(*pair)
    election.ballots.choose(comparison, ANNA, "a", 1.0)
    election.ballots.choose(comparison, BEN, "a", 2.0)
    election.ballots.choose(comparison, BEN, "b", 3.0)
    election.ballots.close(comparison.id, 4.0)
    election.ballots.vote(pair[0].id, ANNA, "mark", TEAM, value=1, at=5.0)
    election.ballots.vote(pair[1].id, BEN, "mark", TEAM, value=-1, at=6.0)
    election.ballots.remark("r", pair[0].id, ANNA, TEAM, kind="words", said=WORDS, at=7.0)
    verdict = OrderedVerdict(
        id="v",
        context_id=context.id,
        survey_a=pair[0].id,
        survey_b=pair[1].id,
        judge="openai:judge",
        first="a",
        choice="tie",
        prompt_hash="prompt",
        created_at=8.0,
    )
    save_verdict(election.engine, verdict)


def records(file: Path) -> list[Record]:
    return [RECORD.validate_json(line) for line in file.read_text(encoding="utf-8").splitlines()]


def rows(file: Path, kind: type[Strict]) -> list[dict[str, object]]:
    lines = file.read_text(encoding="utf-8").splitlines()
    for line in lines:
        kind.model_validate_json(line)
    return [json.loads(line) for line in lines]


def people(file: Path) -> list[str]:
    return [one.person for one in records(file) if isinstance(one, Battle | Thumb | Remark)]


def test_json_lines_hold_every_table_in_a_fixed_form(
    either: Election, export: Export, tmp_path: Path
) -> None:
    fill(either)

    printed = export("jsonl", tmp_path / "votes.jsonl")

    found = records(tmp_path / "votes.jsonl")
    assert {one.table for one in found} == {table.name for table in TABLES}
    battles = [one for one in found if isinstance(one, Battle)]
    assert [(one.choice, one.blind, one.counted) for one in battles] == [
        ("a", 1, 1),
        ("a", 1, 1),
        ("b", 0, 0),
    ]
    assert f"{len(found)} rows; votes that do not count: 1" in printed.err


def test_sqlite_is_whole_points_where_it_says_and_is_described(
    election: Election, export: Export, tmp_path: Path
) -> None:
    fill(election)
    file = tmp_path / "votes.db"

    export("sqlite", file)

    metadata = json.loads((tmp_path / "votes.db.metadata.json").read_text(encoding="utf-8"))
    described = metadata["databases"]["votes"]["tables"]
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        for table in TABLES:
            assert database.execute(f"SELECT COUNT(*) FROM {table.name}").fetchone()[0] > 0
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table.name})")]
            keys = {row[2] for row in database.execute(f"PRAGMA foreign_key_list({table.name})")}
            assert list(described[table.name]["columns"]) == columns
            assert keys == {one.table for one in table.foreign_keys}
        for view in VIEWS:
            assert database.execute(f"SELECT COUNT(*) FROM {view.name}").fetchone()[0] == 2
            assert described[view.name]["description"]
    assert "--include-text" in described["questions"]["columns"]["text"]


def test_the_views_give_the_leaderboards_win_rates(
    either: Election, export: Export, tmp_path: Path
) -> None:
    population = Population({FIRST: 1.0, SECOND: 0.0, "third:model": -1.0}, tie_rate=0.2)
    battles, _ = population.vote(10, 3, seed=4)
    either.hold(battles)
    for number, value in enumerate((1, 1, -1)):
        survey = f"context{number:03d}-{battles[3 * number].model_a}"
        either.ballots.vote(survey, ANNA, "mark", TEAM, value=value, at=float(number))

    export("sqlite", tmp_path / "votes.db")

    polls = read_polls(either.engine)
    board = make_leaderboard(
        polls.battles, polls.thumbs, polls.measures, now=LATER, seed=0, replicates=5
    )
    with closing(sqlite3.connect(tmp_path / "votes.db")) as database:
        rates = {row[0]: row[1:] for row in database.execute("SELECT * FROM win_rates")}
        pairs = {row[:2]: row[2:] for row in database.execute("SELECT * FROM pair_win_rates")}
        thumbs = {row[0]: row[1:3] for row in database.execute("SELECT * FROM thumb_shares")}
    for entry in board.entries:
        tally = entry.tally
        assert tally.win_rate
        assert rates[entry.model] == (
            tally.votes,
            tally.wins,
            tally.losses,
            tally.ties,
            tally.both_bad,
            pytest.approx(tally.win_rate.value),
        )
        assert thumbs.get(entry.model, (0, 0)) == (entry.thumbs_up, entry.thumbs_down)
    for pair in board.pairs:
        assert pairs[pair.model_a, pair.model_b][:2] == (pair.tally.votes, pair.tally.wins)


@pytest.mark.parametrize("form", ["sqlite", "jsonl", "arena"])
def test_without_leave_no_text_of_anybody_leaves_the_database(
    election: Election, export: Export, tmp_path: Path, form: str
) -> None:
    fill(election)
    file = tmp_path / "votes.out"

    export(form, file)

    written = b"".join(one.read_bytes() for one in tmp_path.glob("votes.out*")).decode("latin-1")
    assert FIRST in written
    for text_of_somebody in ("walrus", "## Part", "arxiv.org", ANNA, BEN):
        assert text_of_somebody not in written
    assert name_question(SECRET) not in written, "whoever guesses the question could check it"


@pytest.mark.parametrize("form", ["dpo", "kto"])
def test_training_rows_are_refused_without_leave(
    election: Election, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    fill(election)

    printed = run(capsys, "votes", "export", "--format", form, "-o", str(tmp_path / "out"))

    assert printed.code == 2
    assert "--include-text" in printed.err
    assert not (tmp_path / "out").exists()


def test_dpo_pairs_put_the_survey_with_more_votes_first(
    election: Election, export: Export, tmp_path: Path
) -> None:
    fill(election)
    election.compare(2, ["b", "b", "a", "tie", "both_bad"])
    election.compare(3, ["a", "b"])

    export("dpo", tmp_path / "out", "--include-text")

    first, second = rows(tmp_path / "out", DpoPair)
    assert first["prompt"] == SECRET
    assert str(first["chosen"]).startswith(f"# Survey: {SECRET}")
    assert (first["chosen_model"], first["votes_chosen"], first["votes_left_out"]) == (FIRST, 2, 1)
    assert (second["chosen_model"], second["rejected_model"]) == (SECOND, FIRST)
    names = ("votes_chosen", "votes_rejected", "votes_tied", "votes_both_bad", "votes_left_out")
    assert [second[name] for name in names] == [2, 1, 1, 1, 0]


def test_what_breaks_lines_in_a_text_breaks_no_row(
    election: Election, export: Export, tmp_path: Path
) -> None:
    asked = "one\u2028two\x85three\u2029four"
    survey = election.write(election.ask(1, text=asked), FIRST)
    election.ballots.vote(survey.id, ANNA, "mark", TEAM, value=1, at=1.0)

    export("kto", tmp_path / "out", "--include-text")

    assert [one["prompt"] for one in rows(tmp_path / "out", KtoExample)] == [asked]


def test_kto_rows_label_each_thumb(election: Election, export: Export, tmp_path: Path) -> None:
    fill(election)

    export("kto", tmp_path / "out", "--include-text")

    found = rows(tmp_path / "out", KtoExample)
    assert [(one["model"], one["label"]) for one in found] == [(FIRST, True), (SECOND, False)]
    assert all(one["prompt"] == SECRET for one in found)


def test_arena_rows_number_the_votes_of_a_session(
    election: Election, export: Export, tmp_path: Path
) -> None:
    fill(election)
    context = election.ask(2, language="ja", text="量子化の研究について")
    comparison = election.open(election.write(context, FIRST), election.write(context, SECOND))
    election.ballots.choose(comparison, ANNA, "both_bad", 10.0)
    election.ballots.choose(comparison, BEN, "tie", 90_000.0)
    election.ballots.close(comparison.id, 90_001.0)

    export("arena", tmp_path / "out", "--include-text")

    found = rows(tmp_path / "out", ArenaVote)
    assert [
        (one["evaluation_session_id"], one["evaluation_order"], one["winner"]) for one in found
    ] == [
        ("session1", 1, "model_a"),
        ("session2", 1, "model_a"),
        ("session1", 2, "both_bad"),
        ("session3", 1, "tie"),
    ]
    assert [one["votes_left_out"] for one in found] == [1, 1, 0, 0]
    assert [one["language"] for one in found] == ["en", "en", "ja", "ja"]
    vote = ArenaVote.model_validate(found[2])
    assert vote.conversation_a
    assert vote.conversation_a[0].content[0].text == "量子化の研究について"
    assert vote.conv_metadata.sum_user_tokens == 10
    assert vote.conv_metadata.header_count_a.h2 == 1
    assert vote.conv_metadata.list_count_a.unordered == 4


@given(st.text(alphabet="#-*_1. \nあaé", max_size=60))
def test_markup_by_kind_adds_up_to_what_style_control_counts(markdown: str) -> None:
    kinds, style = count_markup(markdown), measure_style(markdown)

    assert sum(kinds.headings) == style.headers
    assert kinds.ordered + kinds.unordered == style.lists
    assert kinds.stars == style.bold


def test_words_are_counted_alike_in_latin_and_japanese_text() -> None:
    assert count_words("Mamba models, since 2024!") == 4
    assert count_words("Mambaモデル") == 4


def test_exports_of_one_state_are_the_same_bytes(
    either: Election, export: Export, tmp_path: Path
) -> None:
    battles, _ = Population({FIRST: 1.0, SECOND: 0.0}).vote(4, 2, seed=1)
    either.hold(battles)

    for form in ("jsonl", "arena", "dpo", "kto"):
        for name in ("one", "two"):
            export(form, tmp_path / name, "--include-text", "--stable-people")
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_arena_and_training_rows_name_nobody(
    election: Election, export: Export, tmp_path: Path
) -> None:
    fill(election)

    for form in ("arena", "dpo", "kto"):
        for name in ("one", "two"):
            export(form, tmp_path / name, "--include-text")
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
        assert ANNA not in (tmp_path / "one").read_text(encoding="utf-8")


def test_people_have_another_name_in_each_export_and_one_within_it(
    election: Election, export: Export, tmp_path: Path
) -> None:
    fill(election)

    for name in ("one", "two"):
        export("jsonl", tmp_path / name)
    export("jsonl", tmp_path / "stable", "--stable-people")

    one, two, stable = (people(tmp_path / name) for name in ("one", "two", "stable"))
    assert set(stable) == {ANNA, BEN}
    assert len(set(one)) == len(set(two)) == 2
    assert not set(one) & {*two, *stable}
    known = dict(zip(stable, one, strict=True))
    assert [known[person] for person in stable] == one


def test_open_comparisons_stay_behind_unless_asked_for(
    either: Election, export: Export, tmp_path: Path
) -> None:
    context = either.ask(1)
    pair = either.write(context, FIRST), either.write(context, SECOND)
    comparison = either.open(*pair)
    either.ballots.choose(comparison, ANNA, "a", 1.0)
    either.ballots.vote(pair[0].id, ANNA, "mark", TEAM, value=1, at=2.0)
    either.ballots.remark("r", pair[1].id, ANNA, TEAM, kind="words", said=WORDS, at=3.0)

    export("jsonl", tmp_path / "closed")
    export("jsonl", tmp_path / "open", "--with-open")

    assert records(tmp_path / "closed") == []
    assert {one.table for one in records(tmp_path / "open")} == {
        "questions",
        "contexts",
        "surveys",
        "scores",
        "battles",
        "thumbs",
        "remarks",
    }


def test_one_workspace_can_be_exported_alone(
    either: Election, export: Export, tmp_path: Path
) -> None:
    either.compare(1, ["a"])
    Election(either.engine, "T0OTHER").compare(2, ["b"])

    export("jsonl", tmp_path / "out", "--workspace", "T0OTHER")

    found = records(tmp_path / "out")
    assert {one.workspace for one in found if isinstance(one, Survey)} == {"T0OTHER"}
    assert [one.choice for one in found if isinstance(one, Battle)] == ["b"]
    assert [one.key for one in found if isinstance(one, Question)] == ["q1"]


def test_surveys_of_one_question_share_its_number(
    election: Election, export: Export, tmp_path: Path
) -> None:
    for number in (1, 2):
        election.write(election.ask(number, text="NeRF?"), FIRST)
    election.write(election.ask(3, text="Mamba?"), FIRST)

    export("jsonl", tmp_path / "out", "--include-text")

    found = records(tmp_path / "out")
    assert [(one.key, one.text) for one in found if isinstance(one, Question)] == [
        ("q1", "NeRF?"),
        ("q2", "Mamba?"),
    ]


def test_whoever_is_forgotten_stands_in_no_later_export(
    either: Election, export: Export, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fill(either)

    printed = run(capsys, "votes", "forget", "--person", ANNA)
    export("jsonl", tmp_path / "out.jsonl", "--stable-people", "--include-text")
    export("sqlite", tmp_path / "out.db", "--stable-people", "--include-text")
    export("kto", tmp_path / "out.kto", "--include-text")

    assert printed.out.startswith("Votes deleted: 2")
    assert set(people(tmp_path / "out.jsonl")) == {BEN}
    for file in tmp_path.glob("out*"):
        assert ANNA.encode() not in file.read_bytes()
        assert WORDS.encode() not in file.read_bytes()
    assert [one["label"] for one in rows(tmp_path / "out.kto", KtoExample)] == [False]


def test_forgetting_nobody_changes_nothing(
    election: Election, export: Export, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fill(election)

    printed = run(capsys, "votes", "forget", "--person", uuid.uuid4().hex)
    export("jsonl", tmp_path / "out", "--stable-people")

    assert (printed.code, printed.out.split(",")[0]) == (0, "Votes deleted: 0")
    assert set(people(tmp_path / "out")) == {ANNA, BEN}


def test_a_question_that_was_deleted_is_no_prompt(
    election: Election, export: Export, tmp_path: Path
) -> None:
    fill(election)
    with election.engine.begin() as connection:
        connection.execute(text("UPDATE contexts SET question_key = id"))

    export("dpo", tmp_path / "dpo", "--include-text")
    export("kto", tmp_path / "kto", "--include-text")
    export("jsonl", tmp_path / "jsonl", "--include-text")

    assert (tmp_path / "dpo").read_bytes() == (tmp_path / "kto").read_bytes() == b""
    found = [one for one in records(tmp_path / "jsonl") if isinstance(one, Question)]
    assert [(one.text, one.words) for one in found] == [(None, None)]


def test_an_export_is_for_its_owner_and_replaces_an_older_one(
    election: Election, export: Export, tmp_path: Path
) -> None:
    fill(election)
    file = tmp_path / "votes.jsonl"
    file.write_text("old")

    export("jsonl", file)

    assert file.stat().st_mode & 0o777 == 0o600
    assert records(file)
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_the_database_is_never_written_over(
    isolated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_database(f"sqlite:///{isolated}/paperwalk.sqlite")
    Election(engine).compare(1, ["a"])

    printed = run(
        capsys, "votes", "export", "--format", "sqlite", "-o", str(isolated / "paperwalk.sqlite")
    )

    assert printed.code == 2
    assert "database itself" in printed.err
    assert len(read_polls(engine).battles) == 1
    engine.dispose()


def test_a_folder_that_is_not_there_is_said(
    isolated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--format", "jsonl", "-o", str(isolated / "nowhere" / "votes.jsonl"))

    printed = run(capsys, "votes", "export", *words)

    assert printed.code == 2
    assert "nowhere" in printed.err


def test_every_column_is_explained_in_the_documents() -> None:
    page = (Path(__file__).parent.parent / "docs" / "exports.md").read_text(encoding="utf-8")

    for row in (*(table.row for table in TABLES), ArenaRow, DpoRow, KtoRow):
        for column, meaning in describe_columns(row).items():
            assert f"| `{column}` | {meaning} |" in page
    for view in VIEWS:
        assert f"| `{view.name}` | {view.meaning} |" in page
