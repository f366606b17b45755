"""What Slack refuses of a message, under Slack's own error names.

Source: https://docs.slack.dev/reference/block-kit/blocks and measured limits of markdown blocks.
"""

import re
from collections.abc import Sequence

from bot.playground.state import Json

_TEXT = 40_000
_BLOCKS = 50
_MARKDOWN = 12_000
_ALL_TEXT = 13_200
_SECTION = 3_000
_ITEMS = 50
_KNOWN = {"actions", "context", "context_actions", "divider", "header", "markdown", "section"}
_ITEM = re.compile(r"^(?:#{1,6} |-{3,}\s*$|\*{3,}\s*$|_{3,}\s*$)", re.MULTILINE)
"""A heading or a rule; each becomes an item of its own when Slack expands a markdown block."""


class Refusal(Exception):
    """Slack says no.

    Attributes:
        error: Slack's name for it.
        messages: what is wrong, as in ``response_metadata``.
    """

    def __init__(self, error: str, *messages: str) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages


def check_message(text: str, blocks: Sequence[Json], *, has_files: bool = False) -> None:
    """Check a message's text and blocks.

    Raises:
        Refusal: Slack would refuse it.
    """
    if not text and not blocks and not has_files:
        raise Refusal("no_text")
    if len(text) > _TEXT:
        raise Refusal("msg_too_long")
    if len(blocks) > _BLOCKS:
        raise Refusal("invalid_blocks", f"no more than {_BLOCKS} items allowed [json-pointer:/]")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        raise Refusal("invalid_blocks", "block_id already exists")
    for place, block in enumerate(blocks):
        problem = _check_block(block)
        if problem:
            raise Refusal("invalid_blocks", f"{problem} [json-pointer:/blocks/{place}]")
    markdown = [str(block["text"]) for block in blocks if block["type"] == "markdown"]
    if sum(map(len, markdown)) > _MARKDOWN:
        raise Refusal("invalid_blocks", f"markdown text must be less than {_MARKDOWN + 1}")
    if sum(len(_ITEM.findall(one)) for one in markdown) > _ITEMS:
        raise Refusal("invalid_blocks", f"markdown expands to more than {_ITEMS} items")
    if sum(len(one) for block in blocks for one in texts_of(block)) > _ALL_TEXT:
        raise Refusal("msg_blocks_too_long")


def texts_of(block: Json, *, parsed: bool = False) -> list[str]:
    """Give all texts that a block shows.

    Args:
        parsed: only those in which Slack looks for mentions and links.
    """
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            text = value.get("text")
            if isinstance(text, str) and not (parsed and value.get("type") == "plain_text"):
                found.append(text)
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(block)
    return found


def _check_block(block: Json) -> str:
    """Give what is wrong with a block, or nothing."""
    kind = block.get("type")
    if kind not in _KNOWN:
        return f"unsupported type: {kind}"
    if len(str(block.get("block_id", ""))) > 255:
        return "block_id must be less than 256 characters"
    match kind:
        case "markdown":
            text = block.get("text")
            return "" if isinstance(text, str) and text else "missing required field: text"
        case "section":
            return _check_section(block)
        case "header":
            return _check_text(block.get("text"), 150)
        case "context":
            return _check_elements(block, 10, 2_000)
        case "actions" | "context_actions":
            return _check_elements(block, 25 if kind == "actions" else 5, 75)
        case _:
            return ""


def _check_section(block: Json) -> str:
    fields = block.get("fields")
    if isinstance(fields, list):
        if len(fields) > 10:
            return "no more than 10 fields allowed"
        return next(filter(None, (_check_text(one, 2_000) for one in fields)), "")
    return _check_text(block.get("text"), _SECTION)


def _check_elements(block: Json, most: int, longest: int) -> str:
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        return "missing required field: elements"
    if len(elements) > most:
        return f"no more than {most} items allowed"
    for element in elements:
        if len(str(element.get("action_id", ""))) > 255:
            return "action_id must be less than 256 characters"
        if len(str(element.get("value", ""))) > 2_000:
            return "value must be less than 2001 characters"
        is_text = element.get("type") in {"mrkdwn", "plain_text"}
        problem = _check_text(element if is_text else element.get("text"), longest)
        if problem and (is_text or element.get("type") == "button"):
            return problem
    return ""


def _check_text(text: object, longest: int) -> str:
    if not isinstance(text, dict) or text.get("type") not in {"mrkdwn", "plain_text"}:
        return "missing required field: text"
    shown = text.get("text")
    if not isinstance(shown, str) or not shown:
        return "must be more than 0 characters"
    return f"must be less than {longest + 1} characters" if len(shown) > longest else ""
