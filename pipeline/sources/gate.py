"""The one gate to arXiv: whose turn it is, over all threads, processes and machines.

arXiv asks for one request every three seconds and one connection at a time, counted over all
machines under one's control. So the turn is a row of the shared database.
Source: https://info.arxiv.org/help/api/tou.html
"""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from pipeline.errors import SourceRefused

_SHUT_SECONDS = 24 * 3600.0
"""How long nobody asks after a 403: going on would be treated as an attack."""

_POLL_SECONDS = 0.1
"""How often a waiting caller looks whether the holder has finished."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets one caller through at a time, a fixed interval apart.

    Attributes:
        interval_seconds: between the starts of two turns; a little more than arXiv's three, for
            what passes between a turn and its request.
        lease_seconds: after this long a holder counts as dead; longer than any request's timeout.
        clock: epoch seconds; PostgreSQL's own clock is used there, because machines disagree.
        on_wait: is told for how many seconds the turn is not ours because the source limits us.
    """

    engine: Engine
    name: str = "arxiv"
    interval_seconds: float = 3.1
    lease_seconds: float = 120.0
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    on_wait: Callable[[float], object] = lambda seconds: seconds

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turn and hold it for the block.

        Raises:
            SourceRefused: the gate is shut since the source refused us.
        """
        holder = uuid.uuid4().hex
        while (wait := self._try(holder)) > 0:
            if wait > self.interval_seconds:
                self.on_wait(wait)
            self.sleep(wait)
        try:
            yield
        finally:
            self._write(
                "UPDATE gates SET holder = NULL WHERE name = :name AND holder = :holder",
                holder=holder,
            )

    def shut(self) -> None:
        """Let nobody through for a day."""
        self._write("UPDATE gates SET blocked_until = :now + :shut WHERE name = :name")

    def hold_back(self, seconds: float) -> None:
        """Let nobody through for a while, because the source asked us to wait."""
        self._write(
            "UPDATE gates SET next_at = :now + :wait WHERE name = :name AND next_at < :now + :wait",
            wait=seconds,
        )

    def _try(self, holder: str) -> float:
        """Take the turn if it is free.

        Returns:
            0 when it is ours, else the seconds after which to try again.
        """
        with self.engine.begin() as connection:
            name = {"name": self.name}
            connection.execute(
                text(
                    "INSERT INTO gates (name, holder, lease_until, next_at, blocked_until)"
                    " VALUES (:name, NULL, 0, 0, 0) ON CONFLICT (name) DO NOTHING"
                ),
                name,
            )
            # Locks the row: the clock is read only after the wait for others is over.
            connection.execute(text("UPDATE gates SET name = name WHERE name = :name"), name)
            now = self._now(connection)
            row = {"name": self.name, "holder": holder, "now": now}
            taken = connection.execute(
                text(
                    "UPDATE gates SET holder = :holder, lease_until = :lease, next_at = :next"
                    " WHERE name = :name AND next_at <= :now AND blocked_until <= :now"
                    " AND (holder IS NULL OR lease_until <= :now)"
                ),
                row | {"lease": now + self.lease_seconds, "next": now + self.interval_seconds},
            )
            if taken.rowcount == 1:
                return 0.0
            next_at, blocked_until = connection.execute(
                text("SELECT next_at, blocked_until FROM gates WHERE name = :name"), row
            ).one()
        if blocked_until > now:
            raise SourceRefused(f"{self.name} refused us; the gate is shut for a day")
        return max(float(next_at) - now, _POLL_SECONDS)

    def _write(self, statement: str, *, holder: str = "", wait: float = 0.0) -> None:
        with self.engine.begin() as connection:
            values = {"name": self.name, "now": self._now(connection), "shut": _SHUT_SECONDS}
            connection.execute(text(statement), values | {"holder": holder, "wait": wait})

    def _now(self, connection: Connection) -> float:
        if connection.dialect.name == "postgresql":
            clock = text("SELECT EXTRACT(EPOCH FROM clock_timestamp())")
            return float(connection.execute(clock).scalar_one())
        return self.clock()
