"""Limits of each kind of block.

Source: https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Literal

from bot.playground.limits.elements import (
    ACCESSORIES,
    ACTIONS,
    CONTEXT_ACTIONS,
    INPUTS,
    action_id_problems,
    element_problems,
    image_problems,
)
from bot.playground.limits.figures import chart_problems, data_table_problems, table_problems
from bot.playground.limits.rich import plan_problems, rich_text_problems, task_problems
from bot.playground.limits.text import Problems, field_problems, list_problems, text_problems
from bot.playground.records import Json

Surface = Literal["message", "modal", "home"]

_SECTION = 3_000
_CONTEXT = 2_000
_ONLY_IN_MESSAGES = {"context_actions", "markdown", "plan", "table", "task_card"}


def block_problems(
    blocks: Sequence[Json], surface: Surface, unknown: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """Check blocks, and that no two have one name.

    Args:
        unknown: types that this Slack does not know.

    Returns:
        what is wrong, and where, as a JSON pointer into the blocks.
    """
    for place, block in enumerate(blocks):
        for problem in _problems(block, surface, unknown):
            yield problem, f"/{place}"
    ids = [str(block["block_id"]) for block in blocks if block.get("block_id")]
    if len(ids) != len(set(ids)):
        yield "block_id already exists", "/"
    tasks = [str(task.get("task_id")) for task in _tasks(blocks)]
    if len(tasks) != len(set(tasks)):
        yield "task_id already exists", "/"


def _problems(block: Json, surface: Surface, unknown: Collection[str]) -> Problems:
    kind = str(block.get("type"))
    away = _ONLY_IN_MESSAGES if surface != "message" else {"input"}
    if kind not in _CHECKS or kind in away or _types(block) & set(unknown):
        yield f"unsupported type: {kind}"
        return
    yield from field_problems(block, {"block_id": 255})
    yield from _CHECKS[kind](block)


def _types(value: object) -> set[str]:
    """Give the types of a block and of all that is in it."""
    if isinstance(value, dict):
        own = {str(value["type"])} if "type" in value else set()
        return own.union(*(_types(inner) for inner in value.values()))
    if isinstance(value, list):
        return set[str]().union(*map(_types, value))
    return set()


def _tasks(blocks: Sequence[Json]) -> Iterator[Json]:
    for block in blocks:
        tasks = block.get("tasks")
        if block.get("type") == "task_card":
            yield block
        elif block.get("type") == "plan" and isinstance(tasks, list):
            yield from tasks


def _markdown(block: Json) -> Problems:
    if not isinstance(block.get("text"), str) or not block["text"]:
        yield "missing required field: text"


def _section(block: Json) -> Problems:
    if "fields" in block:
        yield from list_problems(block, "fields", 10, lambda one: text_problems(one, _CONTEXT))
    if "text" in block or "fields" not in block:
        yield from text_problems(block.get("text"), _SECTION)
    accessory = block.get("accessory")
    if isinstance(accessory, dict):
        yield from element_problems(accessory, ACCESSORIES)
    elif accessory is not None:
        yield "accessory must be an object"


def _header(block: Json) -> Problems:
    yield from text_problems(block.get("text"), 150, plain=True)


def _context(block: Json) -> Problems:
    def check(element: Json) -> Problems:
        return (
            image_problems(element)
            if element.get("type") == "image"
            else text_problems(element, _CONTEXT)
        )

    yield from list_problems(block, "elements", 10, check)


def _actions(block: Json) -> Problems:
    yield from list_problems(block, "elements", 25, lambda one: element_problems(one, ACTIONS))
    yield from _names(block)


def _context_actions(block: Json) -> Problems:
    yield from list_problems(
        block, "elements", 5, lambda one: element_problems(one, CONTEXT_ACTIONS)
    )
    yield from _names(block)


def _names(block: Json) -> Problems:
    elements = block.get("elements")
    if isinstance(elements, list):
        yield from action_id_problems([one for one in elements if isinstance(one, dict)])


def _image(block: Json) -> Problems:
    yield from image_problems(block)
    if "title" in block:
        yield from text_problems(block["title"], 2_000, plain=True)


def _input(block: Json) -> Problems:
    yield from text_problems(block.get("label"), 2_000, plain=True)
    if "hint" in block:
        yield from text_problems(block["hint"], 2_000, plain=True)
    element = block.get("element")
    if isinstance(element, dict):
        yield from element_problems(element, INPUTS)
    else:
        yield "missing required field: element"


def _divider(block: Json) -> Problems:
    del block
    yield from ()


_CHECKS: Mapping[str, Callable[[Json], Problems]] = {
    "actions": _actions,
    "context": _context,
    "context_actions": _context_actions,
    "data_table": data_table_problems,
    "data_visualization": chart_problems,
    "divider": _divider,
    "header": _header,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "plan": plan_problems,
    "rich_text": rich_text_problems,
    "section": _section,
    "table": table_problems,
    "task_card": task_problems,
}
