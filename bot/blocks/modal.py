"""What forms are made of.

Source: https://docs.slack.dev/reference/views/modal-views for names and limits.
"""

import json
from collections.abc import Mapping, Sequence

from bot.blocks.elements import Block, plain_text
from bot.messages.asking import FORM_CANCEL
from pipeline.types import Language

_TITLE = 24
_LABEL = 2_000


def make_form(
    callback: str,
    title: str,
    submit: str,
    blocks: Sequence[Block],
    *,
    language: Language,
    memory: Mapping[str, str] | None = None,
) -> Block:
    """Give a form.

    Args:
        callback: names the form when it is submitted.
        submit: label of the button; empty for a form that only shows something.
        memory: comes back when the form is submitted.
    """
    form: Block = {
        "type": "modal",
        "callback_id": callback,
        "title": plain_text(title, _TITLE),
        "close": plain_text(FORM_CANCEL[language], _TITLE),
        "private_metadata": json.dumps(memory or {}),
        "blocks": list(blocks),
    }
    return form | ({"submit": plain_text(submit, _TITLE)} if submit else {})


def field(block_id: str, label: str, element: Block) -> Block:
    """Give a field that has to be filled in."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, _LABEL),
        "element": element,
    }


def optional(block_id: str, label: str, element: Block) -> Block:
    """Give a field that may stay empty."""
    return field(block_id, label, element) | {"optional": True}


def line(action: str, longest: int, value: str = "", *, multiline: bool = False) -> Block:
    """Give room for words."""
    made: Block = {
        "type": "plain_text_input",
        "action_id": action,
        "max_length": longest,
        "multiline": multiline,
    }
    return made | ({"initial_value": value[:longest]} if value else {})


def radio(action: str, options: Sequence[Block]) -> Block:
    """Give a choice of one, the first to begin with."""
    return _choice("radio_buttons", action, options)


def select(action: str, options: Sequence[Block]) -> Block:
    """Give a list to choose one of, the first to begin with."""
    return _choice("static_select", action, options)


def checkboxes(action: str, options: Sequence[Block]) -> Block:
    """Give boxes to tick, none to begin with."""
    return {"type": "checkboxes", "action_id": action, "options": list(options)}


def day(action: str) -> Block:
    """Give a calendar."""
    return {"type": "datepicker", "action_id": action}


def _choice(kind: str, action: str, options: Sequence[Block]) -> Block:
    listed = list(options)
    return {"type": kind, "action_id": action, "options": listed, "initial_option": listed[0]}
