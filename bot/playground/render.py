"""Draw a thread of the loopback Slack in the terminal as a person would see it."""

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from bot.playground.state import BOT_USER, Json, Message

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
        console.print(Padding(_message(message, person), (1, 0, 0, indent)))


def _message(message: Message, person: str) -> RenderableType:
    when = datetime.fromtimestamp(float(message.ts), UTC).astimezone().strftime("%H:%M")
    name = "Paperwalk" if message.user == BOT_USER else "You"
    head = Text.assemble(
        (name, "bold green"), " APP " if name == "Paperwalk" else " ", (when, "dim")
    )
    if message.ephemeral_for:
        head.append("  Only visible to you", "dim italic")
    if message.edits:
        head.append("  (edited)", "dim")
    body: list[RenderableType] = [head]
    body += [_block(block, person) for block in message.blocks] or [
        _mrkdwn(message.text, person)
    ] * bool(message.text)
    body += [
        Text(f"📎 {file.name}  ({len(file.content):,} bytes)", "bold") for file in message.files
    ]
    return Group(*body)


def _block(block: Json, person: str) -> RenderableType:
    match block["type"]:
        case "markdown":
            return Markdown(str(block["text"]).replace("\u200b", ""), hyperlinks=True)
        case "divider":
            return Rule(style="dim")
        case "context":
            elements = block["elements"]
            assert isinstance(elements, list)
            return Group(*(_text(element, person, "dim") for element in elements))
        case _:
            return _text(block.get("text"), person, "")


def _text(text: object, person: str, style: str) -> Text:
    if not isinstance(text, dict):
        return Text("")
    shown = str(text.get("text", ""))
    drawn = _mrkdwn(shown, person) if text.get("type") == "mrkdwn" else Text(shown)
    drawn.stylize(style)
    return drawn


def _mrkdwn(text: str, person: str) -> Text:
    """Give Slack's own markup as it reads."""
    text = text.replace(f"<@{person}>", "@you")
    text = _LINK.sub(lambda match: match[2] or match[1], text)
    return Text(html.unescape(text.replace("`", "")))
