"""Take requests in: hold them to the limits, record them as jobs, and enqueue them."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import structlog

from bot.engine import VERSION, JobQueue
from bot.errors import BadOption
from bot.limits import check_budget, check_channel, check_load
from bot.options import Offer, build_request, find_arm, read_request
from bot.requests import CloseRequest, FollowUpRequest, SurveyRequest, WatchRequest
from bot.settings import BotSettings
from bot.store import Job, Tables, Watch, name_job
from bot.store.load import count_load, lock_team
from bot.store.people import hash_person
from bot.workspaces import Workspaces
from pipeline.ballots import Comparison
from pipeline.errors import NotConfigured
from pipeline.evaluation.polls import read_polls
from pipeline.evaluation.preference import make_leaderboard
from pipeline.evaluation.preference.leaderboard import Leaderboard
from pipeline.models import default_writers, usual_arm
from pipeline.settings import PipelineSettings
from pipeline.types import Arm, Language
from pipeline.wiring import Kit

_DAY_SECONDS = 24 * 3600.0

_REPLICATES = 300
"""Of the bootstrap; Slack waits for the home tab, and whole percents move little beyond this."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who asks or votes.

    Attributes:
        person: Slack's id, to answer the person.
        hash: the keyed hash under which everything about the person is kept.
    """

    team: str
    person: str
    hash: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that was taken in.

    Attributes:
        is_new: false for a second delivery of the same request.
        ahead: surveys of the workspace that wait or are being worked on before this one.
    """

    is_new: bool
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class Reception:
    """Where all requests come in.

    Attributes:
        key: of the hashes of people.
        draw: gives a number in [0, 1) for the share of surveys that become comparisons.
    """

    kit: Kit
    tables: Tables
    queue: JobQueue
    offer: Offer
    settings: BotSettings
    workspaces: Workspaces
    key: bytes
    draw: Callable[[], float] = random.random

    @property
    def language(self) -> Language:
        """Spoken to people who have not asked anything yet."""
        return self.settings.language

    @property
    def at_once(self) -> int:
        """Surveys that a worker works on at the same time; others wait."""
        return self.settings.surveys_at_once

    def actor(self, team: str, person: str) -> Actor:
        """Give a person under the name that is kept."""
        return Actor(team, person, hash_person(self.key, team, person))

    def read(
        self,
        text: str,
        actor: Actor,
        today: date,
        values: Mapping[str, str] | None = None,
    ) -> SurveyRequest:
        """Read a request for a survey; what the person has set stands where it says nothing.

        Args:
            values: options by name, as a form gives them; null: they stand in the text.

        Raises:
            BadOption, BadQuestion: it cannot be read.
        """
        preferred = self.tables.people.preferences(actor.team, actor.hash)
        if values is None:
            request = read_request(text, self.offer, today, language=preferred.language)
        else:
            request = build_request(text, values, self.offer, today, language=preferred.language)
        if preferred.model in self.offer.models and not request.arms:
            request = replace(request, arms=(Arm(preferred.model, self.offer.usual.mode),))
        return request

    def accept(self, job: Job) -> Accepted:
        """Record a job and enqueue it, in one transaction.

        Raises:
            OverLimit: it would pass one of the operator's limits; nothing was recorded.
        """
        limits = self.settings.limits()
        if isinstance(job.request, SurveyRequest):
            check_channel(limits, job.channel)
            job = replace(job, request=self._maybe_compare(job.request))
        with self.kit.engine.begin() as connection:
            lock_team(connection, job.team)
            load = count_load(connection, job, job.created_at)
            if not self.tables.jobs.record(connection, job, VERSION):
                return Accepted(is_new=False)
            match job.request:
                case SurveyRequest():
                    check_load(limits, load)
                case FollowUpRequest() | WatchRequest():
                    check_budget(limits, load)
                case _:
                    pass
            self.queue.put(connection, job)
        log.info("job_recorded", job=job.id, kind=job.kind)
        return Accepted(is_new=True, ahead=load.workspace_at_once)

    def close(self, comparison: Comparison) -> None:
        """Let a worker show the result of a comparison; asking again changes nothing."""
        job = self.tables.jobs.find(comparison.id, comparison.workspace)
        if job is None:
            return
        self.accept(
            Job(
                id=name_job(f"close {comparison.id}"),
                team=job.team,
                channel=job.channel,
                person="",
                person_hash="",
                request=CloseRequest(comparison.id, job.id, job.request.language),
                response_url="",
                created_at=comparison.opened_at,
                thread_ts=self.tables.jobs.root_of(job.id),
            )
        )

    def look_again(self, watch: Watch, now: float) -> None:
        """Let a worker look for new papers on a watched question, and set the next look.

        Raises:
            OverLimit: the day's budget is spent; the look stays due.
        """
        self.accept(
            Job(
                id=name_job(f"watch {watch.id} {watch.next_at:.0f}"),
                team=watch.team,
                channel=watch.channel,
                person=watch.person,
                person_hash=watch.person_hash,
                request=WatchRequest(watch.id, watch.request.language),
                response_url="",
                created_at=now,
                thread_ts=self.tables.jobs.root_of(watch.survey_job),
            )
        )
        self.tables.watches.set_next(watch.id, now + watch.every_days * _DAY_SECONDS)

    def board(self, team: str) -> Leaderboard:
        """Give how a workspace's people judge the models."""
        polls = read_polls(self.kit.engine, team)
        return make_leaderboard(
            polls.battles,
            polls.thumbs,
            polls.measures,
            now=time.time(),
            seed=0,
            replicates=_REPLICATES,
        )

    def take_up(self, job: Job) -> bool:
        """Let a job that was stopped, or has failed, go on; false where it has not ended."""
        self.tables.stages.forget_failures(job.id)
        with self.kit.engine.begin() as connection:
            waiting = self.tables.jobs.take_up(connection, job, VERSION)
            if waiting is None:
                return False
            self.queue.put(connection, waiting)
        log.info("job_taken_up", job=job.id, attempt=waiting.attempt)
        return True

    def _maybe_compare(self, request: SurveyRequest) -> SurveyRequest:
        """Make a comparison of a share of the surveys whose writer nobody named."""
        pair = self.offer.pair
        if request.arms or pair is None or self.draw() >= self.settings.ab_share:
            return request
        return replace(request, arms=pair)


def make_offer(bot: BotSettings, pipeline: PipelineSettings) -> Offer:
    """Give what people may choose between.

    Raises:
        NotConfigured: other than two models are to be compared, or one that is not on offer.
    """
    usual = usual_arm(pipeline)
    models = bot.models or default_writers(pipeline)
    if usual.model not in models:
        models = (usual.model, *models)
    offer = Offer(usual, models)
    try:
        pair = [find_arm(one, offer, usual.mode) for one in bot.ab_models or models[:2]]
    except BadOption as error:
        raise NotConfigured("PAPERWALK_AB_MODELS names what PAPERWALK_MODELS has not") from error
    if bot.ab_models and len(set(pair)) != 2:
        raise NotConfigured("PAPERWALK_AB_MODELS takes two different models")
    return replace(offer, pair=(pair[0], pair[1])) if len(pair) == 2 else offer
