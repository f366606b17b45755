"""Limits of what people can touch: buttons, menus, inputs, and the images beside text.

Source: https://docs.slack.dev/reference/block-kit/block-elements
"""

import re
from collections.abc import Callable, Collection, Mapping

from bot.playground.limits.text import (
    Problems,
    choice_problems,
    field_problems,
    length_problems,
    list_problems,
    text_problems,
)
from bot.playground.records import Json

ACCESSORIES = frozenset(
    "button checkboxes conversations_select datepicker image multi_static_select overflow "
    "radio_buttons static_select".split()
)
ACTIONS = ACCESSORIES - {"image"}
CONTEXT_ACTIONS = frozenset({"feedback_buttons", "icon_button"})
INPUTS = ACTIONS - {"button", "overflow"} | {"plain_text_input"}

_OPTIONS = 100
_CHOICES = 10
"""Of check boxes and radio buttons."""
_OVERFLOW = 5
_PLACEHOLDER = 150
_TYPED = 3_000


def element_problems(element: Json, allowed: Collection[str]) -> Problems:
    """Check one element.

    Args:
        allowed: the types that may stand where it stands.
    """
    kind = str(element.get("type"))
    if kind not in allowed:
        yield f"unsupported type: {kind}"
        return
    yield from field_problems(element, {"action_id": 255, "accessibility_label": 75})
    if "placeholder" in element:
        yield from text_problems(element["placeholder"], _PLACEHOLDER, plain=True)
    if "confirm" in element:
        yield from _confirm(element["confirm"])
    yield from _CHECKS[kind](element)


def image_problems(image: Json) -> Problems:
    """Check an image, of a block or beside text."""
    if not image.get("image_url") and not image.get("slack_file"):
        yield "missing required field: image_url"
    yield from field_problems(image, {"image_url": 3_000})
    if image.get("alt_text") != "":
        yield from length_problems(image.get("alt_text"), 2_000)


def action_id_problems(elements: Collection[Json]) -> Problems:
    """Check that no two elements of a block have one name."""
    names = [element["action_id"] for element in elements if element.get("action_id")]
    if len(names) != len(set(map(str, names))):
        yield "action_id already exists"


def options_of(element: Json) -> list[Json]:
    """Give the options of a menu, of all its groups."""
    groups = element.get("option_groups")
    holders = groups if isinstance(groups, list) else [element]
    found: list[Json] = []
    for holder in holders:
        options = holder.get("options") if isinstance(holder, dict) else None
        found.extend(options if isinstance(options, list) else [])
    return found


def _button(element: Json) -> Problems:
    yield from text_problems(element.get("text"), 75, plain=True)
    yield from field_problems(element, {"value": 2_000, "url": 3_000})
    yield from choice_problems(element, "style", {"primary", "danger"})


def _icon_button(element: Json) -> Problems:
    yield from text_problems(element.get("text"), 75, plain=True)
    yield from length_problems(element.get("icon"), 75)
    yield from field_problems(element, {"value": 2_000})
    people = element.get("visible_to_user_ids")
    if isinstance(people, list) and len(people) > _CHOICES:
        yield "no more than 10 users allowed"


def _feedback_buttons(element: Json) -> Problems:
    for name in ("positive_button", "negative_button"):
        button = element.get(name)
        if not isinstance(button, dict):
            yield f"missing required field: {name}"
            continue
        yield from text_problems(button.get("text"), 75, plain=True)
        yield from length_problems(button.get("value"), 2_000)
        yield from field_problems(button, {"accessibility_label": 75})


def _select(element: Json) -> Problems:
    if "option_groups" in element:
        yield from list_problems(element, "option_groups", _OPTIONS, _option_group)
    else:
        yield from list_problems(element, "options", _OPTIONS, _option)
    yield from _initial(element)


def _option_group(group: Json) -> Problems:
    yield from text_problems(group.get("label"), 75, plain=True)
    yield from list_problems(group, "options", _OPTIONS, _option)


def _overflow(element: Json) -> Problems:
    yield from list_problems(element, "options", _OVERFLOW, _option)


def _choices(element: Json) -> Problems:
    yield from list_problems(element, "options", _CHOICES, _marked_option)
    yield from _initial(element)


def _option(option: Json) -> Problems:
    yield from text_problems(option.get("text"), 75, plain=True)
    yield from length_problems(option.get("value"), 150)
    if "description" in option:
        yield from text_problems(option["description"], 75)


def _marked_option(option: Json) -> Problems:
    yield from text_problems(option.get("text"), 75)
    yield from length_problems(option.get("value"), 150)


def _initial(element: Json) -> Problems:
    several = element.get("initial_options")
    chosen = several if isinstance(several, list) else [element.get("initial_option")]
    known = options_of(element)
    if any(option is not None and option not in known for option in chosen):
        yield "initial option must be one of the options"
    if isinstance(several, list) and not several:
        yield "initial_options must have at least 1 items"


def _datepicker(element: Json) -> Problems:
    date = element.get("initial_date")
    if date is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(date)):
        yield "initial_date must be YYYY-MM-DD"


def _plain_text_input(element: Json) -> Problems:
    yield from field_problems(element, {"initial_value": _TYPED})
    for name, least in (("min_length", 0), ("max_length", 1)):
        number = element.get(name)
        if number is not None and not (isinstance(number, int) and least <= number <= _TYPED):
            yield f"{name} must be between {least} and {_TYPED}"


def _anything(element: Json) -> Problems:
    del element
    yield from ()


def _confirm(confirm: object) -> Problems:
    if not isinstance(confirm, dict):
        yield "confirm must be an object"
        return
    for name, longest in (("title", 100), ("confirm", 30), ("deny", 30)):
        if name in confirm:
            yield from text_problems(confirm[name], longest, plain=True)
    yield from text_problems(confirm.get("text"), 300)


_CHECKS: Mapping[str, Callable[[Json], Problems]] = {
    "button": _button,
    "checkboxes": _choices,
    "conversations_select": _anything,
    "datepicker": _datepicker,
    "feedback_buttons": _feedback_buttons,
    "icon_button": _icon_button,
    "image": image_problems,
    "multi_static_select": _select,
    "overflow": _overflow,
    "plain_text_input": _plain_text_input,
    "radio_buttons": _choices,
    "static_select": _select,
}
