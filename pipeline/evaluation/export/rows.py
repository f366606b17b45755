"""What an export tells: one class a table, one field a column, each with its meaning.

The meanings go into the metadata beside a SQLite export and into docs/exports.md. Moments are text,
UTC, by ISO 8601, with milliseconds; flags are 0 or 1, as SQLite has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

from pipeline.evaluation.export.markup import Markup
from pipeline.evaluation.preference.votes import Choice
from pipeline.evaluation.verdicts import Judgement, Side
from pipeline.types import Language, Mode

Flag: TypeAlias = Literal[0, 1]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """Questions; votes on surveys of one question go together."""

    key: Annotated[str, "Number of the question in this export"]
    words: Annotated[int | None, "Its length in words; null once it was deleted"]
    text: Annotated[str | None, "As it was asked; null without --include-text or once deleted"]


@dataclass(frozen=True, slots=True)
class ContextRow:
    """What surveys were written from: the papers found for a question."""

    id: Annotated[str, "Name of the context"]
    question_key: Annotated[str, "The question it was gathered for"]
    language: Annotated[Language, "Language of its surveys: ja or en"]
    source: Annotated[str, "Where the papers come from: arxiv, mirror or demo"]
    papers: Annotated[int, "Papers found"]
    on_topic: Annotated[int, "Those of them that the writer was given"]
    off_topic: Annotated[int, "Those of them that were set aside"]
    query_maker: Annotated[str, "Model that made the queries, keyless, or person"]
    embedding_model: Annotated[str, "Model by which the papers were ordered"]
    created_at: Annotated[str, "When it was kept"]


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """Surveys, and what they look like and cost."""

    id: Annotated[str, "Name of the survey"]
    context_id: Annotated[str, "The context it was written from"]
    model: Annotated[str, "Who wrote it, as the leaderboard names it"]
    mode: Annotated[Mode, "How: section by section, or in a single call"]
    workspace: Annotated[str, "Slack workspace it was written for; empty outside Slack"]
    created_at: Annotated[str, "When it was kept"]
    words: Annotated[int, "Length in words; each character of Chinese or Japanese is one"]
    chars: Annotated[int, "Characters of its Markdown"]
    headers: Annotated[int, "Headings"]
    lists: Annotated[int, "List items"]
    bold: Annotated[int, "Bold spans"]
    usd: Annotated[float | None, "Dollars that writing took; null where no price is known"]
    seconds: Annotated[float | None, "Seconds that writing took; null where no model was called"]
    cut_short: Annotated[Flag, "The run reached its ceiling of cost"]
    markdown: Annotated[str | None, "The survey itself; null without --include-text"]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """Scores of surveys, one figure a row; of lists, how many things they hold."""

    survey_id: Annotated[str, "The survey"]
    name: Annotated[str, "Name of the score, such as recall"]
    metric_version: Annotated[int, "Version of the code that measured"]
    figure: Annotated[str, "Which figure of the score"]
    value: Annotated[float, "The figure"]


@dataclass(frozen=True, slots=True)
class BattleRow:
    """Votes on comparisons of two surveys, in the order in which they were cast."""

    id: Annotated[str, "Name of the vote: the comparison and a number"]
    comparison_id: Annotated[str, "The comparison"]
    survey_a: Annotated[str, "The survey shown as A"]
    survey_b: Annotated[str, "The survey shown as B"]
    model_a: Annotated[str, "Who wrote A"]
    model_b: Annotated[str, "Who wrote B"]
    choice: Annotated[Choice, "a, b, tie or both_bad"]
    person: Annotated[str, "Hash of who voted, another in each export without --stable-people"]
    at: Annotated[str, "When"]
    blind: Annotated[Flag, "Cast before the names were shown to this person"]
    counted: Annotated[Flag, "Counts by the leaderboard's rules"]


@dataclass(frozen=True, slots=True)
class ThumbRow:
    """Thumbs up and down on surveys, the newest of each person."""

    survey_id: Annotated[str, "The survey"]
    person: Annotated[str, "Hash of who voted, another in each export without --stable-people"]
    value: Annotated[Literal[1, -1], "1 for up, -1 for down"]
    at: Annotated[str, "When"]
    counted: Annotated[Flag, "Counts by the leaderboard's rules"]


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """What judge models said of two surveys, a row for each order of showing them."""

    survey_a: Annotated[str, "The survey whose id comes first in the alphabet"]
    survey_b: Annotated[str, "The other"]
    judge: Annotated[str, "The judge model"]
    first: Annotated[Side, "Which of the two was shown first: a or b"]
    choice: Annotated[Judgement, "Which is better: a, b or tie, by name and not by place"]
    prompt_hash: Annotated[str, "Hash of the prompt"]
    at: Annotated[str, "When"]


@dataclass(frozen=True, slots=True)
class RemarkRow:
    """Why people voted so, and which citations they hold to be wrong."""

    number: Annotated[int, "Number of the remark in this export"]
    survey_id: Annotated[str, "The survey"]
    person: Annotated[str, "Hash of who said it, another in each export without --stable-people"]
    kind: Annotated[str, "A reason's name, words, or citation: with an arXiv id"]
    said: Annotated[str | None, "The person's own words; null without --include-text"]
    at: Annotated[str, "When"]


Row: TypeAlias = (
    QuestionRow | ContextRow | SurveyRow | ScoreRow | BattleRow | ThumbRow | VerdictRow | RemarkRow
)


@dataclass(frozen=True, slots=True)
class Records:
    """All rows of an export, each table in a fixed order.

    Attributes:
        markup: of each survey, counted before its text was left out; in no table.
    """

    questions: tuple[QuestionRow, ...]
    contexts: tuple[ContextRow, ...]
    surveys: tuple[SurveyRow, ...]
    scores: tuple[ScoreRow, ...]
    battles: tuple[BattleRow, ...]
    thumbs: tuple[ThumbRow, ...]
    verdicts: tuple[VerdictRow, ...]
    remarks: tuple[RemarkRow, ...]
    markup: Mapping[str, Markup]


@dataclass(frozen=True, slots=True)
class Selection:
    """What an export is to tell.

    Attributes:
        workspace: whose surveys and votes; null for all.
        with_text: also questions, surveys, and people's own words.
        with_open: also comparisons that people are still voting on.
    """

    workspace: str | None = None
    with_text: bool = False
    with_open: bool = False


def moment(at: float) -> str:
    """Give epoch seconds as an export writes them."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def flag(is_so: bool) -> Flag:  # noqa: FBT001 - the one thing that it turns over
    """Give a truth as an export writes it."""
    return 1 if is_so else 0
