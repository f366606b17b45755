"""The places where a text cites: links, addresses and keys, each once."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline.evaluation.ids import find_references
from pipeline.evaluation.spans import find_links


@dataclass(frozen=True, slots=True)
class Citation:
    """One link to a paper, or its id where it stands alone.

    Attributes:
        kind: ``listed``, ``outside``, or ``malformed``.
        id: of the paper, or what stands there instead of an id.
        anchor: the words that a link shows; empty for an address or a key.
        start, end: in the text, the whole link.
    """

    kind: Literal["listed", "outside", "malformed"]
    id: str
    anchor: str
    start: int
    end: int


def find_citations(text: str, listed: Mapping[str, str]) -> tuple[Citation, ...]:
    """Find the citations of a folded text, in order.

    An id among the words of a link is a citation only where the link leads to no paper.

    Args:
        listed: ids of the list by their normal form.
    """
    links = find_links(text)
    starts = [link.start for link in links]
    found: dict[int, Citation] = {}
    for one in find_references(text, listed):
        place = bisect_right(starts, one.start) - 1
        link = links[place] if place >= 0 and one.end <= links[place].end else None
        if link is None:
            found[one.start] = Citation(one.kind, one.id, "", one.start, one.end)
        elif link.start not in found or link.address[0] <= one.start:
            found[link.start] = Citation(one.kind, one.id, link.anchor, link.start, link.end)
    return tuple(found[start] for start in sorted(found))
