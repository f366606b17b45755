"""Draw a thread of the loopback Slack in the terminal as a person would see it."""

import html
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from bot.playground.prose import set_markdown, wrap
from bot.playground.records import Json, Message

_LINK = re.compile(r"<(https?://[^|>]+)(?:\|([^>]*))?>")


def draw_thread(
    console: Console, messages: Sequence[Message], *, person: str, command: str
) -> None:
    """Print a thread: the command, the root, the replies indented.

    Args:
        messages: root first.
        person: the user who typed the command.
        command: what was typed.
    """
    console.print(Text.assemble(("#general", "bold"), "  ", (command, "cyan")))
    for message in messages:
        indent = 0 if message.thread_ts is None else 4
        drawn = _message(message, person, console.width - indent)
        console.print(Padding(drawn, (1, 0, 0, indent)))


def _message(message: Message, person: str, width: int) -> RenderableType:
    when = datetime.fromtimestamp(float(message.ts), UTC).astimezone().strftime("%H:%M")
    name = "Paperwalk" if message.bot_id else "You"
    badge = " APP " if name == "Paperwalk" else " "
    head = Text.assemble((name, "bold green"), badge, (when, "dim"))
    if message.ephemeral_for:
        head.append("  Only visible to you", "dim italic")
    if message.edits:
        head.append("  (edited)", "dim")
    body: list[RenderableType] = [head]
    for block in message.blocks:
        body.extend(_block(block, person, width))
    if not message.blocks:
        body.extend(_mrkdwn(message.text, person, width))
    body.extend(
        Text(f"📎 {file.name}  ({len(file.content):,} bytes)", "bold") for file in message.files
    )
    return Group(*body)


def _block(block: Json, person: str, width: int) -> Iterable[RenderableType]:
    match block["type"]:
        case "markdown":
            return set_markdown(str(block["text"]), width)
        case "divider":
            return [Rule(style="dim")]
        case "context":
            elements = block["elements"]
            assert isinstance(elements, list)
            return [line for element in elements for line in _text(element, person, width, "dim")]
        case _:
            return _text(block.get("text"), person, width)


def _text(text: object, person: str, width: int, style: str = "") -> list[Text]:
    if not isinstance(text, dict):
        return []
    shown = str(text.get("text", ""))
    if text.get("type") == "mrkdwn":
        return _mrkdwn(shown, person, width, style)
    return [line for one in shown.split("\n") for line in wrap(Text(one, style), width)]


def _mrkdwn(text: str, person: str, width: int, style: str = "") -> list[Text]:
    """Give Slack's own markup as it reads."""
    text = text.replace(f"<@{person}>", "@you").replace("`", "")
    text = html.unescape(_LINK.sub(lambda match: match[2] or match[1], text))
    return [line for one in text.split("\n") for line in wrap(Text(one, style), width)]
