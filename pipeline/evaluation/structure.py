"""What a survey looks like: its length, and the means by which it is laid out."""

import re
from dataclasses import dataclass

from pipeline.document import read_body
from pipeline.evaluation.citations import find_citations
from pipeline.evaluation.folding import fold
from pipeline.evaluation.sentences import split_survey
from pipeline.outline import find_prose

METRIC_VERSION = 1
"""Raised whenever the same survey would get another figure."""

_HEADING = re.compile(r"^(#{1,6}) ", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.) ", re.MULTILINE)
_BOLD = re.compile(r"\*\*[^*\n]+\*\*")
_TABLE = re.compile(r"^(?=[^\n]*\|)[ \t|:-]*-[ \t|:-]*$", re.MULTILINE)
"""The row between a table's head and body."""

_DEEPEST = 6
"""The deepest level of heading in Markdown."""


@dataclass(frozen=True, slots=True)
class Structure:
    """Length and structure of a survey, without its closing table; code holds no structure.

    Attributes:
        sentences: of its prose.
        headings: how many of level 1, 2, … 6.
        items: of lists.
        bold: spans.
        citations: links and ids, each as often as it stands in the text.
        density: citations per 1,000 characters; null for an empty text.
    """

    chars: int
    sentences: int
    headings: tuple[int, ...]
    items: int
    bold: int
    tables: int
    citations: int
    density: float | None


def measure_structure(markdown: str) -> Structure:
    """Measure the length and structure of a survey's text."""
    body = read_body(markdown).strip()
    prose = "\n".join(line for _, line in find_prose(body.split("\n")))
    citations = len(find_citations(fold(body), {}))
    return Structure(
        chars=len(body),
        sentences=len(split_survey(body)),
        headings=count_headings(prose),
        items=count_items(prose),
        bold=count_bold(prose),
        tables=len(_TABLE.findall(prose)),
        citations=citations,
        density=1_000 * citations / len(body) if body else None,
    )


def count_headings(markdown: str) -> tuple[int, ...]:
    """Count the headings of each level, from 1 to 6."""
    levels = [len(signs) for signs in _HEADING.findall(markdown)]
    return tuple(levels.count(level) for level in range(1, _DEEPEST + 1))


def count_items(markdown: str) -> int:
    """Count the items of lists."""
    return len(_ITEM.findall(markdown))


def count_bold(markdown: str) -> int:
    """Count the spans in bold."""
    return len(_BOLD.findall(markdown))
