"""A survey as messages: its parts, its references, its footer."""

import re
from collections.abc import Sequence

from bot.blocks.elements import CONTEXT, SECTION, Block, context
from bot.messages.words import escape
from bot.parts import fix_emphasis


def part_blocks(markdown: str) -> list[Block]:
    """Give one part of a survey as a markdown block."""
    return [{"type": "markdown", "text": fix_emphasis(markdown)}]


def plain_part_blocks(markdown: str) -> list[Block]:
    """Give one part as plain sections, for a Slack that refuses its markdown block."""
    text = re.sub(r"\[([^\[\]]*)\]\((https://arxiv\.org/abs/[^()\s]+)\)", r"\1 \2", markdown)
    # Not through ``plain_text``, which would break the links that code has made.
    return [
        {
            "type": "section",
            "text": {"type": "plain_text", "text": text[i : i + SECTION], "emoji": False},
        }
        for i in range(0, len(text), SECTION)
    ]


def footer_blocks(lines: Sequence[str]) -> list[Block]:
    """Give the footer as small print."""
    return [context(escape("\n".join(lines))[:CONTEXT])]
