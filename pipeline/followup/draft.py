"""Write one changed part: by the writing model, or as extracts of the abstracts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel, Field

from pipeline.cite import find_anchors, make_harmless, resolve, unresolve
from pipeline.errors import BadReply, CeilingReached, ModelDeclined
from pipeline.followup.labels import labels as follow_up_labels
from pipeline.followup.types import Action, Change, Task
from pipeline.labels import labels
from pipeline.outline import Part, read_parts
from pipeline.providers.keyless.digest import name_sections, write_bullets, write_section
from pipeline.types import Context
from pipeline.write.replies import Writer, show_passages
from pipeline.write.sections import demote_headings, repair

KEYLESS = "keyless"
"""``Survey.model`` of a digest."""


class PartText(BaseModel):
    """The reply to ``followup_part.md``."""

    heading: str
    markdown: str = Field(min_length=1)
    left_out: list[str] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Draft:
    """A part of the changed survey.

    Attributes:
        part: resolved: its links are made by code.
        removed_anchors: anchors that the model invented.
        instead: why the model did not write it, where extracts or the old text stand in its place.
    """

    action: Action
    part: Part
    removed_anchors: tuple[str, ...] = ()
    instead: ModelDeclined | None = None


def write_part(change: Change, task: Task, writer: Writer | None) -> Draft:
    """Write a part anew as its task says; parts that are kept or dropped stay as they are.

    Where the model declines, a part that lost no paper stays, with extracts of what it gained;
    another is given as extracts.

    Raises:
        OperatorActs, TryAgain: as the model raises them.
    """
    if task.action in {"keep", "drop"}:
        return Draft(task.action, task.part)
    if writer is None:
        return _extract(change, task)
    try:
        draft = _finish(change, task, _ask(change, task, writer))
        if draft.part.text:
            return draft
        instead: ModelDeclined = BadReply(f"{writer.model.name} gave no text")
    except ModelDeclined as error:
        instead = error
    words = labels(change.context.question.language)
    note = words.ceiling if isinstance(instead, CeilingReached) else words.refused
    return replace(_keep_and_extract(change, task, note), instead=instead)


def number_papers(context: Context, paper_ids: Sequence[str]) -> tuple[int, ...]:
    """Give the numbers of papers in a context, from 1."""
    numbers = {passage.paper.id: n for n, passage in enumerate(context.passages, start=1)}
    return tuple(numbers[paper_id] for paper_id in paper_ids if paper_id in numbers)


def finish_text(text: str, context: Context) -> tuple[str, tuple[str, ...]]:
    """Resolve a text of a part and keep it inside its part.

    Returns:
        the text, and the anchors that name no paper.
    """
    resolved = resolve(text, [passage.paper for passage in context.passages])
    markdown = demote_headings(resolved.markdown)
    if len(read_parts(f"## a\n\n{markdown}\n\n## b").sections) != 2:
        # A fence that stays open would swallow every part that follows.
        markdown = markdown.replace("```", "").replace("~~~", "")
    return markdown, resolved.unknown


def _ask(change: Change, task: Task, writer: Writer) -> Part:
    """Ask for a part, then once for sentences on the papers that are still missing."""
    context = change.context
    numbers = number_papers(context, task.paper_ids)
    is_exact = change.is_translated or change.plan.length == "shorter"

    def find_missing(reply: PartText) -> list[int]:
        cited = find_anchors(reply.markdown)
        out = find_anchors(" ".join(f"[{one.strip('[] ')}]" for one in reply.left_out))
        return [number for number in numbers if number not in cited and number not in out]

    def check(reply: PartText) -> str:
        missing = ", ".join(f"[P{number}]" for number in find_missing(reply))
        return f"It leaves out {missing}." if missing and is_exact else ""

    reply = writer.ask("followup_part", PartText, _show(change, task, numbers), check=check)
    text, missing = demote_headings(reply.markdown), find_missing(reply)
    if missing and not is_exact:
        text = f"{text}\n\n{repair(context, writer, reply.heading, missing)}".strip()
    return Part(reply.heading, text)


def _show(change: Change, task: Task, numbers: Sequence[int]) -> dict[str, str]:
    """Give the tags of the prompt; those that say nothing are left out."""
    context = change.context
    papers = [passage.paper for passage in context.passages]
    part = f"{task.part.heading}\n\n{unresolve(task.part.text, papers)}".strip()
    tags = {
        "part": part if task.part.text else "",
        "heading": "" if task.part.text else task.part.heading,
        "papers": show_passages((n, context.passages[n - 1]) for n in numbers),
        "new": ", ".join(f"[P{n}]" for n in number_papers(context, task.gained)),
        "gone": "\n".join(task.lost),
        "length": change.plan.length or "",
        "instruction": task.instruction,
        "request": change.thread.text,
    }
    return {tag: text for tag, text in tags.items() if text}


def _finish(change: Change, task: Task, written: Part) -> Draft:
    """Resolve a written part and settle its heading."""
    text, unknown = finish_text(written.text, change.context)
    return Draft(task.action, Part(_head(change, task, written.heading), text), unknown)


def _head(change: Change, task: Task, heading: str) -> str:
    """Give a part's heading: its own, unless language or wish ask for another."""
    if task.action != "add" and not task.part.heading:
        return ""  # the opening has none
    may_rename = change.is_translated or task.action == "add" or bool(task.instruction)
    new = make_harmless(heading).lstrip("# ") if may_rename else ""
    return new or (task.part.heading if task.action != "add" else _name(change, task))


def _name(change: Change, task: Task) -> str:
    """Name a new part by what was sought, or by the terms of its papers."""
    language = change.context.question.language
    if sought := labels(language).digest_joint.join(map(make_harmless, change.plan.sought)):
        return sought
    places = [number - 1 for number in number_papers(change.context, task.paper_ids)]
    return make_harmless(name_sections(change.context.passages, [places], language)[0])


def _extract(change: Change, task: Task) -> Draft:
    """Write a part without a model: a digest's section, or extracts below the prose that stays."""
    context = change.context
    if change.thread.survey.model != KEYLESS:
        note = follow_up_labels(context.question.language).part_note
        return _keep_and_extract(change, task, note)
    places = [number - 1 for number in number_papers(context, task.paper_ids)]
    text = write_section(context, places, is_brief=change.plan.length == "shorter")
    before, after = (labels(one.question.language) for one in (change.thread.context, context))
    heading = task.part.heading.replace(before.digest_joint, after.digest_joint)
    return _finish(change, task, Part(heading, text))


def _keep_and_extract(change: Change, task: Task, note: str) -> Draft:
    """Keep a part's text where none of its papers has left, and add extracts of the others."""
    stays = "" if task.lost else task.part.text
    ids = task.gained if stays else task.paper_ids
    if not ids:
        return Draft("drop" if task.lost else "keep", task.part)
    places = [number - 1 for number in number_papers(change.context, ids)]
    extracts = f"*{note}*\n\n{write_bullets(change.context.passages, places)}"
    draft = _finish(change, task, Part(task.part.heading, extracts))
    text = f"{stays}\n\n{draft.part.text}".strip()
    return replace(draft, part=Part(draft.part.heading, text))
