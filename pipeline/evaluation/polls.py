"""Read from the database what people said and what is known of the surveys that they said it of.

What belongs to a comparison that is still open is left out: a figure that moved with a vote would
tell a member which model stands behind A or B.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Engine, bindparam, text

from pipeline.evaluation import recall, support
from pipeline.evaluation.preference.votes import Battle, Measures, Style, Thumb
from pipeline.evaluation.structure import count_bold, count_headings, count_items
from pipeline.evaluation.support import Support
from pipeline.types import Arm, Mode, Recall, Survey

_RECALL = TypeAdapter(Recall)
_SURVEY = TypeAdapter(Survey)
_SUPPORT = TypeAdapter(Support)
_LOOKUP_SIZE = 500

_NEWEST = 200
"""Surveys that nobody has voted on and that still show in the models' means: the newest ones."""


@dataclass(frozen=True, slots=True)
class Polls:
    """All that people said, and what is known of the surveys that it bears on."""

    battles: tuple[Battle, ...]
    thumbs: tuple[Thumb, ...]
    measures: tuple[Measures, ...]


def not_open(column: str) -> str:
    """Give the SQL condition that a survey is in no open comparison, or that this is no matter.

    Args:
        column: that holds the survey's id; the statement binds ``:with_open``, 0 or 1.
    """
    return (
        "(:with_open = 1 OR NOT EXISTS (SELECT 1 FROM comparisons WHERE"
        f" comparisons.closed_at IS NULL AND {column} IN"
        " (comparisons.survey_a, comparisons.survey_b)))"
    )


def read_polls(engine: Engine, workspace: str | None = None) -> Polls:
    """Give what leaderboard and correlation are made of, on the home tab and in the terminal alike.

    Measured are the surveys that were voted on, and the newest that were written for Slack.

    Args:
        workspace: whose; null for all.
    """
    battles, thumbs = read_battles(engine, workspace), read_thumbs(engine, workspace)
    surveys = {survey for battle in battles for survey in (battle.survey_a, battle.survey_b)}
    surveys |= {thumb.survey for thumb in thumbs}
    surveys.update(_list_newest(engine, workspace))
    return Polls(battles, thumbs, read_measures(engine, sorted(surveys)))


def read_battles(
    engine: Engine, workspace: str | None = None, *, with_open: bool = False
) -> tuple[Battle, ...]:
    """Give all choices in closed comparisons, oldest first; also those that are not blind.

    Args:
        workspace: whose comparisons; null for all.
        with_open: also those in comparisons that are not closed yet.
    """
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT choices.comparison_id, contexts.question_key, a.model, a.mode, b.model,"
                " b.mode, a.id, b.id, choices.choice, choices.person, choices.at, choices.blind"
                " FROM choices JOIN comparisons ON comparisons.id = choices.comparison_id"
                " JOIN contexts ON contexts.id = comparisons.context_id"
                " JOIN surveys AS a ON a.id = comparisons.survey_a"
                " JOIN surveys AS b ON b.id = comparisons.survey_b"
                " WHERE (:with_open = 1 OR comparisons.closed_at IS NOT NULL)"
                " AND (:workspace = '' OR comparisons.workspace = :workspace)"
                " ORDER BY choices.at, choices.comparison_id, choices.person, choices.number"
            ),
            {"workspace": workspace or "", "with_open": int(with_open)},
        ).all()
    return tuple(
        Battle(
            comparison=row[0],
            question=row[1],
            model_a=_label(row[2], row[3]),
            model_b=_label(row[4], row[5]),
            survey_a=row[6],
            survey_b=row[7],
            choice=row[8],
            person=row[9],
            at=row[10],
            blind=bool(row[11]),
        )
        for row in rows
    )


