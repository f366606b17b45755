"""What people do with a finished survey: again, otherwise, ask on, look, watch, forget."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.playground import View
from bot.playground.records import Json
from bot.requests import SurveyRequest
from bot.store import Job
from model_server import Fault, ModelRequest, ModelServer, model_server
from office import (
    MODEL,
    QUESTION,
    Office,
    open_channel,
    open_office,
    shown,
    until,
    with_models,
)
from threads import Script

OTHER = "openai:gpt-6.1-terra"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, ModelServer]]:
    folder = tmp_path_factory.mktemp("bot")
    with (
        model_server(play) as models,
        open_office(folder, with_models(folder, models), models=f"{MODEL},{OTHER}") as office,
    ):
        yield office, models


@pytest.fixture
def office(shared: tuple[Office, ModelServer]) -> Office:
    return open_channel(shared[0].slack, shared[0].house)


@pytest.fixture
def models(shared: tuple[Office, ModelServer]) -> Iterator[ModelServer]:
    shared[1].requests.clear()
    yield shared[1]
    shared[1].reply = play


play = Script().reply
"""Answer follow-ups from the papers; everything else as for a survey."""

_seen: set[str] = set()


def form(office: Office) -> View:
    view = until(lambda: [v for v in office.slack.views() if v.id not in _seen], "a form")[-1]
    _seen.add(view.id)
    return view


def request_of(job: Job) -> SurveyRequest:
    assert isinstance(job.request, SurveyRequest)
    return job.request


def test_again_asks_the_same_anew(office: Office) -> None:
    job, _ = office.survey(f"{QUESTION} top:7")

    office.slack.click(office.message(job.id, "root"), "job_again")

    second = office.next_job("survey", after=1)
    assert office.wait(second.id) == "done"
    assert second.request == job.request
    assert "受け付けました" in office.private()[-1]


def test_another_model_writes_from_the_same_papers(office: Office, models: ModelServer) -> None:
    job, _ = office.survey()
    models.requests.clear()

    office.slack.click(office.message(job.id, "root"), "job_model")
    office.slack.submit(form(office), {"model": OTHER, "mode": "single"})

    second = office.next_job("survey", after=1)
    assert office.wait(second.id) == "done"
    assert f"{OTHER}" in shown(office.thread(second.id)[-1])
    assert {request.model for request in models.requests} == {"gpt-6.1-terra"}
    assert not any("queries" in request.fields for request in models.requests)
    survey = office.house.kit.store.load_survey(f"{second.id}-s")
    assert survey is not None
    assert (survey.context_id, survey.mode) == (f"{job.id}-c", "single")


def test_queries_are_edited_and_searched(office: Office) -> None:
    job, _ = office.survey()

    office.slack.click(office.message(job.id, "root"), "job_queries")
    office.slack.submit(form(office), {"must1": "Mamba; state space", "any_of2": "", "must2": ""})

    second = office.next_job("survey", after=1)
    assert request_of(second).queries[0].must == ("Mamba", "state space")
    assert office.wait(second.id) == "done"
    assert "検索式は依頼者が指定" in shown(office.thread(second.id)[-1])
    assert "Mamba" in shown(office.message(second.id, "references 1"))


@pytest.mark.parametrize(
    ("values", "block"),
    [
        ({"must1": "", "must2": "", "must3": "", "any_of1": "", "any_of2": ""}, "must1"),
        ({"must1": "日本語"}, "must1"),
        ({"categories1": "Robotics!"}, "categories1"),
    ],
)
def test_queries_that_search_nothing_are_refused_beside_the_field(
    office: Office, values: dict[str, str], block: str
) -> None:
    job, _ = office.survey()
    office.slack.click(office.message(job.id, "root"), "job_queries")
    empty = {f"{name}{n}": "" for name in ("must", "any_of", "categories") for n in (1, 2, 3)}

    answer = office.slack.submit(form(office), empty | values)

    assert set(answer.errors) == {block}


def test_papers_left_out_are_shown_with_the_reason_and_come_back(
    office: Office, models: ModelServer
) -> None:
    def triage(request: ModelRequest) -> str | Fault:
        if "relevance" in request.fields and "2308.04079" in request.user:
            return '{"summary": "要約。", "relevance": "off_topic", "reason": "別の話題である。"}'
        return play(request)

    models.reply = triage
    job, _ = office.survey(f"{QUESTION}（主題外）")

    office.slack.click(office.message(job.id, "root"), "job_left_out")
    view = form(office)
    office.slack.submit(view, {"papers": ["2308.04079"]})

    assert "別の話題である。" in str(view.blocks)
    second = office.next_job("survey", after=1)
    assert request_of(second).bring_back == ("2308.04079",)
    assert office.wait(second.id) == "done"
    assert "2308.04079" in shown(office.message(second.id, "references 1"))


def test_the_ledger_is_exported_once(office: Office) -> None:
    job, _ = office.survey()
    root = office.message(job.id, "root")

    office.slack.click(root, "job_export", value=f"csv:{job.id}")
    office.slack.click(root, "job_export", value=f"csv:{job.id}")
    ledger = office.next_job("ledger")
    assert office.wait(ledger.id) == "done"

    files = [m.files[0] for m in office.thread(job.id) if m.files]
    tables = [file for file in files if file.name.endswith(".csv")]
    assert len(tables) == 1
    rows = list(csv.DictReader(io.StringIO(tables[0].content.decode())))
    assert {row["status"] for row in rows} >= {"cited"}
    office.slack.click(root, "job_export", value=f"md:{job.id}")
    until(lambda: "もうスレッドに添付" in office.private()[-1], "the answer")


def reply(office: Office, job: Job, said: str, user: str | None = None) -> None:
    root = office.house.tables.jobs.root_of(job.id)
    office.slack.say(said, channel=office.channel, thread_ts=root, user=user)


def answered(office: Office, after: int = 0) -> Job:
    job = office.next_job("follow_up", after=after)
    assert office.wait(job.id) == "done"
    return job


def test_a_question_in_the_thread_is_answered_and_streamed(
    office: Office, models: ModelServer
) -> None:
    del models
    job, _ = office.survey()

    reply(office, job, "結局どれが一番速いですか？")

    follow_up = answered(office)
    message = office.message(follow_up.id, "answer")
    assert "](https://arxiv.org/abs/" in shown(message)
    assert "[P1]" not in shown(message)
    methods = [call.method for call in office.slack.calls]
    assert "chat.startStream" in methods
    assert "chat.stopStream" in methods
    assert not message.is_streaming


def test_a_mention_and_its_message_are_one_follow_up(office: Office) -> None:
    job, _ = office.survey()

    reply(office, job, "<@U0PAPERWALK> 教えて", user="U0OTHER")
    answered(office)
    office.slack.settle()

    assert len(office.jobs("follow_up")) == 1


@pytest.mark.parametrize("said", ["なるほど。", "それは面白いですね", "<@U0FRIEND> これどう思う？"])
def test_people_talking_with_each_other_are_left_alone(office: Office, said: str) -> None:
    job, _ = office.survey()

    reply(office, job, said)
    reply(office, job, "どれが速いですか？", user="U0OTHER")
    office.slack.settle()

    assert office.jobs("follow_up") == []


@pytest.mark.parametrize("how", ["refused", "closed"])
def test_an_answer_arrives_whole_however_the_stream_ends(office: Office, how: str) -> None:
    job, _ = office.survey()
    if how == "refused":
        office.slack.refuse_streams = True
    else:
        office.slack.stream_seconds = 0.0
    try:
        reply(office, job, "どれが速いですか？")
        follow_up = answered(office)
    finally:
        office.slack.refuse_streams = False
        office.slack.stream_seconds = 300.0

    text = shown(office.message(follow_up.id, "answer"))
    assert text.count("前者はこうである") == 1
    assert text.count("後者はこうである") == 1
    assert office.slack.duplicates(office.channel) == []


def test_a_survey_is_changed_by_sections_and_the_change_is_posted(
    office: Office, models: ModelServer
) -> None:
    models.reply = Script(plan={"kind": "change", "since": "2022-01-01"}).reply
    job, _ = office.survey(f"{QUESTION}（変更）")

    reply(office, job, "2022年以降だけにしてください")
    follow_up = answered(office)

    now = office.house.tables.jobs.survey_of(job.id)
    assert now == f"{follow_up.id}-s"
    survey = office.house.kit.store.load_survey(now)
    assert survey is not None
    context = office.house.kit.store.load_context(survey.context_id)
    assert context is not None
    assert min(p.paper.published.year for p in context.passages) >= 2022
    thread = office.thread(job.id)
    assert any(follow_up.id in m.files[0].name for m in thread if m.files)
    rate = office.message(follow_up.id, "rate")
    office.slack.react(rate, "+1")
    person = office.house.reception.actor(job.team, office.slack.user).hash
    until(lambda: office.house.kit.ballots.vote_of(now, person) == 1, "the vote")


def test_a_reply_before_the_survey_is_ready_is_told_to_wait(office: Office) -> None:
    job, _ = office.survey()
    office.house.tables.jobs.set_survey(job.id, None)

    reply(office, job, "どれが速いですか？")

    assert "できあがるか" in office.message(answered(office).id, "answer").text


def home(office: Office, user: str) -> View:
    """Open the home tab, and give it as it stands then."""
    office.slack.open_home(user)
    view = until(lambda: office.slack.home(user), "the home tab")
    assert view is not None
    return view


def test_the_home_tab_shows_surveys_board_and_settings(office: Office) -> None:
    job, thread = office.survey()
    office.slack.react(thread[-1], "+1")

    view = home(office, office.slack.user)

    said = "\n".join(str(block) for block in view.blocks)
    assert QUESTION in said
    assert f"/thread/{office.channel}-{office.house.tables.jobs.root_of(job.id)}" in said
    assert MODEL in said
    assert "比較への投票がまだありません" in said


def test_settings_of_the_home_tab_hold_for_later_surveys(office: Office) -> None:
    office.slack.click(home(office, "U0SETTER"), "home_language", value="ja", user="U0SETTER")
    office.slack.click(home(office, "U0SETTER"), "home_model", value=OTHER, user="U0SETTER")
    office.ask("What is new in LLM quantization?", user="U0SETTER")

    job = office.next_job("survey")
    assert request_of(job).question.language == "ja"
    assert [arm.model for arm in request_of(job).arms] == [OTHER]
    assert office.wait(job.id) == "done"


def test_the_home_tab_without_charts_shows_the_same_as_text(office: Office) -> None:
    office.slack.refuse_blocks = {"data_visualization"}
    try:
        view = home(office, "U0PLAIN")
    finally:
        office.slack.refuse_blocks = set()

    assert "Your settings" in str(view.blocks)


def test_a_watched_question_tells_new_papers_once(office: Office) -> None:
    receipt = office.ask(f"watch {QUESTION} top:10 daily")
    job = office.next_job("survey")
    assert office.wait(job.id) == "done"
    listed = office.ask("watch list").text
    with office.house.kit.engine.begin() as connection:
        connection.execute(
            text("UPDATE watches SET next_at = 1, every_days = 9000 WHERE id = :id"), {"id": job.id}
        )

    look = office.next_job("watch")
    assert office.wait(look.id) == "done"
    with office.house.kit.engine.begin() as connection:
        connection.execute(text("UPDATE watches SET next_at = 2 WHERE id = :id"), {"id": job.id})
    second = office.next_job("watch", after=1)
    assert office.wait(second.id) == "done"

    assert "毎日見張ります" in receipt.text
    assert QUESTION in listed
    news = [m for m in office.thread(job.id) if m.text.startswith("🔔")]
    assert len(news) == 1
    assert "の節に関係" in shown(news[0])
    assert "をやめました" in office.ask("watch stop 1").text
    assert "見張っている質問はありません" in office.ask("watch list").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("watch", "watch"),
        ("watch stop 9", "watch list"),
        ("watch !!! weekly", "empty"),
    ],
)
def test_what_cannot_be_watched_is_said(office: Office, typed: str, said: str) -> None:
    assert said in office.ask(typed).text
    assert office.jobs("survey") == []


def test_a_person_is_forgotten(office: Office, tmp_path: Path) -> None:
    del tmp_path
    office.ask(f"{QUESTION}（忘れて）", user="U0LEAVER")
    job = office.next_job("survey")
    assert office.wait(job.id) == "done"
    office.slack.react(office.message(job.id, "footer"), "+1", user="U0LEAVER")
    person = office.house.reception.actor(job.team, "U0LEAVER").hash
    until(lambda: office.house.kit.ballots.vote_of(f"{job.id}-s", person) == 1, "the vote")
    unknown: Json = {"type": "message", "channel": office.channel, "ts": "1.000001"}
    thumb: Json = {"type": "reaction_added", "reaction": "+1", "user": "U0LEAVER", "item": unknown}
    office.slack.event(thumb)
    until(lambda: "1.000001" in everything(office), "the reaction on a message unknown as yet")

    receipt = office.slack.command("forget-me", channel=office.channel, user="U0LEAVER")

    assert "投票 1 件と質問 1 件" in receipt.text
    kept = everything(office)
    assert "忘れて" not in kept
    assert person not in kept
    assert "U0LEAVER" not in kept
    assert office.house.kit.store.load_survey(f"{job.id}-s") is not None


def everything(office: Office) -> str:
    """Give all that the database holds, as text."""
    with office.house.kit.engine.connect() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = [row[0] for row in tables.all()]
        return "\n".join(
            str(row)
            for name in names
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()
        )
