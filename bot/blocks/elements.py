"""The small pieces that all blocks are made of.

Source: https://docs.slack.dev/reference/block-kit for names and limits.
"""

from collections.abc import Sequence
from typing import Literal

from bot.messages.words import escape
from pipeline.cite import break_addresses

Block = dict[str, object]

SECTION = 3_000
CONTEXT = 2_000
BUTTON = 75
OPTION = 75
"""Characters that Slack takes in a section, an element of a context, a button, an option."""

Style = Literal["primary", "danger"]


def plain_text(text: str, longest: int = SECTION) -> Block:
    """Give a text object in which Slack reads no mentions, links or formatting."""
    shown = break_addresses(text).replace("@", "＠")
    shown = shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
    return {"type": "plain_text", "text": shown or " ", "emoji": False}


def mrkdwn(text: str, longest: int = SECTION) -> Block:
    """Give a text object in Slack's own markup; outside text in it must be escaped before."""
    return {"type": "mrkdwn", "text": text[:longest]}


def section(text: str) -> Block:
    """Give a section in Slack's own markup."""
    return {"type": "section", "text": mrkdwn(text)}


def context(*texts: str) -> Block:
    """Give small print, at most ten texts."""
    return {"type": "context", "elements": [mrkdwn(text, CONTEXT) for text in texts[:10]]}


def button(action: str, label: str, value: str, style: Style | None = None) -> Block:
    """Give a button.

    Args:
        value: comes back when it is pressed; members of the channel can read it.
    """
    made: Block = {
        "type": "button",
        "action_id": action,
        "text": plain_text(label, BUTTON),
        "value": value,
    }
    return made | ({"style": style} if style else {})


def option(label: str, value: str) -> Block:
    """Give one option of a select or menu."""
    return {"text": plain_text(label, OPTION), "value": value}


def menu(action: str, options: Sequence[Block]) -> Block:
    """Give an overflow menu of two to five options."""
    return {"type": "overflow", "action_id": action, "options": list(options)}


def actions(block_id: str, *elements: Block) -> Block:
    """Give a row of buttons and menus."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def quote(text: str) -> str:
    """Give outside text as code in Slack's own markup."""
    return f"`{escape(text)}`"
