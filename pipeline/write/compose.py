"""Compose a whole survey: plan, sections, introduction and conclusion, the closing table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from pipeline.cite import find_anchors, resolve
from pipeline.concurrency import map_at_once
from pipeline.errors import CeilingReached, ContextTooLong, ModelDeclined, Refused, Truncated
from pipeline.labels import labels
from pipeline.progress import OnProgress, Progress, say_nothing
from pipeline.providers.base import ChatModel
from pipeline.providers.keyless.digest import name_sections, write_digest
from pipeline.providers.keyless.extract import clean_text
from pipeline.sections import cut_tour
from pipeline.types import Context, Mode, Omission, Survey
from pipeline.write.replies import Frame, Heading, Outline, Writer, show_passages
from pipeline.write.sections import Section, demote_headings, write_section


@dataclass(frozen=True, slots=True)
class _Draft:
    """A survey with anchors for links.

    Attributes:
        reasons: passage number → why the writer calls it off topic.
        cut_short: the ceiling of cost kept the model from writing all of it.
    """

    text: str
    reasons: Mapping[int, str] = field(default_factory=dict)
    cut_short: bool = False


def write_survey(
    context: Context,
    model: ChatModel | None,
    *,
    survey_id: str,
    mode: Mode = "sections",
    is_repaired: bool = True,
    at_once: int = 8,
    on_progress: OnProgress = say_nothing,
) -> Survey:
    """Write a survey whose links are all made by code.

    Papers that the text leaves out stand in a closing table with the reason; they are
    ``Survey.omitted`` and do not count as cited.

    Args:
        model: null for the keyless digest, which in single mode has one section.
        is_repaired: papers that a section's first draft left out are asked for again.
        at_once: sections written at the same time.

    Raises:
        Refused: the model declined every part.
        OperatorActs, TryAgain: as the model raises them.
    """
    if model is None:
        whole = (range(len(context.passages)),)
        draft = _Draft(write_digest(context, whole if mode == "single" else cut_tour(context.gaps)))
    else:
        writer = Writer(model, context.question, len(context.passages), is_repaired)
        if mode == "single":
            draft = _write_single(context, writer)
        else:
            draft = _write_sections(context, writer, at_once, on_progress)
    cited = find_anchors(draft.text)
    missing = [n for n in range(1, len(context.passages) + 1) if n not in cited]
    table = closing_table(context, missing, draft.reasons)
    resolved = resolve(draft.text.rstrip() + table + "\n", [p.paper for p in context.passages])
    not_discussed = labels(context.question.language).not_discussed
    return Survey(
        id=survey_id,
        context_id=context.id,
        model="keyless" if model is None else model.name,
        mode=mode,
        markdown=resolved.markdown,
        omitted=tuple(
            Omission(context.passages[n - 1].paper.id, draft.reasons.get(n, not_discussed))
            for n in missing
        ),
        removed_anchors=resolved.unknown,
        cut_short=draft.cut_short,
        is_repaired=is_repaired,
    )


def _write_sections(
    context: Context, writer: Writer, at_once: int, on_progress: OnProgress
) -> _Draft:
    """Plan, write the sections at once, then introduction and conclusion from them."""
    ranges = [range(r.start + 1, r.stop + 1) for r in cut_tour(context.gaps)]
    total = len(ranges) + 2
    done = count(1)

    def step() -> None:
        if (number := next(done)) < total:
            on_progress(Progress("write", number, total))

    outline = _plan(context, writer, ranges)
    step()

    def write_one(place: int) -> Section:
        section = write_section(context, writer, outline.sections[place], ranges[place])
        step()
        return section

    sections = map_at_once(write_one, range(len(ranges)), at_once=at_once)
    cut_short = any(isinstance(section.instead, CeilingReached) for section in sections)
    if all(section.instead for section in sections) and not cut_short:
        raise Refused(f"{writer.model.name} declined every section")
    frame = _frame(writer, sections)
    step()
    words = labels(context.question.language)
    parts = [f"# {clean_text(outline.title)}"]
    if frame:
        parts += [f"## {words.introduction}", demote_headings(frame.introduction)]
    for section in sections:
        parts += [f"## {section.heading}", section.text]
    if frame:
        parts += [f"## {words.conclusion}", demote_headings(frame.conclusion)]
    reasons = {n: why for section in sections for n, why in section.off_topic.items()}
    return _Draft("\n\n".join(parts), reasons, cut_short)


def _plan(context: Context, writer: Writer, ranges: Sequence[range]) -> Outline:
    """Ask for title and headings; where that fails, take the sections' distinctive terms."""
    papers = "\n\n".join(
        f"Section {number}\n{show_passages((n, context.passages[n - 1]) for n in numbers)}"
        for number, numbers in enumerate(ranges, start=1)
    )

    def check(reply: Outline) -> str:
        given = len(reply.sections)
        return "" if given == len(ranges) else f"It has {given} sections, not {len(ranges)}."

    try:
        reply = writer.ask(
            "outline", Outline, {"papers": papers}, check=check, count=str(len(ranges))
        )
        if not check(reply):
            return reply
    except ModelDeclined:
        pass
    language = context.question.language
    places = [range(r.start - 1, r.stop - 1) for r in ranges]
    names = name_sections(context.passages, places, language)
    return Outline(
        title=labels(language).title.format(question=context.question.text),
        sections=[Heading(heading=name, focus="") for name in names],
    )


