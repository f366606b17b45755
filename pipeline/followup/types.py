"""The nouns of a follow-up: what a person replied, what is planned, what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.outline import Part
from pipeline.types import Context, DateRange, Language, Query, Survey

Action = Literal["keep", "rewrite", "extend", "drop", "add"]
"""What becomes of a part of a survey."""

Length = Literal["shorter", "longer"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of the thread.

    Attributes:
        answered: Markdown with links, as posted.
    """

    asked: str
    answered: str


@dataclass(frozen=True, slots=True)
class Request:
    """A reply in a survey's thread.

    Attributes:
        id: chosen by the caller so that a resumed run keeps it; what comes of the request is
            named after it (``{id}-c`` a context, ``{id}-s`` a survey).
        text: as typed.
        now: when it was asked, timezone-aware; the same on every resumption.
        turns: earlier exchanges, oldest first.
    """

    id: str
    text: str
    now: datetime
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """What a request is read against.

    Attributes:
        text: the request without invisible characters, 1 to 2,000 characters.
    """

    text: str
    context: Context
    survey: Survey
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class PartWish:
    """What the person wants of one part.

    Attributes:
        number: of the part in the survey, from 1; the closing table has none.
        instruction: one sentence for the writing model; may be empty.
    """

    number: int
    action: Literal["rewrite", "extend", "drop"]
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class SectionWish:
    """A section that the person wants beside the others.

    Attributes:
        paper_ids: what it is written from; empty means the papers that the search brings.
    """

    heading: str
    instruction: str
    paper_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How a request is met.

    Attributes:
        kind: ``answer`` leaves the survey as it is; nothing else is then set but ``language``.
        parts: parts that the request names; what follows from the other fields is not listed.
        remove: ids of papers that leave.
        queries: searches for further papers.
        sought: what they look for, in the person's or the model's words.
        dates: papers outside leave.
        language: into which the survey is turned, or in which the answer is wanted.
    """

    kind: Literal["answer", "change"]
    parts: tuple[PartWish, ...] = ()
    sections: tuple[SectionWish, ...] = ()
    remove: tuple[str, ...] = ()
    queries: tuple[Query, ...] = ()
    sought: tuple[str, ...] = ()
    dates: DateRange | None = None
    language: Language | None = None
    length: Length | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A request whose papers are settled, and whose text is still to be written.

    Attributes:
        context: the changed one.
        homes: new paper → number of the part that takes it up; null for a section of its own.
    """

    thread: Thread
    plan: Plan
    context: Context
    homes: Mapping[str, int | None]

    @property
    def is_translated(self) -> bool:
        """Whether the survey is turned into another language."""
        return self.context.question.language != self.thread.context.question.language


@dataclass(frozen=True, slots=True)
class Task:
    """What is to become of one part.

    Attributes:
        part: as it stands; without text where it is new.
        paper_ids: what it shall discuss, ids of the changed context.
        gained: those of ``paper_ids`` that are new to the survey.
        lost: titles of papers that it discusses and that leave.
        instruction: see ``PartWish``.
    """

    action: Action
    part: Part
    paper_ids: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The saved context answers; nothing of the survey changes.

    Attributes:
        markdown: links only to papers of the context.
        cited: ids of the papers that it links.
    """

    markdown: str
    cited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartChange:
    """What became of one part.

    Attributes:
        heading: empty for the opening.
        text: its new text; empty where it was kept or dropped.
    """

    action: Action
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A changed survey.

    Attributes:
        changes: one for each part, in the order of the survey.
        added: ids of papers that are new in the context.
        removed: ids of papers that left it.
        markdown: what to post: what happened in a few lines, then each changed part in full.
    """

    context: Context
    survey: Survey
    changes: tuple[PartChange, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    markdown: str
