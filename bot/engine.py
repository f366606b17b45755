"""The durable engine (DBOS): jobs wait in queues, run in threads, and survive a crash.

The only module that knows it. The engine records that a step is over; what the step gave lies in
our table ``stages``.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy import Connection, Engine

from bot.store import Job

log = structlog.get_logger()

VERSION = "app-3"
"""Raised when the order of steps changes; jobs of another version are taken up anew at start."""

_WORKFLOW = "job"
_SURVEYS, _REPLIES = "surveys", "replies"

_REPLIES_AT_ONCE = 4
"""Follow-ups and closings are short, and never wait behind surveys."""

_MOST_RECOVERIES = 5
"""A job that kills its worker each time is given up after so many starts."""


@dataclass(frozen=True, slots=True)
class JobQueue:
    """Where jobs are put; a worker, here or elsewhere, takes them."""

    client: DBOSClient

    def put(self, connection: Connection, job: Job) -> None:
        """Enqueue a job in the caller's transaction."""
        self.client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": _WORKFLOW,
                "queue_name": _SURVEYS if job.kind in {"survey", "watch"} else _REPLIES,
                "workflow_id": f"{job.kind}-{job.id}-{job.attempt}",
                "app_version": VERSION,
            },
            job.id,
        )


def open_queue(engine: Engine) -> JobQueue:
    """Give the queue of a database, whose tables are brought up to date before."""
    DBOS.migrate(_address(engine))
    return JobQueue(
        DBOSClient(
            system_database_engine=engine, serializer=DBOSPortableJSONSerializer(), lazy=True
        )
    )


def start_engine(
    engine: Engine, run: Callable[[str], None], *, at_once: int, poll_seconds: float
) -> str:
    """Start working on jobs, in threads of the engine's own.

    Args:
        run: works on the job of an id; called again after a crash.
        at_once: surveys at the same time.
        poll_seconds: between two looks at the queues.

    Returns:
        the name under which this worker is known. On SQLite it is always the same, so that it takes
        its own jobs up again; on PostgreSQL each start has its own.
    """
    shared = engine.dialect.name == "postgresql"
    executor = f"worker-{uuid.uuid4().hex}" if shared else "local"
    config: DBOSConfig = {
        "name": "paperwalk",
        "system_database_engine": engine,
        "system_database_url": _address(engine),
        "application_version": VERSION,
        "executor_id": executor,
        "serializer": DBOSPortableJSONSerializer(),
        "max_executor_threads": at_once + _REPLIES_AT_ONCE + 2,
        "log_level": "ERROR",
    }
    # Its own handler keeps the stderr of its import, which may be closed by now.
    logging.getLogger("dbos").handlers = [logging.lastResort] if logging.lastResort else []
    DBOS(config=config)

    @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=_MOST_RECOVERIES)
    def job(job_id: str) -> None:
        run(job_id)

    DBOS.launch()
    for queue, concurrency in ((_SURVEYS, at_once), (_REPLIES, _REPLIES_AT_ONCE)):
        DBOS.register_queue(
            queue, worker_concurrency=concurrency, polling_interval_sec=poll_seconds
        )
    return executor


def _address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def stop_engine(seconds: int) -> None:
    """Stop the engine, giving running jobs some time to end; they go on at the next start."""
    DBOS.destroy(workflow_completion_timeout_sec=seconds, destroy_registry=True)


def run_step(name: str, step: Callable[[], str]) -> None:
    """Run a step of the job at work, unless it is over already."""
    DBOS.run_step({"name": name}, step)


def take_over(executors: list[str]) -> None:
    """Take over the jobs of workers that died."""
    log.warning("workers_taken_over", number=len(executors))
    # Public ways need a service of the engine's vendor; this one is a single guarded UPDATE of the
    # jobs that these executors held.
    DBOS._recover_pending_workflows(executors)  # noqa: SLF001 - see above
