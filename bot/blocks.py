"""Pure functions from our values to Slack's blocks; outside text is shown, never obeyed."""

import re
from collections.abc import Mapping, Sequence
from typing import get_args

from bot.messages import ASKED_BY, HITS, STAGES
from bot.parts import fix_emphasis
from bot.store import Job
from pipeline.progress import Progress, Stage
from pipeline.types import Language, Search

Block = dict[str, object]

_SECTION = 3_000
_CONTEXT = 2_000
_FALLBACK = 150
"""Characters of the plain text that notifications show."""

_MARKS = {"done": "✓", "running": "⋯", "waiting": "·"}


def plain(text: str, longest: int = _FALLBACK) -> str:
    """Give outside text as plain text that can neither ping nor link, on one line.

    Slack reads ``<…>`` in a message's text as a mention or link, and ``@here`` where a client
    links names.
    """
    safe = _escape(" ".join(text.split()))
    return safe if len(safe) <= longest else f"{safe[: longest - 1]}…"


def root_blocks(job: Job, state: str) -> list[Block]:
    """Give the root message: the question, who asked, and how far it is."""
    asked = ASKED_BY[job.question.language].format(person=job.person)
    return [
        {"type": "section", "text": _plain_text(f"📚 {job.question.text}")},
        {"type": "context", "elements": [_mrkdwn(f"{asked}　{state}")]},
    ]


def progress_blocks(stages: Mapping[Stage, Progress], language: Language) -> list[Block]:
    """Give the progress message: each stage with its mark, the queries once they are known."""
    lines: list[str] = []
    searches: tuple[Search, ...] = ()
    reached = True
    for stage in get_args(Stage):
        progress = stages.get(stage)
        finished = progress is not None and progress.done >= progress.total
        state = "done" if finished else "running" if reached else "waiting"
        count = (
            f" {progress.done}/{progress.total}"
            if progress is not None and not finished and progress.total > 1
            else ""
        )
        lines.append(f"{_MARKS[state]} {STAGES[stage][language]}{count}")
        searches = progress.searches if progress and progress.searches else searches
        reached = finished
    blocks: list[Block] = [{"type": "section", "text": _mrkdwn("\n".join(lines))}]
    if searches:
        blocks.append(
            {"type": "context", "elements": [_mrkdwn(_show_searches(searches, language))]}
        )
    return blocks


def part_blocks(markdown: str) -> list[Block]:
    """Give one part of a survey as a markdown block."""
    return [{"type": "markdown", "text": fix_emphasis(markdown)}]


def plain_part_blocks(markdown: str) -> list[Block]:
    """Give one part as plain sections, for a Slack that refuses its markdown block."""
    text = re.sub(r"\[([^\[\]]*)\]\((https://arxiv\.org/abs/[^()\s]+)\)", r"\1 \2", markdown)
    return [
        {"type": "section", "text": _plain_text(text[i : i + _SECTION])}
        for i in range(0, len(text), _SECTION)
    ]


def footer_blocks(lines: Sequence[str]) -> list[Block]:
    """Give the footer as small print."""
    return [{"type": "context", "elements": [_mrkdwn(_escape("\n".join(lines))[:_CONTEXT])]}]


def _show_searches(searches: Sequence[Search], language: Language) -> str:
    lines = [
        f"{HITS[language].format(hits=search.hits)}　`{_escape(search.text)}`"
        for search in searches
    ]
    return "\n".join(lines)[:_CONTEXT]


def _escape(text: str) -> str:
    """Give outside text for Slack's own markup, in which it can neither ping, link nor format."""
    text = text.replace("@", "＠").replace("`", "'")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain_text(text: str) -> Block:
    """Give a text object in which Slack reads no mentions, links or formatting."""
    return {"type": "plain_text", "text": text.replace("@", "＠")[:_SECTION], "emoji": False}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}
