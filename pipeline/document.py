"""The complete document of a survey: its text, what was set aside and why, how it came about."""

import re
from collections.abc import Sequence

from pipeline.cite import make_harmless
from pipeline.labels import labels
from pipeline.outline import find_headings
from pipeline.types import Context, Survey

_LISTS = frozenset(
    heading
    for words in (labels("ja"), labels("en"))
    for heading in (words.related, words.set_aside)
)
"""Headings of what only lists papers that a survey does not discuss."""

_SIGNS = re.compile(r"^[\W\d_]+|[\W_]+$")
_FOOTER = re.compile(
    r"^---\n\n- (?:引用：|Cited: |情報源：|Source: ).*(?:\n- .*)*\s*\Z", re.MULTILINE
)
"""How ``footer_lines`` and ``context_lines`` begin in a document."""


def compose_document(context: Context, survey: Survey, footer: Sequence[str]) -> str:
    """Give the Markdown file of a survey.

    Args:
        footer: plain lines on how it came about.
    """
    parts = [survey.markdown.rstrip(), *_set_aside(context), "---"]
    return "\n\n".join(parts) + "\n\n" + "".join(f"- {line}\n" for line in footer)


def read_body(markdown: str) -> str:
    """Give what a survey says, without the papers that it only lists and without our footer.

    Args:
        markdown: a survey's text, a complete document, or a survey written elsewhere.
    """
    lines = _FOOTER.sub("", markdown).split("\n")
    kept: list[str] = []
    headings = {place: (level, heading) for place, level, heading in find_headings(lines)}
    left_out = 0
    for place, line in enumerate(lines):
        level, heading = headings.get(place, (0, ""))
        if level and (not left_out or level <= left_out):
            left_out = level if _SIGNS.sub("", heading) in _LISTS else 0
        if not left_out:
            kept.append(line)
    return "\n".join(kept)


def _set_aside(context: Context) -> list[str]:
    """List the papers that triage set aside; without links, for they are no part of the survey."""
    if not context.off_topic:
        return []
    words = labels(context.question.language)
    lines = [
        f"- {make_harmless(p.paper.title)} ({p.paper.id}): {make_harmless(p.reason)}"
        for p in context.off_topic
    ]
    return [f"## {words.set_aside}", words.set_aside_note, "\n".join(lines)]
