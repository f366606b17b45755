"""The form that asks for a survey."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

import structlog
from slack_bolt import Args
from slack_sdk.errors import SlackApiError

from bot.blocks.forms import survey_form
from bot.errors import BadOption
from bot.listeners.asking import Place, start
from bot.listeners.who import actor_of, language_of
from bot.messages.failures import explain
from bot.reception import Reception
from pipeline.errors import PaperwalkError
from pipeline.question import detect_language

log = structlog.get_logger()


def open_form(reception: Reception, args: Args) -> None:
    """Open the form; Slack gives three seconds for it."""
    args.ack()
    actor = actor_of(reception, args)
    language = language_of(reception, actor)
    channel = str((args.command or {}).get("channel_id", ""))
    form = survey_form(reception.offer, language, channel)
    args.client.views_open(trigger_id=str(args.body["trigger_id"]), view=form)


def submit_form(reception: Reception, args: Args) -> None:
    """Start the survey that a form asks for, or show beside its fields what is wrong."""
    view = args.view or {}
    filled = read_values(view)
    question = filled.get("question", "")
    language = detect_language(question)
    actor = actor_of(reception, args)
    today = datetime.now(UTC).date()  # noqa: TID251 - a listener is where a request comes in
    try:
        request = reception.read(question, actor, today, _options(filled))
        place = Place(filled["channel"])
        said = start(reception, actor, place, request, f"form {view['id']}")
    except PaperwalkError as error:
        fields = {"lang": "language", "ab": "models", "mode": "way"}
        named = error.name if isinstance(error, BadOption) else "question"
        args.ack(
            response_action="errors", errors={fields.get(named, named): explain(error, language)}
        )
        return
    args.ack()
    try:
        args.client.chat_postEphemeral(channel=filled["channel"], user=actor.person, text=said)
    except SlackApiError:
        # A receipt only: where the app cannot write yet, the job finds its own way.
        log.info("receipt_not_shown")


def read_values(view: Mapping[str, object]) -> dict[str, str]:
    """Give what was filled in by block; several choices apart by commas, empty fields left out."""
    state = cast("Mapping[str, Mapping[str, Mapping[str, object]]]", view.get("state") or {})
    filled: dict[str, str] = {}
    for block_id, elements in state.get("values", {}).items():
        for element in cast("Mapping[str, Mapping[str, object]]", elements).values():
            value = _value(element)
            if value:
                filled[block_id] = value
    return filled


def _value(element: Mapping[str, object]) -> str:
    """Give the value of an element of a form, whatever its type."""
    several = element.get("selected_options")
    if isinstance(several, list):
        return ",".join(str(one["value"]) for one in several)
    one = element.get("selected_option")
    if isinstance(one, Mapping):
        return str(one["value"])
    plain = ("value", "selected_date", "selected_conversation")
    return next((str(element[name]) for name in plain if element.get(name)), "")


def _options(filled: Mapping[str, str]) -> dict[str, str]:
    """Give the options of a request by their own names."""
    names = ("since", "until", "models", "categories")
    options = {name: filled[name].replace(" ", "") for name in names if name in filled}
    if filled.get("language", "auto") != "auto":
        options["lang"] = filled["language"]
    if filled.get("way") == "compare":
        options["ab"] = ""
    return options
