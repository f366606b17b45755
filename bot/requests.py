"""What people ask the bot for, as plain values that a job records."""

from dataclasses import dataclass

from pipeline.types import Arm, Language, Query, Question


@dataclass(frozen=True, slots=True)
class SurveyRequest:
    """A survey, or a blind comparison of two.

    Attributes:
        arms: one way of writing, or two to compare; empty means the usual one.
        top: of more papers than this only those that the searches rank best; null keeps all.
        queries: made by the person; with them no model is asked for any.
        context_id: of an earlier survey, which this one is written from; nothing is searched.
        bring_back: ids of papers that stay in the context whatever triage says of them.
    """

    question: Question
    arms: tuple[Arm, ...] = ()
    top: int | None = None
    queries: tuple[Query, ...] = ()
    context_id: str | None = None
    bring_back: tuple[str, ...] = ()

    @property
    def is_comparison(self) -> bool:
        """Whether two surveys are written from one context and compared blind."""
        return len(self.arms) == 2

    @property
    def language(self) -> Language:
        """The language in which the person is spoken to."""
        return self.question.language


@dataclass(frozen=True, slots=True)
class FollowUpRequest:
    """A reply in a survey's thread.

    Attributes:
        survey_job: id of the job whose thread it is.
        message_ts: of the person's message.
    """

    text: str
    language: Language
    survey_job: str
    message_ts: str


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """One look for new papers on a watched question."""

    watch_id: str
    language: Language


@dataclass(frozen=True, slots=True)
class CloseRequest:
    """The end of a comparison: its votes and names are shown.

    Attributes:
        survey_job: id of the job that wrote the two surveys.
    """

    comparison_id: str
    survey_job: str
    language: Language


@dataclass(frozen=True, slots=True)
class LedgerRequest:
    """The ledger of a survey as a file in its thread."""

    survey_id: str
    language: Language


Request = SurveyRequest | FollowUpRequest | WatchRequest | CloseRequest | LedgerRequest
