"""Numbered migrations: SQL files that SQLite and PostgreSQL both understand, each run once."""

import re
from importlib import resources

from sqlalchemy import Connection, Engine, text

_VERSIONS = """
CREATE TABLE IF NOT EXISTS migrations (
  package TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (package, number)
)
"""
_POSTGRES_LOCK = 7_203_471
"""Any number that is only ours: one process migrates at a time."""


def migrate(engine: Engine, package: str = __name__) -> tuple[int, ...]:
    """Bring a database up to date.

    Args:
        package: dotted name of the folder that holds ``0001_<what>.sql`` and so on.

    Returns:
        the numbers that were run now; empty when nothing was missing.
    """
    files = sorted(
        (int(match[1]), file)
        for file in resources.files(package).iterdir()
        if (match := re.fullmatch(r"(\d{4})_\w+\.sql", file.name))
    )
    run: list[int] = []
    with engine.begin() as connection:
        _lock(connection)
        connection.execute(text(_VERSIONS))
        done = set(
            connection.scalars(
                text("SELECT number FROM migrations WHERE package = :package"),
                {"package": package},
            )
        )
        for number, file in files:
            if number in done:
                continue
            for statement in _statements(file.read_text(encoding="utf-8")):
                connection.execute(text(statement))
            connection.execute(
                text("INSERT INTO migrations (package, number) VALUES (:package, :number)"),
                {"package": package, "number": number},
            )
            run.append(number)
    return tuple(run)


def _lock(connection: Connection) -> None:
    """Let one process migrate at a time; SQLite takes its write lock at once."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _statements(sql: str) -> list[str]:
    without_comments = re.sub(r"^\s*--.*$", "", sql, flags=re.MULTILINE)
    return [part.strip() for part in without_comments.split(";") if part.strip()]
