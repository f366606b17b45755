"""What stands in blocks that a person can touch, and what touching it says."""

from collections.abc import Iterator, Sequence

from bot.playground.limits.elements import options_of
from bot.playground.records import Json
from bot.playground.refusal import NotShown
from bot.playground.shapes import with_ids

_CHOSEN = {
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "overflow": "selected_option",
    "plain_text_input": "value",
    "radio_buttons": "selected_option",
    "static_select": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
}
"""The field of an action, or of a view's state, that holds what was chosen."""


def touch(
    blocks: Sequence[Json], action_id: str, value: str | None, user: str, action_ts: str
) -> Json:
    """Give the action of a person who touches an element.

    Args:
        value: the option to choose, or which of several elements is meant.

    Raises:
        NotShown: there is no such element, or no such option.
    """
    for block, element in _elements(blocks):
        if element.get("action_id") != action_id or not _sees(element, user):
            continue
        said = _say(element, value)
        if said is not None:
            place: Json = {"block_id": block["block_id"], "action_id": action_id}
            return place | {"type": element["type"], "action_ts": action_ts} | said
    what = action_id if value is None else f"{action_id} with {value!r}"
    raise NotShown(f"nothing to touch is called {what}")


def chosen(element: Json, value: object) -> Json:
    """Give what an input holds, as a view's state and an action show it.

    Args:
        value: text, date, conversation, the value of an option, or a list of those.

    Raises:
        NotShown: there is no such option.
    """
    kind = str(element["type"])
    field = _CHOSEN[kind]
    if field == "selected_option":
        return {field: None if value is None else _option(element, value)}
    if field == "selected_options":
        values = value if isinstance(value, list | tuple) else [value]
        return {field: [_option(element, one) for one in values if one is not None]}
    return {field: value}


def initial(element: Json) -> object:
    """Give what an input holds before anybody has touched it."""
    options = element.get("initial_options")
    if isinstance(options, list):
        return [option["value"] for option in options]
    option = element.get("initial_option")
    if isinstance(option, dict):
        return option["value"]
    names = ("initial_value", "initial_date", "initial_conversation")
    return next((element[name] for name in names if element.get(name)), None)


def _elements(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    for block in with_ids(blocks):
        kind = block.get("type")
        elements = block.get("elements")
        if kind in {"actions", "context_actions"} and isinstance(elements, list):
            yield from ((block, element) for element in elements)
        for name in ("accessory", "element"):
            element = block.get(name)
            if isinstance(element, dict) and (name == "accessory" or block.get("dispatch_action")):
                yield block, element


def _sees(element: Json, user: str) -> bool:
    people = element.get("visible_to_user_ids")
    return not isinstance(people, list) or user in people


def _say(element: Json, value: str | None) -> Json | None:
    """Give what touching an element says; null where another one is meant."""
    match element["type"]:
        case "button" | "icon_button":
            if value is not None and element.get("value") != value:
                return None
            kept = ("text", "value", "style", "icon")
            return {name: element[name] for name in kept if name in element}
        case "feedback_buttons":
            return _feedback(element, value)
        case "image":
            return None
        case _ if value is None:
            return None  # a menu closes without a choice
        case _:
            try:
                return chosen(element, value)
            except NotShown:
                return None


def _feedback(element: Json, value: str | None) -> Json | None:
    for name in ("positive", "negative"):
        button = element[f"{name}_button"]
        assert isinstance(button, dict)
        if value in {name, button["value"]}:
            return {"text": button["text"], "value": button["value"]}
    return None


def _option(element: Json, value: object) -> Json:
    for option in options_of(element):
        if option["value"] == value:
            return option
    raise NotShown(f"no option {value!r}")
