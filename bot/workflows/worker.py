"""The worker: starts the engine, keeps its heart beating, and works on each job to its end."""

import contextlib
import time
from dataclasses import dataclass

import structlog

from bot.delivery import Thread
from bot.engine import VERSION, start_engine, stop_engine, take_over
from bot.errors import CannotPost, OverLimit
from bot.messages.failures import UNEXPECTED
from bot.reception import Reception
from bot.requests import (
    CloseRequest,
    FollowUpRequest,
    LedgerRequest,
    SurveyRequest,
    WatchRequest,
)
from bot.settings import BotSettings
from bot.store import Job, Tables
from bot.store.privacy import forget_old
from bot.workflows.comparison import close_comparison
from bot.workflows.follow_up import answer_follow_up
from bot.workflows.posting import post_ledger
from bot.workflows.run import Run
from bot.workflows.survey import make_survey
from bot.workflows.watch import look_for_news
from pipeline.bounds import Bounds
from pipeline.errors import PaperwalkError, Stopped
from pipeline.wiring import Kit

log = structlog.get_logger()

_DEAD_AFTER_SECONDS = 30.0
_DAY_SECONDS = 24 * 3600.0
_STAGES_KEPT_SECONDS = 7 * _DAY_SECONDS
"""Results of ended jobs' stages; surveys and contexts stay."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Works on jobs until it is stopped."""

    kit: Kit
    tables: Tables
    reception: Reception
    settings: BotSettings

    def start(self) -> str:
        """Start working, and take up the jobs that another version of the app has left.

        Returns:
            the name under which this worker is known.
        """
        executor = start_engine(
            self.kit.engine,
            self.work,
            at_once=self.settings.surveys_at_once,
            poll_seconds=self.settings.poll_seconds,
        )
        for job in self.tables.jobs.strand(VERSION):
            self.reception.take_up(job)
        return executor

    def stop(self) -> None:
        """Stop working, giving running jobs some time to end; they go on at the next start."""
        stop_engine(self.settings.stop_seconds)

    def beat(self, executor: str, now: float) -> None:
        """Say that this worker is alive, take over the jobs of those that are not, and tidy up.

        Args:
            now: epoch seconds.
        """
        self.tables.workers.beat(executor, now)
        buried = self.tables.workers.bury(now - _DEAD_AFTER_SECONDS)
        if dead := [name for name in buried if name != executor]:
            take_over(dead)
        for comparison in self.kit.ballots.list_due(now):
            self.reception.close(comparison)
        for watch in self.tables.watches.list_due(now):
            with contextlib.suppress(OverLimit):  # it stays due until the day's budget allows it
                self.reception.look_again(watch, now)
        self.tables.posts.adopt_strays()
        self.tables.posts.drop_strays(now)
        self.tables.deliveries.drop(now)
        self.tables.stages.drop(now - _STAGES_KEPT_SECONDS)
        if self.settings.keep_days:
            forget_old(self.kit.engine, now - self.settings.keep_days * _DAY_SECONDS)

    def work(self, job_id: str) -> None:
        """Work on one job, and tell the person whatever happens."""
        job = self.tables.jobs.load(job_id)
        if not self.tables.jobs.begin(job_id):
            return
        started = time.monotonic()
        run = self._run(job)
        if run is None:
            return
        try:
            _make(run)
        except Stopped:
            log.info("job_stopped", job=job_id)
        except PaperwalkError as error:
            log.info("job_failed", job=job_id, error=type(error).__name__)
            run.apologise(error, "")
        except Exception:
            log.exception("job_crashed", job=job_id)
            run.apologise(None, UNEXPECTED[job.request.language])
        else:
            self.tables.jobs.end(job_id, "done", time.time())
            seconds = round(time.monotonic() - started, 1)
            log.info("job_finished", job=job_id, kind=job.kind, seconds=seconds)

    def _run(self, job: Job) -> Run | None:
        """Give the run of a job, or null where its workspace is gone."""
        try:
            client = self.reception.workspaces.client_of(job.team)
        except CannotPost:
            log.warning("workspace_gone", job=job.id)
            self.tables.jobs.end(job.id, "failed", time.time())
            return None
        ceiling = self.settings.survey_usd or None
        return Run(
            self.kit,
            self.tables,
            self.settings,
            job,
            Thread(client, self.tables.posts, job, self.settings.post_seconds),
            Bounds(ceiling, runs=(job.id, *(f"{job.id}-{side}" for side in "sab"))),
        )


def _make(run: Run) -> None:
    match run.job.request:
        case SurveyRequest():
            make_survey(run)
        case CloseRequest():
            close_comparison(run)
        case LedgerRequest():
            post_ledger(run)
        case FollowUpRequest():
            answer_follow_up(run)
        case WatchRequest():
            look_for_news(run)
