"""Queries compile to a syntax that arXiv cannot misread."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.syntax import clean_phrase, compile_arxiv
from pipeline.types import DateRange, Query

PHRASES = st.lists(st.text(max_size=30), max_size=4).map(tuple)


def test_a_whole_tree_is_written_with_operators_quotes_and_brackets() -> None:
    query = Query(
        ("neural radiance field", "NeRF"),
        ("dynamic", "4D"),
        ("cs.CV", "cs"),
        DateRange(date(2023, 1, 1), date(2024, 6, 30)),
    )

    assert compile_arxiv(query) == (
        '((ti:"neural radiance field" OR abs:"neural radiance field")'
        ' AND (ti:"NeRF" OR abs:"NeRF")'
        ' AND ((ti:"dynamic" OR abs:"dynamic") OR (ti:"4D" OR abs:"4D"))'
        " AND (cat:cs.CV OR cat:cs.*)"
        " AND submittedDate:[202301010000 TO 202406302359])"
    )


def test_loose_words_are_joined_by_and() -> None:
    assert compile_arxiv(Query(("image generation",), words=True)) == (
        '((ti:"image" OR abs:"image") AND (ti:"generation" OR abs:"generation"))'
    )


@pytest.mark.parametrize(
    ("phrase", "clean"),
    [
        ('a "quoted" (phrase)', "a quoted phrase"),
        ("low-rank adaptation", "low-rank adaptation"),
        ("NeRFの進化", "NeRF"),
        ("naïve Bayes", "naive Bayes"),
        ("ti:x AND abs:y", "ti x AND abs y"),
        ("量子化", ""),
        ("--", ""),
    ],
)
def test_phrases_hold_ascii_words_only(phrase: str, clean: str) -> None:
    assert clean_phrase(phrase) == clean


def test_a_query_without_a_readable_phrase_is_refused() -> None:
    with pytest.raises(ValueError, match="no phrase"):
        compile_arxiv(Query(("量子化",), ("！",)))


@given(PHRASES, PHRASES, st.booleans())
def test_whatever_the_phrases_the_text_is_balanced_and_unambiguous(
    must: tuple[str, ...], any_of: tuple[str, ...], words: bool
) -> None:
    try:
        text = compile_arxiv(Query(must, any_of, words=words))
    except ValueError:
        return
    bare = re.sub(r'"[A-Za-z0-9.+ -]+"', "x", text)

    assert text.isascii()
    assert '"' not in bare
    assert bare.count("(") == bare.count(")")
    assert re.fullmatch(r"[()]*(?:(?:ti|abs):x|[() ]|AND|OR)+", bare)
    assert not re.search(r"\)\s*\(|x\s+x", bare), "an operator is missing"
    flat = re.sub(r"\([^()]*\)", "y", bare)
    while "(" in flat:
        flat = re.sub(r"\([^()]*\)", "y", flat)
    assert not ("AND" in flat and "OR" in flat), "precedence would decide"
