"""Limits of rich text, and of plans and task cards, which hold it.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block, …/plan-block and
…/task-card-block
"""

from bot.playground.limits.text import (
    Problems,
    choice_problems,
    field_problems,
    length_problems,
    list_problems,
)
from bot.playground.records import Json

_PARTS = {"broadcast", "channel", "color", "date", "emoji", "link", "text", "user", "usergroup"}
_BLOCKS = {"rich_text_list", "rich_text_preformatted", "rich_text_quote", "rich_text_section"}
_TITLE = 150
"""Not documented for plans and tasks; that of headers, cards and containers."""
_TASKS = 50
_STATUSES = {"complete", "error", "in_progress", "pending"}


def rich_text_problems(block: Json) -> Problems:
    """Check rich text."""
    yield from choice_problems(block, "type", {"rich_text"}, required=True)
    yield from list_problems(block, "elements", 100, _part)


def plan_problems(block: Json) -> Problems:
    """Check a plan and its tasks."""
    yield from length_problems(block.get("title"), _TITLE)
    if "tasks" in block:
        yield from list_problems(block, "tasks", _TASKS, _task, least=0)


def task_problems(block: Json) -> Problems:
    """Check a task card."""
    yield from length_problems(block.get("task_id"), 255)
    yield from length_problems(block.get("title"), _TITLE)
    yield from choice_problems(block, "status", _STATUSES)
    for name in ("details", "output"):
        inner = block.get(name)
        if isinstance(inner, dict):
            yield from rich_text_problems(inner)
        elif inner is not None:
            yield f"{name} must be rich_text"
    if "sources" in block:
        yield from list_problems(block, "sources", _TASKS, _source)


def _task(task: Json) -> Problems:
    yield from choice_problems(task, "type", {"task_card"}, required=True)
    yield from task_problems(task)


def _source(source: Json) -> Problems:
    yield from choice_problems(source, "type", {"url"}, required=True)
    yield from length_problems(source.get("url"), 3_000)
    yield from length_problems(source.get("text"), _TITLE)


def _part(part: Json) -> Problems:
    yield from choice_problems(part, "type", _BLOCKS, required=True)
    inner = _item if part.get("type") == "rich_text_list" else _leaf
    yield from list_problems(part, "elements", 1_000, inner)
    if part.get("type") == "rich_text_list":
        yield from choice_problems(part, "style", {"bullet", "ordered"}, required=True)


def _item(item: Json) -> Problems:
    yield from choice_problems(item, "type", {"rich_text_section"}, required=True)
    yield from list_problems(item, "elements", 1_000, _leaf)


def _leaf(leaf: Json) -> Problems:
    yield from choice_problems(leaf, "type", _PARTS, required=True)
    if leaf.get("type") == "text" and not isinstance(leaf.get("text"), str):
        yield "missing required field: text"
    if leaf.get("type") == "link":
        yield from length_problems(leaf.get("url"), 3_000)
    yield from field_problems(leaf, {"user_id": 255, "name": 255})
