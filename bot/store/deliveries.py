"""Deliveries of Slack, each handled once: Slack repeats what it has no answer to."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine, text

Claim = Literal["ours", "busy", "handled"]
"""Whether this copy of a delivery is to be handled, or another one is just being, or was."""

_LEASE_SECONDS = 5.0
"""After this long a delivery that is still being handled counts as lost in a crash: the next copy
is handled in its place. Slack itself waits for three seconds."""

_KEPT_SECONDS = 24 * 3600.0
"""Slack gives up a delivery after five minutes; a day leaves room for an outage."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The table of deliveries."""

    engine: Engine

    def claim(self, delivery: str, now: float) -> Claim:
        """Take a delivery, unless another copy was handled or is being handled.

        Args:
            delivery: Slack's id of what happened, the same for every copy.
            now: epoch seconds.
        """
        with self.engine.begin() as connection:
            taken = connection.execute(
                text(
                    "INSERT INTO deliveries (id, at, done) VALUES (:id, :now, 0)"
                    " ON CONFLICT (id) DO UPDATE SET at = excluded.at"
                    " WHERE deliveries.done = 0 AND deliveries.at < :lost"
                ),
                {"id": delivery, "now": now, "lost": now - _LEASE_SECONDS},
            )
            if taken.rowcount == 1:
                return "ours"
            done = connection.scalar(
                text("SELECT done FROM deliveries WHERE id = :id"), {"id": delivery}
            )
        return "handled" if done else "busy"

    def finish(self, delivery: str) -> None:
        """Note that a delivery was handled."""
        with self.engine.begin() as connection:
            connection.execute(
                text("UPDATE deliveries SET done = 1 WHERE id = :id"), {"id": delivery}
            )

    def release(self, delivery: str) -> None:
        """Let the next copy of a delivery be handled: this one failed."""
        with self.engine.begin() as connection:
            connection.execute(text("DELETE FROM deliveries WHERE id = :id"), {"id": delivery})

    def drop(self, now: float) -> int:
        """Forget deliveries that Slack no longer repeats; give their number."""
        with self.engine.begin() as connection:
            dropped = connection.execute(
                text("DELETE FROM deliveries WHERE at < :before"), {"before": now - _KEPT_SECONDS}
            )
        return int(dropped.rowcount)
