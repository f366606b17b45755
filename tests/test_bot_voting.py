"""What people say of surveys: thumbs, feedback, reasons, wrong citations, A or B."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.playground import Message
from bot.store import Job
from model_server import Fault as ModelFault
from model_server import ModelRequest, ModelServer, model_server, play_survey
from office import (
    QUESTION,
    Office,
    idle_office,
    open_channel,
    open_office,
    shown,
    until,
    with_models,
)
from pipeline.types import Survey

FIRST, SECOND = "openai:gpt-6-luna", "openai:gpt-6.1-terra"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, ModelServer]]:
    """Start one bot that compares two loopback models."""
    folder = tmp_path_factory.mktemp("bot")
    with (
        model_server(play_survey) as models,
        open_office(
            folder,
            with_models(folder, models),
            models=f"{FIRST},{SECOND}",
            ab_models=f"{FIRST},{SECOND}",
            ab_votes=3,
        ) as office,
    ):
        yield office, models


@pytest.fixture
def office(shared: tuple[Office, ModelServer]) -> Office:
    return open_channel(shared[0].slack, shared[0].house)


@pytest.fixture
def models(shared: tuple[Office, ModelServer]) -> Iterator[ModelServer]:
    yield shared[1]
    shared[1].reply = play_survey


def vote(office: Office, job: Job, user: str | None = None, suffix: str = "s") -> int:
    """Give how a person's vote on a job's survey stands."""
    house, person = office.house, user or office.slack.user
    known = house.reception.actor(job.team, person).hash
    return house.kit.ballots.vote_of(f"{job.id}-{suffix}", known)


def rows(office: Office, statement: str, **values: object) -> list[tuple[object, ...]]:
    with office.house.kit.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement), values)]


def test_thumbs_of_every_kind_on_any_part_are_votes(office: Office) -> None:
    job, thread = office.survey()
    parts = [message for message in thread if message.text.startswith("サーベイ（")]

    for person, name, message in (
        ("U0ONE", "+1", parts[0]),
        ("U0TWO", "thumbsup", thread[0]),
        ("U0THREE", "+1::skin-tone-4", thread[-1]),
        ("U0FOUR", "-1::skin-tone-6", parts[0]),
        ("U0FIVE", "thumbsdown", parts[0]),
        ("U0SIX", "eyes", parts[0]),
    ):
        office.slack.react(message, name, user=person)
    office.slack.settle()

    people = ("U0ONE", "U0TWO", "U0THREE", "U0FOUR", "U0FIVE", "U0SIX")
    until(
        lambda: [vote(office, job, person) for person in people] == [1, 1, 1, -1, -1, 0],
        "the votes",
    )


def test_taking_a_reaction_back_takes_the_vote_back(office: Office) -> None:
    job, thread = office.survey()

    office.slack.react(thread[-1], "+1")
    until(lambda: vote(office, job) == 1)
    office.slack.unreact(thread[-1], "+1")

    until(lambda: vote(office, job) == 0)


def test_of_both_thumbs_the_newer_counts_and_the_older_comes_back(office: Office) -> None:
    job, thread = office.survey()

    office.slack.react(thread[-1], "+1", event_ts="100.000001")
    office.slack.react(thread[-1], "-1", event_ts="100.000002")
    until(lambda: vote(office, job) == -1)
    office.slack.unreact(thread[-1], "-1", event_ts="100.000003")

    until(lambda: vote(office, job) == 1)


def test_deliveries_out_of_order_and_repeated_count_once(office: Office) -> None:
    job, thread = office.survey()
    office.slack.deliver_twice = True
    office.slack.hold_events()
    office.slack.react(thread[-1], "+1")
    office.slack.unreact(thread[-1], "+1")
    office.slack.react(thread[-1], "-1")

    office.slack.release_events(reverse=True)
    office.slack.deliver_twice = False
    office.slack.settle()

    def counted() -> list[tuple[object, ...]]:
        statement = "SELECT mark, value FROM votes WHERE survey_id = :id ORDER BY mark"
        return [
            (str(mark).rpartition("/")[2], value)
            for mark, value in rows(office, statement, id=f"{job.id}-s")
        ]

    until(lambda: counted() == [("+1", 0), ("-1", -1)], "one row for each thumb")


def test_a_vote_that_another_process_died_over_is_taken_up(office: Office) -> None:
    job, thread = office.survey()
    office.house.tables.deliveries.claim("Ev-died", time.time() - 4.5)

    office.slack.react(thread[-1], "+1", event_id="Ev-died")

    until(lambda: vote(office, job) == 1, "the vote, once the other has had its time")


def test_a_vote_that_is_being_handled_elsewhere_is_not_acknowledged_yet(office: Office) -> None:
    job, thread = office.survey()
    deliveries = office.house.tables.deliveries
    deliveries.claim("Ev-busy", time.time())
    office.slack.retry_seconds = (0.0,)

    office.slack.react(thread[-1], "+1", event_id="Ev-busy")
    refused = [d.acked for d in office.slack.deliveries if d.payload.get("event_id") == "Ev-busy"]
    deliveries.release("Ev-busy")  # the other failed

    assert not any(refused)
    until(lambda: vote(office, job) == 1, "the vote, by the copy that came again")
    office.slack.retry_seconds = (0.0, 60.0, 300.0)


def test_reactions_on_other_messages_are_no_votes(office: Office) -> None:
    office.survey()
    said = office.slack.say("hello", channel=office.channel)

    office.slack.react(said, "+1")
    office.slack.settle()

    assert rows(office, "SELECT * FROM strays WHERE channel = :c", c=office.channel) == []


def test_a_vote_that_comes_before_the_message_is_recorded_is_not_lost(office: Office) -> None:
    job, thread = office.survey()
    with office.house.kit.engine.begin() as connection:
        connection.execute(
            text("UPDATE posts SET ts = NULL WHERE job_id = :job AND name = 'footer'"),
            {"job": job.id},
        )
    office.slack.react(thread[-1], "+1")
    until(lambda: rows(office, "SELECT 1 FROM strays WHERE channel = :c", c=office.channel))
    assert vote(office, job) == 0

    office.house.tables.posts.record(job.id, "footer", office.channel, thread[-1].ts)

    assert vote(office, job) == 1


def test_feedback_buttons_count_like_thumbs(office: Office) -> None:
    job, thread = office.survey()

    office.slack.click(thread[-1], "survey_feedback", value="positive", user="U0ONE")
    until(lambda: vote(office, job, "U0ONE") == 1)
    office.slack.click(thread[-1], "survey_feedback", value="negative", user="U0ONE")

    until(lambda: vote(office, job, "U0ONE") == -1)
    assert "記録しました" in until(lambda: office.private("U0ONE"))[-1]


def test_a_slack_without_feedback_buttons_gets_ordinary_ones(office: Office) -> None:
    office.slack.refuse_blocks = {"context_actions"}
    try:
        job, thread = office.survey()
    finally:
        office.slack.refuse_blocks = set()

    office.slack.click(thread[-1], "survey_good")

    until(lambda: vote(office, job) == 1)


def test_reasons_and_wrong_citations_are_kept(office: Office) -> None:
    job, thread = office.survey()
    survey_id = f"{job.id}-s"

    office.slack.click(thread[-1], "survey_why")
    form = until(office.slack.views)[-1]
    office.slack.submit(form, {"reasons": ["missing_papers", "off_topic"], "words": "SLAM"})
    office.slack.click(thread[-1], "survey_flag")
    form = until(office.slack.views)[-1]
    office.slack.submit(form, {"paper": "2003.08934", "words": "年が違う"})

    said = until(
        lambda: (
            found
            if len(
                found := rows(
                    office,
                    "SELECT kind, said FROM remarks WHERE survey_id = :id ORDER BY kind",
                    id=survey_id,
                )
            )
            == 4
            else []
        ),
        "the remarks",
    )
    assert said == [
        ("citation:2003.08934", "年が違う"),
        ("missing_papers", "SLAM"),
        ("off_topic", "SLAM"),
        ("words", "SLAM"),
    ]


def compared(office: Office) -> tuple[Job, Message]:
    job, _ = office.survey(f"ab: {QUESTION}")
    return job, office.message(job.id, "vote")


def sides(office: Office, job: Job) -> list[Survey]:
    found = [office.house.kit.store.load_survey(f"{job.id}-{side}") for side in "ab"]
    assert found[0]
    assert found[1]
    return [found[0], found[1]]


def test_two_surveys_are_compared_without_a_models_name(office: Office) -> None:
    job, ballot = compared(office)

    models = {survey.model for survey in sides(office, job)}
    names = {name for model in models for name in (model, model.partition(":")[2])}
    reachable = "\n".join(office.slack.texts(office.channel, ever=True))
    assert models == {FIRST, SECOND}
    assert not any(name in reachable for name in names)
    thread = office.thread(job.id)
    assert [m.text for m in thread if m.text.startswith("サーベイ A")]
    assert [m.text for m in thread if m.text.startswith("サーベイ B")]
    files = {message.files[0].name for message in thread if message.files}
    assert files == {f"survey-{job.id}-{end}" for end in ("A.md", "B.md")} | {
        f"survey-{job.id}.bib"
    }
    assert "A が良い" in str(ballot.blocks)


def test_sides_are_drawn(office: Office) -> None:
    first = [sides(office, compared(office)[0])[0].model for _ in range(7)]

    # Of seven fair draws all fall alike in 1 of 64 runs; another seven make it 1 of 8,192.
    if len(set(first)) == 1:
        first += [sides(office, compared(office)[0])[0].model for _ in range(7)]
    assert set(first) == {FIRST, SECOND}


def test_a_vote_is_receipted_privately_with_the_names_and_a_change_is_counted_apart(
    office: Office,
) -> None:
    job, ballot = compared(office)
    a, b = sides(office, job)

    office.slack.click(ballot, "choose_a", user="U0ONE")
    receipt = until(lambda: office.private("U0ONE"))[-1]
    office.slack.click(ballot, "choose_b", user="U0ONE")
    again = until(lambda: office.private("U0ONE")[1:])[-1]

    assert receipt == f"「A が良い」を記録しました。A は *{a.model}*、B は *{b.model}* です。"
    assert "集計では別に数えます" in again
    counts = office.house.kit.ballots.count(job.id)
    assert counts.blind == {"a": 1, "b": 0, "tie": 0, "both_bad": 0}
    assert counts.late == 1
    public = [m for m in office.slack.messages(office.channel) if not m.ephemeral_for]
    assert not any(a.model in str(message) for message in public)


def test_pressing_the_same_twice_is_one_vote(office: Office) -> None:
    job, ballot = compared(office)
    office.slack.deliver_twice = True

    office.slack.click(ballot, "choose_tie", user="U0ONE")
    office.slack.click(ballot, "choose_tie", user="U0ONE")
    office.slack.deliver_twice = False
    office.slack.settle()

    assert office.house.kit.ballots.count(job.id).blind["tie"] == 1
    assert office.house.kit.ballots.count(job.id).late == 0


def test_enough_votes_close_a_comparison_and_one_edit_reveals_all(office: Office) -> None:
    job, ballot = compared(office)
    a, b = sides(office, job)
    edits = ballot.edits

    for person, choice in (("U0ONE", "b"), ("U0TWO", "b"), ("U0THREE", "both_bad")):
        office.slack.click(ballot, f"choose_{choice}", user=person)

    until(lambda: "比較の結果" in str(office.message(job.id, "vote").blocks), "the result")
    result = office.message(job.id, "vote")
    assert result.edits == edits + 1
    said = shown(result)
    assert f"A：*{a.model}*　0 票" in said
    assert f"B：*{b.model}*　2 票" in said
    assert "どちらも悪い 1 票" in said
    assert "choose_a" not in str(result.blocks)
    winner = until(lambda: office.house.tables.jobs.survey_of(job.id))
    assert winner == b.id


def test_no_vote_is_taken_after_the_end(office: Office) -> None:
    job, ballot = compared(office)
    office.house.kit.ballots.close(job.id, 1.0)

    office.slack.click(ballot, "choose_a", user="U0LATE")

    assert until(lambda: office.private("U0LATE"))[-1] == "この比較はもう締め切られています。"
    assert sum(office.house.kit.ballots.count(job.id).blind.values()) == 0


def test_an_open_comparison_is_in_no_figure(office: Office) -> None:
    before = office.ask("stats", user="U0READER").text
    _, ballot = compared(office)
    office.slack.click(ballot, "choose_a", user="U0ONE")
    part = next(m for m in office.slack.messages(office.channel) if m.text.startswith("サーベイ A"))
    office.slack.react(part, "+1", user="U0TWO")
    office.slack.settle()

    assert office.ask("stats", user="U0READER").text == before


def test_where_one_side_fails_the_other_is_an_ordinary_survey(
    office: Office, models: ModelServer
) -> None:
    def refuse_one(request: ModelRequest) -> str | ModelFault:
        if request.model == "gpt-6.1-terra":
            return ModelFault(kind="refusal")
        return play_survey(request)

    models.reply = refuse_one

    job, thread = office.survey(f"ab: {QUESTION}（片方）")

    assert any("もう一方のサーベイを作れなかった" in m.text for m in thread)
    assert FIRST in str(thread[-1].blocks)
    assert not any("choose_a" in str(message.blocks) for message in thread)
    assert "✅" in str(thread[0].blocks)
    survey = office.house.tables.jobs.survey_of(job.id)
    assert survey in {f"{job.id}-a", f"{job.id}-b"}


def test_where_both_sides_fail_the_person_is_told(office: Office, models: ModelServer) -> None:
    models.reply = lambda _: ModelFault(kind="refusal")

    receipt = office.ask(f"ab: {QUESTION}（両方）")
    job = office.next_job("survey")

    assert receipt.acked
    assert office.wait(job.id) == "failed"
    assert "モデルが回答を控えました" in office.thread(job.id)[-1].text


def test_a_comparison_closes_when_its_time_is_over(office: Office) -> None:
    job, _ = compared(office)
    with office.house.kit.engine.begin() as connection:
        connection.execute(
            text("UPDATE comparisons SET closes_at = 1 WHERE id = :id"), {"id": job.id}
        )

    def closed() -> bool:
        return "投票はありませんでした" in str(office.message(job.id, "vote").blocks)

    until(closed, "the heartbeat to close it")


def test_a_share_of_surveys_becomes_comparisons(tmp_path: Path) -> None:
    with idle_office(tmp_path, ab_models="keyless,keyless+single", ab_share=1.0) as office:
        office.ask(QUESTION)

        request = office.jobs("survey")[0].request
    assert getattr(request, "is_comparison", False)
