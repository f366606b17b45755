"""Make a job of a request, from whichever surface it came, and word the receipt."""

import time
from dataclasses import dataclass

from bot.messages.asking import ACCEPTED, FORM_ACCEPTED, QUEUED, REPEATED
from bot.reception import Actor, Reception
from bot.requests import Request
from bot.store import Job, name_job


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes.

    Attributes:
        thread_ts: null for a thread of its own.
        response_url: where Slack lets us answer privately for half an hour.
    """

    channel: str
    thread_ts: str | None = None
    response_url: str = ""


def start(reception: Reception, actor: Actor, place: Place, request: Request, delivery: str) -> str:
    """Record a request as a job and give the sentence that the person reads.

    Args:
        delivery: what asked for it; the same delivery is the same job.

    Raises:
        OverLimit: it would pass one of the operator's limits.
    """
    job = Job(
        id=name_job(delivery),
        team=actor.team,
        channel=place.channel,
        person=actor.person,
        person_hash=actor.hash,
        request=request,
        response_url=place.response_url,
        created_at=time.time(),
        thread_ts=place.thread_ts,
    )
    accepted = reception.accept(job)
    language = request.language
    if not accepted.is_new:
        return REPEATED[language]
    if accepted.ahead >= reception.at_once:
        return QUEUED[language].format(ahead=accepted.ahead)
    if not place.response_url:
        return FORM_ACCEPTED[language].format(channel=place.channel)
    return ACCEPTED[language]
