"""Let one of several processes do a piece of work, and another take it up where that one died."""

import os
import platform
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, text

_SECONDS = 15.0
"""A process that was killed blocks its work for no longer than this; on the machine where it ran
its end is seen at once."""

_BEAT_SECONDS = 3.0
"""Between two renewals: a busy machine may miss a few."""


def _name_holder() -> str:
    return f"{_name_place()} {os.getpid()} {uuid.uuid4().hex}"


def _name_place() -> str:
    """Name where process numbers mean the same: a machine, or a container of it."""
    space = Path("/proc/self/ns/pid")
    return f"{platform.node()}:{space.readlink() if space.is_symlink() else ''}".replace(" ", "")


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases of one process; it renews them all while ``keep`` lasts."""

    engine: Engine
    holder: str = field(default_factory=_name_holder)

    def take(self, name: str) -> bool:
        """Take a piece of work, unless another process has it."""
        return self._take(name) or (self._bury(name) and self._take(name))

    def _take(self, name: str) -> bool:
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

    def _bury(self, name: str) -> bool:
        """End a lease whose process has died here."""
        with self.engine.begin() as connection:
            holder = connection.scalar(
                text("SELECT holder FROM leases WHERE name = :name"), {"name": name}
            )
            place, number, _ = (holder or "").split() or ("", "", "")
            if place != _name_place() or _is_alive(int(number)):
                return False
            connection.execute(
                text("DELETE FROM leases WHERE name = :name AND holder = :holder"),
                {"name": name, "holder": holder},
            )
        return True

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


def _is_alive(number: int) -> bool:
    if os.name != "posix":  # elsewhere the question itself would end it
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is there, and another user's
        return True
    return True
