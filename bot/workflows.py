"""The durable job: a survey from the question to its footer, each stage a durable step.

The only file that knows the engine (DBOS). A step's result lies in our table ``stages`` as JSON;
the engine records that it is there. So a job that was killed goes on behind its last stage.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from slack_sdk import WebClient
from sqlalchemy import Engine

from bot.blocks import footer_blocks, part_blocks, plain, progress_blocks, root_blocks
from bot.codec import decode, decode_error, encode, encode_error
from bot.delivery import ProgressMessage, Thread
from bot.messages import (
    COMPLETE_FILE,
    DONE,
    FAILED,
    FOOTER,
    JOB,
    PART,
    UNEXPECTED,
    WORKING,
    explain,
)
from bot.parts import split_markdown
from bot.settings import BotSettings
from bot.store import Job, Jobs, Stage
from pipeline.document import compose_document
from pipeline.errors import PaperwalkError, PersonRephrases
from pipeline.evaluation.recall import METRIC_VERSION, score
from pipeline.labels import footer_lines
from pipeline.progress import Progress
from pipeline.survey import gather, write
from pipeline.types import Context, Cost, Recall, Survey
from pipeline.wiring import Kit

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

_WORKFLOW = "survey"
_QUEUE = "surveys"
_VERSION = "survey-1"
"""Raised when the order of steps changes; a job waits for a worker of its version."""

_MOST_RECOVERIES = 5
"""A job that kills its worker each time is given up after so many starts."""

_DEAD_AFTER_SECONDS = 30.0


def enqueuer(engine: Engine, jobs: Jobs) -> Callable[[Job], bool]:
    """Give the function that records a job and enqueues it in one transaction.

    It returns false for a job that is recorded already.
    """
    client = DBOSClient(
        system_database_engine=engine, serializer=DBOSPortableJSONSerializer(), lazy=True
    )

    def enqueue(job: Job) -> bool:
        with engine.begin() as connection:
            if not jobs.record(connection, job):
                return False
            client.enqueue_in_transaction(
                connection,
                {
                    "workflow_name": _WORKFLOW,
                    "queue_name": _QUEUE,
                    "workflow_id": f"survey-{job.id}",
                    "app_version": _VERSION,
                },
                job.id,
            )
        return True

    return enqueue


@dataclass(frozen=True, slots=True)
class Worker:
    """Works on jobs until it is stopped."""

    kit: Kit
    jobs: Jobs
    client: WebClient
    settings: BotSettings

    def start(self) -> str:
        """Start the engine in threads of its own.

        Returns:
            the name under which this worker is known. On SQLite it is always the same, so that
            it takes its own jobs up again; on PostgreSQL each start has its own.
        """
        shared = self.kit.engine.dialect.name == "postgresql"
        executor = f"worker-{uuid.uuid4().hex}" if shared else "local"
        config: DBOSConfig = {
            "name": "paperwalk",
            "system_database_engine": self.kit.engine,
            "system_database_url": self.kit.engine.url.render_as_string(hide_password=False),
            "application_version": _VERSION,
            "executor_id": executor,
            "serializer": DBOSPortableJSONSerializer(),
            "max_executor_threads": self.settings.surveys_at_once + 2,
            "log_level": "ERROR",
        }
        DBOS(config=config)

        @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=_MOST_RECOVERIES)
        def survey(job_id: str) -> None:
            self.survey(job_id)

        DBOS.launch()
        DBOS.register_queue(
            _QUEUE,
            worker_concurrency=self.settings.surveys_at_once,
            polling_interval_sec=self.settings.poll_seconds,
        )
        return executor

    def stop(self, seconds: int) -> None:
        """Stop the engine, giving running jobs some time to end; they go on at the next start."""
        DBOS.destroy(workflow_completion_timeout_sec=seconds, destroy_registry=True)

    def beat(self, executor: str, now: float) -> None:
        """Say that this worker is alive, and take over the jobs of those that are not.

        Args:
            now: epoch seconds.
        """
        self.jobs.beat(executor, now)
        dead = [name for name in self.jobs.bury(now - _DEAD_AFTER_SECONDS) if name != executor]
        if dead:
            log.warning("workers_taken_over", number=len(dead))
            # Public ways need a service of the engine's vendor; this one is a single guarded
            # UPDATE of the jobs that these executors held.
            DBOS._recover_pending_workflows(dead)  # noqa: SLF001 - see above

    def survey(self, job_id: str) -> None:
        """Make one survey, and tell the person whatever happens."""
        job = self.jobs.load(job_id)
        thread = Thread(self.client, self.jobs, job, self.settings.post_seconds)
        run = _Run(self.kit, self.jobs, thread)
        language = job.question.language
        started = time.monotonic()
        try:
            run.make(self.settings.edit_seconds)
        except PaperwalkError as error:
            log.info("job_failed", job=job_id, error=type(error).__name__)
            run.apologise(explain(error, language))
        except Exception:
            log.exception("job_crashed", job=job_id)
            run.apologise(UNEXPECTED[language])
        else:
            self.jobs.set_status(job_id, "done")
            log.info("job_finished", job=job_id, seconds=round(time.monotonic() - started, 1))


@dataclass(frozen=True, slots=True)
class _Run:
    """One job at work."""

    kit: Kit
    jobs: Jobs
    thread: Thread

    def checkpoint(
        self, name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a stage as a durable step; a stage that has finished is read back."""
        job_id = self.thread.job.id

        def step() -> str:
            if self.jobs.find_stage(job_id, name) is None:
                try:
                    stage = Stage(encode(function, function(*args, **kwargs)), failed=False)
                except PaperwalkError as error:
                    if not isinstance(error, PersonRephrases):
                        log.warning("stage_failed", job=job_id, stage=name, exc_info=True)
                    stage = Stage(encode_error(error), failed=True)
                self.jobs.save_stage(job_id, name, stage)
            return name

        DBOS.run_step({"name": name}, step)
        recorded = self.jobs.find_stage(job_id, name)
        assert recorded is not None, "a finished step has its row"
        if recorded.failed:
            raise decode_error(recorded.result)
        return decode(function, recorded.result)

    def make(self, edit_seconds: float) -> None:
        """Make the survey and deliver it."""
        thread, job = self.thread, self.thread.job
        language = job.question.language
        question = plain(job.question.text)
        working = root_blocks(job, WORKING[language])
        root = self.checkpoint("post root", thread.post, "root", question, working)
        ts = self.checkpoint(
            "post progress",
            thread.post,
            "progress",
            plain(WORKING[language]),
            progress_blocks({}, language),
            root,
        )
        progress = ProgressMessage(thread, ts, edit_seconds)
        tools = self.kit.tools(job.id, language, progress.report)
        now = datetime.fromtimestamp(job.created_at, UTC)
        context = gather(
            job.question, tools, context_id=f"{job.id}-c", now=now, checkpoint=self.checkpoint
        )
        self.kit.store.save_context(context)
        survey = write(
            context,
            self.kit.writer(job.id),
            tools,
            survey_id=f"{job.id}-s",
            mode=self.kit.settings.mode,
            checkpoint=self.checkpoint,
        )
        self.kit.store.save_survey(survey)
        recall = score(survey, context, self.kit.counter(job.id), checkpoint=self.checkpoint)
        self.kit.store.save_recall(survey.id, recall, metric_version=METRIC_VERSION)
        progress.report(Progress("measure", 1, 1))
        progress.finish()
        self._deliver(root, context, survey, recall)
        done = DONE[language]
        self.checkpoint("edit root", thread.edit, root, question, root_blocks(job, f"✅ {done}"))

    def apologise(self, sentence: str) -> None:
        """Tell the person that there is no survey, in the thread or, failing that, privately."""
        thread, job = self.thread, self.thread.job
        language = job.question.language
        said = f"{sentence}{JOB[language].format(job=job.id)}"
        try:
            root = self.jobs.intend_post(job.id, "root").ts
            if root is None:
                self.checkpoint("answer privately", self._answer_privately, said)
                return
            blocks = root_blocks(job, f"⚠️ {FAILED[language]}")
            self.checkpoint("fail root", thread.edit, root, plain(job.question.text), blocks)
            self.checkpoint("post failure", thread.post, "failure", said, [], root)
        except PaperwalkError:
            log.exception("person_not_told", job=job.id)
        finally:
            self.jobs.set_status(job.id, "failed")

    def _answer_privately(self, said: str) -> bool:
        self.thread.answer_privately(said)
        return True

    def _deliver(self, root: str, context: Context, survey: Survey, recall: Recall) -> None:
        """Post the survey's parts, the complete file and the footer."""
        thread, job = self.thread, self.thread.job
        language = job.question.language
        parts = split_markdown(survey.markdown)
        for number, part in enumerate(parts, start=1):
            text = PART[language].format(number=number, total=len(parts))
            name = f"part {number}"
            self.checkpoint(f"post {name}", thread.post, name, text, part_blocks(part), root)
        cost = self.checkpoint("cost", self._cost)
        seconds = self.checkpoint("seconds", self._seconds)
        lines = footer_lines(context, survey, recall, cost, seconds=seconds)
        self.checkpoint(
            "attach",
            thread.attach,
            f"survey-{job.id}.md",
            compose_document(context, survey, lines),
            COMPLETE_FILE[language],
            root,
        )
        footer = footer_blocks(lines)
        self.checkpoint("post footer", thread.post, "footer", FOOTER[language], footer, root)

    def _cost(self) -> Cost:
        return self.kit.cost_of(self.thread.job.id)

    def _seconds(self) -> float:
        """Wall time since the person asked, waiting and crashes included."""
        return time.time() - self.thread.job.created_at
