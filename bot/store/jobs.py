"""Jobs: what somebody asked for, where it stands, and how much is under way."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Row, text

from bot.requests import (
    CloseRequest,
    FollowUpRequest,
    LedgerRequest,
    Request,
    SurveyRequest,
    WatchRequest,
)

JobStatus = Literal["waiting", "working", "delivering", "done", "failed", "stopped"]
"""``delivering`` can no longer be stopped: everything was paid for."""

ID_LENGTH = 12
"""Hex digits of a job's id. Runs that the job pays for have names that begin with it."""

LIVE = "('waiting', 'working', 'delivering')"
"""The statuses of jobs that have not ended, as SQL."""

_KINDS: Mapping[str, type[Request]] = {
    "survey": SurveyRequest,
    "follow_up": FollowUpRequest,
    "watch": WatchRequest,
    "close": CloseRequest,
    "ledger": LedgerRequest,
}
_ADAPTERS: Mapping[str, TypeAdapter[Request]] = {
    kind: TypeAdapter(request) for kind, request in _KINDS.items()
}
_STATUS: TypeAdapter[JobStatus] = TypeAdapter(JobStatus)
_FIELDS = (
    "id, kind, team, channel, person, person_hash, request, response_url, created_at, thread_ts,"
    " attempt"
)


@dataclass(frozen=True, slots=True)
class Job:
    """One thing that somebody asked for.

    Attributes:
        id: made from the id of the delivery that asked, so that a second one is the same job.
        person: Slack's id, to name and to answer the person while the job runs.
        person_hash: the keyed hash under which everything about the person is kept.
        response_url: where Slack lets us answer for half an hour without being a member.
        created_at: epoch seconds; the job's "now" on every resumption.
        thread_ts: of the thread to answer in; null for a thread of its own.
        attempt: 1, and one more each time that the job is taken up again after its end.
    """

    id: str
    team: str
    channel: str
    person: str
    person_hash: str
    request: Request
    response_url: str
    created_at: float
    thread_ts: str | None = None
    attempt: int = 1

    @property
    def kind(self) -> str:
        """``survey``, ``follow_up``, ``watch``, ``close`` or ``ledger``."""
        return next(kind for kind, request in _KINDS.items() if isinstance(self.request, request))


def name_job(delivery: str) -> str:
    """Give the id of a delivery's job; a second delivery of the same thing gives the same."""
    return hashlib.sha256(delivery.encode()).hexdigest()[:ID_LENGTH]


