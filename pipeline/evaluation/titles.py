"""Recognise papers by their titles: written out, broken off, or with slips of the pen."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.evaluation.folding import Words, fold, join_words
from pipeline.providers.keyless.extract import clean_text
from pipeline.types import Paper

SHORTEST_TITLE = 13
"""Characters; a shorter title ("Mamba") may be a word of the text and no citation."""

_SHORTEST_PREFIX = 4
"""Words from which on the beginning of a title stands for it, if no other begins so."""

_NEAR, _MARGIN = 0.90, 0.04
"""A span is a title with slips if they are this alike, and no other title nearly as much."""

_NO_PAPER: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of a list of papers.

    Attributes:
        ids: the papers of each title, in the form of ``join_words``; two may share one.
        ordered: the titles by alphabet.
        by_word: the titles that hold a word.
    """

    ids: Mapping[str, frozenset[str]]
    ordered: tuple[str, ...]
    by_word: Mapping[str, tuple[str, ...]]


def index_titles(papers: Sequence[Paper]) -> Titles:
    """Take in the titles of a list."""
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for paper in papers:
        # With its LaTeX and, as a survey rather writes it, without.
        for title in {join_words(fold(form)) for form in (paper.title, clean_text(paper.title))}:
            if len(title) >= SHORTEST_TITLE:
                ids[title].add(paper.id)
    by_word: defaultdict[str, list[str]] = defaultdict(list)
    for title in ids:
        for word in set(title.split()):
            by_word[word].append(title)
    return Titles(
        ids={title: frozenset(some) for title, some in ids.items()},
        ordered=tuple(sorted(ids)),
        by_word={word: tuple(titles) for word, titles in by_word.items()},
    )


def find_titles(words: Words, titles: Titles) -> Iterator[tuple[frozenset[str], int, int]]:
    """Find titles that a text writes out; one inside a longer title is no title there.

    Yields:
        the papers of a title, and where it stands in the text.
    """
    left = words.joined
    for title in sorted(titles.ordered, key=len, reverse=True):
        wanted = f" {title} "
        start = left.find(wanted)
        while start >= 0:
            end = start + len(wanted)
            yield (titles.ids[title], *words.locate(start, end))
            left = f"{left[:start]} {' ' * len(title)} {left[end:]}"
            start = left.find(wanted, end - 1)


def recognise_title(span: str, titles: Titles) -> frozenset[str]:
    """Give the papers whose title a folded span is, or nothing.

    Args:
        span: a whole title, at least four words with which one title alone begins, or a title
            with slips: at least 0.9 alike, and 0.04 more than any other.
    """
    written = join_words(span)
    if len(written) < SHORTEST_TITLE:
        return _NO_PAPER
    return titles.ids.get(written) or _complete(written, titles) or _correct(written, titles)


def measure_likeness(a: str, b: str) -> float:
    """Give 2 · (length of the longest common subsequence) ÷ (sum of lengths), in [0, 1].

    Source: Hyyrö 2004, "Bit-parallel LCS-length computation revisited".
    """
    masks: dict[str, int] = {}
    for place, char in enumerate(a):
        masks[char] = masks.get(char, 0) | 1 << place
    whole = (1 << len(a)) - 1
    row = whole
    for char in b:
        common = row & masks.get(char, 0)
        row = (row + common) | (row - common)
    return 2 * (len(a) - (row & whole).bit_count()) / ((len(a) + len(b)) or 1)


def _complete(written: str, titles: Titles) -> frozenset[str]:
    """Give the papers of the only title that begins with some words."""
    if written.count(" ") < _SHORTEST_PREFIX - 1:
        return _NO_PAPER
    first = bisect_left(titles.ordered, f"{written} ")
    near = titles.ordered[first : first + 2]
    begun = [title for title in near if title.startswith(f"{written} ")]
    return titles.ids[begun[0]] if len(begun) == 1 else _NO_PAPER


def _correct(written: str, titles: Titles) -> frozenset[str]:
    """Give the papers of the title that is most like a text, if it clearly is."""
    words = set(written.split())
    common = Counter(title for word in words for title in titles.by_word.get(word, ()))
    rated = sorted(
        (
            (measure_likeness(written, title), title)
            for title, shared in common.items()
            if 2 * shared >= len(words)
            and min(len(written), len(title)) >= 0.8 * max(len(written), len(title))
        ),
        reverse=True,
    )[:2]
    if not rated or rated[0][0] < _NEAR:
        return _NO_PAPER
    if len(rated) > 1 and rated[0][0] - rated[1][0] < _MARGIN:
        return _NO_PAPER
    return titles.ids[rated[0][1]]
