"""Each survey of an export together with what it answers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.evaluation.export.rows import ContextRow, QuestionRow, Records, SurveyRow


@dataclass(frozen=True, slots=True)
class Answer:
    """A survey, the context it was written from, and the question."""

    survey: SurveyRow
    context: ContextRow
    question: QuestionRow


def join_surveys(records: Records) -> Mapping[str, Answer]:
    """Give each survey with its context and question, by the survey's id."""
    questions = {question.key: question for question in records.questions}
    contexts = {context.id: context for context in records.contexts}
    answers: dict[str, Answer] = {}
    for survey in records.surveys:
        context = contexts[survey.context_id]
        answers[survey.id] = Answer(survey, context, questions[context.question_key])
    return answers


def count_left_out(records: Records) -> Mapping[str, int]:
    """Count the votes of each comparison that do not count."""
    return Counter(battle.comparison_id for battle in records.battles if not battle.counted)
