"""The shortcut on a message: survey what it says, in its thread."""

from datetime import UTC, datetime

from slack_bolt import Args

from bot.listeners.asking import Place, start
from bot.listeners.messages import clean_message
from bot.listeners.who import actor_of
from bot.messages.failures import explain
from bot.reception import Reception
from pipeline.errors import PaperwalkError
from pipeline.question import detect_language


def survey_message(reception: Reception, args: Args) -> None:
    """Start a survey about a message; works inside threads too."""
    args.ack()
    body = args.body
    message, channel = body["message"], str(body["channel"]["id"])
    text = clean_message(str(message.get("text") or ""))
    actor = actor_of(reception, args)
    place = Place(
        channel,
        thread_ts=str(message.get("thread_ts") or message["ts"]),
        response_url=str(body.get("response_url", "")),
    )
    today = datetime.now(UTC).date()  # noqa: TID251 - a listener is where a request comes in
    try:
        request = reception.read(text, actor, today)
        said = start(reception, actor, place, request, str(body["trigger_id"]))
    except PaperwalkError as error:
        said = explain(error, detect_language(text))
    args.respond(text=said, response_type="ephemeral", replace_original=False)
