"""Votes as rows like those of the Arena's public data sets.

Source: https://huggingface.co/datasets/lmarena-ai/arena-human-preference-140k
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pipeline.evaluation.export.answers import Answer, count_left_out, join_surveys
from pipeline.evaluation.export.markup import Markup
from pipeline.evaluation.export.rows import Records
from pipeline.evaluation.preference.votes import Choice
from pipeline.types import Language

Winner: TypeAlias = Literal["model_a", "model_b", "tie", "both_bad"]

_WINNERS: Mapping[Choice, Winner] = {
    "a": "model_a",
    "b": "model_b",
    "tie": "tie",
    "both_bad": "both_bad",
}


@dataclass(frozen=True, slots=True)
class Content:
    """A piece of what was said."""

    type: Literal["text"]
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """What one side said."""

    role: Literal["user", "assistant"]
    content: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class ArenaRow:
    """Votes that count, one a row, as the Arena publishes its own."""

    id: Annotated[str, "Name of the vote"]
    model_a: Annotated[str, "Who wrote the survey shown as A"]
    model_b: Annotated[str, "Who wrote the survey shown as B"]
    winner: Annotated[Winner, "model_a, model_b, tie or both_bad"]
    evaluation_session_id: Annotated[
        str, "Number of the session: one person's votes of one UTC day"
    ]
    evaluation_order: Annotated[int, "Place of the vote in its session, from 1"]
    conversation_a: Annotated[
        tuple[Message, ...] | None, "Question and survey A; null without --include-text"
    ]
    conversation_b: Annotated[tuple[Message, ...] | None, "Question and survey B; likewise"]
    conv_metadata: Annotated[
        Mapping[str, int | Mapping[str, int] | None],
        "Lengths and markup of question and surveys; a token is a word, see below",
    ]
    language: Annotated[Language, "ja or en"]
    timestamp: Annotated[str, "When"]
    question_key: Annotated[str, "Number of the question in this export"]
    votes_left_out: Annotated[int, "Votes on this comparison that do not count"]


def make_arena_rows(records: Records) -> Iterator[ArenaRow]:
    """Give the votes that count, oldest first."""
    answers, left_out = join_surveys(records), count_left_out(records)
    sessions: dict[tuple[str, str], str] = {}
    placed: Counter[str] = Counter()
    for battle in records.battles:
        if not battle.counted:
            continue
        a, b = answers[battle.survey_a], answers[battle.survey_b]
        person_and_day = (battle.person, battle.at[:10])
        session = sessions.setdefault(person_and_day, f"session{len(sessions) + 1}")
        placed[session] += 1
        yield ArenaRow(
            id=battle.id,
            model_a=battle.model_a,
            model_b=battle.model_b,
            winner=_WINNERS[battle.choice],
            evaluation_session_id=session,
            evaluation_order=placed[session],
            conversation_a=_conversation(a),
            conversation_b=_conversation(b),
            conv_metadata={
                "sum_user_tokens": a.question.words,
                "turns": 1,
                **_describe(a, "a", records.markup),
                **_describe(b, "b", records.markup),
            },
            language=a.context.language,
            timestamp=battle.at,
            question_key=a.question.key,
            votes_left_out=left_out[battle.comparison_id],
        )


def _conversation(answer: Answer) -> tuple[Message, ...] | None:
    if answer.question.text is None or answer.survey.markdown is None:
        return None
    return (
        Message("user", (Content("text", answer.question.text),)),
        Message("assistant", (Content("text", answer.survey.markdown),)),
    )


def _describe(
    answer: Answer, side: str, markup: Mapping[str, Markup]
) -> Mapping[str, int | Mapping[str, int]]:
    found = markup[answer.survey.id]
    return {
        f"sum_assistant_{side}_tokens": answer.survey.words,
        f"sum_assistant_{side}_chars": answer.survey.chars,
        f"header_count_{side}": {f"h{i}": count for i, count in enumerate(found.headings, start=1)},
        f"list_count_{side}": {"ordered": found.ordered, "unordered": found.unordered},
        f"bold_count_{side}": {"**": found.stars, "__": found.underscores},
    }
