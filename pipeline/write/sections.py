"""Write one section from its own passages, and see to it that none is left out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.cite import find_anchors
from pipeline.errors import CeilingReached, ContextTooLong, ModelDeclined, Truncated
from pipeline.labels import labels
from pipeline.providers.keyless.digest import write_bullets
from pipeline.providers.keyless.extract import clean_text
from pipeline.types import Context
from pipeline.write.replies import Addition, Heading, SectionText, Writer, show_passages


@dataclass(frozen=True, slots=True)
class Section:
    """A written section.

    Attributes:
        text: Markdown with anchors, no heading of its own.
        off_topic: passage number → the writer's reason for leaving it out.
        instead: why the model did not write it, where extracts of the abstracts stand in its place.
    """

    heading: str
    text: str
    off_topic: Mapping[int, str]
    instead: ModelDeclined | None = None


def write_section(context: Context, writer: Writer, heading: Heading, numbers: range) -> Section:
    """Write the section of some passages, then ask once for those that are still missing.

    Args:
        numbers: of the passages, from 1 as in their anchors.

    Raises:
        OperatorActs, TryAgain: as the model raises them. Where it declines, extracts stand in.
    """
    name = _one_line(heading.heading)
    try:
        reply = _ask(context, writer, heading, numbers)
    except ModelDeclined as error:
        extracts = write_bullets(context.passages, range(numbers.start - 1, numbers.stop - 1))
        words = labels(context.question.language)
        note = words.ceiling if isinstance(error, CeilingReached) else words.refused
        return Section(name, f"*{note}*\n\n{extracts}", {}, instead=error)
    text = demote_headings(reply.markdown)
    off_topic = {
        number: clean_text(one.reason)
        for one in reply.off_topic
        for number in find_anchors(f"[{one.anchor.strip('[] ')}]")
        if number in numbers
    }
    cited = find_anchors(text)
    missing = [n for n in numbers if n not in cited and n not in off_topic]
    if missing and writer.is_repaired:
        text = f"{text}\n\n{repair(context, writer, name, missing)}".strip()
    return Section(name, text, {n: why for n, why in off_topic.items() if n not in cited})


def demote_headings(markdown: str) -> str:
    """Give Markdown whose headings are of level 3 or deeper: titles and sections are ours."""
    return re.sub(r"^#{1,3}(?=\s|$)", "###", markdown.strip(), flags=re.MULTILINE)


def _ask(context: Context, writer: Writer, heading: Heading, numbers: range) -> SectionText:
    """Ask for a section's text; input or output that is too long is halved, never cut."""
    passages = [(n, context.passages[n - 1]) for n in numbers]
    parts = {
        "section": f"{heading.heading}\n{heading.focus}",
        "papers": show_passages(passages),
    }
    try:
        return writer.ask("section", SectionText, parts, check=_is_empty)
    except (ContextTooLong, Truncated):
        if len(numbers) == 1:
            raise
        middle = numbers.start + len(numbers) // 2
        halves = (range(numbers.start, middle), range(middle, numbers.stop))
        first, second = (_ask(context, writer, heading, half) for half in halves)
        return SectionText(
            markdown=f"{first.markdown}\n\n{second.markdown}",
            off_topic=[*first.off_topic, *second.off_topic],
        )


def _is_empty(reply: SectionText) -> str:
    return "" if reply.markdown.strip() or reply.off_topic else "The text is empty."


def repair(context: Context, writer: Writer, name: str, missing: Sequence[int]) -> str:
    """Ask once for sentences on the papers that a section left out; nothing where it declines.

    Args:
        name: the section's heading.
        missing: numbers of the passages, from 1.
    """
    papers = show_passages((n, context.passages[n - 1]) for n in missing)
    try:
        reply = writer.ask("repair", Addition, {"section": name, "papers": papers})
    except ModelDeclined:
        return ""
    return demote_headings(reply.markdown)


def _one_line(text: str) -> str:
    """Give a heading as one line without Markdown or anchors."""
    return clean_text(text).lstrip("# ")
