"""The tables of an export: their keys, what they point to, and what their columns mean."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args, get_origin, get_type_hints

from pipeline.evaluation.export.rows import (
    BattleRow,
    ContextRow,
    QuestionRow,
    RemarkRow,
    Row,
    ScoreRow,
    SurveyRow,
    ThumbRow,
    VerdictRow,
)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column that names a row of another table."""

    column: str
    table: str
    other_column: str = "id"


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        name: also that of the field of ``Records`` that holds its rows.
        indexed: columns besides the foreign keys that people look rows up by.
    """

    name: str
    row: type[Row]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    indexed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """A question that every reader of the tables asks, as a query."""

    name: str
    meaning: str
    sql: str


_SURVEY = ForeignKey("survey_id", "surveys")
_SIDES = (ForeignKey("survey_a", "surveys"), ForeignKey("survey_b", "surveys"))

TABLES = (
    Table("questions", QuestionRow, ("key",)),
    Table("contexts", ContextRow, ("id",), (ForeignKey("question_key", "questions", "key"),)),
    Table("surveys", SurveyRow, ("id",), (ForeignKey("context_id", "contexts"),), ("model",)),
    Table("scores", ScoreRow, ("survey_id", "name", "metric_version", "figure"), (_SURVEY,)),
    Table("battles", BattleRow, ("id",), _SIDES, ("comparison_id", "person")),
    Table("thumbs", ThumbRow, ("survey_id", "person"), (_SURVEY,), ("person",)),
    Table("verdicts", VerdictRow, ("survey_a", "survey_b", "judge", "first"), _SIDES),
    Table("remarks", RemarkRow, ("number",), (_SURVEY,), ("person",)),
)
"""Each after those that it points to."""

_SEEN_FROM_BOTH_SIDES = (
    "SELECT model_a AS model, model_b AS against, CASE choice WHEN 'a' THEN 'won'"
    " WHEN 'b' THEN 'lost' ELSE choice END AS outcome FROM battles WHERE counted = 1"
    " UNION ALL SELECT model_b, model_a, CASE choice WHEN 'b' THEN 'won'"
    " WHEN 'a' THEN 'lost' ELSE choice END FROM battles WHERE counted = 1"
)
_TALLY = (
    "COUNT(*) AS votes, SUM(outcome = 'won') AS wins, SUM(outcome = 'lost') AS losses,"
    " SUM(outcome = 'tie') AS ties, SUM(outcome = 'both_bad') AS both_bad,"
    " AVG(CASE outcome WHEN 'won' THEN 1.0 WHEN 'lost' THEN 0.0 ELSE 0.5 END) AS win_rate"
)

VIEWS = (
    View(
        "win_rates",
        "Win rate of each model over the votes that count; a tie is half a win",
        f"SELECT model, {_TALLY} FROM ({_SEEN_FROM_BOTH_SIDES}) GROUP BY model"
        " ORDER BY win_rate DESC, model",
    ),
    View(
        "pair_win_rates",
        "The same against each other model",
        f"SELECT model, against, {_TALLY} FROM ({_SEEN_FROM_BOTH_SIDES})"
        " GROUP BY model, against ORDER BY model, against",
    ),
    View(
        "thumb_shares",
        "Share of thumbs up of each model over the thumbs that count",
        "SELECT surveys.model, SUM(value = 1) AS up, SUM(value = -1) AS down,"
        " AVG(value = 1) AS share FROM thumbs JOIN surveys ON surveys.id = thumbs.survey_id"
        " WHERE counted = 1 GROUP BY surveys.model ORDER BY share DESC, surveys.model",
    ),
)


def describe_columns(row: type) -> Mapping[str, str]:
    """Give what each column means."""
    hints = get_type_hints(row, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in fields(row)}


def type_columns(row: type) -> Mapping[str, type]:
    """Give what each column holds: text, whole numbers or numbers."""
    hints = get_type_hints(row)
    return {field.name: _plain_type(hints[field.name]) for field in fields(row)}


def _plain_type(hint: object) -> type:
    """Reduce a type to str, int or float: closed sets by their values, null set aside."""
    if isinstance(hint, type):
        return hint
    inside = [one for one in get_args(hint) if one is not type(None)]
    if get_origin(hint) is Literal:
        return type(inside[0])
    return _plain_type(inside[0])
