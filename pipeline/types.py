"""The nouns of one survey, in the order in which a request meets them.

Every value here is frozen and made of plain parts, so that pydantic's ``TypeAdapter`` writes it
to JSON and reads it back unchanged; only ``Embeddings`` holds an array and never leaves a stage.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, ParamSpec, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

P = ParamSpec("P")
T = TypeVar("T")

Language = Literal["ja", "en"]
"""Languages that a survey is written in: those of the fixed sentences and headings we have."""

Role = Literal["queries", "shorten", "write", "count", "support", "judge", "embed"]
"""What a model is asked for; each role has one setting."""

Mode = Literal["sections", "single"]
"""How a survey is written: section by section, or in the article's one call."""

Order = Literal["tour", "python-tsp", "windowed", "hierarchical", "relevance", "newest", "random"]
"""The order in which a writing model meets the papers; docs/ordering.md compares them."""

Relevance = Literal["core", "related", "off_topic"]
"""How near a paper is to the question, as triage saw it."""

Choice = Literal["a", "b", "tie", "both_bad"]
"""What a person says of two surveys."""

DropReason = Literal["old", "withdrawn", "beyond_top"]
"""Why a paper that a search gave never reached the context."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """A closed range of submission days, both ends included.

    Attributes:
        since: first day.
        until: last day; never before ``since``.
    """

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Question:
    """What a person wants to know.

    Attributes:
        text: 1 to 2,000 characters, no control characters (see ``question.ask``).
        language: the language that the survey is written in.
        dates: a limit that the person gave, by flag or in the question itself.
        categories: arXiv categories that the person named; empty means all.
    """

    text: str
    language: Language
    dates: DateRange | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of writing a survey, to be held against others.

    Attributes:
        model: ``provider:model``, or ``keyless``.
        order: of the papers in the context.
        is_shortened: the writer reads summaries; else whole abstracts, and no paper is set aside.
        is_repaired: what the first draft left out is put in by further calls.
        embed_model: ``provider:model`` whose embeddings order the papers; empty means the usual.
    """

    model: str
    mode: Mode = "sections"
    order: Order = "tour"
    is_shortened: bool = True
    is_repaired: bool = True
    embed_model: str = ""

    @property
    def label(self) -> str:
        """What tells this arm from others: the model, and whatever is not the usual."""
        unusual = [
            *([] if self.mode == "sections" else [self.mode]),
            *([] if self.order == "tour" else [self.order]),
            *([] if self.is_shortened else ["unshortened"]),
            *([] if self.is_repaired else ["unrepaired"]),
            *([self.embed_model] if self.embed_model else []),
        ]
        return f"{self.model} ({', '.join(unusual)})" if unusual else self.model


@dataclass(frozen=True, slots=True)
class Query:
    """One search as a tree: every ``must`` phrase AND one of ``any_of`` AND one category AND dates.

    Attributes:
        must: English phrases that title or abstract must all contain.
        any_of: phrases of which at least one must occur; empty means no such condition.
        categories: arXiv categories (``cs.CV``), any of them; empty means all.
        dates: closed range of the first version's submission day.
        words: phrases are matched as loose words instead (a rung of the relax ladder).
    """

    must: tuple[str, ...]
    any_of: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    dates: DateRange | None = None
    words: bool = False


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The queries made from one question.

    Attributes:
        queries: one to three trees, and those of follow-ups.
        maker: ``provider:model`` that made them, ``keyless``, or ``person``.
        unknown_terms: words of the question that nobody could turn into English search words.
        fell_back: the model's replies were unusable and the keyless extractor stepped in.
    """

    queries: tuple[Query, ...]
    maker: str
    unknown_terms: tuple[str, ...] = ()
    fell_back: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """One arXiv record.

    Attributes:
        id: arXiv id without version (``2106.09685``, ``cs/9901001``).
        version: version number, at least 1.
        abstract: arXiv's abstract, or our own note where ``abstract_by`` says so.
        published: first version's submission, timezone-aware.
        updated: this version's submission, timezone-aware.
        abstract_by: ``paperwalk`` marks the demonstration catalogue's own words.
    """

    id: str
    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    published: datetime
    updated: datetime
    categories: tuple[str, ...] = ()
    primary_category: str = ""
    comment: str | None = None
    doi: str | None = None
    journal_ref: str | None = None
    abstract_by: Literal["arxiv", "paperwalk"] = "arxiv"

    @property
    def url(self) -> str:
        """The abstract page, the only address that a survey links to."""
        return f"https://arxiv.org/abs/{self.id}"

    @property
    def short_name(self) -> str:
        """What a citation shows: the name before the title's colon, else "Author et al., 2020"."""
        head, colon, _ = self.title.partition(":")
        if colon and len(head) <= 32 and len(head.split()) <= 3:
            return re.sub(r"\s+", " ", head).strip()
        family = (
            self.authors[0].split()[-1] if self.authors and self.authors[0].split() else "arXiv"
        )
        others = " et al." if len(self.authors) > 1 else ""
        return f"{family}{others}, {self.published.year}"


@dataclass(frozen=True, slots=True)
class Search:
    """One query as it was run.

    Attributes:
        text: the query in the source's own syntax, as shown to the person.
        hits: how many papers the source holds for its words; a mirror that is searched by meaning,
            too, may return more.
        relaxed: what was loosened before this search, in order (``dropped "vision language"``).
    """

    query: Query
    text: str
    hits: int
    relaxed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """A paper that the searches gave and a rule dropped before anybody read it."""

    paper_id: str
    title: str
    reason: DropReason


