"""Jobs, the results of their stages, and the messages that stand in Slack."""

import hashlib
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, text

from pipeline.types import Question

_QUESTION = TypeAdapter(Question)


@dataclass(frozen=True, slots=True)
class Job:
    """One survey that somebody asked for.

    Attributes:
        id: made from the command's trigger id, so that a second delivery is the same job.
        response_url: where Slack lets us answer for half an hour without being a member.
        created_at: epoch seconds; the survey's "now" on every resumption.
    """

    id: str
    team: str
    channel: str
    person: str
    question: Question
    response_url: str
    created_at: float


def name_job(trigger_id: str) -> str:
    """Give the id of a command's job; a second delivery of the command gives the same."""
    return hashlib.sha256(trigger_id.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Stage:
    """What a finished stage gave, as JSON text."""

    result: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Post:
    """A message that we mean to post, or have posted.

    Attributes:
        ts: Slack's timestamp, or null while nobody knows whether Slack took it.
        is_new: nobody has tried yet.
    """

    ts: str | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Jobs:
    """The bot's tables."""

    engine: Engine

    def record(self, connection: Connection, job: Job) -> bool:
        """Add a job inside the caller's transaction; false when it is there already."""
        added = connection.execute(
            text(
                "INSERT INTO jobs (id, team, channel, person, question, response_url, created_at,"
                " status) VALUES (:id, :team, :channel, :person, :question, :response_url,"
                " :created_at, 'waiting') ON CONFLICT (id) DO NOTHING"
            ),
            {
                "id": job.id,
                "team": job.team,
                "channel": job.channel,
                "person": job.person,
                "question": _QUESTION.dump_json(job.question).decode(),
                "response_url": job.response_url,
                "created_at": job.created_at,
            },
        )
        return added.rowcount == 1

    def load(self, job_id: str) -> Job:
        """Give a job.

        Raises:
            sqlalchemy.exc.NoResultFound: there is none.
        """
        with self.engine.connect() as connection:
            row = connection.execute(
                text(
                    "SELECT id, team, channel, person, question, response_url, created_at"
                    " FROM jobs WHERE id = :id"
                ),
                {"id": job_id},
            ).one()
        return Job(row[0], row[1], row[2], row[3], _QUESTION.validate_json(row[4]), row[5], row[6])

    def set_status(self, job_id: str, status: str) -> None:
        """Note where a job stands: waiting, done or failed."""
        with self.engine.begin() as connection:
            connection.execute(
                text("UPDATE jobs SET status = :status WHERE id = :id"),
                {"id": job_id, "status": status},
            )

    def status(self, job_id: str) -> str | None:
        """Give where a job stands, or null where there is none."""
        with self.engine.connect() as connection:
            found = connection.scalar(
                text("SELECT status FROM jobs WHERE id = :id"), {"id": job_id}
            )
        return None if found is None else str(found)

    def find_stage(self, job_id: str, name: str) -> Stage | None:
        """Give what a stage gave, or null where it has not finished."""
        with self.engine.connect() as connection:
            row = connection.execute(
                text("SELECT result, failed FROM stages WHERE job_id = :job AND name = :name"),
                {"job": job_id, "name": name},
            ).one_or_none()
        return None if row is None else Stage(row[0], bool(row[1]))

    def save_stage(self, job_id: str, name: str, stage: Stage) -> None:
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

    def drop_stages(self, before: float) -> int:
        """Forget the stages of finished jobs that were asked for before a moment.

        Args:
            before: epoch seconds.

        Returns:
            the number of rows dropped; surveys and contexts stay.
        """
        with self.engine.begin() as connection:
            dropped = connection.execute(
                text(
                    "DELETE FROM stages WHERE job_id IN (SELECT id FROM jobs"
                    " WHERE status <> 'waiting' AND created_at < :before)"
                ),
                {"before": before},
            )
        return int(dropped.rowcount)

    def intend_post(self, job_id: str, name: str) -> Post:
        """Note that a message is about to be posted, or give what is known of it."""
        values = {"job": job_id, "name": name}
        with self.engine.begin() as connection:
            added = connection.execute(
                text(
                    "INSERT INTO posts (job_id, name, ts) VALUES (:job, :name, NULL)"
                    " ON CONFLICT (job_id, name) DO NOTHING"
                ),
                values,
            )
            ts = connection.scalar(
                text("SELECT ts FROM posts WHERE job_id = :job AND name = :name"), values
            )
        return Post(None if ts is None else str(ts), added.rowcount == 1)

    def record_post(self, job_id: str, name: str, ts: str) -> None:
        """Note that a message stands in Slack."""
        with self.engine.begin() as connection:
            connection.execute(
                text("UPDATE posts SET ts = :ts WHERE job_id = :job AND name = :name"),
                {"job": job_id, "name": name, "ts": ts},
            )

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
