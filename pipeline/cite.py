"""Turn anchors into arXiv links, and let nothing else in a survey link or ping.

A model may cite only by anchors ``[P17]``. Code writes the links, so every address in a survey is
that of a paper in its context. All other text is outside text: its links lose their target, its
tags and mentions their meaning.
"""

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.providers.keyless.extract import clean_text
from pipeline.types import Paper

_ONE = r"[PＰp]\s?[0-9０-９]{1,4}"
_ANCHORS = re.compile(
    rf"[\[［【]\s*({_ONE}(?:\s*(?:[,;、，・/&]|and|と|[-–—~〜～])\s*(?:{_ONE}|[0-9]{{1,4}}))*)\s*[\]］】]"
    r"(?:\([^()\s]*\))?"
)
_PART = re.compile(r"([-–—~〜～])?\s*[PＰp]?\s?([0-9０-９]{1,4})")
_HELD = re.compile("\ue000(\\d+)\ue001")
"""A resolved anchor while the rest of the text is made harmless: private-use characters."""

_PRIVATE = re.compile("[\ue000-\uf8ff]")
_ENTITY = re.compile("&[^\\s<&;\ue000\ue001]{1,34};?")

_ARXIV_ID = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})"
_ARXIV_URL = re.compile(
    rf"https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/({_ARXIV_ID})(?:v\d+)?(?:\.pdf)?/?",
    re.IGNORECASE,
)
_OUR_LINK = re.compile(rf"\[[^\[\]]*\]\(https://arxiv\.org/abs/({_ARXIV_ID})\)")
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\]\(\s*<?([^()\s<>]*(?:\([^()]*\)[^()\s<>]*)*)[^()]*\)")
_REFERENCE_LINK = re.compile(r"!?\[([^\[\]]+)\]\[[^\[\]]*\]")
_DEFINITION = re.compile(r"^[ \t]*(?:>[ \t]*)*\[[^\[\]]+\]:[ \t]*\S*", re.MULTILINE)
_FOOTNOTE = re.compile(r"\[\^[^\[\]]*\]")
_SLACK_LINK = re.compile(r"<[^<>|\n]*\|([^<>\n]*)>")
_TAG = re.compile(r"<[/!?]?[A-Za-z@#!][^<>]*>|<!--.*?-->", re.DOTALL)
_ADDRESS = re.compile(
    r"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"'）」』】]*|\b(?:javascript|data|vbscript|mailto|file|tel):\S+|"
    r"\bwww\.\S+",
    re.IGNORECASE,
)
_DOMAIN = re.compile(
    r"(?<=[A-Za-z0-9-])\.(?=(?:com|net|org|io|ai|dev|app|co|jp|edu|gov|me|info|xyz|link|site|page|"
    r"top|ru|cn|uk|de|ly|gg|tv|cc)\b)",
    re.IGNORECASE,
)
_MENTION = re.compile(r"(?<![A-Za-z0-9])@(?=[A-Za-z0-9_])")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A text whose anchors are links.

    Attributes:
        cited: ids of the papers that it links, in order of first mention.
        unknown: anchors that name no paper (``P99``); they were taken out.
    """

    markdown: str
    cited: tuple[str, ...]
    unknown: tuple[str, ...]


def resolve(text: str, papers: Sequence[Paper]) -> Resolved:
    """Replace anchors by links and make everything else harmless.

    ``[P2]``, ``[P1, P3]``, ``[P1-P3]`` and their Japanese forms become ``[short name](url)``,
    joined by commas. An arXiv link to one of the papers counts as its anchor. Every other link
    keeps its text only; tags go; ``@`` before a name becomes ``＠``, which no Slack surface takes
    for a mention; a bare domain gets a zero-width space, so that nothing makes a link of it.

    Args:
        papers: paper i (from 1) is ``[Pi]``.
    """
    cited: list[int] = []
    unknown: list[str] = []
    known = {paper.id: i for i, paper in enumerate(papers)}
    text, before = _PRIVATE.sub("", text), ""
    while text != before:
        # What goes can leave a new anchor behind: ``[P[P99]1]``.
        before = text
        text = _make_harmless(_hold_anchors(text, len(papers), unknown), known)
        text = _tidy(text) if unknown else text
    names = name_papers(papers)

    def link(match: re.Match[str]) -> str:
        number = int(match[1])
        if number not in cited:
            cited.append(number)
        return f"[{names[number]}]({papers[number].url})"

    joined = re.sub("\ue001[ \t]?(?=\ue000)", "\ue001, ", text)
    return Resolved(
        markdown=_HELD.sub(link, joined),
        cited=tuple(papers[number].id for number in cited),
        unknown=tuple(dict.fromkeys(unknown)),
    )


def unresolve(markdown: str, papers: Sequence[Paper]) -> str:
    """Turn the links of a resolved text back into anchors, for a model that works on it again.

    ``resolve`` makes the very same text of it. Links to papers that are not given stay as they are;
    ``resolve`` will take their target from them.

    Args:
        papers: paper i (from 1) becomes ``[Pi]``.
    """
    numbers = {paper.id: number for number, paper in enumerate(papers, start=1)}

    def anchor(match: re.Match[str]) -> str:
        number = numbers.get(match[1])
        return match[0] if number is None else f"[P{number}]"

    return _OUR_LINK.sub(anchor, markdown)


def find_anchors(text: str) -> tuple[int, ...]:
    """Give the numbers of all anchors in a text, in order, each once."""
    found = (number for match in _ANCHORS.finditer(text) for number in _numbers(match[1]))
    return tuple(dict.fromkeys(found))


def name_papers(papers: Sequence[Paper]) -> tuple[str, ...]:
    """Give what each paper's link shows: its short name, with its id where two would be equal."""
    names = [_harmless_name(paper.short_name) for paper in papers]
    repeated = Counter(names)
    return tuple(
        f"{name} ({paper.id})" if repeated[name] > 1 else name
        for name, paper in zip(names, papers, strict=True)
    )


