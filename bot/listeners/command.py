"""``/survey``: a question, or one of its other words; everything is answered privately at once."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from slack_bolt import Args

from bot.blocks.board import board_text
from bot.listeners.asking import Place, start
from bot.listeners.forms import open_form
from bot.listeners.lifecycle import forget_me
from bot.listeners.watching import watch
from bot.listeners.who import actor_of, language_of
from bot.messages import asking as say
from bot.messages.failures import explain
from bot.messages.words import escape
from bot.reception import Actor, Reception
from pipeline.errors import PaperwalkError
from pipeline.question import detect_language

WORDS: Mapping[str, str] = {
    "help": "help",
    "?": "help",
    "ヘルプ": "help",
    "使い方": "help",
    "stats": "stats",
    "集計": "stats",
    "models": "models",
    "モデル": "models",
    "cancel": "cancel",
    "stop": "cancel",
    "中止": "cancel",
    "forget-me": "forget-me",
}
"""Words that are a command of their own when they stand alone; with more behind them they begin a
question, such as "cancel culture in social networks"."""


def answer(reception: Reception, args: Args) -> None:
    """Answer the command."""
    text = str(args.command.get("text", "")).strip() if args.command else ""
    actor = actor_of(reception, args)
    if not text:
        open_form(reception, args)
        return
    word, _, rest = text.partition(" ")
    if word.lower() == "watch":
        args.ack(watch(reception, actor, _place(args), rest.strip(), _delivery(args)))
        return
    language = language_of(reception, actor)
    match WORDS.get(text.lower()):
        case "help":
            args.ack(say.HELP[detect_language(text) if text != "help" else language])
        case "stats":
            args.ack(board_text(reception.board(actor.team), language))
        case "models":
            args.ack(_list_models(reception, actor))
        case "cancel":
            args.ack(_cancel(reception, actor))
        case "forget-me":
            args.ack(forget_me(reception, actor))
        case _:
            args.ack(_survey(reception, actor, args, text))


def _survey(reception: Reception, actor: Actor, args: Args, text: str) -> str:
    """Start a survey, or say why not."""
    today = datetime.now(UTC).date()  # noqa: TID251 - a listener is where a request comes in
    try:
        request = reception.read(text, actor, today)
        return start(reception, actor, _place(args), request, _delivery(args))
    except PaperwalkError as error:
        return explain(error, detect_language(text))


def _place(args: Args) -> Place:
    command = args.command or {}
    channel, response_url = str(command["channel_id"]), str(command.get("response_url", ""))
    return Place(channel, response_url=response_url)


def _delivery(args: Args) -> str:
    return str((args.command or {})["trigger_id"])


def _list_models(reception: Reception, actor: Actor) -> str:
    language = language_of(reception, actor)
    offer = reception.offer
    pair = {arm.model for arm in offer.pair} if offer.pair else set()
    lines = [
        f"• `{escape(model)}`"
        f"{say.USUAL[language] if model == offer.usual.model else ''}"
        f"{say.COMPARED_PAIR[language] if model in pair else ''}"
        for model in offer.models
    ]
    return "\n".join([say.MODELS[language], *lines])


def _cancel(reception: Reception, actor: Actor) -> str:
    """Stop the person's surveys that have not ended."""
    language = language_of(reception, actor)
    jobs = reception.tables.jobs
    mine = [job for job in jobs.list_live(actor.team) if job.person_hash == actor.hash]
    stopped = sum(jobs.stop(job.id, time.time()) for job in mine)
    if not stopped:
        return say.NOTHING_TO_STOP[language]
    return say.STOPPING[language].format(number=stopped)