def read_thumbs(
    engine: Engine, workspace: str | None = None, *, with_open: bool = False
) -> tuple[Thumb, ...]:
    """Give the thumb of each person on each survey: the newest mark that stands."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT votes.survey_id, contexts.question_key, surveys.model, surveys.mode,"
                " votes.person, votes.value, votes.at FROM votes"
                " JOIN surveys ON surveys.id = votes.survey_id"
                " JOIN contexts ON contexts.id = surveys.context_id"
                f" WHERE votes.value <> 0 AND {not_open('surveys.id')}"
                " AND (:workspace = '' OR votes.workspace = :workspace)"
                " ORDER BY votes.at, votes.mark"
            ),
            {"workspace": workspace or "", "with_open": int(with_open)},
        ).all()
    newest = {(row[0], row[4]): row for row in rows}
    return tuple(
        Thumb(
            survey=row[0],
            question=row[1],
            model=_label(row[2], row[3]),
            person=row[4],
            value=1 if row[5] > 0 else -1,
            at=row[6],
        )
        for row in newest.values()
    )


def read_measures(
    engine: Engine, survey_ids: Sequence[str], *, with_open: bool = False
) -> tuple[Measures, ...]:
    """Give what is known of surveys: recall, precision, support, cost, time, style.

    Scores of an older version of their metric are not known: versions are not compared.
    """
    select = text(
        "SELECT surveys.id, contexts.question_key, surveys.survey, recalls.score, supports.score,"
        " SUM(calls.usd), MAX(calls.created_at) - MIN(calls.created_at - calls.seconds)"
        " FROM surveys JOIN contexts ON contexts.id = surveys.context_id"
        " LEFT JOIN scores AS recalls ON recalls.survey_id = surveys.id"
        " AND recalls.name = 'recall' AND recalls.metric_version = :recall"
        " LEFT JOIN scores AS supports ON supports.survey_id = surveys.id"
        " AND supports.name = 'support' AND supports.metric_version = :support"
        " LEFT JOIN calls ON calls.run = surveys.id AND calls.role = 'write'"
        f" WHERE surveys.id IN :ids AND {not_open('surveys.id')}"
        " GROUP BY surveys.id, contexts.question_key, surveys.survey, recalls.score,"
        " supports.score"
    ).bindparams(bindparam("ids", expanding=True))
    measured: list[Measures] = []
    with engine.connect() as connection:
        for start in range(0, len(survey_ids), _LOOKUP_SIZE):
            some = list(survey_ids[start : start + _LOOKUP_SIZE])
            values = {
                "ids": some,
                "recall": recall.METRIC_VERSION,
                "support": support.METRIC_VERSION,
                "with_open": int(with_open),
            }
            for row in connection.execute(select, values):
                survey = _SURVEY.validate_json(row[2])
                recalled = _RECALL.validate_json(row[3]) if row[3] else None
                supported = _SUPPORT.validate_json(row[4]) if row[4] else None
                measured.append(
                    Measures(
                        survey=row[0],
                        question=row[1],
                        model=survey.arm.label,
                        recall=recalled.recall if recalled else None,
                        precision=recalled.precision if recalled else None,
                        support=supported.recall if supported else None,
                        usd=row[5],
                        seconds=row[6],
                        style=measure_style(survey.markdown),
                    )
                )
    return tuple(measured)


def measure_style(markdown: str) -> Style:
    """Count what a survey looks like."""
    return Style(
        chars=len(markdown),
        headers=sum(count_headings(markdown)),
        lists=count_items(markdown),
        bold=count_bold(markdown),
    )


def _list_newest(engine: Engine, workspace: str | None) -> list[str]:
    """Give the ids of the newest surveys that were written for people in Slack."""
    with engine.connect() as connection:
        return list(
            connection.scalars(
                text(
                    "SELECT id FROM surveys WHERE workspace <> ''"
                    " AND (:workspace = '' OR workspace = :workspace)"
                    " ORDER BY created_at DESC, id LIMIT :most"
                ),
                {"workspace": workspace or "", "most": _NEWEST},
            )
        )


def _label(model: str, mode: Mode) -> str:
    return Arm(model, mode).label
