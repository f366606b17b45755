"""Without a language model a few plain wishes change a survey, and questions are met with extracts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from command import Run
from pipeline.evaluation.recall import measure
from pipeline.followup import Revision
from pipeline.followup.plan import make_plan
from pipeline.followup.types import Thread
from pipeline.outline import read_parts
from pipeline.types import DateRange, Language
from threads import Bench, bench

TODAY = date(2026, 11, 24)
LORA, QLORA = "2106.09685", "2305.14314"


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("digest"), writer="keyless") as opened:
        yield opened


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("english"), language="en", writer="keyless") as opened:
        yield opened


def headings(markdown: str) -> list[str]:
    return [part.heading for part in read_parts(markdown).sections]


SINCE_2024 = DateRange(date(2024, 1, 1), TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024年以降だけにして", {"dates": SINCE_2024}),
        ("2024年以降でお願いします", {"dates": SINCE_2024}),
        ("only since 2024", {"dates": SINCE_2024}),
        (
            "2023年から2024年に絞ってください",
            {"dates": DateRange(date(2023, 1, 1), date(2024, 12, 31))},
        ),
        (
            "limit it to papers before 2022",
            {"dates": DateRange(date(1991, 8, 14), date(2022, 12, 31))},
        ),
        ("もっと短く", {"length": "shorter"}),
        ("簡潔にまとめ直してください", {"length": "shorter"}),
        ("Shorter, please.", {"length": "shorter"}),
        ("make it more concise", {"length": "shorter"}),
        ("英語で", {"language": "en"}),
        ("全体を英語に訳してください", {"language": "en"}),
        ("please write it in English", {"language": "en"}),
        ("translate the survey into Japanese", {"language": "ja"}),
        ("もう少し短くしてもらえますか？", {"length": "shorter"}),
        ("Could you shorten it?", {"length": "shorter"}),
        ("英語で短くして", {"language": "en", "length": "shorter"}),
        ("2024年以降だけ、英語で", {"language": "en", "dates": SINCE_2024}),
    ],
)
def test_plain_wishes_are_read(digest: Bench, text: str, expected: dict[str, Any]) -> None:
    plan = make_plan(Thread(text, digest.context, digest.survey), None, today=TODAY)

    assert plan.kind == "change"
    fields = ("dates", "language", "length", "queries", "parts", "remove")
    seen = {name: getattr(plan, name) for name in fields if getattr(plan, name)}
    assert seen == expected


@pytest.mark.parametrize(
    ("text", "sought", "must"),
    [
        ("PEFTも追加して", "PEFT", "parameter-efficient fine-tuning"),
        ("量子化に関する論文を加えてください", "量子化", "quantization"),
        ("動画生成の研究も入れて", "動画生成", "video generation"),
        ("PEFTも追加してもらえますか？", "PEFT", "parameter-efficient fine-tuning"),
        ("Can you add PEFT?", "PEFT", "parameter-efficient fine-tuning"),
        ("add PEFT", "PEFT", "parameter-efficient fine-tuning"),
        ("Please also add some papers on Mamba.", "Mamba", "Mamba"),
    ],
)
def test_wishes_for_further_papers_become_searches(
    digest: Bench, text: str, sought: str, must: str
) -> None:
    plan = make_plan(Thread(text, digest.context, digest.survey), None, today=TODAY)

    assert plan.sought == (sought,)
    assert must in {phrase for query in plan.queries for phrase in query.must}


def test_dates_beside_further_papers_limit_the_search_alone(digest: Bench) -> None:
    thread = Thread("2024年以降のMambaも追加して", digest.context, digest.survey)

    plan = make_plan(thread, None, today=TODAY)

    assert plan.dates is None
    assert {query.dates for query in plan.queries} == {SINCE_2024}


@pytest.mark.parametrize(
    "text",
    [
        "QLoRAとLoRAの違いは？",
        "2024年以降はどう変わりましたか",
        "2024年以降は何が変わりましたか？",
        "LoRAに追加された工夫を教えて",
        "What changed since 2024?",
        "Compare LoRA and DoRA",
        "英語でLoRAを説明して",
        "どの論文から読めばよいか教えて",
        "ありがとう",
    ],
)
def test_everything_else_is_a_question(digest: Bench, text: str) -> None:
    plan = make_plan(Thread(text, digest.context, digest.survey), None, today=TODAY)

    assert plan.kind == "answer"


@pytest.mark.parametrize(
    ("text", "removed"),
    [
        ("QLoRAを外して", {QLORA}),
        ("drop QLoRA", {QLORA}),
        ("Please remove the QLoRA paper.", {QLORA}),
    ],
)
def test_a_paper_can_be_dropped_by_its_name(digest: Bench, text: str, removed: set[str]) -> None:
    revision = digest.change(text, spec="keyless")

    assert set(revision.removed) == removed
    assert measure(revision.survey, revision.context).recall == 1.0


@pytest.mark.parametrize("text", ["画像生成の節を外して", "drop the image generation section"])
def test_a_section_can_be_dropped_by_its_heading(digest: Bench, text: str) -> None:
    revision = digest.change(text, spec="keyless")

    dropped = [change.heading for change in revision.changes if change.action == "drop"]
    assert dropped == ["Image Generation・Composition・LoRA"]
    assert not set(dropped) & set(headings(revision.survey.markdown))


def test_a_name_that_nothing_bears_drops_nothing(digest: Bench) -> None:
    answer = digest.follow("暗号資産を外して", spec="keyless")

    assert not isinstance(answer, Revision)
    assert "そのまま" in answer.markdown


def test_a_question_is_met_with_extracts_of_the_nearest_papers(digest: Bench) -> None:
    heard: list[str] = []

    answer = digest.ask("量子化と組み合わせるには？", spec="keyless", on_text=heard.append)

    assert answer.markdown.startswith("> 言語モデルが設定されていない")
    assert answer.cited[0] == QLORA
    assert "4ビットに量子化した LLM" in answer.markdown
    assert "".join(heard) == answer.markdown


def test_a_question_about_something_else_is_told_so(digest: Bench) -> None:
    answer = digest.ask("暗号資産については？", spec="keyless")

    assert answer.cited == ()
    assert "見当たりません" in answer.markdown


def test_an_english_question_is_answered_in_english(english: Bench) -> None:
    answer = english.ask("What about quantization?", spec="keyless")

    assert answer.markdown.startswith("> No language model is configured")
    assert answer.cited[0] == QLORA


def test_a_limited_digest_counts_and_names_what_is_left(digest: Bench) -> None:
    revision = digest.change("2024年以降だけにして", spec="keyless")

    assert {passage.paper.published.year for passage in revision.context.passages} == {2024}
    assert "2024 年の論文 8 本を" in revision.survey.markdown
    assert headings(revision.survey.markdown) == headings(digest.survey.markdown)
    assert (
        read_parts(revision.survey.markdown).opening == read_parts(digest.survey.markdown).opening
    )
    recall = measure(revision.survey, revision.context)
    assert (recall.recall, recall.outside) == (1.0, ())


def test_sections_that_keep_their_papers_stay_to_the_letter(digest: Bench) -> None:
    revision = digest.change("NeRFも追加して", spec="keyless")

    before = {part.heading: part for part in read_parts(digest.survey.markdown).sections}
    after = {part.heading: part for part in read_parts(revision.survey.markdown).sections}
    kept = [change.heading for change in revision.changes if change.action == "keep"][1:]
    assert kept
    assert all(before[heading] == after[heading] for heading in kept)
    assert "NeRF" in after
    assert "計 29 本" in revision.markdown


def test_a_shorter_digest_names_every_paper_still(digest: Bench) -> None:
    revision = digest.change("短くして", spec="keyless")

    assert len(revision.survey.markdown) < 0.8 * len(digest.survey.markdown)
    assert measure(revision.survey, revision.context).recall == 1.0


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("ja", "英語で", "These sentences stay in their own language, Japanese."),
        ("en", "in Japanese", "抜粋した文は要旨の言語（英語）のままです。"),
    ],
)
def test_a_digest_is_turned_into_the_other_language_as_far_as_code_can(
    request: pytest.FixtureRequest, language: Language, text: str, said: str
) -> None:
    thread: Bench = request.getfixturevalue("digest" if language == "ja" else "english")

    revision = thread.change(text, spec="keyless")

    assert revision.context.question.language != language
    assert headings(revision.survey.markdown)[0] in {"Introduction", "はじめに"}
    assert headings(revision.survey.markdown)[0] != headings(thread.survey.markdown)[0]
    assert said in revision.survey.markdown
    assert measure(revision.survey, revision.context).recall == 1.0


def test_prose_is_neither_shortened_nor_translated_without_a_model(tmp_path: Path) -> None:
    with bench(tmp_path) as written:
        shorter = written.ask("短くして", spec="keyless")
        translated = written.ask("英語で", spec="keyless")
        limited = written.change("2023年以降だけにして", spec="keyless")
        extended = written.change("NeRFも追加して", spec="keyless")

    assert "言語モデルが必要です" in shorter.markdown
    assert shorter == translated
    assert [change.action for change in limited.changes].count("rewrite") == 1
    assert "要旨からの抜粋" in limited.markdown
    grown = next(change for change in extended.changes if change.action == "extend")
    before = {part.heading: part for part in read_parts(written.survey.markdown).sections}
    assert grown.text.startswith(before[grown.heading].text)
    assert measure(extended.survey, extended.context).recall == 1.0


def test_further_papers_are_sought_by_the_questions_own_dates(digest: Bench) -> None:
    limits = DateRange(date(2024, 1, 1), date(2024, 12, 31))
    question = replace(digest.context.question, dates=limits)
    thread = Thread("Mambaを加えて", replace(digest.context, question=question), digest.survey)

    plan = make_plan(thread, None, today=TODAY)

    assert {query.dates for query in plan.queries} == {limits}


def survey_id(err: str) -> str:
    return err.rsplit("Survey: ", 1)[1].strip()


def test_the_command_line_follows_a_survey_up_again_and_again(run: Run) -> None:
    _, _, first = run("survey", "LoRAについて教えて", "--source", "demo")
    asked, answer, _ = run("follow-up", survey_id(first), "量子化は？")
    changed, out, second = run("follow-up", survey_id(first), "2023年以降だけにして")
    again, _, third = run("follow-up", survey_id(second), "QLoRAを外して")

    assert asked == changed == again == 0
    assert answer.startswith("> 言語モデルが設定されていない")
    assert answer.endswith("\n")
    assert "外した論文：2 本" in out
    assert len({survey_id(err) for err in (first, second, third)}) == 3


def test_a_survey_that_nobody_knows_is_a_mistake_of_the_command(run: Run) -> None:
    code, out, err = run("follow-up", "nobody", "短くして")

    assert (code, out) == (2, "")
    assert "nobody" in err
