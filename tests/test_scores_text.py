"""Sentences, structure and language of a survey, Japanese and English."""

import pytest

from papers import make_paper
from pipeline.evaluation.claims import Claim, find_claims
from pipeline.evaluation.language import measure_language, tell_language
from pipeline.evaluation.sentences import split_survey
from pipeline.evaluation.structure import measure_structure
from pipeline.types import Language

A, B = "[A](https://arxiv.org/abs/2301.00001)", "[B](https://arxiv.org/abs/2301.00002)"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("速い。軽い！本当か？", ("速い。", "軽い！", "本当か？")),
        (f"速い。{A} 次も速い。", (f"速い {A}。", "次も速い。")),
        (f"速い。{A}、{B}この手法は軽い。", (f"速い {A}、{B}。", "この手法は軽い。")),
        (f"速い。{A}は軽い。", ("速い。", f"{A}は軽い。")),
        (f"速い（{A}）。軽い。", (f"速い（{A}）。", "軽い。")),
        ("「速い。」と述べた。軽い。", ("「速い。」と述べた。", "軽い。")),
        ("誤差は3．5である．軽い．", ("誤差は3．5である。", "軽い。")),
        (f"It works. {A} is fast.", ("It works.", f"{A} is fast.")),
        (f"It works. {A} It is fast.", (f"It works {A}.", "It is fast.")),
        (f"It works. ({A}, {B}) It is fast.", (f"It works ({A}, {B}).", "It is fast.")),
        (f"It works.{A}", (f"It works {A}.",)),
        ("It works.[1] So does that [2].", ("It works [1].", "So does that [2].")),
        ("See https://arxiv.org/abs/2301.00001. Then stop.", None),
        ("Lin et al. (2020) use e.g. Fig. 3. It works.", None),
        ("It works (see Sec. 2. or not). Good.", ("It works (see Sec. 2. or not).", "Good.")),
        ("It works. 次に進む。", ("It works.", "次に進む。")),
        ("`a.b. C` runs. Good.", ("`a.b. C` runs.", "Good.")),
    ],
)
def test_sentences_keep_their_citations(text: str, sentences: tuple[str, ...] | None) -> None:
    found = split_survey(text)

    assert len(found) == 2 if sentences is None else found == sentences


def test_headings_tables_code_and_references_are_no_prose() -> None:
    text = (
        "# Title\n\nOne.\nTwo\nlines.\n\n- Item\n  goes on.\n- Second\n\n> Quoted.\n\n---\n\n"
        "| a | b |\n|--|--|\n| x. | y. |\n\n```\nCode. Code.\n```\n\nLast.\n\n"
        "## 参考文献\n\n[1] A paper. B paper.\n\n## More\n\nEnd.\n\n"
        "## Other related papers\n\nNever."
    )

    assert split_survey(text) == (
        "One.",
        "Two lines.",
        "Item goes on.",
        "Second",
        "Quoted.",
        "Last.",
        "End.",
    )


def test_a_claim_is_a_sentence_that_cites() -> None:
    text = (
        f"Nothing here. One cites {A} and again {A}. Two cite {A}, {B}. None follows.\n\n"
        "A stray [X](https://arxiv.org/abs/1706.03762) and https://arxiv.org/abs/2399.00001."
    )

    claims = tuple(find_claims(text, ["2301.00001", "2301.00002"]))

    assert [claim.cited for claim in claims] == [("2301.00001",), ("2301.00001", "2301.00002"), ()]
    assert [claim.strays for claim in claims] == [0, 0, 2]
    assert claims[0] == Claim(f"One cites {A} and again {A}.", ("2301.00001",))


def test_structure_counts_what_a_reader_sees() -> None:
    text = (
        f"# T\n\nOne **bold** {A}.\n\n## S\n\n### SS\n\n- a\n- b\n1. c\n\n"
        f"| x | y |\n|--|:-:|\n| 1 | {B} |\n\n---\n\n```\n# no heading\n```\narXiv:2301.00003v1."
    )
    table = f"\n\n## Other related papers\n\n{B}\n"

    structure = measure_structure(text + table)

    assert structure.chars == len(text)
    assert structure.headings == (1, 1, 1, 0, 0, 0)
    assert (structure.items, structure.bold, structure.tables) == (3, 1, 1)
    assert structure.sentences == 5
    assert structure.citations == 3
    assert structure.density == pytest.approx(3000 / len(text))
    assert measure_structure("").density is None


def test_a_link_that_shows_its_id_is_one_citation() -> None:
    text = "[arXiv:2301.00001](https://arxiv.org/abs/2301.00001)"

    assert measure_structure(text).citations == 1


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("この手法は速い。", "ja"),
        ("3D Gaussian Splatting を用いた real-time novel view synthesis の手法である。", "ja"),
        ("LoRA、QLoRA、DoRA を比べた。", "ja"),
        ("手法の概要", "ja"),
        ("This method is fast.", "en"),
        ("The term 放射輝度場 stands for radiance fields here.", "en"),
        ("本文提出了一种新的三维重建方法并取得良好效果", "other"),
        ("이 방법은 빠르다.", "other"),
        ("Этот метод быстрый.", "other"),
        ("NeRF, GPT-4 (2023)", None),
    ],
)
def test_the_script_tells_the_language(text: str, language: str | None) -> None:
    assert tell_language(text) == language


@pytest.mark.parametrize(
    ("language", "own", "foreign"),
    [("ja", "この手法は速い。", "It is fast."), ("en", "It is fast.", "この手法は速い。")],
)
def test_titles_and_code_are_in_no_language(language: Language, own: str, foreign: str) -> None:
    paper = make_paper(1, title="Neural radiance fields without any network at all")
    link = f"[{paper.title}]({paper.url})"
    text = f"{own}\n\n- {link}\n- `some code here`\n- {own} {paper.title}\n\n{foreign}"

    found = measure_language(text, [paper], language)

    assert (found.sentences, found.consistent) == (3, 2)
    assert found.share == pytest.approx(2 / 3)
    assert measure_language(link, [paper], language).share is None
