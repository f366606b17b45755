"""Votes as rows that preference training reads: pairs for DPO, single surveys for KTO.

Source: https://huggingface.co/docs/trl/dataset_formats
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pipeline.evaluation.export.answers import Answer, count_left_out, join_surveys
from pipeline.evaluation.export.rows import BattleRow, Records
from pipeline.types import Language


@dataclass(frozen=True, slots=True)
class DpoRow:
    """Comparisons in which one survey has more votes than the other, one a row."""

    prompt: Annotated[str, "The question"]
    chosen: Annotated[str, "Markdown of the survey that more people prefer"]
    rejected: Annotated[str, "Markdown of the other"]
    chosen_model: Annotated[str, "Who wrote the chosen survey"]
    rejected_model: Annotated[str, "Who wrote the other"]
    votes_chosen: Annotated[int, "Votes that count for the chosen survey"]
    votes_rejected: Annotated[int, "Votes that count for the other"]
    votes_tied: Annotated[int, "Votes that count and prefer neither"]
    votes_both_bad: Annotated[int, "Votes that count and call both bad"]
    votes_left_out: Annotated[int, "Votes on this comparison that do not count"]
    comparison_id: Annotated[str, "The comparison"]
    context_id: Annotated[str, "The papers that both surveys were written from"]
    question_key: Annotated[str, "Number of the question in this export"]
    language: Annotated[Language, "ja or en"]


@dataclass(frozen=True, slots=True)
class KtoRow:
    """Thumbs that count, one a row."""

    prompt: Annotated[str, "The question"]
    completion: Annotated[str, "Markdown of the survey"]
    label: Annotated[bool, "true for a thumb up, false for a thumb down"]
    model: Annotated[str, "Who wrote the survey"]
    survey_id: Annotated[str, "The survey"]
    context_id: Annotated[str, "The papers that it was written from"]
    question_key: Annotated[str, "Number of the question in this export"]
    language: Annotated[Language, "ja or en"]


def make_dpo_rows(records: Records) -> Iterator[DpoRow]:
    """Give the comparisons that people decided, by their votes that count, the oldest first.

    A question that was deleted has no prompt, so its comparisons are left out.
    """
    answers, left_out = join_surveys(records), count_left_out(records)
    cast: dict[str, list[BattleRow]] = defaultdict(list)
    for battle in records.battles:
        if battle.counted:
            cast[battle.comparison_id].append(battle)
    for votes in cast.values():
        row = _decide(votes, answers, left_out)
        if row is not None:
            yield row


def make_kto_rows(records: Records) -> Iterator[KtoRow]:
    """Give the thumbs that count, oldest first; none on a question that was deleted."""
    answers = join_surveys(records)
    for thumb in records.thumbs:
        answer = answers[thumb.survey_id]
        prompt, completion = answer.question.text, answer.survey.markdown
        if thumb.counted and prompt is not None and completion is not None:
            yield KtoRow(
                prompt=prompt,
                completion=completion,
                label=thumb.value == 1,
                model=answer.survey.model,
                survey_id=answer.survey.id,
                context_id=answer.context.id,
                question_key=answer.question.key,
                language=answer.context.language,
            )


def _decide(
    votes: Sequence[BattleRow], answers: Mapping[str, Answer], left_out: Mapping[str, int]
) -> DpoRow | None:
    """Give the row of one comparison; null where nobody or both sides won, or without its text."""
    counts = Counter(vote.choice for vote in votes)
    chosen, rejected = answers[votes[0].survey_a], answers[votes[0].survey_b]
    if counts["b"] > counts["a"]:
        chosen, rejected = rejected, chosen
    prompt, better, worse = chosen.question.text, chosen.survey.markdown, rejected.survey.markdown
    if counts["a"] == counts["b"] or prompt is None or better is None or worse is None:
        return None
    return DpoRow(
        prompt=prompt,
        chosen=better,
        rejected=worse,
        chosen_model=chosen.survey.model,
        rejected_model=rejected.survey.model,
        votes_chosen=max(counts["a"], counts["b"]),
        votes_rejected=min(counts["a"], counts["b"]),
        votes_tied=counts["tie"],
        votes_both_bad=counts["both_bad"],
        votes_left_out=left_out[votes[0].comparison_id],
        comparison_id=votes[0].comparison_id,
        context_id=chosen.context.id,
        question_key=chosen.question.key,
        language=chosen.context.language,
    )
