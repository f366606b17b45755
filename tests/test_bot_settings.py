"""What an operator sets, each with a bot of its own: waits, ceilings, limits."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from arxiv_server import Fault as ArxivFault
from arxiv_server import arxiv_server
from bot.scenes import demo_settings
from bot.store import name_job
from model_server import model_server, play_survey
from office import MODEL, QUESTION, Office, idle_office, open_office, until, with_models
from papers import make_paper
from pipeline.logs import set_up_logs


def test_what_the_survey_waits_for_is_said(tmp_path: Path) -> None:
    papers = [make_paper(number) for number in range(1, 12)]
    with arxiv_server(papers) as arxiv:
        pipeline = demo_settings(tmp_path).model_copy(
            update={"source": "arxiv", "arxiv_url": arxiv.url}
        )
        arxiv.fail_next(ArxivFault(503, retry_after="6"))
        with open_office(tmp_path, pipeline) as office:
            job_id = name_job(office.ask("person tracking").trigger_id)

            waiting = until(
                lambda: (
                    "<!date^" in str(office.message(job_id, "root").blocks)
                    if office.house.tables.posts.find(job_id, "root")
                    else ""
                ),
                "the reason",
            )
            assert waiting
            assert "arXiv limits our requests" in str(office.message(job_id, "root").blocks)
            office.ask("cancel")
            until(
                lambda: "⏹️" in str(office.message(job_id, "root").blocks), "the stop", seconds=2.0
            )


def test_a_survey_that_reaches_its_ceiling_delivers_what_it_has_and_says_so(
    tmp_path: Path,
) -> None:
    with model_server(play_survey) as models:
        prices = {MODEL: (0.0, 2_500.0)}  # 20 tokens of output a call: five cents each
        pipeline = with_models(tmp_path, models, prices=prices, at_once=1)
        with open_office(tmp_path, pipeline, survey_usd=1.2) as office:
            _, thread = office.survey()
    text = str([message.blocks for message in thread])
    assert "費用の上限に達した" in text
    assert "✅" in str(thread[0].blocks)
    assert 24 <= len(models.answered) <= 25


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"person_at_once": 1}, "1 人 1 件"),
        ({"channel_at_once": 1}, "このチャンネルで同時に"),
        ({"workspace_at_once": 1}, "このワークスペースで同時に"),
        ({"person_per_day": 1}, "24 時間に 1 人 1 件"),
        ({"channel_per_day": 1}, "24 時間に 1 件"),
        ({"workspace_per_day": 1}, "24 時間に 1 件"),
        ({"usd_per_day": 0.01}, "予算（$0.01）"),
    ],
)
def test_limits_refuse_privately_with_their_value(
    tmp_path: Path, limits: dict[str, object], said: str
) -> None:
    with idle_office(tmp_path, **limits) as office:
        first = office.ask(QUESTION)
        spend(office, name_job(first.trigger_id), 0.02)

        refused = office.ask(QUESTION)

        assert "受け付けました" in first.text
        assert said in refused.text
        assert len(office.jobs("survey")) == 1
        assert all(message.ephemeral_for for message in office.slack.messages(office.channel))


def spend(office: Office, run: str, usd: float) -> None:
    """Record a call that a job has paid for."""
    with office.house.kit.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO calls VALUES (:run, :run, 'write', 'm', 1, 0, 1, :usd, 0,"
                " (SELECT created_at FROM jobs WHERE id = :run))"
            ),
            {"run": run, "usd": usd},
        )


def test_limits_are_per_person_and_channel(tmp_path: Path) -> None:
    with idle_office(tmp_path, person_at_once=1, channel_at_once=0) as office:
        office.ask(QUESTION)

        other = office.slack.command(QUESTION, channel=office.channel, user="U0OTHER")

        assert "受け付けました" in other.text


def test_a_burst_does_not_pass_a_limit(tmp_path: Path) -> None:
    with idle_office(tmp_path, person_at_once=3) as office, ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: office.ask(QUESTION), range(12)))

        assert len(office.jobs("survey")) == 3


def test_who_waits_is_told_how_many_are_ahead(tmp_path: Path) -> None:
    with idle_office(tmp_path, surveys_at_once=1, person_at_once=0) as office:
        office.ask(QUESTION)

        assert "先に 1 件" in office.ask(QUESTION).text


def test_a_channel_that_is_not_on_the_list_may_not_ask(tmp_path: Path) -> None:
    with idle_office(tmp_path, channels="C0ALLOWED") as office:
        refused = office.ask(QUESTION)

        assert "許可されたチャンネル" in refused.text
        assert office.jobs("survey") == []


def test_no_question_token_or_person_reaches_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "a question that nobody else may read"
    set_up_logs(verbose=True)
    logging.captureWarnings(capture=True)
    try:
        with model_server(play_survey) as models:
            pipeline = with_models(tmp_path, models, source="arxiv", arxiv_url="http://127.0.0.1:9")
            pipeline = pipeline.model_copy(update={"arxiv_attempts": 1})
            with open_office(tmp_path, pipeline) as office:
                job = name_job(office.ask(secret).trigger_id)
                assert office.wait(job) == "failed"
                with office.house.kit.engine.begin() as connection:
                    connection.exec_driver_sql("ALTER TABLE jobs RENAME TO gone")
                office.ask(secret)
                with office.house.kit.engine.begin() as connection:
                    connection.exec_driver_sql("ALTER TABLE gone RENAME TO jobs")
                token, person = office.slack.bot_token, office.slack.user
    finally:
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()

    log = capsys.readouterr().err
    assert "listener_failed" in log
    assert "stage_failed" in log
    for hidden in (secret, "sk-secret", token, person):
        assert hidden not in log
