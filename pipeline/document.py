"""The complete document of a survey: its text, what was set aside and why, how it came about."""

from collections.abc import Sequence

from pipeline.cite import make_harmless
from pipeline.labels import labels
from pipeline.types import Context, Survey


def compose_document(context: Context, survey: Survey, footer: Sequence[str]) -> str:
    """Give the Markdown file of a survey.

    Args:
        footer: plain lines on how it came about.
    """
    parts = [survey.markdown.rstrip(), *_set_aside(context), "---"]
    return "\n\n".join(parts) + "\n\n" + "".join(f"- {line}\n" for line in footer)


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
