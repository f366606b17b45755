"""What is counted of a text that may itself stay behind."""

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_HEADING = re.compile(r"^(#{1,6}) ", re.MULTILINE)
_ORDERED = re.compile(r"^\s*\d+\. ", re.MULTILINE)
_UNORDERED = re.compile(r"^\s*[-*] ", re.MULTILINE)
_STARS = re.compile(r"\*\*[^*\n]+\*\*")
_UNDERSCORES = re.compile(r"__[^_\n]+__")


@dataclass(frozen=True, slots=True)
class Markup:
    """Markup of a survey, by kind; the sums are those of ``polls.measure_style``.

    Attributes:
        headings: of the levels 1 to 6.
        ordered, unordered: list items.
        stars, underscores: bold spans by their sign.
    """

    headings: tuple[int, ...]
    ordered: int
    unordered: int
    stars: int
    underscores: int


def count_markup(markdown: str) -> Markup:
    """Count the markup of a text."""
    levels = [len(signs) for signs in _HEADING.findall(markdown)]
    return Markup(
        headings=tuple(levels.count(level) for level in range(1, 7)),
        ordered=len(_ORDERED.findall(markdown)),
        unordered=len(_UNORDERED.findall(markdown)),
        stars=len(_STARS.findall(markdown)),
        underscores=len(_UNDERSCORES.findall(markdown)),
    )


def count_words(text: str) -> int:
    """Count words, each character of Chinese and Japanese as one: a length in no model's tokens."""
    return len(_WORD.findall(unicodedata.normalize("NFKC", text)))
