"""What people type behind the command becomes a request, or a sentence that says what is wrong."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadOption
from bot.options import OPTIONS, Offer, read_request
from pipeline.errors import BadQuestion
from pipeline.types import Arm, DateRange

TODAY = date(2026, 11, 25)
PAIR = (Arm("gemini:gemini-3.8-flash"), Arm("openai:gpt-6.1-terra"))
OFFER = Offer(
    usual=Arm("openai:gpt-6.1-terra"),
    models=("openai:gpt-6.1-terra", "gemini:gemini-3.8-flash", "anthropic:claude-sonnet-5-5"),
    pair=PAIR,
)


@pytest.mark.parametrize(
    "typed",
    [
        "NeRFの進化 since:2024 lang:en mode:single top:60 categories:cs.CV,cs.GR",
        "since:2024 lang:英語 NeRFの進化 mode:single top:60 cat:cs.CV、cs.GR",
        "--since 2024 --lang en --mode single --top 60 --categories cs.CV,cs.GR NeRFの進化",
        "--since=2024-01-01 --lang=en --mode=single --top=60 --cat=cs.CV,cs.GR NeRFの進化",
        "NeRFの進化 since：2024 lang：en mode：single top：60 categories：cs.CV,cs.GR",
        "since: 2024 lang: en mode: single top: 60 categories: cs.CV,cs.GR NeRFの進化",
    ],
)
def test_words_and_flags_mean_the_same(typed: str) -> None:
    request = read_request(typed, OFFER, TODAY)

    assert request.question.text == "NeRFの進化"
    assert request.question.language == "en"
    assert request.question.dates == DateRange(date(2024, 1, 1), TODAY)
    assert request.question.categories == ("cs.CV", "cs.GR")
    assert request.top == 60
    assert request.arms == (Arm("openai:gpt-6.1-terra", "single"),)


def test_a_plain_question_takes_what_is_usual() -> None:
    request = read_request("NeRFの進化の研究について教えて", OFFER, TODAY)

    assert request.arms == ()
    assert request.top is None
    assert request.question.dates is None
    assert request.question.language == "ja"


@pytest.mark.parametrize(
    ("typed", "since", "until"),
    [
        ("x until:2020", date(1991, 8, 14), date(2020, 12, 31)),
        ("x since:2020 until:2021-02", date(2020, 1, 1), date(2021, 2, 28)),
        ("x since:2024-05-03", date(2024, 5, 3), TODAY),
    ],
)
def test_a_year_or_month_stands_for_its_first_or_last_day(
    typed: str, since: date, until: date
) -> None:
    assert read_request(typed, OFFER, TODAY).question.dates == DateRange(since, until)


@pytest.mark.parametrize("typed", ["ab: NeRFとは", "ab:NeRFとは", "NeRFとは --ab", "ab： NeRFとは"])
def test_a_comparison_is_asked_for_by_ab(typed: str) -> None:
    request = read_request(typed, OFFER, TODAY)

    assert request.question.text == "NeRFとは"
    assert request.arms == PAIR
    assert request.is_comparison


def test_two_models_are_compared_and_one_writes() -> None:
    two = read_request("x models:gpt-6.1-terra,anthropic:claude-sonnet-5-5", OFFER, TODAY)
    one = read_request("x model:claude-sonnet-5-5", OFFER, TODAY)

    assert [arm.model for arm in two.arms] == [
        "openai:gpt-6.1-terra",
        "anthropic:claude-sonnet-5-5",
    ]
    assert two.is_comparison
    assert one.arms == (Arm("anthropic:claude-sonnet-5-5"),)


def test_one_model_is_compared_with_itself_in_another_mode() -> None:
    request = read_request("x models:gpt-6.1-terra,gpt-6.1-terra+single", OFFER, TODAY)

    assert request.arms == (
        Arm("openai:gpt-6.1-terra", "sections"),
        Arm("openai:gpt-6.1-terra", "single"),
    )


@pytest.mark.parametrize(
    ("typed", "fault", "name"),
    [
        ("x foo:bar", "unknown", "foo"),
        ("x --colour red", "unknown", "colour"),
        ("x since:yesterday", "value", "since"),
        ("x since:2024-13", "value", "since"),
        ("x since:0000", "value", "since"),
        ("x since:2025 until:2024", "value", "since"),
        ("x until:2024-02-31", "value", "until"),
        ("x lang:fr", "value", "lang"),
        ("x mode:fast", "value", "mode"),
        ("x top:0", "value", "top"),
        ("x top:301", "value", "top"),
        ("x top:many", "value", "top"),
        ("x top:٣", "value", "top"),
        ("x cat:Robotics", "value", "categories"),
        ("x --since", "value", "since"),
        ("x models:openai:gpt-9-expensive", "value", "models"),
        ("x models:gpt-6.1-terra,gpt-6.1-terra,claude-sonnet-5-5", "models", "models"),
        ("ab: x models:gpt-6.1-terra", "models", "ab"),
        ("x models:gpt-6.1-terra,openai:gpt-6.1-terra", "models", "models"),
        ("x models:gpt-6.1-terra+fast", "value", "models"),
    ],
)
def test_an_option_that_is_wrong_is_named(typed: str, fault: str, name: str) -> None:
    with pytest.raises(BadOption) as caught:
        read_request(typed, OFFER, TODAY)

    assert (caught.value.fault, caught.value.name) == (fault, name)


def test_a_comparison_needs_two_models_from_somewhere() -> None:
    alone = Offer(usual=Arm("keyless"), models=("keyless",))

    with pytest.raises(BadOption):
        read_request("ab: x", alone, TODAY)


@pytest.mark.parametrize(
    "typed",
    [
        "transformers: a survey",
        "What is RAG: a survey of methods",
        "Is https://arxiv.org/abs/2106.09685 still the best?",
        "What followed arxiv:2106.09685 ?",
        "CLIP:ViT or a=b",
        "時刻は12:30です",
    ],
)
def test_colons_of_ordinary_text_are_no_options(typed: str) -> None:
    assert read_request(typed, OFFER, TODAY).question.text == typed


def test_options_without_a_question_are_no_request() -> None:
    with pytest.raises(BadQuestion):
        read_request("since:2024 lang:en", OFFER, TODAY)


@given(st.text(max_size=80) | st.lists(st.sampled_from([f"{o}:" for o in OPTIONS])).map(" ".join))
def test_whatever_is_typed_is_read_or_refused_on_purpose(typed: str) -> None:
    try:
        request = read_request(typed, OFFER, TODAY)
    except (BadOption, BadQuestion):
        return

    assert request.question.text
