"""Limits of a whole message.

Source: https://docs.slack.dev/reference/methods/chat.postMessage and measured limits of markdown
blocks.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from bot.playground.limits.blocks import block_problems
from bot.playground.limits.text import texts_of
from bot.playground.records import Json
from bot.playground.refusal import Refusal

_TEXT = 40_000
_BLOCKS = 50
_MARKDOWN = 12_000
_ALL_TEXT = 13_200
_ITEMS = 50
_MOST = {"table": 1, "data_visualization": 2}
"""How many of a kind one message takes."""
_ITEM = re.compile(r"^(?:#{1,6} |-{3,}\s*$|\*{3,}\s*$|_{3,}\s*$)", re.MULTILINE)
"""A heading or a rule; each becomes an item of its own when Slack expands a markdown block."""
_CHUNKS = {
    "blocks": (),
    "markdown_text": ("text",),
    "plan_update": ("title",),
    "task_update": ("id", "title", "status"),
}
"""What each chunk of a stream must say."""


def check_message(
    text: str, blocks: Sequence[Json], *, has_files: bool = False, unknown: Collection[str] = ()
) -> None:
    """Check a message's text and blocks.

    Args:
        unknown: types of blocks that this Slack does not know.

    Raises:
        Refusal: Slack would refuse it.
    """
    if not text and not blocks and not has_files:
        raise Refusal("no_text")
    if len(text) > _TEXT:
        raise Refusal("msg_too_long")
    if len(blocks) > _BLOCKS:
        raise Refusal("invalid_blocks", f"no more than {_BLOCKS} items allowed [json-pointer:/]")
    for problem, place in block_problems(blocks, "message", unknown):
        raise Refusal("invalid_blocks", f"{problem} [json-pointer:/blocks{place}]")
    kinds = Counter(str(block["type"]) for block in blocks)
    for kind, most in _MOST.items():
        if kinds[kind] > most:
            raise Refusal("invalid_blocks", f"no more than {most} {kind} allowed")
    markdown = [str(block["text"]) for block in blocks if block["type"] == "markdown"]
    if sum(map(len, markdown)) > _MARKDOWN:
        raise Refusal("invalid_blocks", f"markdown text must be less than {_MARKDOWN + 1}")
    if sum(len(_ITEM.findall(one)) for one in markdown) > _ITEMS:
        raise Refusal("invalid_blocks", f"markdown expands to more than {_ITEMS} items")
    if sum(len(one) for block in blocks for one in texts_of(block)) > _ALL_TEXT:
        raise Refusal("msg_blocks_too_long")


def check_markdown(markdown: str) -> None:
    """Check text that is given as ``markdown_text``.

    Raises:
        Refusal: it is too long.
    """
    if len(markdown) > _MARKDOWN:
        raise Refusal("msg_too_long")


def check_chunks(chunks: Sequence[Json]) -> None:
    """Check the chunks of a stream; the blocks in them are checked with the message.

    Raises:
        Refusal: one of them is not known, or lacks something.
    """
    for chunk in chunks:
        needed = _CHUNKS.get(str(chunk.get("type")))
        if needed is None or any(not isinstance(chunk.get(name), str) for name in needed):
            raise Refusal("invalid_chunks")
        blocks = chunk.get("blocks", [])
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            raise Refusal("invalid_chunks")
