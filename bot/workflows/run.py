"""One job at work: its durable steps, its messages, and how its end is told."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.blocks.elements import Block, actions, button, section
from bot.blocks.root import TO_DIRECT_MESSAGE, ended_blocks
from bot.codec import decode, decode_error, encode, encode_error
from bot.delivery import Thread
from bot.delivery.thread import Message
from bot.engine import run_step
from bot.errors import CannotPost
from bot.messages import working as say
from bot.messages.failures import explain
from bot.messages.words import plain
from bot.requests import SurveyRequest
from bot.settings import BotSettings
from bot.store import Job, Tables
from bot.store import Stage as StageRow
from pipeline.bounds import Bounds
from pipeline.errors import PaperwalkError, PersonRephrases, Stopped
from pipeline.estimate import estimate_cost, expect_calls
from pipeline.models import choose_model, price_list
from pipeline.progress import Progress, Stage
from pipeline.types import Arm, Language, Role
from pipeline.wiring import Kit

log = structlog.get_logger()

TYPICAL_PAPERS = 60
"""Papers of a survey before the searches have told: the article's contexts had 2 to 158, half of
them 46 to 66."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """A job at work.

    Attributes:
        bounds: are stopped when somebody stops the job.
    """

    kit: Kit
    tables: Tables
    settings: BotSettings
    job: Job
    thread: Thread
    bounds: Bounds = field(default_factory=Bounds)

    def checkpoint(
        self, name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a stage as a durable step; a stage that has finished is read back.

        Raises:
            Stopped: somebody stopped the job; a stage that this interrupts is not recorded.
        """
        self.bounds.check()
        job_id, stages = self.job.id, self.tables.stages

        def step() -> str:
            if stages.find(job_id, name) is None:
                try:
                    stage = StageRow(encode(function, function(*args, **kwargs)), failed=False)
                except Stopped:
                    return "stopped"
                except PaperwalkError as error:
                    if not isinstance(error, PersonRephrases):
                        log.warning("stage_failed", job=job_id, stage=name, exc_info=True)
                    stage = StageRow(encode_error(error), failed=True)
                stages.save(job_id, name, stage)
            return name

        run_step(name, step)
        recorded = stages.find(job_id, name)
        if recorded is None:
            raise Stopped("the run was stopped")
        if recorded.failed:
            raise decode_error(recorded.result)
        return decode(function, recorded.result)

    def apologise(self, error: PaperwalkError | None, unexpected: str) -> None:
        """Tell the person that the job failed: in its thread or, failing that, privately.

        Args:
            error: null for a fault of ours; then ``unexpected`` is what the person reads.
        """
        language = self.job.request.language
        sentence = explain(error, language) if error else unexpected
        said = f"{sentence}{say.JOB[language].format(job=self.job.id)}"
        # A failure of an earlier attempt is told in messages of its own.
        attempt = self.job.attempt
        try:
            root = self.tables.jobs.root_of(self.job.id) or self.job.thread_ts
            if root is None:
                offer = isinstance(error, CannotPost)
                self.checkpoint(
                    f"answer privately {attempt}", self._answer_privately, said, offer=offer
                )
                return
            failure = Message(f"failure {attempt}", said)
            self.checkpoint(f"post failure {attempt}", self.thread.post, failure, root)
            if self.tables.posts.find(self.job.id, "root") is not None:
                can_go_on = not isinstance(error, PersonRephrases)
                blocks = ended_blocks(self.job, say.FAILED[language], can_go_on=can_go_on)
                self.edit_root("fail root", blocks)
        except PaperwalkError:
            log.exception("person_not_told", job=self.job.id)
        finally:
            self.tables.jobs.end(self.job.id, "failed", time.time())

    def estimate(self, arms: Sequence[Arm], papers: int = TYPICAL_PAPERS) -> str:
        """Say what a survey will cost.

        Args:
            papers: that the searches gave, or are expected to give.
        """
        settings, request = self.kit.settings, self.job.request
        roles: tuple[Role, ...] = ("queries", "embed", "shorten", "count")
        models = {role: choose_model(settings, role) for role in roles}
        calls = expect_calls(models, arms, papers, request.language)
        usd = estimate_cost(calls, price_list(settings))
        if not calls:
            return say.ESTIMATE_FREE[request.language]
        if usd is None:
            return say.ESTIMATE_UNKNOWN[request.language]
        return say.ESTIMATE[request.language].format(usd=max(usd, 0.01))

    def is_stopped(self) -> bool:
        """Tell whether somebody stopped the job; while the database is away, nobody did."""
        try:
            return self.tables.jobs.status(self.job.id) == "stopped"
        except SQLAlchemyError:
            log.warning("stop_not_looked_for", job=self.job.id)
            return False

    def root_ts(self) -> str:
        """Give the timestamp of the root message, which has been posted."""
        ts = self.tables.posts.find(self.job.id, "root")
        assert ts is not None, "the root was posted"
        return ts

    def edit_root(self, step: str, blocks: Sequence[Block]) -> None:
        """Show in the root message that the survey has ended."""
        request = self.job.request
        assert isinstance(request, SurveyRequest), "only surveys have a root"
        message = Message("root", plain(request.question.text), blocks)
        self.checkpoint(f"{step} {self.job.attempt}", self.thread.edit, self.root_ts(), message)

    def show_stopped(self, stages: Mapping[Stage, Progress]) -> None:
        """Show in the root message that somebody stopped the survey, and what is kept of it."""
        request = self.job.request
        assert isinstance(request, SurveyRequest), "only surveys have a root"
        line = say.STOPPED[request.language].format(kept=_kept(stages, request.language))
        blocks = ended_blocks(self.job, line, can_go_on=True)
        self.thread.edit(self.root_ts(), Message("root", plain(request.question.text), blocks))

    def _answer_privately(self, said: str, *, offer: bool) -> bool:
        """Answer privately, with the offer to send the survey directly where that may help."""
        language = self.job.request.language
        blocks = [section(said)]
        if offer:
            direct = button(TO_DIRECT_MESSAGE, say.TO_DIRECT_MESSAGE[language], self.job.id)
            blocks.append(actions(f"direct:{self.job.id}", direct))
        self.thread.answer_privately(said, blocks)
        return True


def _kept(stages: Mapping[Stage, Progress], language: Language) -> str:
    """Say what a stopped survey has made so far."""
    kept: list[str] = []
    if (queries := stages.get("queries")) and queries.done:
        kept.append(say.KEPT_QUERIES[language])
    if (search := stages.get("search")) and search.papers:
        kept.append(say.KEPT_PAPERS[language].format(number=search.papers))
    if (shorten := stages.get("shorten")) and shorten.done:
        number = search.papers if search and shorten.done >= shorten.total else shorten.done
        kept.append(say.KEPT_SUMMARIES[language].format(number=number))
    if (written := stages.get("write")) and written.done:
        kept.append(say.KEPT_PARTS[language].format(number=written.done))
    if not kept:
        return say.KEPT_NOTHING[language]
    return say.KEPT[language].format(parts=say.JOINT[language].join(kept))
