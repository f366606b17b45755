"""Take a survey's Markdown apart into its sections, and put it together again.

A survey is a title (``# …``), an opening, and sections (``## …``). A heading counts only at the
start of a line and outside fenced code; deeper headings belong to the text of their section.

Source: CommonMark 0.31, "ATX headings" and "Fenced code blocks".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

_TITLE = re.compile(r"#[ \t]+(\S.*)")
_HEADING = re.compile(r"(#{1,6})(?:[ \t](.*))?")
_FENCE = re.compile(r" {0,3}(`{3,}(?!.*`)|~{3,})(.*)")
_LINK = re.compile(r"\]\(https://arxiv\.org/abs/([^()\s]+)\)")
"""The only kind of link that a survey holds: see ``cite.resolve``."""


@dataclass(frozen=True, slots=True)
class Part:
    """One section of a survey.

    Attributes:
        heading: one line without its signs.
        text: the Markdown below the heading, without blank lines around it.
    """

    heading: str
    text: str

    @property
    def paper_ids(self) -> tuple[str, ...]:
        """The arXiv ids that the text links, in order of first mention."""
        return tuple(dict.fromkeys(_LINK.findall(self.text)))


@dataclass(frozen=True, slots=True)
class Parts:
    """A survey taken apart.

    Attributes:
        title: without its sign; empty where the text does not begin with one.
        opening: the Markdown between title and first section.
    """

    title: str
    opening: str
    sections: tuple[Part, ...]


def read_parts(markdown: str) -> Parts:
    """Take a survey apart; ``join_parts`` gives the same text back, save space around headings."""
    lines = _trim(markdown.split("\n"))
    title = _TITLE.fullmatch(lines[0]) if lines else None
    lines = lines[1:] if title else lines
    bounds = [*(place for place, level, _ in find_headings(lines) if level == 2), len(lines)]
    return Parts(
        title=title[1].strip() if title else "",
        opening="\n".join(_trim(lines[: bounds[0]])),
        sections=tuple(
            Part(lines[start][2:].strip(), "\n".join(_trim(lines[start + 1 : end])))
            for start, end in pairwise(bounds)
        ),
    )


def join_parts(parts: Parts) -> str:
    """Give the Markdown of a survey, blocks apart by one blank line, with a newline at its end."""
    blocks = [f"# {parts.title}" if parts.title else "", parts.opening]
    for section in parts.sections:
        blocks += [f"## {section.heading}".rstrip(), section.text]
    return "\n\n".join(block for block in blocks if block) + "\n"


def find_headings(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Give place, level and text of the lines that are headings, those in fenced code left out."""
    for place, line in find_prose(lines):
        if match := _HEADING.fullmatch(line):
            yield place, len(match[1]), (match[2] or "").strip()


def find_prose(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give place and text of the lines outside fenced code."""
    fence = ""
    for place, line in enumerate(lines):
        mark = _FENCE.fullmatch(line)
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield place, line


def _trim(lines: Sequence[str]) -> Sequence[str]:
    """Leave out the blank lines at both ends."""
    full = [place for place, line in enumerate(lines) if line.strip()]
    return lines[full[0] : full[-1] + 1] if full else []
