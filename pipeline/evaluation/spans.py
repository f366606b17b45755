"""Find the parts of a Markdown text that stand out: links, and what is set apart by signs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LINK = re.compile(
    r"\[((?:[^\[\]\n]|\[[^\[\]\n]*+\])*+)\]"
    r"\(\s*+<?((?:[^()\s<>]|\([^()\s]*+\))*+)>?(?:\s[^()\n]*+)?\)"
)
_SLACK_LINK = re.compile(r"<([^<>|\s]++)\|([^<>\n]*+)>")
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+([^\n]+)", re.MULTILINE)
_APART = re.compile(
    r"\*\*([^*\n]+)\*\*|__([^_\n]+)__|(?<![*\w])\*([^*\s][^*\n]*)\*|`([^`\n]+)`|\"([^\"\n]+)\""
    r"|「([^「」\n]+)」|『([^『』\n]+)』"
)
_LONGEST = 300
"""Characters of a span; what is longer is no name of a paper."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link with words of its own, as Markdown or Slack writes it.

    Attributes:
        anchor: the words that it shows.
        address: where the address stands in the text: start and end.
    """

    anchor: str
    address: tuple[int, int]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """What a text sets apart: bold or slanted words, code, a quotation, a heading.

    Attributes:
        text: without its signs, links as their words.
        start, end: in the text, signs included.
    """

    text: str
    start: int
    end: int


def find_links(text: str) -> tuple[Link, ...]:
    """Find the links of a folded text, in order; one inside another is none."""
    markdown = (
        Link(_bare(match[1]), match.span(2), match.start(), match.end())
        for match in _LINK.finditer(text)
    )
    slack = (
        Link(_bare(match[2]), match.span(1), match.start(), match.end())
        for match in _SLACK_LINK.finditer(text)
    )
    links: list[Link] = []
    for link in sorted((*markdown, *slack), key=lambda link: link.start):
        if not links or links[-1].end <= link.start:
            links.append(link)
    return tuple(links)


def find_spans(text: str) -> tuple[Span, ...]:
    """Find the spans of a folded text that are short enough to be names."""
    matches = (*_HEADING.finditer(text), *_APART.finditer(text))
    return tuple(
        Span(_bare(match[match.lastindex or 0]), match.start(), match.end())
        for match in matches
        if len(match[0]) <= _LONGEST
    )


def blank(text: str, places: Sequence[tuple[int, int]]) -> str:
    """Give a text of the same length with spaces at some places."""
    for start, end in places:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _bare(text: str) -> str:
    """Give the words of a span: links without their address, no signs of Markdown around."""
    text = _SLACK_LINK.sub(lambda match: match[2], _LINK.sub(lambda match: match[1], text))
    return text.replace("**", "").strip(' \t*_`"「」『』')
