"""What works without a key: terms, LSA, extracts, headings, the digest."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers import make_context, make_paper
from pipeline.providers.keyless.digest import write_digest
from pipeline.providers.keyless.extract import (
    clean_text,
    key_sentence,
    key_sentences,
    split_sentences,
)
from pipeline.providers.keyless.headings import distinctive_terms
from pipeline.providers.keyless.lsa import LsaEmbedding
from pipeline.providers.keyless.terms import extract_terms, read_glossary
from pipeline.providers.keyless.words import split_words
from pipeline.sections import cut_tour
from pipeline.sources.syntax import clean_phrase


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ("画像生成のLoRA周りの技術トレンドを網羅的に知りたいです", ("LoRA", "image generation")),
        ("動画生成の研究についてサーベイしてください", ("video generation",)),
        ("人物トラッキングの研究について教えて", ("person tracking",)),
        (
            "LoRAとVLMを融合して画像生成のクォリティを上げる研究はありますか?",
            ("LoRA", "VLM", "image generation"),
        ),
        ("NeRFの進化の研究について教えて", ("NeRF",)),
        ("Gaussian Splattingの最先端はどうなっている?", ("gaussian splatting",)),
        ("画像系の基盤モデルはどんなのが出ている?", ("vision foundation model",)),
        ("LLMの量子化について研究を教えて", ("LLM", "quantization")),
        ("Mambaモデルについてまとめて", ("Mamba",)),
        ("RAGの評価指標について網羅的に教えて", ("RAG", "evaluation")),
        ("What is the state of the art in neural radiance fields?", ("neural radiance field",)),
        ("Latest trends in LLM quantization since 2023", ("LLM", "quantization")),
        ("ＮｅＲＦ（全角）について", ("NeRF",)),
        ("Compare mixture of experts systems", ("mixture of experts",)),
    ],
)
def test_questions_give_the_fields_own_terms(question: str, phrases: tuple[str, ...]) -> None:
    assert extract_terms(question).phrases == phrases


def test_unknown_japanese_words_are_reported_and_never_guessed() -> None:
    terms = extract_terms("空飛絨毯のレンダリング")

    assert terms.phrases == ("rendering",)
    assert terms.unknown == ("空飛絨毯",)


@given(st.text(max_size=80))
def test_any_text_gives_terms_without_years_or_filler(text: str) -> None:
    for phrase in extract_terms(text).phrases:
        assert not re.fullmatch(r"(19|20)\d\d|survey|trend|latest", phrase, re.IGNORECASE)


def test_the_glossary_is_large_and_its_phrases_can_be_searched() -> None:
    glossary = read_glossary()

    assert len(glossary) > 400
    for phrases in glossary.values():
        assert all(clean_phrase(phrase) == phrase for phrase in phrases)


def test_similar_texts_get_near_rows() -> None:
    texts = ["nerf renders radiance fields"] * 2 + [
        "tracking persons in video",
        "tracking of persons",
    ]

    rows = LsaEmbedding().embed(texts).rows

    assert rows[0] @ rows[1] == pytest.approx(1, abs=1e-5)
    assert rows[2] @ rows[3] > rows[0] @ rows[2]


@given(st.lists(st.text(max_size=40), max_size=20))
def test_lsa_gives_finite_unit_rows_that_repeat(texts: list[str]) -> None:
    first = LsaEmbedding().embed(texts).rows
    second = LsaEmbedding().embed(texts).rows

    assert first.shape[0] == len(texts)
    assert first.dtype == np.float32
    assert np.array_equal(first, second)
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-5)


def test_japanese_is_counted_by_pairs_of_characters() -> None:
    assert split_words("量子化 fields") == ["量子", "子化", "field"]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One thing, e.g. this. Another et al. follow. Done.", 3),
        ("It gains 3.5 points vs. SORT. See Fig. 3 for it.", 2),
        ("これは文である。次の文だ！三つ目？", 3),
        ("No end", 1),
        ("", 0),
    ],
)
def test_sentences_end_where_they_end(text: str, sentences: int) -> None:
    assert len(split_sentences(text)) == sentences


def test_the_key_sentence_says_what_the_paper_does() -> None:
    abstract = (
        "Rendering is slow. However, many applications need speed. In this paper, we propose FastNeRF, "
        "which renders radiance fields $10\\times$ faster [1]. Code is at https://example.com/code."
    )

    said = key_sentence("FastNeRF: Radiance Fields at Speed", abstract)

    assert said.startswith("We propose FastNeRF")
    assert "$" not in said
    assert "[" not in said


def test_sentences_stand_in_their_own_order_and_a_missing_abstract_gives_the_title() -> None:
    abstract = "First we propose alpha. Then we present beta. Weather is nice."

    assert (
        key_sentences("Alpha and beta", abstract, 2)
        == "First we propose alpha. Then we present beta."
    )
    assert key_sentences("Title only", "", 2) == "Title only"
    assert key_sentences("題", "提案する。別の文である。", 2) == "提案する。別の文である。"


@pytest.mark.parametrize(
    "hostile",
    ["[P3]", "【P3】", "<!channel>", "<b>x</b>", "`code`", "https://evil.example/x", "[a](b)"],
)
def test_abstracts_cannot_smuggle_anchors_tags_or_addresses(hostile: str) -> None:
    clean = clean_text(f"before {hostile} after")

    assert not re.search(r"[\[\]【】<>`]|https?:", clean)


def test_headings_tell_groups_apart() -> None:
    groups = [
        ["Quantization of LLM weights. Low-bit quantization."] * 3,
        ["Tracking of persons. Multi-object tracking of persons."] * 3,
    ]

    first, second = distinctive_terms(groups, 2)

    assert any("uantization" in term for term in first)
    assert any("racking" in term for term in second)
    assert not set(first) & set(second)


def test_groups_without_words_get_no_heading() -> None:
    assert distinctive_terms([["…"], []]) == ((), ())


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("count", [1, 2, 3, 9, 40])
def test_the_digest_names_every_paper_and_says_what_it_is(language: str, count: int) -> None:
    context = make_context(count, language)  # type: ignore[arg-type]  # both are languages

    digest = write_digest(context, cut_tour(context.gaps))

    anchors = re.findall(
        r"\[P(\d+)\]", digest.partition("おわりに" if language == "ja" else "Conclusion")[0]
    )
    assert sorted(map(int, anchors)) == list(range(1, count + 1))
    assert ("言語モデル未設定" if language == "ja" else "no language model") in digest
    assert digest.startswith("# ")


def test_the_digest_says_whose_words_it_quotes() -> None:
    own = make_context(3)
    catalogue = make_context(3)
    passage = catalogue.passages[0]
    paper = make_paper(1, abstract_by="paperwalk")
    catalogue = replace(
        catalogue, passages=(replace(passage, paper=paper), *catalogue.passages[1:])
    )

    assert "from its abstract" in write_digest(own, cut_tour(own.gaps))
    assert "Paperwalk's own note" in write_digest(catalogue, cut_tour(catalogue.gaps))


def test_headings_follow_their_sections() -> None:
    context = make_context(20)

    digest = write_digest(context, cut_tour(context.gaps))

    places = [match.start() for match in re.finditer(r"\[P\d+\]", digest)][:20]
    assert all(a < b for a, b in pairwise(places))
