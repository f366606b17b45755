"""The cells of an experiment: one row for each survey that it asks for."""

import time
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine, text

Status = Literal["missing", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One survey that an experiment asks for.

    Attributes:
        question: its place among the plan's questions, from 0.
        run: of the queries, from 1.
        arm: ``Arm.label``.
        generation: from 1.
        failure: why there is no survey, where one was tried and failed.
    """

    question: int
    run: int
    arm: str
    generation: int
    status: Status = "missing"
    context_id: str | None = None
    survey_id: str | None = None
    failure: str = ""


def read_cells(engine: Engine, name: str) -> tuple[Cell, ...]:
    """Give the cells of an experiment, question by question and run by run."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT question, run, arm, generation, status, context_id, survey_id, failure"
                " FROM cells WHERE experiment = :name ORDER BY question, run, generation, arm"
            ),
            {"name": name},
        ).all()
    return tuple(Cell(*row) for row in rows)


def read_status(engine: Engine, name: str, cell: Cell) -> Status:
    """Give the status of a cell as it is now."""
    with engine.connect() as connection:
        status: Status = connection.execute(
            text(
                "SELECT status FROM cells WHERE experiment = :name AND question = :question"
                " AND run = :run AND arm = :arm AND generation = :generation"
            ),
            _key(name, cell),
        ).scalar_one()
    return status


def save_cell(engine: Engine, name: str, cell: Cell) -> None:
    """Keep what became of a cell; one that is done stays done."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE cells SET status = :status, context_id = :context, survey_id = :survey,"
                " failure = :failure, at = :now WHERE experiment = :name"
                " AND question = :question AND run = :run AND arm = :arm"
                " AND generation = :generation AND status <> 'done'"
            ),
            {
                **_key(name, cell),
                "status": cell.status,
                "context": cell.context_id,
                "survey": cell.survey_id,
                "failure": cell.failure,
                "now": time.time(),
            },
        )


def _key(name: str, cell: Cell) -> dict[str, object]:
    return {
        "name": name,
        "question": cell.question,
        "run": cell.run,
        "arm": cell.arm,
        "generation": cell.generation,
    }
