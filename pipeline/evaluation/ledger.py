"""The ledger of a survey: what became of each paper of its list, and what it cites besides."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.document import read_body
from pipeline.evaluation.attribution import find_misattributed
from pipeline.evaluation.citations import find_citations
from pipeline.evaluation.folding import fold
from pipeline.evaluation.ids import find_references
from pipeline.evaluation.names import find_mentioned, find_named, index_names
from pipeline.types import Paper


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a survey does with a list of papers. Ids stand as in the list and in its order.

    Attributes:
        linked: papers that it links, or cites by id.
        titled: papers that it does not link, but names by their title.
        mentioned: papers that it only calls by a short name.
        omitted: all others of the list.
        outside: ids that it links and that are not in the list, in order of the text.
        malformed: what it links in place of an id, in order of the text.
        misattributed: those of ``linked`` that it links beside the name of another paper of the
            list, in order of the text.
        papers: number of papers in the list.
    """

    linked: tuple[str, ...]
    titled: tuple[str, ...]
    mentioned: tuple[str, ...]
    omitted: tuple[str, ...]
    outside: tuple[str, ...]
    malformed: tuple[str, ...]
    misattributed: tuple[str, ...]
    papers: int

    @property
    def recall(self) -> float | None:
        """(linked + titled) ÷ papers, in [0, 1]; null for an empty list."""
        return (len(self.linked) + len(self.titled)) / self.papers if self.papers else None

    @property
    def precision(self) -> float | None:
        """Links that lead where they say ÷ all that is linked, in [0, 1]; null for no link."""
        cited = len(self.linked) + len(self.outside) + len(self.malformed)
        return (len(self.linked) - len(self.misattributed)) / cited if cited else None

    @property
    def link_rate(self) -> float | None:
        """Papers linked ÷ papers linked, titled or mentioned, in [0, 1]; null for none."""
        named = len(self.linked) + len(self.titled) + len(self.mentioned)
        return len(self.linked) / named if named else None


def read_ledger(markdown: str, papers: Sequence[Paper], question: str = "") -> Ledger:
    """Find out what a survey does with a list of papers.

    What stands only in its closing table of related papers is not cited: a table can list anything.

    Args:
        papers: of one id the first counts.
        question: that the survey answers; its words are no mention of a paper.
    """
    listed = tuple({paper.id: paper for paper in papers}.values())
    text = fold(read_body(markdown))
    names = index_names(listed, question)
    references = find_references(text, names.ids)
    named = find_named(text, names.titles)
    linked = {one.id for one in references if one.kind == "listed"}
    titled = frozenset[str]().union(*(one.ids for one in named)) - linked
    mentioned = find_mentioned(text, named, names) - linked - titled
    known = linked | titled | mentioned

    def others(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.id for one in references if one.kind == kind))

    return Ledger(
        linked=tuple(paper.id for paper in listed if paper.id in linked),
        titled=tuple(paper.id for paper in listed if paper.id in titled),
        mentioned=tuple(paper.id for paper in listed if paper.id in mentioned),
        omitted=tuple(paper.id for paper in listed if paper.id not in known),
        outside=others("outside"),
        malformed=others("malformed"),
        misattributed=find_misattributed(text, find_citations(text, names.ids), named, names),
        papers=len(listed),
    )
