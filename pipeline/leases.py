"""Let one of several processes do a piece of work, and another take it up where that one died."""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine, text

_SECONDS = 15.0
"""A process that was killed blocks its work for no longer than this."""

_BEAT_SECONDS = 3.0
"""Between two renewals: a busy machine may miss a few."""


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases of one process; it renews them all while ``keep`` lasts."""

    engine: Engine
    holder: str = field(default_factory=lambda: uuid.uuid4().hex)

    def take(self, name: str) -> bool:
        """Take a piece of work, unless another process has it."""
        now = time.time()
        with self.engine.begin() as connection:
            taken = connection.execute(
                text(
                    "INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until)"
                    " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,"
                    " until = excluded.until WHERE leases.until < :now"
                ),
                {"name": name, "holder": self.holder, "until": now + _SECONDS, "now": now},
            )
        return taken.rowcount == 1

    def give_back(self, name: str) -> None:
        """Let others take a piece of work at once."""
        with self.engine.begin() as connection:
            connection.execute(
                text("DELETE FROM leases WHERE name = :name AND holder = :holder"),
                {"name": name, "holder": self.holder},
            )

    @contextmanager
    def keep(self) -> Iterator[None]:
        """Renew what this process holds until the block ends, in a thread of its own."""
        over = threading.Event()

        def renew() -> None:
            while not over.wait(_BEAT_SECONDS):
                with self.engine.begin() as connection:
                    connection.execute(
                        text("UPDATE leases SET until = :until WHERE holder = :holder"),
                        {"until": time.time() + _SECONDS, "holder": self.holder},
                    )

        thread = threading.Thread(target=renew, name="leases", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
