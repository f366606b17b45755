"""Read questions, contexts, surveys and scores; without leave, none of their text."""

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter
from sqlalchemy import Engine, RowMapping, text

from pipeline.evaluation.export.markup import Markup, count_markup, count_words
from pipeline.evaluation.export.rows import (
    ContextRow,
    QuestionRow,
    ScoreRow,
    Selection,
    SurveyRow,
    flag,
    moment,
)
from pipeline.evaluation.polls import measure_style, not_open, read_measures
from pipeline.types import Context, Survey

_CONTEXT = TypeAdapter(Context)
_SURVEY = TypeAdapter(Survey)

_AT_ONCE = 50
"""Documents in memory at the same time; one may hold the abstracts of 180 papers."""

_WHERE = f"{not_open('surveys.id')} AND (:workspace = '' OR surveys.workspace = :workspace)"
_SURVEYS = (
    f"SELECT survey, workspace, created_at FROM surveys WHERE {_WHERE} ORDER BY created_at, id"
)
_CONTEXTS = (
    "SELECT context, question_key, created_at FROM contexts"
    f" WHERE id IN (SELECT context_id FROM surveys WHERE {_WHERE}) ORDER BY created_at, id"
)
_SCORES = (
    "SELECT survey_id, name, metric_version, score FROM scores"
    f" WHERE survey_id IN (SELECT id FROM surveys WHERE {_WHERE})"
    " ORDER BY survey_id, name, metric_version"
)


@dataclass(frozen=True, slots=True)
class Documents:
    """The tables of what was asked and written; for ``markup`` see ``Records``."""

    questions: tuple[QuestionRow, ...]
    contexts: tuple[ContextRow, ...]
    surveys: tuple[SurveyRow, ...]
    scores: tuple[ScoreRow, ...]
    markup: Mapping[str, Markup]


def read_documents(engine: Engine, selection: Selection) -> Documents:
    """Read the surveys that are selected, and what belongs to them."""
    read = list(_read_surveys(engine, selection))
    surveys = _add_costs(engine, selection, [survey for survey, _ in read])
    kept = {survey.id for survey in surveys}
    questions, contexts = _read_contexts(engine, selection, {one.context_id for one in surveys})
    scores = tuple(score for score in _read_scores(engine, selection) if score.survey_id in kept)
    markup = {survey.id: counted for survey, counted in read if survey.id in kept}
    return Documents(questions, contexts, surveys, scores, markup)


def _read_surveys(engine: Engine, selection: Selection) -> Iterator[tuple[SurveyRow, Markup]]:
    """Give the surveys, oldest first, without what they cost."""
    for row in _select(engine, _SURVEYS, selection):
        survey = _SURVEY.validate_json(row["survey"])
        style = measure_style(survey.markdown)
        read = SurveyRow(
            id=survey.id,
            context_id=survey.context_id,
            model=survey.arm.label,
            mode=survey.mode,
            workspace=row["workspace"],
            created_at=moment(row["created_at"]),
            words=count_words(survey.markdown),
            chars=style.chars,
            headers=style.headers,
            lists=style.lists,
            bold=style.bold,
            usd=None,
            seconds=None,
            cut_short=flag(survey.cut_short),
            markdown=survey.markdown if selection.with_text else None,
        )
        yield read, count_markup(survey.markdown)


def _add_costs(
    engine: Engine, selection: Selection, surveys: Sequence[SurveyRow]
) -> tuple[SurveyRow, ...]:
    ids = [survey.id for survey in surveys]
    measured = read_measures(engine, ids, with_open=selection.with_open)
    known = {one.survey: one for one in measured}
    return tuple(
        replace(survey, usd=known[survey.id].usd, seconds=known[survey.id].seconds)
        for survey in surveys
        if survey.id in known  # one whose comparison was opened this moment is not
    )


def _read_contexts(
    engine: Engine, selection: Selection, wanted: Container[str]
) -> tuple[tuple[QuestionRow, ...], tuple[ContextRow, ...]]:
    """Give questions and contexts, oldest first.

    Questions are numbered, because the hash that the database knows them by would tell whoever
    guesses a question that it was asked.
    """
    questions: dict[str, QuestionRow] = {}
    contexts: list[ContextRow] = []
    for row in _select(engine, _CONTEXTS, selection):
        context, key = _CONTEXT.validate_json(row["context"]), row["question_key"]
        if context.id not in wanted:
            continue
        if key not in questions:
            asked = None if key == context.id else context.question.text  # else it was deleted
            questions[key] = QuestionRow(
                key=f"q{len(questions) + 1}",
                words=None if asked is None else count_words(asked),
                text=asked if selection.with_text else None,
            )
        contexts.append(_context_row(context, questions[key].key, row["created_at"]))
    return tuple(questions.values()), tuple(contexts)


def _context_row(context: Context, question: str, created_at: float) -> ContextRow:
    on_topic, off_topic = len(context.passages), len(context.off_topic)
    return ContextRow(
        id=context.id,
        question_key=question,
        language=context.question.language,
        source=context.found.source,
        papers=on_topic + off_topic,
        on_topic=on_topic,
        off_topic=off_topic,
        query_maker=context.plan.maker,
        embedding_model=context.embedding_model,
        created_at=moment(created_at),
    )


def _read_scores(engine: Engine, selection: Selection) -> Iterator[ScoreRow]:
    for row in _select(engine, _SCORES, selection):
        for figure, value in _figures(json.loads(row["score"])):
            yield ScoreRow(row["survey_id"], row["name"], row["metric_version"], figure, value)


def _figures(score: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    """Give the figures of a score; words that one may hold are no figures."""
    for name, value in score.items():
        if isinstance(value, list):
            yield name, float(len(value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield name, float(value)


def _select(engine: Engine, statement: str, selection: Selection) -> Iterator[RowMapping]:
    values = {"workspace": selection.workspace or "", "with_open": int(selection.with_open)}
    with engine.connect().execution_options(yield_per=_AT_ONCE) as connection:
        yield from connection.execute(text(statement), values).mappings()
