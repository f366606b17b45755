"""Surveys are split within Slack's limits, and outside text does nothing."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks.root import Plan, done_blocks, ended_blocks, stages_text, working_blocks
from bot.blocks.survey import footer_blocks, part_blocks, plain_part_blocks
from bot.codec import decode, decode_error, encode, encode_error
from bot.errors import BadOption, Bound, CannotPost, OptionFault, OverLimit
from bot.messages.failures import explain
from bot.messages.words import plain
from bot.messages.working import STAGES
from bot.parts import LONGEST_PART, MOST_ITEMS, fix_emphasis, split_markdown
from bot.playground.limits import check_message
from bot.requests import SurveyRequest
from bot.store import Job
from pipeline import errors
from pipeline.progress import Progress, Stage
from pipeline.types import Language, Query, Question, Search

LINK = "[Name, 2023](https://arxiv.org/abs/2301.00001)"


def job(text: str = "NeRFについて", language: Language = "ja") -> Job:
    return Job(
        "j",
        "T",
        "C",
        "U1",
        "hash",
        SurveyRequest(Question(text, language)),
        "",
        datetime(2026, 1, 1, tzinfo=UTC).timestamp(),
    )


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_a_short_survey_is_one_part() -> None:
    assert split_markdown("# Title\n\nText.\n\n## One\n\nMore.") == (
        "# Title\n\nText.\n\n## One\n\nMore.",
    )


def test_a_long_survey_is_split_at_headings() -> None:
    sections = [f"## Section {i}\n\n" + "Words. " * 500 for i in range(8)]

    parts = split_markdown("# Title\n\nIntro.\n\n" + "\n\n".join(sections))

    assert len(parts) > 1
    assert all(part.startswith("#") for part in parts)
    assert squeeze("".join(parts)) == squeeze("# Title Intro." + "".join(sections))


def test_a_section_of_any_length_arrives_whole_with_its_links() -> None:
    text = "## One\n\n" + f"これは長い文である{LINK}。" * 600

    parts = split_markdown(text)

    assert all(len(part) <= LONGEST_PART for part in parts)
    assert sum(part.count(LINK) for part in parts) == 600
    assert squeeze("".join(parts)) == squeeze(text)


def test_a_table_that_is_split_repeats_its_header() -> None:
    rows = "\n".join(f"| {LINK} | reason {i} |" for i in range(400))

    parts = split_markdown(f"## Rest\n\n| Paper | Reason |\n|--|--|\n{rows}")

    tables = [part for part in parts if "|--|--|" in part]
    assert len(tables) > 1
    assert all("| Paper | Reason |\n|--|--|\n|" in table for table in tables)
    assert sum(part.count(LINK) for part in parts) == 400


def test_many_headings_stay_within_what_slack_expands() -> None:
    parts = split_markdown("\n\n".join(f"### H{i}\n\nx" for i in range(130)))

    assert all(len(re.findall(r"^#", part, re.MULTILINE)) <= MOST_ITEMS for part in parts)


@given(
    st.text(alphabet=st.sampled_from(list("あ。a. #|\n-*[]()x")), max_size=400),
    st.integers(60, 200),
)
@settings(deadline=None)
def test_no_character_is_lost_however_a_text_is_split(text: str, longest: int) -> None:
    parts = split_markdown(text, longest)

    joined = squeeze("".join(parts))
    if "|" not in text:
        assert joined == squeeze(text)
    else:
        assert len(joined) >= len(squeeze(text))


@given(st.text(alphabet=st.sampled_from(list("あ。a #\n-")), min_size=1, max_size=30_000))
@settings(deadline=None, max_examples=15)
def test_slack_accepts_every_part(text: str) -> None:
    for part in split_markdown(text * 3):
        check_message("part", part_blocks(part))
        check_message("part", plain_part_blocks(part))


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("これは**「重要」**です", "これは\u200b**「重要」**\u200bです"),
        ("**太字**の後", "**太字**\u200bの後"),
        ("an **English** word", "an **English** word"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
    ],
)
def test_bold_beside_japanese_gets_room(text: str, mended: str) -> None:
    assert fix_emphasis(text) == mended


@pytest.mark.parametrize(
    "hostile", ["<!channel>", "<@U123>", "@here", "<https://evil.example|x>", "a & b < c"]
)
def test_questions_and_footers_are_shown_and_do_nothing(hostile: str) -> None:
    roots = [
        working_blocks(job(hostile), Plan("free"), rich=True),
        done_blocks(job(hostile), "done"),
        ended_blocks(job(hostile), "stopped", can_go_on=True),
    ]
    shown = f"{roots}{footer_blocks([hostile])}{plain(hostile)}"

    mrkdwn = [plain(hostile), footer_blocks([hostile])[0]["elements"][0]["text"]]  # type: ignore[index]  # built so
    assert all(not re.search(r"<[!@h]", str(text)) for text in mrkdwn)
    assert "@here" not in shown
    for root in roots:
        section = root[0]["text"]
        assert isinstance(section, dict)
        assert section["type"] == "plain_text"


def test_long_plain_text_is_shortened_for_notifications() -> None:
    assert len(plain("x" * 500)) == 150


@pytest.mark.parametrize("language", ["ja", "en"])
def test_progress_shows_marks_counts_and_queries(language: Language) -> None:
    search = Search(Query(("NeRF",)), '(ti:"NeRF" OR abs:"NeRF")', 1234)
    stages: dict[Stage, Progress] = {
        "queries": Progress("queries", 1, 1),
        "search": Progress("search", 1, 1, searches=(search,)),
        "embed": Progress("embed", 1, 1),
        "order": Progress("order", 1, 1),
        "shorten": Progress("shorten", 3, 60),
    }

    asked = job(language=language)
    for rich in (True, False):
        text = str(working_blocks(asked, Plan("$1", stages, 1_700_000_000.0), rich=rich))

        assert text.count("complete" if rich else "✓") == 4
        assert "3/60" in text
        assert "1,234" in text
        assert 'ti:"NeRF"' in text
        assert "<!date^1700000000^{time}|" in text
    check_message("progress", working_blocks(asked, Plan("$1", stages), rich=False))
    check_message("progress", working_blocks(asked, Plan("$1"), rich=False))
    assert stages_text(stages, language).count("\n") == 6


def test_every_stage_has_its_words() -> None:
    assert set(STAGES) == set(get_args(Stage))


def all_errors(kind: type[errors.PaperwalkError]) -> list[type[errors.PaperwalkError]]:
    return [kind] + [one for sub in kind.__subclasses__() for one in all_errors(sub)]


LEAVES = [kind for kind in all_errors(errors.PaperwalkError) if not kind.__subclasses__()]


_EXAMPLES: dict[type[errors.PaperwalkError], Callable[[], errors.PaperwalkError]] = {
    BadOption: lambda: BadOption("unknown", "foo"),
    OverLimit: lambda: OverLimit("usd_per_day", 20),
}


@pytest.mark.parametrize("kind", LEAVES)
def test_every_error_is_explained_in_both_languages_without_its_text(
    kind: type[errors.PaperwalkError],
) -> None:
    error = _EXAMPLES.get(kind, lambda: kind("secret detail"))()

    sentences = {explain(error, "ja"), explain(error, "en")}

    assert len(sentences) == 2
    assert not any("secret detail" in sentence for sentence in sentences)
    assert not any("予期しない" in sentence for sentence in sentences), (
        "it has a sentence of its own"
    )


@pytest.mark.parametrize("reason", ["empty", "too_long", "no_terms"])
def test_each_fault_of_a_question_has_its_sentence(reason: str) -> None:
    said = explain(errors.BadQuestion("x", reason=reason), "en")

    assert said != explain(
        errors.BadQuestion("x", reason="empty" if reason != "empty" else "too_long"), "en"
    )


@pytest.mark.parametrize("bound", get_args(Bound))
def test_each_limit_has_its_sentence_with_its_value(bound: Bound) -> None:
    for language in get_args(Language):
        said = explain(OverLimit(bound, 17), language)

        assert ("17" in said) is (bound != "channels")


@pytest.mark.parametrize("fault", get_args(OptionFault))
def test_a_wrong_option_is_answered_with_the_list_of_options(fault: OptionFault) -> None:
    said = explain(BadOption(fault, "since", "<!channel>"), "en")

    assert "`since:2024`" in said
    assert "<!channel>" not in said


def test_errors_without_a_sentence_get_the_general_one() -> None:
    assert "unexpected" in explain(errors.PaperwalkError("x"), "en")


@pytest.mark.parametrize(
    "error",
    [
        errors.BadQuestion("m", reason="too_long"),
        errors.RateLimited("m", wait_seconds=3.5),
        errors.NothingFound("m"),
        CannotPost("m"),
    ],
)
def test_errors_are_read_back_as_what_they_were(error: errors.PaperwalkError) -> None:
    read = decode_error(encode_error(error))

    assert type(read) is type(error)
    assert str(read) == "m"
    assert vars(read) == vars(error)


def stage(number: int) -> tuple[Search, ...]:
    return (Search(Query(("a",)), "text", number),)


def test_results_of_stages_are_read_back_equal() -> None:
    assert decode(stage, encode(stage, stage(7))) == stage(7)
