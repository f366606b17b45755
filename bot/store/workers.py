"""Which workers are alive."""

from dataclasses import dataclass

from sqlalchemy import Engine, text


@dataclass(frozen=True, slots=True)
class Workers:
    """The table of workers."""

    engine: Engine

    def beat(self, executor: str, now: float) -> None:
        """Note that a worker is alive.

        Args:
            now: epoch seconds.
        """
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO workers (executor, beat_at) VALUES (:executor, :now)"
                    " ON CONFLICT (executor) DO UPDATE SET beat_at = excluded.beat_at"
                ),
                {"executor": executor, "now": now},
            )

    def bury(self, before: float) -> list[str]:
        """Take the workers that have not been heard of since a moment off the list.

        Returns:
            their names; each is given to one caller only.
        """
        with self.engine.begin() as connection:
            rows = connection.execute(
                text("DELETE FROM workers WHERE beat_at < :before RETURNING executor"),
                {"before": before},
            )
            return [str(row[0]) for row in rows]
