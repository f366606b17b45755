"""The mirror's file: one SQLite database, its format, and who may open it how."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from pipeline.errors import NotConfigured, Unavailable
from pipeline.sources.index import create_index

_KIND = 0x50_57_41_4B
"""``PWAK``: tells a mirror from other SQLite files."""

_FORMAT = 2
"""Goes up when an older Paperwalk could not read the file, or would spoil it."""

_BUSY_SECONDS = 30.0

_SCHEMA = (
    "CREATE TABLE harvests (name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE vectors (number INTEGER PRIMARY KEY, row BLOB NOT NULL)",
    "CREATE TABLE notes (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID",
    # A paper that is replaced comes back with another text.
    """
    CREATE TRIGGER papers_leave AFTER DELETE ON papers
    BEGIN
      DELETE FROM vectors WHERE number = old.number;
    END
    """,
)


@contextmanager
def write_mirror(file: Path) -> Iterator[Database]:
    """Open the mirror to write, and make it where it is missing.

    While somebody writes, others read on (WAL). Afterwards the mirror is a single file again, to
    be copied or put where nobody may write.

    Raises:
        NotConfigured: the file is no mirror, or one of another format.
        Unavailable: somebody else writes for long, or the disk is full.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with _explained(file), closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as connection:
        database = Database(connection)
        for pragma in ("synchronous = NORMAL", "cache_size = -65536", "secure_delete = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        with database.atomic():
            if _is_empty(connection):
                _create(database)
        _check(connection, file)
        connection.execute("PRAGMA journal_mode = WAL")
        try:
            yield database
        finally:
            with suppress(sqlite3.OperationalError):  # somebody reads: the next writer does it
                connection.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def read_mirror(
    file: Path, *, patience_seconds: float = _BUSY_SECONDS
) -> Iterator[sqlite3.Connection]:
    """Open the mirror to read.

    Args:
        patience_seconds: how long a lock is waited for.

    Raises:
        NotConfigured: there is none, or it is damaged or of another format.
        Unavailable: it is locked for long, or the disk does not answer.
    """
    if not file.is_file():
        raise NotConfigured("the mirror is empty; run: paperwalk mirror import FILE")
    address = f"{file.resolve().as_uri()}?mode=ro"
    with (
        _explained(file),
        closing(sqlite3.connect(address, uri=True, timeout=patience_seconds)) as connection,
    ):
        _check(connection, file)
        yield connection


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None


def _create(database: Database) -> None:
    create_index(database)
    for statement in (
        *_SCHEMA,
        f"PRAGMA application_id = {_KIND}",
        f"PRAGMA user_version = {_FORMAT}",
    ):
        database.conn.execute(statement)


def _check(connection: sqlite3.Connection, file: Path) -> None:
    (kind,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if (kind, version) != (_KIND, _FORMAT):
        raise NotConfigured(
            f"{file} is no mirror that this Paperwalk can read;"
            " move it away and import again: paperwalk mirror import FILE"
        )


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours.

    Raises:
        NotConfigured, Unavailable: see above.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unavailable(f"{file} is busy, or its disk is full or gone") from error
    except sqlite3.DatabaseError as error:
        raise NotConfigured(f"{file} is damaged or no mirror") from error
