"""The results of finished stages, so that a job that was killed goes on behind them."""

from dataclasses import dataclass

from sqlalchemy import Engine, text


@dataclass(frozen=True, slots=True)
class Stage:
    """What a finished stage gave, as JSON text."""

    result: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Stages:
    """The table of stages."""

    engine: Engine

    def find(self, job_id: str, name: str) -> Stage | None:
        """Give what a stage gave, or null where it has not finished."""
        with self.engine.connect() as connection:
            row = connection.execute(
                text("SELECT result, failed FROM stages WHERE job_id = :job AND name = :name"),
                {"job": job_id, "name": name},
            ).one_or_none()
        return None if row is None else Stage(row[0], bool(row[1]))

    def save(self, job_id: str, name: str, stage: Stage) -> None:
        """Keep what a stage gave; the first result stands."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO stages (job_id, name, result, failed)"
                    " VALUES (:job, :name, :result, :failed) ON CONFLICT (job_id, name) DO NOTHING"
                ),
                {
                    "job": job_id,
                    "name": name,
                    "result": stage.result,
                    "failed": int(stage.failed),
                },
            )

    def forget_failures(self, job_id: str) -> None:
        """Forget the stages that failed, so that a job taken up again tries them anew."""
        with self.engine.begin() as connection:
            connection.execute(
                text("DELETE FROM stages WHERE job_id = :job AND failed = 1"), {"job": job_id}
            )

    def drop(self, before: float) -> int:
        """Forget the stages of ended jobs that were asked for before a moment.

        Args:
            before: epoch seconds.

        Returns:
            the number of rows dropped; surveys and contexts stay.
        """
        with self.engine.begin() as connection:
            dropped = connection.execute(
                text(
                    "DELETE FROM stages WHERE job_id IN (SELECT id FROM jobs WHERE created_at"
                    " < :before AND status NOT IN ('waiting', 'working', 'delivering'))"
                ),
                {"before": before},
            )
        return int(dropped.rowcount)
