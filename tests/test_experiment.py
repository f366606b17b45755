"""Experiments: each cell once, whatever happens; plans, arms, budgets, failures."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from command import Printed, Run
from grids import MODELS, Wire, forget, play_grid
from model_server import Fault, ModelRequest, ModelServer, model_server, play_survey
from pipeline.database import use_database
from pipeline.experiment.cells import read_cells
from pipeline.experiment.plan import (
    list_experiments,
    load_plan,
    read_arm,
    read_questions,
)
from pipeline.leases import Leases
from pipeline.types import Arm

QUESTIONS = "NeRFの進化の研究について教えて\nWhat is new in quantization?\n"
ALICE, BOB = "openai:gpt-6-luna", "openai:gpt-6.1-terra"


@pytest.fixture
def models() -> Iterator[ModelServer]:
    with model_server(play_survey) as server:
        yield server


@pytest.fixture
def grid(run: Run, isolated: Path, models: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a call of ``eval run`` on two questions, one query run and one generation."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
    monkeypatch.setenv("OPENAI_BASE_URL", models.base_url("openai"))
    monkeypatch.setenv("PAPERWALK_EMBED_MODEL", "keyless:lsa")
    monkeypatch.setenv("PAPERWALK_SOURCE", "demo")
    (isolated / "questions.txt").write_text(QUESTIONS, encoding="utf-8")

    def call(*words: str, size: tuple[str, ...] = ("--runs", "1", "--generations", "1")) -> Printed:
        return run("eval", "run", "--name", "t", "--questions", "questions.txt", *size, *words)

    return call


@pytest.fixture
def engine(isolated: Path) -> Iterator[Engine]:
    with use_database(f"sqlite:///{isolated}/paperwalk.sqlite") as opened:
        yield opened


def test_arms_of_the_same_needs_share_a_context_and_each_cell_has_a_survey_with_scores(
    grid: Run, engine: Engine
) -> None:
    words = ("--models", f"{ALICE},{BOB}", "--order", "tour,newest", "--mode", "single", "--yes")
    grid(*words, size=("--runs", "2", "--generations", "2"))

    cells = read_cells(engine, "t")
    assert len(cells) == 2 * 2 * 2 * 4
    assert {cell.status for cell in cells} == {"done"}
    assert len({cell.survey_id for cell in cells}) == len(cells)
    contexts = {(c.question, c.run, "newest" in c.arm): c.context_id for c in cells}
    assert all(c.context_id == contexts[c.question, c.run, "newest" in c.arm] for c in cells)
    assert len(set(contexts.values())) == 2 * 2 * 2
    with engine.connect() as connection:
        scored = Counter(connection.scalars(text("SELECT name FROM scores")))
        papers = connection.scalars(text("SELECT json_extract(context, '$.found') FROM contexts"))
        assert scored == dict.fromkeys(("recall", "structure", "language", "count"), len(cells))
        assert len(set(papers)) == 2  # one a question: the demonstration has few papers


def test_the_same_command_does_only_what_is_missing(
    grid: Run, engine: Engine, models: ModelServer
) -> None:
    grid("--models", ALICE, "--yes")
    calls = len(models.requests)

    grid("--models", ALICE, "--yes")
    assert len(models.requests) == calls

    grid("--models", f"{ALICE},{BOB}", "--yes")
    assert {r.model for r in models.requests[calls:] if "count" not in r.fields} >= {
        "gpt-6.1-terra"
    }
    assert not any(r.fields == {"queries"} for r in models.requests[calls:])
    assert len(read_cells(engine, "t")) == 4


def test_a_dry_run_spends_and_keeps_nothing(grid: Run, engine: Engine, models: ModelServer) -> None:
    printed = grid("--models", ALICE, "--dry-run", "--json")

    calls = {row["role"]: row for row in json.loads(printed.out)["calls"]}
    assert set(calls) == {"queries", "shorten", "write", "count"}
    assert calls["count"]["calls"] == 4
    assert calls["write"]["usd"] > 0
    assert models.requests == []
    assert list_experiments(engine) == ()


def test_nobody_spends_money_unasked(grid: Run, models: ModelServer) -> None:
    printed = grid("--models", ALICE)

    assert printed.code == 2
    assert "--yes" in printed.err
    assert models.requests == []


def test_a_budget_stops_it_and_a_larger_one_goes_on(grid: Run, engine: Engine) -> None:
    stopped = grid("--models", ALICE, "--budget", "0.00001", "--yes")

    assert stopped.code == 1
    assert "budget of $1e-05 is spent" in stopped.err
    assert {(cell.status, cell.failure) for cell in read_cells(engine, "t")} == {("missing", "")}
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT COUNT(*) FROM surveys")) == 0

    assert grid("--models", ALICE, "--budget", "9", "--yes").code == 0
    assert all(cell.status == "done" for cell in read_cells(engine, "t"))


def test_a_model_that_cannot_be_used_does_not_cost_the_others(
    grid: Run, engine: Engine, models: ModelServer
) -> None:
    def reply(request: ModelRequest) -> str | Fault:
        refused = request.model == "gpt-6.1-terra"
        return Fault("status", 401, "sk-hidden is wrong") if refused else play_survey(request)

    models.reply = reply
    words = ("--models", f"{BOB},{ALICE}", "--mode", "single", "--yes")
    printed = grid(*words)

    assert printed.code == 1
    assert f"Not usable: {BOB}" in printed.err
    assert "sk-hidden" not in printed.err + printed.out
    by_arm = {
        arm: {c.status for c in read_cells(engine, "t") if c.arm == arm}
        for arm in (ALICE, f"{BOB} (single)", f"{ALICE} (single)")
    }
    assert by_arm[f"{ALICE} (single)"] == {"done"}
    assert "done" not in by_arm[f"{BOB} (single)"]

    models.reply = play_survey
    assert grid(*words, "--retry-failed").code == 0
    assert {cell.status for cell in read_cells(engine, "t")} == {"done"}


def test_a_model_that_cannot_be_reached_stops_the_making_of_contexts_and_fails_no_cell(
    grid: Run, engine: Engine, models: ModelServer
) -> None:
    models.reply = lambda _: Fault("status", 429, "later", retry_after="3600")

    printed = grid("--models", ALICE, "--yes")

    assert printed.code == 1
    assert "Stopped: " in printed.err
    assert {cell.status for cell in read_cells(engine, "t")} == {"missing"}


def test_an_experiment_grows_and_never_changes(
    grid: Run, run: Run, engine: Engine, isolated: Path
) -> None:
    grid("--models", "keyless", "--yes", size=("--runs", "2", "--generations", "2"))

    assert "has 2 runs and 2 generations" in grid("--models", "keyless").err
    assert "searches 'demo'" in run("eval", "run", "--name", "t", "--source", "arxiv").err
    (isolated / "questions.txt").write_text("What is Mamba?", encoding="utf-8")
    assert "begins with other questions" in grid("--models", "keyless").err
    plan = load_plan(engine, "t")
    assert plan is not None
    assert (plan.runs, plan.generations, len(plan.questions)) == (2, 2, 2)


def test_experiments_are_listed(grid: Run, run: Run) -> None:
    assert "no experiment yet" in run("eval", "list").out
    grid("--models", "keyless", "--yes")

    assert run("eval", "list").out.startswith("t: 2 done, 0 failed, 0 missing, $")
    assert json.loads(run("eval", "list", "--json").out)[0]["arms"] == ["keyless"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--arm", "keyless order=best"), "'order=best' says nothing of an arm"),
        (("--arm", "mode=single"), "does not begin with a model"),
        (("--mode", "verse"), "there is no 'verse'"),
        (("--order", "tour,best"), "there is no 'best'"),
        (("--at-once", "openai=0"), "no number from 1 to 512"),
        (("--name", "a/b"), "no name of an experiment"),
        (("--questions", "none.txt"), "none.txt holds no list of questions"),
        (("--models", "openai:no-such"), "OPENAI_API_KEY"),
    ],
)
def test_what_cannot_be_run_is_said_before_anything_happens(
    run: Run, words: tuple[str, ...], said: str
) -> None:
    printed = run("eval", "run", *words)

    assert printed.code not in {0, 1}
    assert said in printed.err


def test_an_arm_is_read_as_it_is_labelled() -> None:
    arm = read_arm("openai:m mode=single order=random shorten=no repair=no embed=openai:e")

    assert arm == Arm(
        "openai:m",
        "single",
        "random",
        is_shortened=False,
        is_repaired=False,
        embed_model="openai:e",
    )
    assert arm.label == "openai:m (single, random, unshortened, unrepaired, openai:e)"
    assert read_arm("keyless").label == "keyless"


def test_the_articles_ten_questions_come_with_it() -> None:
    questions = read_questions(None)

    assert len(questions) == 10
    assert questions[4] == "NeRFの進化の研究について教えて"


def test_a_writer_that_is_not_repaired_is_asked_less(
    grid: Run, engine: Engine, models: ModelServer
) -> None:
    def reply(request: ModelRequest) -> str:
        if request.fields == {"markdown", "off_topic"}:
            return json.dumps({"markdown": "これだけを述べる。[P1]", "off_topic": []})
        return play_survey(request)

    models.reply = reply
    grid("--arm", f"{ALICE}", "--arm", f"{ALICE} repair=no", "--yes")

    repaired = Counter("repair" for request in models.requests if request.fields == {"markdown"})
    recalls = {}
    with engine.connect() as connection:
        for cell in read_cells(engine, "t"):
            recalls[cell.arm, cell.question] = connection.scalar(
                text(
                    "SELECT json_extract(score, '$.recall') FROM scores WHERE name = 'recall' AND survey_id = :id"
                ),
                {"id": cell.survey_id},
            )
    assert repaired["repair"] > 0
    for question in range(2):
        assert recalls[ALICE, question] > recalls[f"{ALICE} (unrepaired)", question]


def test_a_lease_is_held_by_one_and_runs_out(database_url: str) -> None:
    with use_database(database_url) as engine:
        one, other = Leases(engine), Leases(engine)

        assert one.take("x")
        assert not other.take("x")
        assert not one.take("x")
        other.give_back("x")
        assert not other.take("x")
        one.give_back("x")
        assert other.take("x")
        with engine.begin() as connection:
            connection.execute(text("UPDATE leases SET until = 1"))
        assert one.take("x")


def test_the_lease_of_a_process_that_has_died_here_ends_with_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/leases.sqlite"
    code = (
        "import sys; from pipeline.database import open_database;"
        "from pipeline.leases import Leases; print(Leases(open_database(sys.argv[1])).take('x'))"
    )
    done = subprocess.run([sys.executable, "-c", code, url], check=True, capture_output=True)
    assert done.stdout.strip() == b"True"

    with use_database(url) as engine:
        assert Leases(engine).take("x")


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_grid_that_is_killed_interrupted_and_shared_has_each_cell_once(tmp_path: Path) -> None:
    (tmp_path / "questions.txt").write_text(QUESTIONS, encoding="utf-8")
    words = ("--questions", "questions.txt", "--runs", "1", "--generations", "6")

    played = play_grid(
        tmp_path,
        words=(*words, "--models", ",".join(MODELS[1::3]), "--mode", "single"),
        slots={"openai": 12, "anthropic": 4, "gemini": 4},
        breaks=((0.05, "kill"), (0.3, "interrupt"), (0.6, "pair")),
        wire=Wire(seed=3, fastest=0.05, slowest=0.4, faulty=0.02),
    )

    assert played.wrong == []
    assert played.cells == 2 * 1 * 6 * 3
    assert played.kills == 3
    # What was under way when a process was killed is lost; everything else was paid for once.
    assert played.recorded <= played.answered <= played.recorded + 20 * played.kills


def test_forgetful_models_forget_the_middle() -> None:
    user = " ".join(f"[P{n}]" for n in range(1, 101))
    request = ModelRequest("openai", "m", "Write in Japanese", user, None)

    text_ = forget(request, 0.0)

    ends = sum(f"[P{n}]" in text_ for n in (*range(1, 11), *range(91, 101)))
    middle = sum(f"[P{n}]" in text_ for n in range(41, 61))
    assert ends > 14
    assert middle < 6
