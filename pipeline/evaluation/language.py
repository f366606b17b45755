"""Language consistency: how much of a survey is in the language that it should be in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.evaluation.folding import fold
from pipeline.evaluation.names import find_named
from pipeline.evaluation.sentences import split_survey
from pipeline.evaluation.spans import blank, find_links
from pipeline.evaluation.titles import index_titles
from pipeline.types import Language, Paper

METRIC_VERSION = 1
"""Raised whenever the same survey would get another figure."""

_CODE = re.compile(r"`[^`\n]*`|https?://[\w.~:/?#@$&*+=%-]+", re.ASCII)
_KANA = re.compile(r"[\u3041-\u30ff]")
_HAN = re.compile(r"[\u3005-\u3007\u3400-\u9fff]")
_ENGLISH = re.compile(r"\b[a-z]{2,}\b")
"""A word in lower case: names are of no language."""

_OTHER = re.compile(r"[^\W\d_A-Za-z\u00aa-\u024f\u3005-\u3007\u3041-\u30ff\u3400-\u9fff]")

_LETTERS_PER_SIGN = 4
"""Letters of English terms beside one Japanese sign in a sentence that still is Japanese."""

_LONGEST_WITHOUT_KANA = 10
"""Chinese characters of a Japanese phrase without kana; with more it is Chinese."""


@dataclass(frozen=True, slots=True)
class Consistency:
    """How many sentences of a survey are in its language.

    Attributes:
        sentences: those that have a language; titles, names, code and addresses have none.
        consistent: those in the survey's language.
        share: consistent ÷ sentences, in [0, 1]; null for none.
    """

    language: Language
    sentences: int
    consistent: int
    share: float | None


def measure_language(markdown: str, papers: Sequence[Paper], language: Language) -> Consistency:
    """Count the sentences of a survey that are in its language, told by their script.

    Args:
        papers: of its context; their titles are left out, for they stay in their own language.
    """
    titles = index_titles(papers)
    told: list[Language | Literal["other"]] = []
    for sentence in split_survey(markdown):
        text = fold(sentence)
        addresses = [link.address for link in find_links(text)]
        names = [(one.start, one.end) for one in find_named(text, titles)]
        found = tell_language(_CODE.sub(" ", blank(text, [*addresses, *names])))
        if found is not None:
            told.append(found)
    consistent = told.count(language)
    return Consistency(language, len(told), consistent, consistent / len(told) if told else None)


def tell_language(text: str) -> Language | Literal["other"] | None:
    """Give the language of a sentence, or null where it holds only names and signs."""
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    english = sum(len(word) for word in _ENGLISH.findall(text))
    other = len(_OTHER.findall(text))
    if not kana + han + english + other:
        return None
    japanese = kana + han
    if other > japanese and _LETTERS_PER_SIGN * other > english:
        return "other"
    if _LETTERS_PER_SIGN * japanese < english or not japanese:
        return "en"
    return "ja" if kana or han <= _LONGEST_WITHOUT_KANA else "other"