@dataclass(frozen=True, slots=True)
class Found:
    """The papers of all searches, merged, newest first, and what was dropped on the way.

    Attributes:
        merged: number of distinct papers before anything was dropped.
        recent_years: the recency rule's limit in years when it was applied, else null.
        relevance: how well the searches rank each paper, in the order of the papers; larger is
            better. Empty where it is not known.
    """

    papers: tuple[Paper, ...]
    searches: tuple[Search, ...]
    source: str
    merged: int
    dropped: tuple[Dropped, ...] = ()
    recent_years: float | None = None
    relevance: tuple[float, ...] = ()

    def count_dropped(self, reason: DropReason) -> int:
        """Give how many papers a rule dropped."""
        return sum(one.reason == reason for one in self.dropped)


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Title and abstract of each paper as a direction.

    Attributes:
        model: ``provider:model`` that made the rows; rows of two models are never mixed.
        rows: shape (n, d) float32, each row of length 1.
    """

    model: str
    rows: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tour:
    """An open path through all papers.

    Attributes:
        order: a permutation of 0 … n - 1.
        length: sum of 1 - cosine over neighbours, in [0, 2(n - 1)].
        gaps: 1 - cosine between neighbours, n - 1 numbers in tour order.
        bound: no path through the same rows is shorter; null where none was computed.
    """

    order: tuple[int, ...]
    length: float
    gaps: tuple[float, ...]
    bound: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A paper as the writing model meets it.

    Attributes:
        summary: one to three sentences in the language that the survey was first written in
            (keyless: the abstract's own).
        relevance: triage's class.
        reason: one sentence that says why this class.
        summarised_by: ``provider:model``, or ``keyless`` where the abstract's sentences stand in.
    """

    paper: Paper
    summary: str
    relevance: Relevance
    reason: str
    summarised_by: str


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a survey is written from; frozen, so that several models share it.

    Attributes:
        passages: on topic, in tour order; the writer knows number i (from 1) as ``[Pi]``.
        gaps: 1 - cosine between neighbouring passages, max(n - 1, 0) numbers.
        off_topic: set aside by triage, in tour order; they can be brought back.
        order: what "tour order" means here: another order can take the tour's place.
    """

    id: str
    question: Question
    plan: QueryPlan
    found: Found
    passages: tuple[Passage, ...]
    gaps: tuple[float, ...]
    off_topic: tuple[Passage, ...]
    embedding_model: str
    tour_length: float
    order: Order = "tour"


@dataclass(frozen=True, slots=True)
class Omission:
    """A paper of the context that the survey does not discuss, and why."""

    paper_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Survey:
    """A finished survey.

    Attributes:
        markdown: title, introduction, sections, conclusion; links only to papers of the context.
        model: ``provider:model``, or ``keyless`` for the extractive digest.
        omitted: papers that stand only in the closing table, with their reason.
        removed_anchors: anchors that the model invented and that were taken out.
        cut_short: the run reached its ceiling of cost; extracts stand in for what was not written.
        is_repaired: papers that a section's first draft left out were asked for again.
    """

    id: str
    context_id: str
    model: str
    mode: Mode
    markdown: str
    omitted: tuple[Omission, ...] = ()
    removed_anchors: tuple[str, ...] = ()
    cut_short: bool = False
    is_repaired: bool = True

    @property
    def arm(self) -> Arm:
        """Who wrote it, and how; what its context was made like is not known here."""
        return Arm(self.model, self.mode, is_repaired=self.is_repaired)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many papers of a part of a context a survey cites."""

    cited: int
    papers: int


@dataclass(frozen=True, slots=True)
class Recall:
    """How much of its context a survey cites, counted by code.

    Attributes:
        cited: ids of the context that the survey links or names by title.
        linked: those of ``cited`` that it links.
        omitted: ids of all papers found that it does not cite, context order.
        outside: ids that it links and that are not in the context.
        recall: cited ÷ all papers found (on topic or not), in [0, 1]; null for none found.
        recall_on_topic: cited on-topic papers ÷ papers on topic, in [0, 1]; null for none.
        precision: (linked - misattributed) ÷ (linked + outside + malformed), in [0, 1]; null when
            nothing is linked.
        article_recall: the article's count by a language model ÷ papers found; may exceed 1;
            null where no counting model is set or its reply could not be read.
        recall_linked: linked ÷ all papers found, in [0, 1]; null for none found.
        mentioned: ids of ``omitted`` that it calls by a short name.
        malformed: what it links in place of an arXiv id.
        misattributed: ids of ``linked`` that it links beside another paper's name.
        link_rate: linked ÷ (cited + mentioned), in [0, 1]; null for none.
        by_position: tenths of the papers on topic, in the order of the context; one by one where
            there are fewer than ten.
    """

    cited: tuple[str, ...]
    linked: tuple[str, ...]
    omitted: tuple[str, ...]
    outside: tuple[str, ...]
    recall: float | None
    recall_on_topic: float | None
    precision: float | None
    article_recall: float | None = None
    recall_linked: float | None = None
    mentioned: tuple[str, ...] = ()
    malformed: tuple[str, ...] = ()
    misattributed: tuple[str, ...] = ()
    link_rate: float | None = None
    by_position: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, cached input included in ``input_tokens``."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run has paid for.

    Attributes:
        usd: dollars of the calls whose price is known.
        calls: number of calls to models.
        unpriced_calls: calls whose price is not known; never counted as free.
    """

    usd: float = 0.0
    calls: int = 0
    unpriced_calls: int = 0
    usage: Usage = Usage()


class Checkpoint(Protocol):
    """Runs a stage; a durable one gives back the recorded result when the stage ran before."""

    def __call__(
        self, name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Give ``function(*args, **kwargs)``, or its recorded result under ``name``."""
        ...


def run_now(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Be the checkpoint of a run that nobody resumes: call the stage."""
    del name
    return function(*args, **kwargs)