def _frame(writer: Writer, sections: Sequence[Section]) -> Frame | None:
    """Ask for introduction and conclusion; a survey without them is better than none."""
    texts = {
        f"section_{number}": f"{section.heading}\n\n{section.text}"
        for number, section in enumerate(sections, start=1)
    }
    try:
        return writer.ask("frame", Frame, texts)
    except (ContextTooLong, Truncated):
        # A section opens with its thread: heading and first paragraph stand for the whole.
        shorter = {tag: "\n\n".join(text.split("\n\n")[:2]) for tag, text in texts.items()}
        try:
            return writer.ask("frame", Frame, shorter)
        except ModelDeclined:
            return None
    except ModelDeclined:
        return None


def _write_single(context: Context, writer: Writer) -> _Draft:
    """Ask for the whole survey in one call; a context that is too long is halved, never cut."""
    words = labels(context.question.language)
    numbers = range(1, len(context.passages) + 1)
    try:
        draft = _ask_single(context, writer, numbers).strip()
    except CeilingReached:
        digest = write_digest(context, cut_tour(context.gaps), note=words.ceiling)
        return _Draft(digest, cut_short=True)
    if not draft.startswith("# "):
        title = words.title.format(question=clean_text(context.question.text))
        draft = f"# {title}\n\n{draft}"
    return _Draft(draft)


def _ask_single(context: Context, writer: Writer, numbers: range) -> str:
    papers = show_passages((n, context.passages[n - 1]) for n in numbers)
    try:
        return writer.ask_text("single", {"papers": papers})
    except (ContextTooLong, Truncated):
        if len(numbers) == 1:
            raise
        middle = numbers.start + len(numbers) // 2
        halves = (range(numbers.start, middle), range(middle, numbers.stop))
        return "\n\n".join(_ask_single(context, writer, half) for half in halves)


def closing_table(context: Context, missing: Sequence[int], reasons: Mapping[int, str]) -> str:
    """Give the table of papers that the text leaves out, with anchors; nothing where none is.

    Args:
        missing: numbers of the passages, from 1.
        reasons: by number, why a paper is left out.
    """
    if not missing:
        return ""
    words = labels(context.question.language)
    rows = "\n".join(
        f"| {clean_text(context.passages[n - 1].paper.title)} [P{n}]"
        f" | {clean_text(reasons.get(n, words.not_discussed))} |"
        for n in missing
    )
    return (
        f"\n\n## {words.related}\n\n{words.related_note}\n\n"
        f"| {words.paper} | {words.reason} |\n|--|--|\n{rows}"
    )
