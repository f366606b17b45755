"""What the search stage asks of a source of papers."""

from dataclasses import dataclass
from typing import Protocol

from pipeline.types import Paper, Query


@dataclass(frozen=True, slots=True)
class Page:
    """The best papers of one query.

    Attributes:
        papers: best first, at most the limit that was asked for.
        hits: how many papers the source holds for the words of the query.
        text: the query in the source's own syntax.
    """

    papers: tuple[Paper, ...]
    hits: int
    text: str


class PaperSource(Protocol):
    """A catalogue of papers that answers query trees."""

    @property
    def name(self) -> str:
        """``arxiv``, ``mirror`` or ``demo``."""
        ...

    def search(self, query: Query, limit: int) -> Page:
        """Give the papers that satisfy a query, best first.

        Args:
            limit: at most this many papers, 1 to 300.

        Raises:
            RateLimited, Overloaded, Unavailable, MalformedAnswer: still so after the retries.
            SourceRefused: the source has shut us out.
        """
        ...
