"""Limits of modals and home tabs.

Source: https://docs.slack.dev/reference/views
"""

import json
from collections.abc import Collection, Iterator
from typing import cast

from bot.playground.limits.blocks import Surface, block_problems
from bot.playground.limits.text import field_problems, text_problems
from bot.playground.records import Json
from bot.playground.refusal import Refusal

_BLOCKS = 100
_HEAD = 24
_BYTES = 250_000
_HEADS = ("title", "submit", "close")
_FIELDS = {"callback_id": 255, "private_metadata": 3_000, "external_id": 255}


def check_view(view: object, unknown: Collection[str] = ()) -> None:
    """Check a view.

    Args:
        unknown: types of blocks that this Slack does not know.

    Raises:
        Refusal: Slack would refuse it.
    """
    if not isinstance(view, dict):
        raise Refusal("invalid_arguments", "missing required field: view")
    if len(json.dumps(view, ensure_ascii=False).encode()) > _BYTES:
        raise Refusal("view_too_large")
    for problem, place in _problems(view, unknown):
        raise Refusal("invalid_arguments", f"{problem} [json-pointer:/view{place}]")


def _problems(view: Json, unknown: Collection[str]) -> Iterator[tuple[str, str]]:
    kind = str(view.get("type"))
    blocks = view.get("blocks")
    if kind not in {"modal", "home"}:
        yield f"unsupported type: {kind}", "/type"
        return
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        yield "missing required field: blocks", "/blocks"
        return
    yield from ((problem, "") for problem in field_problems(view, _FIELDS))
    for name in _HEADS:
        if kind == "home" and name in view:
            yield f"invalid additional property: {name}", f"/{name}"
        elif name in view or (kind == "modal" and name == "title"):
            for problem in text_problems(view.get(name), _HEAD, plain=True):
                yield problem, f"/{name}"
    if len(blocks) > _BLOCKS:
        yield f"no more than {_BLOCKS} items allowed", "/blocks"
    has_input = any(block.get("type") == "input" for block in blocks)
    if kind == "modal" and has_input and "submit" not in view:
        yield "submit is required when an input block is within the blocks array", "/submit"
    for problem, place in block_problems(blocks, cast("Surface", kind), unknown):
        yield problem, f"/blocks{place}"
