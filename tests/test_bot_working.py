"""While a survey is made: the plan, the waits, stopping it and going on, what it may cost."""

from collections import Counter
from collections.abc import Iterator
from itertools import count

import pytest

from bot.playground import Message
from bot.store import name_job
from model_server import ModelServer, model_server, play_survey
from office import QUESTION, Office, open_channel, open_office, until, with_models


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Office, ModelServer]]:
    """Start one bot whose surveys are written by a loopback model."""
    folder = tmp_path_factory.mktemp("bot")
    with (
        model_server(play_survey) as models,
        open_office(folder, with_models(folder, models)) as office,
    ):
        yield office, models


@pytest.fixture
def office(shared: tuple[Office, ModelServer]) -> Office:
    return open_channel(shared[0].slack, shared[0].house)


@pytest.fixture
def models(shared: tuple[Office, ModelServer]) -> Iterator[ModelServer]:
    models = shared[1]
    models.let_go()
    models.answered.clear()
    yield models
    models.let_go()


_questions = count(1)


def held(office: Office, models: ModelServer, replies: int) -> str:
    """Ask something new, let the models fall silent after some replies, and give the job."""
    models.hold(after=replies)
    job_id = name_job(office.ask(f"{QUESTION}（{next(_questions)}）").trigger_id)
    until(lambda: models.holding, "a held call")
    return job_id


def plan_of(message: Message) -> dict[str, str]:
    """Give the state of each task of a root message's plan."""
    plan = next(block for block in message.blocks if block["type"] == "plan")
    tasks = plan["tasks"]
    assert isinstance(tasks, list)
    return {task["task_id"]: task["status"] for task in tasks}


def test_the_root_shows_the_plan_the_queries_and_the_cost(
    office: Office, models: ModelServer
) -> None:
    job_id = held(office, models, replies=3)

    held_up = {
        "queries": "complete",
        "search": "complete",
        "embed": "complete",
        "order": "complete",
        "shorten": "in_progress",
        "write": "pending",
        "measure": "pending",
    }
    until(lambda: plan_of(office.message(job_id, "root")) == held_up, "the plan")
    root = office.message(job_id, "root")
    assert "費用の見込み：約 $0.0" in str(root.blocks)
    assert "ti:" in str(root.blocks)
    assert session_of(office, root) == "processing"
    models.let_go()
    assert office.wait(job_id) == "done"
    assert "費用：$0.0" in str(office.thread(job_id)[-1].blocks)
    assert session_of(office, root) == "active"


def session_of(office: Office, root: Message) -> str:
    session = office.slack.session(root.ts, office.channel)
    assert session is not None
    return session.status


def test_a_slack_without_plans_gets_lines(office: Office, models: ModelServer) -> None:
    office.slack.refuse_blocks = {"plan"}
    try:
        job_id = held(office, models, replies=3)
        until(lambda: "⋯ 要約し" in str(office.message(job_id, "root").blocks), "the lines")
    finally:
        office.slack.refuse_blocks = set()

    models.let_go()
    assert office.wait(job_id) == "done"


def press(office: Office, job_id: str) -> None:
    office.slack.click(office.message(job_id, "root"), "job_stop")


def press_slacks_own(office: Office, job_id: str) -> None:
    root = office.message(job_id, "root")
    until(lambda: office.slack.session(root.ts, office.channel), "Slack's own button")
    office.slack.stop_session(office.channel, root.ts)


def set_the_sign(office: Office, job_id: str) -> None:
    office.slack.react(office.message(job_id, "root"), "x")


def say_cancel(office: Office, job_id: str) -> None:
    del job_id
    office.ask("cancel")


@pytest.mark.parametrize("stop", [press, press_slacks_own, set_the_sign, say_cancel])
def test_the_asker_stops_a_survey_within_two_seconds_and_goes_on_later(
    office: Office, models: ModelServer, stop: object
) -> None:
    job_id = held(office, models, replies=6)
    assert callable(stop)

    stop(office, job_id)

    until(lambda: "⏹️" in str(office.message(job_id, "root").blocks), "the stop", seconds=2.0)
    said = str(office.message(job_id, "root").blocks)
    assert "論文" in said
    assert "要約" in said
    before = len(models.answered)
    models.let_go()
    until(lambda: office.house.tables.jobs.status(job_id) == "stopped", "the job's end")

    office.slack.click(office.message(job_id, "root"), "job_resume")

    until(lambda: office.house.tables.jobs.status(job_id) == "done", "the survey")
    calls = Counter((call.system, call.user) for call in models.answered)
    assert max(calls.values()) == 1, "a paid call was repeated"
    assert len(models.answered) > before
    assert "✅" in str(office.message(job_id, "root").blocks)
    assert office.slack.duplicates(office.channel) == []


def test_others_cannot_stop_a_survey(office: Office, models: ModelServer) -> None:
    job_id = held(office, models, replies=3)

    office.slack.click(office.message(job_id, "root"), "job_stop", user="U0OTHER")
    office.slack.react(office.message(job_id, "root"), "x", user="U0OTHER")
    office.slack.settle()

    assert office.private("U0OTHER") == ["中止できるのは依頼した人だけです。"]
    assert office.house.tables.jobs.status(job_id) == "working"
    models.let_go()
    assert office.wait(job_id) == "done"


def test_a_finished_survey_cannot_be_stopped(office: Office, models: ModelServer) -> None:
    del models
    job, _ = office.survey()

    receipt = office.ask("cancel")

    assert "作成中のあなたのサーベイはありません" in receipt.text
    assert office.house.tables.jobs.status(job.id) == "done"
