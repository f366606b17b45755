"""Read all that an export tells, at one go."""

from sqlalchemy import Engine

from pipeline.evaluation.export.documents import read_documents
from pipeline.evaluation.export.people import NamePerson
from pipeline.evaluation.export.rows import Records, Selection
from pipeline.evaluation.export.said import (
    read_battles,
    read_remarks,
    read_thumbs,
    read_verdicts,
)


def read_records(engine: Engine, selection: Selection, name_person: NamePerson) -> Records:
    """Give the rows of an export; votes only on surveys that are part of it.

    What the selection leaves out is left out here, so that no writer can let it through.

    Args:
        name_person: gives the name under which the export knows a person.
    """
    documents = read_documents(engine, selection)
    surveys = {survey.id for survey in documents.surveys}
    return Records(
        questions=documents.questions,
        contexts=documents.contexts,
        surveys=documents.surveys,
        scores=documents.scores,
        battles=tuple(read_battles(engine, selection, surveys, name_person)),
        thumbs=tuple(read_thumbs(engine, selection, surveys, name_person)),
        verdicts=tuple(read_verdicts(engine, selection, surveys)),
        remarks=tuple(read_remarks(engine, selection, surveys, name_person)),
        markup=documents.markup,
    )
