"""Forget a person, a workspace, or what is older than the operator keeps it.

What people asked and who they are goes; surveys, their scores and the votes of others stay, for
they say nothing of anybody.
"""

import json
from collections.abc import Mapping

from sqlalchemy import Connection, Engine, text

from bot.store.jobs import ID_LENGTH, LIVE

_FORGOTTEN = "–"
"""What stands where a question was."""

_PLACES = (
    ("contexts", "context", f"substr(id, 1, {ID_LENGTH}) = :job"),
    ("surveys", "survey", f"substr(id, 1, {ID_LENGTH}) = :job"),
    ("jobs", "request", "id = :job"),
)
"""The tables and columns whose documents hold the question of a job, and the rows of the job."""

Values = Mapping[str, object]


def forget_person(engine: Engine, team: str, person: str) -> int:
    """Delete what a person asked, watches and has set.

    Args:
        person: keyed hash.

    Returns:
        the number of questions.
    """
    values = {"team": team, "person": person}
    with engine.begin() as connection:
        _forget_watches(connection, "team = :team AND person_hash = :person", values)
        for table, team_column in (("preferences", "team"), ("strays", "workspace")):
            connection.execute(
                text(f"DELETE FROM {table} WHERE {team_column} = :team AND person = :person"),
                values,
            )
        return _forget_jobs(connection, "team = :team AND person_hash = :person", values)


def forget_team(engine: Engine, team: str) -> None:
    """Delete what the people of a workspace asked, watch and have set; what runs is stopped."""
    values = {"team": team}
    with engine.begin() as connection:
        connection.execute(
            text(f"UPDATE jobs SET status = 'stopped' WHERE team = :team AND status IN {LIVE}"),
            values,
        )
        _forget_watches(connection, "team = :team", values)
        connection.execute(text("DELETE FROM preferences WHERE team = :team"), values)
        connection.execute(text("DELETE FROM strays WHERE workspace = :team"), values)
        _forget_jobs(connection, "team = :team", values)


def forget_old(engine: Engine, before: float) -> int:
    """Delete the questions of ended jobs that were asked for before a moment.

    Args:
        before: epoch seconds.

    Returns:
        the number of questions.
    """
    condition = f"created_at < :before AND person_hash <> '' AND status NOT IN {LIVE}"
    with engine.begin() as connection:
        return _forget_jobs(connection, condition, {"before": before})


def _forget_watches(connection: Connection, condition: str, values: Values) -> None:
    watches = f"FROM watches WHERE {condition}"
    connection.execute(
        text(f"DELETE FROM watched_papers WHERE watch_id IN (SELECT id {watches})"), values
    )
    connection.execute(text(f"DELETE {watches}"), values)


def _forget_jobs(connection: Connection, condition: str, values: Values) -> int:
    """Take the questions and the people out of jobs, and out of what the jobs recorded."""
    rows = connection.execute(text(f"SELECT id, request FROM jobs WHERE {condition}"), values).all()
    for job_id, request in rows:
        asked = str((json.loads(request).get("question") or {}).get("text") or "")
        for place in _PLACES:
            _rewrite(connection, place, job_id, asked)
        # The hash of a question that somebody can guess would tell that it was asked.
        connection.execute(
            text(f"UPDATE contexts SET question_key = id WHERE substr(id, 1, {ID_LENGTH}) = :job"),
            {"job": job_id},
        )
        for table in ("stages", "turns"):
            connection.execute(text(f"DELETE FROM {table} WHERE job_id = :job"), {"job": job_id})
        connection.execute(
            text(
                "UPDATE jobs SET person = '', person_hash = '', response_url = '' WHERE id = :job"
            ),
            {"job": job_id},
        )
    return len(rows)


def _rewrite(connection: Connection, place: tuple[str, str, str], job_id: str, asked: str) -> None:
    """Take a question out of the documents of a job, wherever it stands in them."""
    table, column, condition = place
    rows = connection.execute(
        text(f"SELECT id, {column} FROM {table} WHERE {condition}"), {"job": job_id}
    ).all()
    for row_id, document in rows:
        connection.execute(
            text(f"UPDATE {table} SET {column} = :document WHERE id = :id"),
            {"id": row_id, "document": _without_question(document, asked)},
        )


def _without_question(document: str, asked: str) -> str:
    """Give a recorded document whose question is deleted."""
    read = json.loads(document)
    if isinstance(read.get("question"), dict):
        read["question"]["text"] = _FORGOTTEN
    if "text" in read:
        read["text"] = _FORGOTTEN
    if asked and isinstance(read.get("markdown"), str):
        read["markdown"] = read["markdown"].replace(asked, _FORGOTTEN)
    return json.dumps(read, ensure_ascii=False)
