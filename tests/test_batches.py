"""Experiments by the providers' batch interfaces, spoken by their real SDKs on loopback."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr
from sqlalchemy import Engine, text

from batch_desk import BatchDesk
from command import Printed, Run
from grids import Grid
from model_server import Fault, ModelRequest, ModelServer, model_server, play_survey
from pipeline.database import use_database
from pipeline.errors import Overloaded, Parked, RateLimited, RequestRejected, Truncated
from pipeline.experiment.cells import read_cells
from pipeline.experiment.clerk import Clerk
from pipeline.leases import Leases
from pipeline.migrations import migrate
from pipeline.outbox import Outbox, Slot
from pipeline.providers import Access, open_batches, open_chat_model
from pipeline.providers.base import Completion, Prompt
from pipeline.providers.batches import Batches
from pipeline.providers.retry import Retries
from pipeline.settings import PipelineSettings
from pipeline.wiring import use_kit

OPENAI, CLAUDE, GEMINI = (
    "openai:gpt-6-luna",
    "anthropic:claude-haiku-5-5",
    "gemini:gemini-3.5-flash-lite",
)
ALL = (OPENAI, CLAUDE, GEMINI)


class Answer(BaseModel):
    answer: str


def echo(request: ModelRequest) -> str:
    return json.dumps({"answer": request.user}) if request.schema else f"heard {request.user}"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server(echo) as state:
        yield state


def access(server: ModelServer, spec: str) -> Access:
    return Access(
        key=SecretStr("sk-hidden"),
        base_url=server.base_url(spec.partition(":")[0]),
        retries=Retries(attempts=2, first_wait_seconds=0.01),
    )


def open_(server: ModelServer, spec: str) -> Batches:
    return open_batches(spec, access(server, spec))


PLAIN = Prompt("write", "Be brief.", "one\u2028\x85line")
SHAPED = Prompt("write", "Be brief.", "two 日本語", Answer)


@pytest.mark.parametrize("spec", ALL)
def test_a_batch_asks_the_very_same_as_a_call_at_half_the_price(
    server: ModelServer, spec: str
) -> None:
    batches = open_(server, spec)
    model = open_chat_model(spec, access(server, spec))
    alone = [model.complete(PLAIN), model.complete(SHAPED)]
    asked = list(server.requests)
    server.desk.is_held = True

    name = batches.send("ours", {"a" * 64: batches.draft(PLAIN), "b": batches.draft(SHAPED)})
    assert batches.collect(name) is None
    server.desk.is_held = False
    replies = batches.collect(name)

    assert isinstance(replies, dict)
    assert server.requests[2:] == asked
    for reply, single in zip((replies["a" * 64], replies["b"]), alone, strict=True):
        assert isinstance(reply, Completion)
        assert (reply.text, reply.usage, reply.model) == (single.text, single.usage, spec)
        assert single.usd
        assert reply.usd == pytest.approx(single.usd / 2)


@pytest.mark.parametrize("spec", ALL)
def test_each_request_fails_for_itself(server: ModelServer, spec: str) -> None:
    server.reply = lambda request: {
        "one": Fault("truncated"),
        "bad": Fault("status", 400, "no such field"),
        "busy": Fault("status", 500),
    }.get(request.user, "fine")
    batches = open_(server, spec)
    prompts = {user: Prompt("write", "s", user) for user in ("one", "bad", "busy", "good")}

    replies = batches.collect(
        batches.send("ours", {user: batches.draft(prompt) for user, prompt in prompts.items()})
    )

    assert isinstance(replies, dict)
    assert {user: type(reply) for user, reply in replies.items()} == {
        "one": Truncated,
        "bad": RequestRejected,
        "busy": Overloaded,
        "good": Completion,
    }
    assert "no such field" not in str(replies["bad"])


@pytest.mark.parametrize("spec", ALL)
def test_a_batch_whose_handing_in_broke_off_is_found_again(server: ModelServer, spec: str) -> None:
    batches = open_(server, spec)
    drafts = {"k": batches.draft(PLAIN)}
    now = time.time()
    batches.send("another", {"other": drafts["k"], "third": drafts["k"]})
    assert batches.find("ours", drafts, now) is None
    server.desk.lost = 1
    with pytest.raises(Exception, match="cannot be reached"):
        batches.send("ours", drafts)

    if spec == CLAUDE:  # shows no keys before the end
        with pytest.raises(Overloaded, match="may be ours"):
            batches.find("ours", drafts, now)
        for batch in server.desk.batches:
            batches.collect(batch.id)
    found = batches.find("ours", drafts, now)

    assert found == server.desk.batches[1].id
    assert batches.find("never sent", {"x": "{}"}, now) is None


@pytest.mark.parametrize("spec", [OPENAI, GEMINI])
def test_a_batch_can_fail_as_a_whole(server: ModelServer, spec: str) -> None:
    batches = open_(server, spec)
    server.desk.fates.append("failed")

    outcome = batches.collect(batches.send("ours", {"k": batches.draft(PLAIN)}))

    assert isinstance(outcome, RateLimited if spec == OPENAI else Overloaded)


@pytest.fixture
def models() -> Iterator[ModelServer]:
    with model_server(play_survey) as server:
        yield server


@pytest.fixture
def desk(models: ModelServer) -> BatchDesk:
    return models.desk


@pytest.fixture
def grid(run: Run, isolated: Path, models: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a call of ``eval run`` on one question."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
    monkeypatch.setenv("OPENAI_BASE_URL", models.base_url("openai"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-hidden")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", models.base_url("anthropic"))
    monkeypatch.setenv("GEMINI_API_KEY", "hidden")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", models.base_url("gemini"))
    monkeypatch.setenv("PAPERWALK_EMBED_MODEL", "keyless:lsa")
    monkeypatch.setenv("PAPERWALK_SOURCE", "demo")
    (isolated / "questions.txt").write_text("NeRFの進化の研究について教えて\n", encoding="utf-8")
    size = ("--questions", "questions.txt", "--runs", "1", "--generations", "1")

    def call(*words: str) -> Printed:
        return run("eval", "run", "--name", "t", *size, "--yes", "--look-every", "0.1", *words)

    return call


@pytest.fixture
def engine(isolated: Path) -> Iterator[Engine]:
    with use_database(f"sqlite:///{isolated}/paperwalk.sqlite") as opened:
        yield opened


def count(engine: Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(query)) or 0)


def assert_paid_once(engine: Engine, models: ModelServer) -> None:
    calls = count(engine, "SELECT COUNT(*) FROM calls WHERE model NOT LIKE 'keyless%'")
    assert calls == count(engine, "SELECT COUNT(*) FROM completions") == len(models.answered)
    assert count(engine, "SELECT COUNT(*) FROM batch_requests") == 0
    assert count(engine, "SELECT COUNT(*) FROM batches WHERE over_at IS NULL") == 0


def test_a_whole_experiment_goes_by_batches(
    grid: Run, engine: Engine, models: ModelServer, isolated: Path
) -> None:
    printed = grid("--models", ",".join(ALL), "--generations", "2", "--batch", "--json")

    assert printed.code == 0, printed.err
    cells = read_cells(engine, "t")
    assert Counter(cell.status for cell in cells) == {"done": 6}
    assert {batch.provider for batch in models.desk.batches} == {"openai", "anthropic", "gemini"}
    assert_paid_once(engine, models)
    asked = sum(len(batch.bodies) for batch in models.desk.batches)
    assert asked == len(models.requests), "something was asked outside the batches"
    assert len(models.desk.batches) < asked / 4
    by_batch = json.loads(printed.out)["usd"]

    for name in isolated.glob("paperwalk.sqlite*"):
        name.unlink()
    alone = json.loads(grid("--models", ",".join(ALL), "--generations", "2", "--json").out)
    assert by_batch == pytest.approx(alone["usd"] / 2)


def test_a_plan_for_batches_costs_half(grid: Run) -> None:
    whole, half = (
        sum(row["usd"] for row in json.loads(grid("--dry-run", "--json", *more).out)["calls"])
        for more in ((), ("--batch",))
    )

    assert half == pytest.approx(whole / 2)


def test_a_broken_hand_in_is_neither_lost_nor_paid_twice(
    grid: Run, engine: Engine, models: ModelServer, desk: BatchDesk
) -> None:
    desk.lost = 2
    assert grid("--models", f"{CLAUDE},{GEMINI}", "--batch").code == 0
    assert_paid_once(engine, models)

    keys = [key for batch in desk.batches for key in batch.bodies]
    assert len(keys) == len(set(keys))


def test_a_batch_that_was_not_taken_is_sent_again(
    grid: Run, engine: Engine, models: ModelServer, desk: BatchDesk
) -> None:
    desk.refused = 1
    assert grid("--models", OPENAI, "--batch").code == 0
    assert_paid_once(engine, models)


def test_what_a_batch_leaves_unanswered_is_sent_again(
    grid: Run, engine: Engine, models: ModelServer, desk: BatchDesk
) -> None:
    desk.fates.extend(["expired", ""])
    desk.unanswered = 1
    assert grid("--models", OPENAI, "--batch").code == 0
    assert_paid_once(engine, models)


def test_an_account_that_is_full_gets_smaller_batches(
    grid: Run, engine: Engine, models: ModelServer, desk: BatchDesk
) -> None:
    desk.fates.extend(["", "failed"])
    assert grid("--models", OPENAI, "--batch").code == 0
    assert_paid_once(engine, models)

    refused = next(batch for batch in desk.batches if batch.fate == "failed")
    later = desk.batches[desk.batches.index(refused) + 1 :]
    assert max(len(batch.bodies) for batch in later) <= len(refused.bodies) // 2


def test_a_request_that_no_batch_answers_fails_its_cell_and_can_be_tried_again(
    grid: Run, engine: Engine, models: ModelServer
) -> None:
    def reply(request: ModelRequest) -> str | Fault:
        return Fault("status", 500) if request.fields == {"queries"} else play_survey(request)

    models.reply = reply
    printed = grid("--models", OPENAI, "--batch")

    assert printed.code == 1
    assert "3 batches did not answer it" in printed.err
    assert {cell.status for cell in read_cells(engine, "t")} <= {"missing", "failed"}

    models.reply = play_survey
    assert grid("--models", OPENAI, "--batch", "--retry-failed").code == 0
    assert_paid_once(engine, models)


def test_what_the_budget_does_not_cover_is_not_sent_and_may_be_asked_at_once(
    grid: Run, engine: Engine, models: ModelServer, desk: BatchDesk
) -> None:
    desk.is_held = True
    stopped = grid("--models", OPENAI, "--batch", "--budget", "0.00001")
    assert stopped.code == 1
    assert "does not cover the next requests" in stopped.err
    assert models.requests == []
    assert count(engine, "SELECT COUNT(*) FROM batch_requests") == 1
    assert desk.batches == []

    assert grid("--models", OPENAI).code == 0  # never sent: it may be asked at once
    assert_paid_once(engine, models)


def test_batches_of_another_experiment_need_no_key_here(
    grid: Run, engine: Engine, monkeypatch: pytest.MonkeyPatch, models: ModelServer
) -> None:
    migrate(engine)
    with pytest.raises(Parked):
        Slot(engine, open_(models, CLAUDE)).post("k", "other/1", CLAUDE, PLAIN)
    outbox = Outbox(engine)
    outbox.begin("theirs", CLAUDE, outbox.unsent("other/"), 1.0)
    monkeypatch.delenv("ANTHROPIC_API_KEY")

    assert grid("--models", OPENAI, "--batch").code == 0

    assert [one.id for one in outbox.sent()] == ["theirs"]


def test_a_provider_that_cannot_be_asked_is_told_until_it_can(
    tmp_path: Path, server: ModelServer
) -> None:
    settings = PipelineSettings(
        database_url=f"sqlite:///{tmp_path}/paperwalk.sqlite",
        openai_api_key=SecretStr("sk-hidden"),
        openai_base_url=server.base_url("openai"),
    )
    with use_kit(settings) as kit:
        with pytest.raises(Parked):
            Slot(kit.engine, kit.batches(OPENAI)).post("k", "t/1", OPENAI, PLAIN)
        clerk = Clerk(kit, Leases(kit.engine), "t/", settle_seconds=3_600)
        server.desk.refused = 1

        assert not clerk.turn()
        assert "answered 500" in clerk.trouble
        assert not clerk.turn()
        assert server.desk.batches == []  # it may be listed late: nothing is sent twice

        clerk.settle_seconds = 0.0
        assert not clerk.turn()  # it was not taken: it is sent again
        assert clerk.trouble == ""
        assert clerk.turn()
        assert kit.cost_of("t/1").calls == 1


def test_a_killed_process_leaves_its_batches_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "questions.txt").write_text("What is new in quantization?\n", encoding="utf-8")
    size = ("--questions", "questions.txt", "--runs", "1", "--generations", "1")
    words = (*size, "--models", f"{OPENAI},{CLAUDE}", "--look-every", "0.1")
    with model_server(play_survey) as models:
        models.desk.is_held = True
        grid = Grid(tmp_path, models, (*words, "--batch"))
        killed = grid.start()
        until = time.monotonic() + 40
        while not models.desk.batches and time.monotonic() < until:
            time.sleep(0.05)
        killed.kill()
        killed.communicate()
        assert len(models.desk.batches) == 1

        hasty = Grid(tmp_path, models, words).start()
        assert "add --batch to collect" in hasty.communicate(timeout=40)[1]
        assert hasty.returncode == 2

        models.desk.is_held = False
        last = grid.start()
        assert last.wait(timeout=40) == 0, last.communicate()
        last.communicate()
        with use_database(f"sqlite:///{tmp_path}/grid.sqlite") as engine:
            assert_paid_once(engine, models)
            assert {cell.status for cell in read_cells(engine, "grid")} == {"done"}


def test_a_request_waits_is_sent_fails_and_is_forgotten(
    database_url: str, server: ModelServer
) -> None:
    with use_database(database_url) as engine:
        outbox, slot = Outbox(engine), Slot(engine, open_(server, OPENAI))
        for key, run in (("a", "mine/1"), ("b", "mine/2"), ("c", "theirs/1"), ("a", "mine/3")):
            with pytest.raises(Parked) as parked:
                slot.post(key, run, OPENAI, PLAIN)
            assert parked.value.key == key
        assert [(one.key, one.run) for one in outbox.unsent("mine/")] == [
            ("b", "mine/2"),
            ("a", "mine/3"),
        ]

        outbox.begin("batch", OPENAI, outbox.unsent("mine/"), 1.0)
        with pytest.raises(Parked):
            slot.post("a", "theirs/2", OPENAI, PLAIN)
        assert (outbox.count_sent("mine/"), outbox.count_sent("theirs/")) == (2, 0)
        outbox.note("batch", "far")
        (sent,) = outbox.sent()
        assert (sent.reference, {one.key for one in sent.letters}) == ("far", {"a", "b"})

        outbox.fail("a", Truncated("too long"))
        outbox.end("batch", 2.0)
        with pytest.raises(Truncated, match="too long"):
            slot.post("a", "mine/3", OPENAI, PLAIN)
        assert outbox.sent() == ()
        assert [one.attempts for one in outbox.unsent("mine/")] == [1]
        assert outbox.unanswered() == {"b", "c"}

        outbox.forget_failures("mine/")
        outbox.forget_unsent("mine/")
        assert outbox.unanswered() == {"c"}
