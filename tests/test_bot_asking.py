"""The ways to ask: command, form, mention, shortcut, direct message; options and limits."""

from collections.abc import Iterator

import pytest

from bot.playground import Channel, View
from bot.requests import SurveyRequest
from bot.store import name_job
from office import QUESTION, Office, open_channel, open_office, until


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Start one bot for all tests that need no settings of their own."""
    models = ("keyless", "openai:gpt-6.1-terra")
    with open_office(tmp_path_factory.mktemp("bot"), models=models) as office:
        yield office


@pytest.fixture
def office(house: Office) -> Office:
    return open_channel(house.slack, house.house)


def open_form(office: Office) -> View:
    """Type the command alone, and give the form that opens."""
    office.ask("")
    return newest_view(office)


def newest_view(office: Office) -> View:
    known = {view.id for view in _seen}
    view = until(lambda: [v for v in office.slack.views() if v.id not in known], "a form")[-1]
    _seen.append(view)
    return view


_seen: list[View] = []


def request_of(office: Office, job_id: str) -> SurveyRequest:
    request = office.house.tables.jobs.load(job_id).request
    assert isinstance(request, SurveyRequest)
    return request


def test_options_reach_the_survey(office: Office) -> None:
    job, thread = office.survey(f"{QUESTION} since:2021 lang:en top:5")

    request = request_of(office, job.id)
    assert request.question.text == QUESTION
    assert request.top == 5
    assert "Cited: 5 of 5 papers" in str(thread[-1].blocks)
    assert "Dropped as ranked lower" in str(thread[-1].blocks)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{QUESTION} colour:red", "「colour」という指定はありません"),
        ("What is RAG? since:yesterday", "“since” does not take “yesterday”"),
        ("What is RAG? models:gpt-99", "“models” does not take “gpt-99”"),
        ("ab: What is RAG? models:keyless", "takes two models"),
    ],
)
def test_a_wrong_option_is_answered_with_the_list_and_starts_nothing(
    office: Office, text: str, said: str
) -> None:
    receipt = office.ask(text)

    assert said in receipt.text
    assert "`since:2024`" in receipt.text
    assert office.jobs("survey") == []


def test_models_are_listed_with_the_usual_one(office: Office) -> None:
    receipt = office.ask("models")

    assert "`keyless`（指定がないとき）" in receipt.text or "`keyless` (where" in receipt.text
    assert "`openai:gpt-6.1-terra`" in receipt.text


def test_the_command_alone_opens_a_form_that_asks(office: Office) -> None:
    form = open_form(office)

    answer = office.slack.submit(
        form,
        {
            "question": "What is new in LLM quantization?",
            "language": "ja",
            "since": "2023-01-01",
            "categories": "cs.CL, cs.LG",
            "channel": office.channel,
        },
    )

    assert answer.errors == {}
    job = office.next_job("survey")
    request = request_of(office, job.id)
    assert request.question.language == "ja"
    assert request.question.categories == ("cs.CL", "cs.LG")
    assert request.question.dates is not None
    assert office.wait(job.id) == "done"
    assert f"<#{office.channel}>" in until(office.private)[-1]


@pytest.mark.parametrize(
    ("values", "block"),
    [
        ({"question": "!!!"}, "question"),
        ({"question": "RAG", "categories": "Robotics"}, "categories"),
        ({"question": "RAG", "since": "2025-01-01", "until": "2024-01-01"}, "since"),
        ({"question": "RAG", "way": "compare", "models": ["keyless"]}, "models"),
    ],
)
def test_a_form_shows_what_is_wrong_beside_the_field(
    office: Office, values: dict[str, str], block: str
) -> None:
    form = open_form(office)

    answer = office.slack.submit(form, {"channel": office.channel, **values})

    assert set(answer.errors) == {block}
    assert office.jobs("survey") == []


def test_a_mention_starts_a_survey_in_its_thread(office: Office) -> None:
    root = office.slack.say("雑談", channel=office.channel)

    office.slack.say(f"<@U0PAPERWALK> {QUESTION}", channel=office.channel, thread_ts=root.ts)

    job = office.next_job("survey")
    assert office.wait(job.id) == "done"
    thread = office.slack.thread(root.ts, office.channel)
    assert [m.text for m in thread[:2]] == ["雑談", f"<@U0PAPERWALK> {QUESTION}"]
    assert any("サーベイができました" in str(message.blocks) for message in thread)
    assert all(m.thread_ts == root.ts for m in office.slack.messages(office.channel)[1:])
    assert len(office.jobs("survey")) == 1, "the mention came as two events"


def test_a_mention_outside_threads_makes_its_own_message_the_thread(office: Office) -> None:
    said = office.slack.say(f"<@U0PAPERWALK> {QUESTION}", channel=office.channel)

    job = office.next_job("survey")
    assert office.wait(job.id) == "done"
    assert len(office.slack.thread(said.ts, office.channel)) > 3


def test_a_mention_without_a_question_is_answered_privately(office: Office) -> None:
    office.slack.say("<@U0PAPERWALK>", channel=office.channel)

    assert "メンション" in until(office.private)[-1]
    assert office.jobs("survey") == []


def test_a_mention_with_a_wrong_option_is_answered_privately(office: Office) -> None:
    office.slack.say("<@U0PAPERWALK> RAG colour:red", channel=office.channel)

    assert "no option" in until(office.private)[-1]


def test_a_direct_message_is_a_question(house: Office) -> None:
    office = Office(house.slack, house.house, house.slack.dm("U0WRITER"))

    said = house.slack.say(
        "What is new in LLM quantization?", channel=office.channel, user="U0WRITER"
    )

    job = office.next_job("survey")
    assert office.wait(job.id) == "done"
    assert "The survey is ready" in str(office.slack.thread(said.ts, office.channel)[1].blocks)


def test_a_message_in_a_thread_is_surveyed_by_a_shortcut(office: Office) -> None:
    root = office.slack.say("hello", channel=office.channel)
    said = office.slack.say("Mambaの研究は? &lt;new&gt;", channel=office.channel, thread_ts=root.ts)

    office.slack.shortcut("survey_message", said)

    job = office.next_job("survey")
    assert request_of(office, job.id).question.text == "Mambaの研究は? <new>"
    assert office.wait(job.id) == "done"
    assert any("サーベイ" in m.text for m in office.slack.thread(root.ts, office.channel))
    assert "受け付けました" in office.private()[-1]


def test_the_global_shortcut_opens_the_form(house: Office) -> None:
    house.slack.shortcut("survey_new")

    assert newest_view(house).callback_id == "form_survey"


def test_people_talking_are_left_alone(office: Office) -> None:
    for text in ("こんにちは", "NeRFって何でしたっけ?", "<@U0OTHER> これ見て"):
        office.slack.say(text, channel=office.channel)
    office.slack.settle()

    assert office.jobs("survey") == []


def test_a_closed_channel_offers_the_direct_message(office: Office) -> None:
    office.slack.add_channel(Channel(office.channel, "x", is_private=True, is_member=False))
    receipt = office.ask(QUESTION)
    job_id = name_job(receipt.trigger_id)
    assert office.wait(job_id) == "failed"
    offer = next(m for m in office.slack.messages(office.channel) if m.ephemeral_for and m.blocks)

    office.slack.click(offer, "job_direct")

    assert "招待" in offer.text
    until(lambda: office.house.tables.jobs.status(job_id) == "done", "the survey")
    root = office.message(job_id, "root")
    assert root.channel == office.slack.dm()
    assert QUESTION in str(root.blocks)
