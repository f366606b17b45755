"""A bot that is killed goes on: one root, one survey, no paid call twice."""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.playground import CommandReceipt, Playground
from bot.store import Jobs, name_job
from bots import root_of, start_process
from model_server import ModelServer, model_server, play_survey
from pipeline.database import normalise_url

QUESTION = "LLMの量子化について研究を教えて"
MODEL = "openai:gpt-6-luna"


def environment(slack: Playground, models: ModelServer, database: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": database,
        "OPENAI_API_KEY": "sk-secret",
        "OPENAI_BASE_URL": models.base_url("openai"),
        "PAPERWALK_SOURCE": "demo",
        "PAPERWALK_EMBED_MODEL": "openai:text-embedding-3-large@64",
        "PAPERWALK_WRITE_MODEL": MODEL,
        "PAPERWALK_POST_SECONDS": "0",
        "PAPERWALK_POLL_SECONDS": "0.1",
        "PAPERWALK_SECRET_KEY": "a secret of the tests",
        "PAPERWALK_AT_ONCE": "4",
    } | {name: value for name, value in os.environ.items() if name.startswith("COV")}


def wait_until(what: str, true: object, seconds: float = 40.0) -> None:
    assert callable(true)
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.05)


# After how many replies the models fall silent, and the stage that this falls in: one call makes
# the queries, one each shortens 13 papers, then come the outline, the sections, the frame, the count.
KILLS = {"queries": 0, "shorten": 5, "outline": 14, "sections": 16, "count": 19}


@pytest.mark.timeout(120)
def test_a_bot_killed_in_each_stage_finishes_and_repeats_no_paid_call(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/bot.sqlite"
    engine = create_engine(database)

    def all_recorded() -> bool:
        with engine.connect() as connection:
            recorded = connection.scalar(text("SELECT count(*) FROM completions"))
        return int(recorded or 0) == len(models.answered)

    with Playground() as slack, model_server(play_survey) as models:
        settings = environment(slack, models, database)
        receipt = None
        for replies in KILLS.values():
            models.hold(after=replies)
            bot = start_process(tmp_path, settings)
            if receipt is None:
                assert slack.wait_for_app(40)
                receipt = slack.command(QUESTION)
            wait_until("a held call", lambda: models.holding > 0)
            wait_until("what was answered to be recorded", all_recorded)
            bot.send_signal(signal.SIGKILL)
            bot.wait()
            models.let_go()

        engine.dispose()
        finish(tmp_path, settings, receipt)

        answered = Counter((call.system, call.user) for call in models.answered)
        assert max(answered.values()) == 1, "a paid call was repeated"
        assert max(Counter(models.embedded).values()) == 1, "a paid embedding was repeated"
        assert_whole(slack)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("method", ["chat.postMessage", "files.completeUploadExternal"])
def test_a_bot_killed_between_acceptance_and_record_posts_nothing_twice(
    tmp_path: Path, method: str
) -> None:
    database = f"sqlite:///{tmp_path}/bot.sqlite"
    with Playground() as slack, model_server(play_survey) as models:
        slack.hold_after_accepting(method)
        settings = environment(slack, models, database)
        first = start_process(tmp_path, settings)
        assert slack.wait_for_app(40)
        receipt = slack.command(QUESTION)
        wait_until("an accepted call", lambda: slack.holding)
        first.send_signal(signal.SIGKILL)
        first.wait()
        slack.release()

        finish(tmp_path, settings, receipt)

        assert_whole(slack)


@pytest.mark.timeout(120)
def test_on_postgresql_another_worker_takes_over(tmp_path: Path, postgres_url: str) -> None:
    with Playground() as slack, model_server(play_survey) as models:
        models.hold(after=3)
        settings = environment(slack, models, postgres_url)
        first = start_process(tmp_path, settings)
        assert slack.wait_for_app(60)
        receipt = slack.command(QUESTION)
        wait_until("a held call", lambda: models.holding > 0)
        first.send_signal(signal.SIGTERM)
        first.wait(30)
        models.let_go()

        finish(tmp_path, settings, receipt)

        answered = Counter((call.system, call.user) for call in models.answered)
        assert max(answered.values()) == 1
        assert_whole(slack)


def finish(folder: Path, settings: dict[str, str], receipt: CommandReceipt | None) -> None:
    """Start a bot, wait for the job's end, and stop it in good order."""
    assert receipt is not None
    bot = start_process(folder, settings)
    jobs = Jobs(create_engine(normalise_url(settings["DATABASE_URL"])))
    wait_until("the end", lambda: jobs.status(name_job(receipt.trigger_id)) == "done", 60)
    bot.send_signal(signal.SIGTERM)
    assert bot.wait(30) == 0
    jobs.engine.dispose()


def assert_whole(slack: Playground) -> None:
    """Each message of the survey stands in the thread once."""
    thread = slack.thread(root_of(slack).ts)
    names = [message.metadata["event_payload"]["name"] for message in thread if message.metadata]  # type: ignore[index]  # ours
    assert sorted(names) == ["footer", "part 1", "references 1", "root"]
    assert sum(bool(message.files) for message in thread) == 3
