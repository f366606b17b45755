"""Turn what a person typed into a ``Question``, or say why it is none."""

import re
import unicodedata

from pipeline.errors import BadQuestion
from pipeline.types import DateRange, Language, Question

MAX_QUESTION_CHARACTERS = 2_000
"""Our own cap: a question that is longer is a document, and would crowd the papers out."""

_KANA_OR_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]")


def detect_language(text: str) -> Language:
    """Give the language in which to answer: Japanese where kana or kanji occur, else English."""
    return "ja" if _KANA_OR_HAN.search(text) else "en"


def ask(
    text: str,
    *,
    language: Language | None = None,
    dates: DateRange | None = None,
    categories: tuple[str, ...] = (),
) -> Question:
    """Make a question of typed text.

    Args:
        language: overrides the detected one.
        dates: limits the submission days of the papers.
        categories: arXiv categories to search in; empty means all.

    Raises:
        BadQuestion: nothing was typed, or more than ``MAX_QUESTION_CHARACTERS``.
    """
    normal = unicodedata.normalize("NFC", text)
    visible = "".join(
        " " if char.isspace() else char
        for char in normal
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cs"}
    )
    clean = re.sub(r" {2,}", " ", visible).strip()
    if not any(char.isalnum() for char in clean):
        raise BadQuestion("the question is empty", reason="empty")
    if len(clean) > MAX_QUESTION_CHARACTERS:
        raise BadQuestion(
            f"the question has {len(clean)} characters, more than {MAX_QUESTION_CHARACTERS}",
            reason="too_long",
        )
    return Question(clean, language or detect_language(clean), dates, categories)
