"""What people write: a mention, a direct message, a reply in a survey's thread."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from slack_bolt import Args

from bot.listeners.asking import Place, start
from bot.listeners.who import actor_of
from bot.messages import asking as say
from bot.messages.failures import explain
from bot.reception import Actor, Reception
from bot.requests import FollowUpRequest
from bot.store import Job
from pipeline.errors import PaperwalkError
from pipeline.question import MAX_QUESTION_CHARACTERS, detect_language

_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<([^<>|]+)\|([^<>]*)>|<([^<>]+)>")
_REQUEST = re.compile(
    r"[?？]\s*$|か[。.]?\s*$|(?:教えて|ください|下さい|ほしい|欲しい|してみて|まとめて|比較して|"
    r"追加して|加えて|除いて|外して|短く|簡潔に|詳しく|英語で|日本語で|以降|だけ|のみ)|"
    r"^\s*(?:please|only|add|drop|remove|shorter|longer|compare|summari[sz]e|explain|what|which|how|"
    r"why|who|when|where|is|are|do|does|can|could|in (?:english|japanese))\b",
    re.IGNORECASE,
)
"""How people ask for something, in Japanese and English; the rest of a thread is conversation."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as we read it.

    Attributes:
        text: without the mention of the app, Slack's escapes undone.
        to_others: it mentions somebody else.
    """

    text: str
    channel: str
    ts: str
    thread_ts: str | None
    to_app: bool
    to_others: bool


def hear_mention(reception: Reception, args: Args) -> None:
    """Answer a mention: a follow-up in a survey's thread, elsewhere a survey in that thread."""
    args.ack()
    event = args.event or {}
    if event.get("bot_id") or event.get("subtype"):
        return
    heard = _read(event, str(args.context.bot_user_id))
    _answer(reception, args, heard)


def hear_message(reception: Reception, args: Args) -> None:
    """Answer a direct message, or a reply in a survey's thread that is meant for us.

    A mention comes as an event of its own, so it is left to that.
    """
    args.ack()
    event = args.event or {}
    if event.get("bot_id") or event.get("subtype") or not event.get("user"):
        return
    heard = _read(event, str(args.context.bot_user_id))
    if event.get("channel_type") == "im":
        _answer(reception, args, heard)
        return
    if heard.to_app or heard.to_others or heard.thread_ts is None:
        return
    actor = actor_of(reception, args)
    job = reception.tables.jobs.find_in_thread(actor.team, heard.channel, heard.thread_ts)
    if job is not None and _is_meant_for_us(reception, job, actor, heard.text):
        _follow_up(reception, actor, job, heard)


def _answer(reception: Reception, args: Args, heard: Heard) -> None:
    """Take a message that is meant for us as a follow-up or as a question."""
    actor = actor_of(reception, args)
    if heard.thread_ts is not None:
        job = reception.tables.jobs.find_in_thread(actor.team, heard.channel, heard.thread_ts)
        if job is not None:
            _follow_up(reception, actor, job, heard)
            return
    language = detect_language(heard.text)
    if not heard.text:
        _say_privately(args, actor, heard, f"{say.MENTION_HELP['ja']}\n{say.MENTION_HELP['en']}")
        return
    place = Place(heard.channel, thread_ts=heard.thread_ts or heard.ts)
    today = datetime.now(UTC).date()  # noqa: TID251 - a listener is where a request comes in
    try:
        request = reception.read(heard.text, actor, today)
        start(reception, actor, place, request, _delivery(actor, heard))
    except PaperwalkError as error:
        _say_privately(args, actor, heard, explain(error, language))


def _follow_up(reception: Reception, actor: Actor, job: Job, heard: Heard) -> None:
    text = heard.text[:MAX_QUESTION_CHARACTERS]
    if not text:
        return
    request = FollowUpRequest(text, detect_language(text), job.id, heard.ts)
    place = Place(heard.channel, thread_ts=heard.thread_ts)
    start(reception, actor, place, request, _delivery(actor, heard))


def _is_meant_for_us(reception: Reception, job: Job, actor: Actor, text: str) -> bool:
    """Tell a question to the app from people talking with each other."""
    match reception.settings.follow_ups:
        case "mention":
            return False
        case "asker":
            return job.person_hash == actor.hash and _REQUEST.search(text) is not None
        case _:
            return _REQUEST.search(text) is not None


def _delivery(actor: Actor, heard: Heard) -> str:
    """Name a message, which may come as a mention and as a message, so that it is one request."""
    return f"{actor.team}:{heard.channel}:{heard.ts}"


def _say_privately(args: Args, actor: Actor, heard: Heard, text: str) -> None:
    args.client.chat_postEphemeral(
        channel=heard.channel, user=actor.person, text=text, thread_ts=heard.thread_ts
    )


def _read(event: Mapping[str, object], bot_user: str) -> Heard:
    raw = str(event.get("text") or "")
    people = set(_PERSON.findall(raw))
    thread_ts = event.get("thread_ts")
    return Heard(
        text=clean_message(raw),
        channel=str(event["channel"]),
        ts=str(event["ts"]),
        thread_ts=str(thread_ts) if thread_ts else None,
        to_app=bot_user in people,
        to_others=bool(people - {bot_user}),
    )


def clean_message(raw: str) -> str:
    """Give the words of a message: mentions gone, links as their text, Slack's escapes undone."""

    def words(match: re.Match[str]) -> str:
        address, label, bare = match.groups()
        shown = label if address else bare
        return "" if (address or bare)[:1] in {"@", "#", "!"} else str(shown)

    return " ".join(html.unescape(_LINK.sub(words, _PERSON.sub(" ", raw))).split())
