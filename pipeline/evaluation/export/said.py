"""Read what people and judges said of surveys; people only by the names that the export gives."""

from collections import Counter
from collections.abc import Container, Iterator

from sqlalchemy import Engine, text

from pipeline.evaluation import polls
from pipeline.evaluation.export.people import NamePerson
from pipeline.evaluation.export.rows import (
    BattleRow,
    RemarkRow,
    Selection,
    ThumbRow,
    VerdictRow,
    flag,
    moment,
)
from pipeline.evaluation.preference.votes import count_battles, count_thumbs
from pipeline.evaluation.verdicts import list_verdicts

_REMARKS = (
    "SELECT survey_id, person, kind, said, at FROM remarks WHERE"
    f" {polls.not_open('remarks.survey_id')} AND (:workspace = '' OR workspace = :workspace)"
    " ORDER BY at, id"
)


def read_battles(
    engine: Engine, selection: Selection, surveys: Container[str], name_person: NamePerson
) -> Iterator[BattleRow]:
    """Give all votes on comparisons, oldest first, and which of them count."""
    battles = polls.read_battles(engine, selection.workspace, with_open=selection.with_open)
    counted = set(count_battles(battles).battles)
    numbers: Counter[str] = Counter()
    for battle in battles:
        if battle.survey_a not in surveys or battle.survey_b not in surveys:
            continue
        numbers[battle.comparison] += 1
        yield BattleRow(
            id=f"{battle.comparison}-{numbers[battle.comparison]}",
            comparison_id=battle.comparison,
            survey_a=battle.survey_a,
            survey_b=battle.survey_b,
            model_a=battle.model_a,
            model_b=battle.model_b,
            choice=battle.choice,
            person=name_person(battle.person),
            at=moment(battle.at),
            blind=flag(battle.blind),
            counted=flag(battle in counted),
        )


def read_thumbs(
    engine: Engine, selection: Selection, surveys: Container[str], name_person: NamePerson
) -> Iterator[ThumbRow]:
    """Give each person's thumb on each survey, oldest first, and which of them count."""
    thumbs = polls.read_thumbs(engine, selection.workspace, with_open=selection.with_open)
    counted = set(count_thumbs(thumbs))
    for thumb in sorted(thumbs, key=lambda one: (one.at, one.survey, one.person)):
        if thumb.survey in surveys:
            yield ThumbRow(
                survey_id=thumb.survey,
                person=name_person(thumb.person),
                value=thumb.value,
                at=moment(thumb.at),
                counted=flag(thumb in counted),
            )


def read_verdicts(
    engine: Engine, selection: Selection, surveys: Container[str]
) -> Iterator[VerdictRow]:
    """Give the verdicts of judges, those of one pair next to each other."""
    for verdict in list_verdicts(engine, with_open=selection.with_open):
        if verdict.survey_a in surveys and verdict.survey_b in surveys:
            yield VerdictRow(
                survey_a=verdict.survey_a,
                survey_b=verdict.survey_b,
                judge=verdict.judge,
                first=verdict.first,
                choice=verdict.choice,
                prompt_hash=verdict.prompt_hash,
                at=moment(verdict.created_at),
            )


def read_remarks(
    engine: Engine, selection: Selection, surveys: Container[str], name_person: NamePerson
) -> Iterator[RemarkRow]:
    """Give what people remarked, oldest first; their own words only with leave."""
    values = {"workspace": selection.workspace or "", "with_open": int(selection.with_open)}
    with engine.connect() as connection:
        rows = connection.execute(text(_REMARKS), values).mappings().all()
    kept = [row for row in rows if row["survey_id"] in surveys]
    for number, row in enumerate(kept, start=1):
        yield RemarkRow(
            number=number,
            survey_id=row["survey_id"],
            person=name_person(row["person"]),
            kind=row["kind"],
            said=row["said"] if selection.with_text else None,
            at=moment(row["at"]),
        )
