"""``/survey watch``: look at a question again and again, list what is watched, stop it."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.listeners.asking import Place, start
from bot.listeners.who import language_of
from bot.messages import watching as say
from bot.messages.failures import explain
from bot.messages.words import clip
from bot.reception import Actor, Reception
from bot.store import Watch, name_job
from pipeline.errors import PaperwalkError
from pipeline.question import detect_language
from pipeline.types import Language

_EVERY: Mapping[str, int] = {
    "daily": 1,
    "毎日": 1,
    "weekly": 7,
    "毎週": 7,
    "monthly": 30,
    "毎月": 30,
}
_USUAL = 7
_MOST = 10
"""Questions that one person may watch; each look may cost money."""

_DAY_SECONDS = 24 * 3600.0


def watch(reception: Reception, actor: Actor, place: Place, text: str, delivery: str) -> str:
    """Carry out what stands behind ``watch``, and give the answer."""
    language = language_of(reception, actor)
    words = text.split()
    if not words:
        return say.USAGE[language]
    if words == ["list"]:
        return _list(reception, actor, language)
    if words[0] == "stop" and len(words) == 2:
        return _stop(reception, actor, language, words[1])
    return _begin(reception, actor, place, words, delivery)


def _begin(
    reception: Reception, actor: Actor, place: Place, words: list[str], delivery: str
) -> str:
    """Ask for a survey, and watch its question from then on."""
    named = _EVERY.get(words[-1].lower())
    question = " ".join(words if named is None else words[:-1])
    every = named or _USUAL
    language = detect_language(question)
    watches = reception.tables.watches
    if len(watches.list_of_person(actor.team, actor.hash)) >= _MOST:
        return say.TOO_MANY[language].format(most=_MOST)
    now = time.time()
    today = datetime.fromtimestamp(now, UTC).date()
    try:
        request = reception.read(question, actor, today)
        start(reception, actor, place, request, delivery)
    except PaperwalkError as error:
        return explain(error, language)
    job_id = name_job(delivery)
    watches.add(
        Watch(
            id=job_id,
            team=actor.team,
            channel=place.channel,
            person=actor.person,
            person_hash=actor.hash,
            request=request,
            every_days=every,
            next_at=now + every * _DAY_SECONDS,
            survey_job=job_id,
            created_at=now,
        )
    )
    return say.WATCHING[request.language].format(every=say.EVERY[every][request.language])


def _list(reception: Reception, actor: Actor, language: Language) -> str:
    mine = reception.tables.watches.list_of_person(actor.team, actor.hash)
    if not mine:
        return say.NONE[language]
    lines = [
        say.LINE[language].format(
            number=number,
            question=clip(one.request.question.text),
            every=say.EVERY[one.every_days][language],
            day=datetime.fromtimestamp(one.next_at, UTC).date().isoformat(),
            channel=one.channel,
        )
        for number, one in enumerate(mine, start=1)
    ]
    return "\n".join([say.LIST[language], *lines])


def _stop(reception: Reception, actor: Actor, language: Language, number: str) -> str:
    watches = reception.tables.watches
    mine = watches.list_of_person(actor.team, actor.hash)
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= len(mine)):
        return say.NO_SUCH[language]
    chosen = mine[int(number) - 1]
    watches.drop(chosen.id, actor.team, actor.hash)
    return say.STOPPED[language].format(question=clip(chosen.request.question.text))