def make_harmless(text: str) -> str:
    """Give outside text on one line that neither links, pings nor formats."""
    return _make_harmless(_PRIVATE.sub("", clean_text(text)), {}).strip()


def _harmless_name(name: str) -> str:
    return make_harmless(name) or "arXiv"


def _numbers(inside: str) -> list[int]:
    """Read ``P1, P3-P5`` as 1, 3, 4, 5; a range of more than 50 is read as its two ends."""
    numbers: list[int] = []
    for dash, digits in _PART.findall(inside):
        number = int(digits)
        if dash and numbers and 0 < number - numbers[-1] <= 50:
            numbers.extend(range(numbers[-1] + 1, number))
        numbers.append(number)
    return numbers


def _hold_anchors(text: str, count: int, unknown: list[str]) -> str:
    def hold(match: re.Match[str]) -> str:
        numbers = list(dict.fromkeys(_numbers(match[1])))
        unknown.extend(f"P{number}" for number in numbers if not 1 <= number <= count)
        return "".join(f"\ue000{n - 1}\ue001" for n in numbers if 1 <= n <= count)

    return _ANCHORS.sub(hold, text)


def _make_harmless(text: str, known: Mapping[str, int]) -> str:
    """Take links, tags, addresses and mentions out of a text, but keep their words."""

    def target(address: str, words: str) -> str:
        match = _ARXIV_URL.fullmatch(address.rstrip(".,;。、"))
        if match and match[1] in known:
            return f"\ue000{known[match[1]]}\ue001"
        return words

    before = None
    while text != before:
        before = text
        text = _ENTITY.sub(lambda match: _PRIVATE.sub("", html.unescape(match[0])), text)
        text = _DEFINITION.sub("", text)
        text = _FOOTNOTE.sub("", text)
        text = _IMAGE_OR_LINK.sub(lambda match: target(match[2], match[1]), text)
        text = _REFERENCE_LINK.sub(lambda match: match[1], text)
        text = _SLACK_LINK.sub(lambda match: match[1], text)
        text = _ADDRESS.sub(lambda match: target(match[0], ""), text)
        text = _TAG.sub("", text)
    text = re.sub(r"<(?=[^\s\d=])", "‹", text)
    text = re.sub(r"(?<=[\]\ue001])(?=\()", " ", text).replace("]:", "] :")
    text = _MENTION.sub("＠", text)
    return break_addresses(text)


def break_addresses(text: str) -> str:
    """Give a text in which nothing reads as an address any more: zero-width spaces break them."""
    return _DOMAIN.sub("\u200b.", text.replace("://", ":\u200b//"))


def _tidy(text: str) -> str:
    """Close the gaps that removed anchors leave, line by line."""
    text = re.sub(r"[(（][ \t,;、]*[)）]", "", text)
    text = re.sub(r"(?<=[^\s\]])[ \t]+(?=[.,;:。、，．])", "", text)
    return re.sub(r"(?<=\S)[ \t]{2,}(?=\S)", " ", text)
