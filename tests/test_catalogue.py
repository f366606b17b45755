"""The demonstration catalogue that ships."""

import re
from collections import Counter

import pytest

from pipeline.sources.demo import DemoSource, read_catalogue
from pipeline.types import Query


def test_the_catalogue_is_whole() -> None:
    entries = read_catalogue()

    topics = Counter(entry.topic for entry in entries)
    assert len(entries) >= 100
    assert len({entry.id for entry in entries}) == len(entries)
    assert len(topics) >= 8
    assert min(topics.values()) >= 8
    for entry in entries:
        assert re.fullmatch(r"\d{4}\.\d{5}", entry.id)
        assert entry.authors
        assert entry.title.strip() == entry.title
        assert re.search(r"[\u3041-\u30ff]", entry.note_ja)
        assert 30 < len(entry.note_en) < 300


def test_the_notes_are_each_their_own() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for entry in read_catalogue():
        words = re.findall(r"[a-z0-9]+", entry.note_en.lower())
        for i in range(len(words) - 6):
            assert seen.setdefault(tuple(words[i : i + 7]), entry.id) == entry.id


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_catalogue_speaks_both_languages_and_finds_the_same(language: str) -> None:
    page = DemoSource(language).search(Query(("NeRF",)), 60)  # type: ignore[arg-type]  # both are languages

    assert page.hits >= 12
    assert all(paper.abstract_by == "paperwalk" for paper in page.papers)
    japanese = [bool(re.search(r"[\u3041-\u30ff]", paper.abstract)) for paper in page.papers]
    assert all(japanese) if language == "ja" else not any(japanese)
