"""Find links beside the name of another paper than the one that they lead to.

A link without a name beside it is taken for right, and so is one whose own paper is named since the
link before it: what is found here is wrong, but not all that is wrong is found.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.evaluation.aliases import find_aliases
from pipeline.evaluation.citations import Citation
from pipeline.evaluation.ids import find_references
from pipeline.evaluation.names import Named, Names, recognise
from pipeline.evaluation.spans import Span, find_spans

_BLOCK = re.compile(r"^[ \t]*(?:(?:[-*+•]|\d+[.)]|\[\d+\])[ \t]+|#{1,6}[ \t]+|\||\n)", re.MULTILINE)
"""Where a list item, a heading, a row of a table or, after a blank line, a paragraph begins."""

_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d+[.)])[ \t]+")
_PIECE = re.compile(r"[,;、。:・|\n]| - ")

_BETWEEN = re.compile(r"[ \t,;、・/&()\[\]]*+(?:(?:and|と)[ \t,;、・/&()\[\]]*+)?")
"""What stands between citations of one group."""

_SIGNS = r"\s()\[\]{}<>|:,*_\"'`「」『』\-"
_GAP = re.compile(rf"(?<![{_SIGNS}])(?:[{_SIGNS}]|\b(?:19|20)\d\d\b)++\Z")
"""What may stand between a name and its link."""

_WIDEST = 100
"""Characters of such a gap."""

_WIDE_GAP = re.compile(
    rf"(?:[{_SIGNS}.;\d]|論文|リンク|\b[A-Z]{{3,}}\b"
    r"|\b(?i:in|proc|arxiv|preprint|paper|link|pdf|url|doi)\b)*+"
)
"""What may stand between a whole title and its link: venue, year, "arXiv preprint"."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Citations with nothing but commas between them.

    Attributes:
        block: where the paragraph, list item or row that they stand in begins.
        before: where the words before them begin: the block, or the end of the group before.
        is_alone: the block holds no other group.
    """

    citations: tuple[Citation, ...]
    block: int
    before: int
    is_alone: bool


def find_misattributed(
    text: str, citations: Sequence[Citation], named: Sequence[Named], names: Names
) -> tuple[str, ...]:
    """Give the ids of the list that are linked beside another paper's name, in order, each once.

    The name is what the link shows, or what stands right before it: a title, words set apart, a
    short name on its own, or the head of a list item that cites nothing else.

    Args:
        text: folded.
        citations: of this text.
        named: the titles in this text.
    """
    spans = {span.end: span for span in find_spans(text)}
    wrong: dict[str, None] = {}
    for group in _group(text, citations):
        shown = [recognise(citation.anchor, names) for citation in group.citations]
        is_lone = len({citation.id for citation in group.citations}) == 1
        beside = frozenset[str]()
        if is_lone and not any(shown):
            beside = _read_before(text, group, spans, named, names)
        for citation, owners in zip(group.citations, shown, strict=True):
            said = (owners | beside, _read_ids(citation.anchor, names))
            if citation.kind == "listed" and any(one and citation.id not in one for one in said):
                wrong[citation.id] = None
    return tuple(wrong)


def _read_ids(anchor: str, names: Names) -> frozenset[str]:
    """Give the ids of the list that a link shows."""
    references = find_references(anchor, names.ids)
    return frozenset(one.id for one in references if one.kind == "listed")


def _group(text: str, citations: Sequence[Citation]) -> Iterator[_Group]:
    blocks = [0, *(match.start() for match in _BLOCK.finditer(text)), len(text)]
    groups: list[list[Citation]] = []
    for one in citations:
        if groups and _BETWEEN.fullmatch(text, groups[-1][-1].end, one.start):
            groups[-1].append(one)
        else:
            groups.append([one])
    ends = [0, *(group[-1].end for group in groups)]
    starts = [*(group[0].start for group in groups), len(text)]
    for number, group in enumerate(groups):
        place = bisect_right(blocks, group[0].start) - 1
        block, end = blocks[place], blocks[min(place + 1, len(blocks) - 1)]
        is_alone = ends[number] <= block and starts[number + 1] >= end
        yield _Group(tuple(group), block, max(block, ends[number]), is_alone)


def _read_before(
    text: str, group: _Group, spans: Mapping[int, Span], named: Sequence[Named], names: Names
) -> frozenset[str]:
    """Give the papers that the words before a group may mean, or nothing where they name none.

    With the name right before the link come all others that stand since the link before.
    """
    start, end = group.before, group.citations[0].start
    inside = [one for one in named if start <= one.start and one.end <= end]
    gap = _GAP.search(text, max(start, end - _WIDEST), end)
    near = gap.start() if gap else end
    owners = frozenset[str]()
    if inside and _WIDE_GAP.fullmatch(text, inside[-1].end, end):
        owners = inside[-1].ids
    for place in range(near, end):
        if not owners and place in spans and spans[place].start >= start:
            owners = recognise(spans[place].text, names)
    words = text[start:near]
    owners = owners or recognise(_PIECE.split(words)[-1], names)
    if not owners and group.is_alone and (item := _ITEM.match(words)):
        first = start + item.end()
        apart = [span.text for span in spans.values() if span.start == first]
        owners = recognise(apart[0] if apart else _PIECE.split(text[first:near])[0], names)
    if not owners:
        return owners
    said = find_aliases(text[start:end], names.aliases)
    return owners.union(said, *(one.ids for one in inside))