@dataclass(frozen=True, slots=True)
class Jobs:
    """The table of jobs."""

    engine: Engine

    def record(self, connection: Connection, job: Job, version: str) -> bool:
        """Add a job inside the caller's transaction; false when it is there already."""
        added = connection.execute(
            text(
                f"INSERT INTO jobs ({_FIELDS}, status, version)"
                " VALUES (:id, :kind, :team, :channel, :person, :person_hash, :request,"
                " :response_url, :created_at, :thread_ts, :attempt, 'waiting', :version)"
                " ON CONFLICT (id) DO NOTHING"
            ),
            {
                "id": job.id,
                "kind": job.kind,
                "team": job.team,
                "channel": job.channel,
                "person": job.person,
                "person_hash": job.person_hash,
                "request": _ADAPTERS[job.kind].dump_json(job.request).decode(),
                "response_url": job.response_url,
                "created_at": job.created_at,
                "thread_ts": job.thread_ts,
                "attempt": job.attempt,
                "version": version,
            },
        )
        return added.rowcount == 1

    def load(self, job_id: str) -> Job:
        """Give a job.

        Raises:
            sqlalchemy.exc.NoResultFound: there is none.
        """
        return _job(self._read(f"SELECT {_FIELDS} FROM jobs WHERE id = :id", id=job_id)[0])

    def find(self, job_id: str, team: str) -> Job | None:
        """Give a job of a workspace, or null: a button of another workspace finds nothing."""
        where = "WHERE id = :id AND team = :team"
        rows = self._read(f"SELECT {_FIELDS} FROM jobs {where}", id=job_id, team=team)
        return _job(rows[0]) if rows else None

    def find_in_thread(self, team: str, channel: str, root_ts: str) -> Job | None:
        """Give the newest survey whose messages stand in a thread, or null."""
        rows = self._read(
            f"SELECT {_FIELDS} FROM jobs WHERE team = :team AND channel = :channel"
            " AND root_ts = :root AND kind = 'survey' ORDER BY created_at DESC LIMIT 1",
            team=team,
            channel=channel,
            root=root_ts,
        )
        return _job(rows[0]) if rows else None

    def list_of_person(self, team: str, person_hash: str, *, most: int = 20) -> list[Job]:
        """Give a person's surveys, newest first."""
        rows = self._read(
            f"SELECT {_FIELDS} FROM jobs WHERE team = :team AND person_hash = :person"
            " AND kind = 'survey' ORDER BY created_at DESC LIMIT :most",
            team=team,
            person=person_hash,
            most=most,
        )
        return [_job(row) for row in rows]

    def list_live(self, team: str) -> list[Job]:
        """Give the surveys of a workspace that wait or are being worked on, oldest first."""
        rows = self._read(
            f"SELECT {_FIELDS} FROM jobs WHERE team = :team AND kind = 'survey'"
            f" AND status IN {LIVE} ORDER BY created_at",
            team=team,
        )
        return [_job(row) for row in rows]

    def status(self, job_id: str) -> JobStatus | None:
        """Give where a job stands, or null where there is none."""
        status = self._column(job_id, "status")
        return None if status is None else _STATUS.validate_python(status)

    def begin(self, job_id: str) -> bool:
        """Note that a job is being worked on; false where it was stopped meanwhile."""
        return self._move(job_id, "working", "status IN ('waiting', 'working', 'delivering')")

    def begin_delivery(self, job_id: str) -> bool:
        """Note that a job can no longer be stopped; false where it was."""
        return self._move(job_id, "delivering", "status IN ('working', 'delivering')")

    def stop(self, job_id: str, now: float) -> bool:
        """Stop a job; false where it has ended or is being delivered."""
        return self._move(job_id, "stopped", "status IN ('waiting', 'working')", now)

    def end(self, job_id: str, status: JobStatus, now: float) -> bool:
        """Note how a job ended; one that was stopped stays so."""
        return self._move(job_id, status, "status <> 'stopped'", now)

    def take_up(self, connection: Connection, job: Job, version: str) -> Job | None:
        """Make an ended job wait again, in the caller's transaction.

        Returns:
            the job as it waits now, or null where it has not ended or somebody was faster.
        """
        taken = connection.execute(
            text(
                "UPDATE jobs SET status = 'waiting', attempt = attempt + 1, ended_at = NULL,"
                " version = :version WHERE id = :id AND attempt = :attempt"
                " AND status IN ('stopped', 'failed')"
            ),
            {"id": job.id, "attempt": job.attempt, "version": version},
        )
        if taken.rowcount != 1:
            return None
        row = connection.execute(
            text(f"SELECT {_FIELDS} FROM jobs WHERE id = :id"), {"id": job.id}
        ).one()
        return _job(row)

    def strand(self, version: str) -> list[Job]:
        """Give up live jobs of another version of the app, so that they can be taken up again."""
        with self.engine.begin() as connection:
            rows = connection.execute(
                text(
                    f"UPDATE jobs SET status = 'failed' WHERE status IN {LIVE}"
                    f" AND version <> :version RETURNING {_FIELDS}"
                ),
                {"version": version},
            )
            return [_job(row) for row in rows]

    def set_root(self, job_id: str, root_ts: str) -> None:
        """Note the thread in which a job's messages stand."""
        self._write("UPDATE jobs SET root_ts = :root WHERE id = :id", id=job_id, root=root_ts)

    def move_to(self, job_id: str, channel: str) -> None:
        """Let a job that could not post where it was asked for post elsewhere."""
        statement = "UPDATE jobs SET channel = :channel, thread_ts = NULL WHERE id = :id"
        self._write(statement, id=job_id, channel=channel)

    def root_of(self, job_id: str) -> str | None:
        """Give the thread in which a job's messages stand, or null while there is none."""
        return self._column(job_id, "root_ts")

    def set_survey(self, job_id: str, survey_id: str | None) -> None:
        """Note the survey that a thread is about now: the first, or its newest revision."""
        self._write("UPDATE jobs SET survey_id = :it WHERE id = :id", id=job_id, it=survey_id)

    def survey_of(self, job_id: str) -> str | None:
        """Give the survey that a job's thread is about, or null where there is none (yet)."""
        return self._column(job_id, "survey_id")

    def _move(self, job_id: str, status: str, condition: str, now: float | None = None) -> bool:
        with self.engine.begin() as connection:
            moved = connection.execute(
                text(
                    "UPDATE jobs SET status = :status, ended_at = :now"
                    f" WHERE id = :id AND {condition}"
                ),
                {"id": job_id, "status": status, "now": now},
            )
        return moved.rowcount == 1

    def _column(self, job_id: str, column: str) -> str | None:
        with self.engine.connect() as connection:
            found = connection.scalar(
                text(f"SELECT {column} FROM jobs WHERE id = :id"), {"id": job_id}
            )
        return None if found is None else str(found)

    def _read(self, statement: str, **values: object) -> list[Row[tuple[object, ...]]]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    def _write(self, statement: str, **values: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)


def _job(row: Row[tuple[object, ...]]) -> Job:
    values = row._asdict()
    kind = values.pop("kind")
    return Job(**{**values, "request": _ADAPTERS[kind].validate_json(values["request"])})
