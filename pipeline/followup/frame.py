"""Bring title, opening, introduction and conclusion up to date after the sections have changed."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from pipeline.cite import make_harmless, unresolve
from pipeline.errors import ModelDeclined
from pipeline.followup.draft import KEYLESS, Draft, finish_text, number_papers
from pipeline.followup.parts import kind_of
from pipeline.followup.types import Change, Task
from pipeline.labels import labels
from pipeline.outline import Part, read_parts
from pipeline.providers.keyless.digest import write_frame, write_note, write_title
from pipeline.write.replies import Writer

_DUE_FROM = 3
"""Introduction and conclusion are written anew when more than one section in so many changed."""


class FrameText(BaseModel):
    """The reply to ``followup_frame.md``."""

    title: str = Field(min_length=1)
    introduction: str = Field(min_length=1)
    conclusion: str = Field(min_length=1)


def is_frame(part: Part) -> bool:
    """Tell introduction and conclusion from the other parts."""
    return kind_of(part) in {"introduction", "conclusion"}


def is_opening(part: Part) -> bool:
    """Tell what stands between the title and the first section."""
    return not part.heading and bool(part.text)


def renew_frame(
    change: Change, tasks: Sequence[Task], drafts: Sequence[Draft], writer: Writer | None
) -> tuple[str, tuple[Draft, ...]]:
    """Give the title and all drafts, with opening, introduction and conclusion renewed where due.

    They are due when the survey was translated or more than a third of its sections changed, and
    each of them when the person named it or one of its papers has left. Where the model declines,
    what links to papers that have left goes, and the rest stays.

    Args:
        drafts: one for each task.

    Raises:
        OperatorActs, TryAgain: as the model raises them.
    """
    title = read_parts(change.thread.survey.markdown).title
    is_due = _is_due(change, tasks, drafts)
    places = [
        place
        for place, task in enumerate(tasks)
        if is_frame(task.part) and task.action != "drop" and (is_due or task.action != "keep")
    ]
    renewed = list(drafts)
    if places or change.is_translated:
        frame = _write(change, tasks, drafts, writer)
        if frame and change.is_translated:
            title = make_harmless(frame.title) or title
        for place in places:
            renewed[place] = _draft(change, tasks[place], frame)
    if tasks and is_opening(tasks[0].part):
        renewed[0] = _open(change, tasks, drafts, writer)
    return title, tuple(renewed)


def _sections(tasks: Sequence[Task], drafts: Sequence[Draft]) -> list[tuple[Task, Draft]]:
    """Give the sections proper with their drafts."""
    return [
        (task, draft)
        for task, draft in zip(tasks, drafts, strict=True)
        if draft.part.heading and not is_frame(task.part)
    ]


def _is_due(change: Change, tasks: Sequence[Task], drafts: Sequence[Draft]) -> bool:
    sections = _sections(tasks, drafts)
    changed = sum(draft.action != "keep" for _, draft in sections)
    if change.is_translated:
        return True
    if change.thread.survey.model == KEYLESS:
        return changed > 0  # a digest counts its papers and lists its headings there
    return _DUE_FROM * changed > sum(task.action != "add" for task, _ in sections)


def _write(
    change: Change, tasks: Sequence[Task], drafts: Sequence[Draft], writer: Writer | None
) -> FrameText | None:
    """Give the frame with anchors; null where the model declines or no section is left."""
    context = change.context
    parts = [draft.part for _, draft in _sections(tasks, drafts) if draft.action != "drop"]
    if not parts:
        return None
    if writer is None:
        places = [[n - 1 for n in number_papers(context, part.paper_ids)] for part in parts]
        introduction, conclusion = write_frame(context, [part.heading for part in parts], places)
        return FrameText(
            title=write_title(context), introduction=introduction, conclusion=conclusion
        )
    papers = [passage.paper for passage in context.passages]
    before = [task for task in tasks if is_frame(task.part)]
    tags = {
        "title": read_parts(change.thread.survey.markdown).title,
        **{kind_of(task.part): unresolve(task.part.text, papers) for task in before},
        **{
            f"section_{number}": f"{part.heading}\n\n{unresolve(part.text, papers)}"
            for number, part in enumerate(parts, start=1)
        },
        "length": change.plan.length or "",
        "instruction": "\n".join(task.instruction for task in before if task.instruction),
        "request": change.thread.text,
    }
    tags = {tag: text for tag, text in tags.items() if text}
    try:
        return writer.ask("followup_frame", FrameText, tags)
    except ModelDeclined:
        return None


def _draft(change: Change, task: Task, frame: FrameText | None) -> Draft:
    is_first = kind_of(task.part) == "introduction"
    words = labels(change.context.question.language)
    heading = words.introduction if is_first else words.conclusion
    written = (frame.introduction if is_first else frame.conclusion) if frame else ""
    text, unknown = finish_text(written, change.context)
    if not text:
        return Draft("drop" if task.lost else "keep", task.part)
    return Draft("rewrite", Part(heading, text), unknown)


def _open(
    change: Change, tasks: Sequence[Task], drafts: Sequence[Draft], writer: Writer | None
) -> Draft:
    """Give the opening: a digest's note stays as long as an extract does."""
    part = tasks[0].part
    if change.thread.survey.model != KEYLESS:
        return Draft("drop", part) if writer is None and tasks[0].lost else drafts[0]
    written = [draft for _, draft in _sections(tasks, drafts)]
    if writer and all(draft.action != "keep" and draft.instead is None for draft in written):
        return Draft("drop", part)
    note, _ = finish_text(write_note(change.context), change.context)
    return Draft("keep" if note == part.text else "rewrite", Part("", note))
