"""The one database of shared state: SQLite on one machine, PostgreSQL for several workers."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from pipeline.errors import NotConfigured
from pipeline.migrations import migrate


def normalise_url(url: str) -> URL:
    """Give the address with a driver that we ship (``postgres://`` becomes psycopg's).

    Raises:
        NotConfigured: it is no database address, or another kind of database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise NotConfigured("DATABASE_URL is not a database address") from error
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise NotConfigured("DATABASE_URL must begin with sqlite:// or postgresql://")
    return parsed


def open_database(url: str) -> Engine:
    """Open the database, make its folder if need be, and bring the pipeline's tables up to date.

    Args:
        url: ``sqlite:///…`` or ``postgresql://…``.

    Raises:
        NotConfigured: the address is none that we can use.
    """
    address = normalise_url(url)
    # Errors of the database name the statement; the values in it (questions, people) stay hidden.
    if address.get_backend_name() == "postgresql":
        engine = create_engine(address, pool_pre_ping=True, hide_parameters=True)
    elif address.database in {None, "", ":memory:"}:
        raise NotConfigured("DATABASE_URL must name a file: sqlite:////folder/paperwalk.sqlite")
    else:
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(address, connect_args={"timeout": 30}, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    migrate(engine)
    return engine


@contextmanager
def use_database(url: str) -> Iterator[Engine]:
    """Open the database for one command, and let go of its connections afterwards.

    Raises:
        NotConfigured: the address is none that we can use.
    """
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _set_up_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    """Readers and the writer do not block each other; a busy writer is waited for.

    Without a wait for the disk at each commit, a crash of the process loses nothing; a power cut
    may lose the last moments, and jobs go on from before them. With it, a burst of commands waits
    in line for the disk (``benchmarks/acks.py`` measures bursts).
    """
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")
