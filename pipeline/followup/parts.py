"""Which parts a survey has, which papers leave with them, and what is to become of each."""

from collections.abc import Iterator
from typing import Literal

from pipeline.followup.types import Action, Change, Plan, SectionWish, Task, Thread
from pipeline.labels import labels
from pipeline.outline import Part, Parts, read_parts
from pipeline.types import Language, Passage

Kind = Literal["introduction", "conclusion", "table", "section"]

_LANGUAGES: tuple[Language, ...] = ("ja", "en")


def kind_of(part: Part) -> Kind:
    """Tell the parts that code names by their headings, in either language."""
    for words in map(labels, _LANGUAGES):
        match part.heading:
            case words.introduction:
                return "introduction"
            case words.conclusion:
                return "conclusion"
            case words.related:
                return "table"
            case _:
                pass
    return "section"


def number_parts(parts: Parts) -> tuple[tuple[int, Part], ...]:
    """Number the parts that a request can name, from 1: all but the closing table."""
    named = (part for part in parts.sections if kind_of(part) != "table")
    return tuple(enumerate(named, start=1))


def find_leaving(thread: Thread, plan: Plan) -> frozenset[str]:
    """Give the ids of the papers that leave the context.

    They were named, or lie outside the dates, or only dropped sections discuss them.
    """
    dropped = {wish.number for wish in plan.parts if wish.action == "drop"}
    kept: set[str] = set()
    lost: set[str] = set()
    for number, part in number_parts(read_parts(thread.survey.markdown)):
        if kind_of(part) == "section":
            (lost if number in dropped else kept).update(part.paper_ids)
    named = {*plan.remove, *(lost - kept)}
    return frozenset(
        passage.paper.id
        for passage in (*thread.context.passages, *thread.context.off_topic)
        if passage.paper.id in named or not _is_within(passage, plan)
    )


def _is_within(passage: Passage, plan: Plan) -> bool:
    day = passage.paper.published.date()
    return plan.dates is None or plan.dates.since <= day <= plan.dates.until


def make_tasks(change: Change) -> tuple[Task, ...]:
    """Give what is to become of each part, in the order of the changed survey.

    The opening, which has no heading, comes first where there is one; the closing table, which code
    makes, is not among them.
    """
    before = read_parts(change.thread.survey.markdown)
    opening = ((0, Part("", before.opening)),) if before.opening else ()
    tasks = [_revise(number, part, change) for number, part in (*opening, *number_parts(before))]
    end = len(tasks) - (bool(tasks) and kind_of(tasks[-1].part) == "conclusion")
    return (*tasks[:end], *_new_sections(change), *tasks[end:])


def _revise(number: int, part: Part, change: Change) -> Task:
    titles = {one.paper.id: one.paper.title for one in change.thread.context.passages}
    here = {passage.paper.id for passage in change.context.passages}
    stays = tuple(one for one in part.paper_ids if one in here)
    lost = tuple(titles[one] for one in part.paper_ids if one in titles and one not in here)
    mine = (one for one, home in change.homes.items() if home == number)
    gained = tuple(one for one in mine if one not in stays)
    wish = next((wish for wish in change.plan.parts if wish.number == number), None)
    is_section = number > 0 and kind_of(part) == "section"
    action: Action = "keep"
    if (wish and wish.action == "drop") or (is_section and lost and not (stays or gained)):
        action = "drop"
    elif wish:
        action = wish.action
    elif lost or change.is_translated or change.plan.length:
        action = "rewrite"
    elif gained:
        action = "extend"
    instruction = wish.instruction if wish else ""
    return Task(action, part, (*stays, *gained), gained, lost, instruction)


def _new_sections(change: Change) -> Iterator[Task]:
    """Give the sections that the person asked for, and one for new papers without a home."""
    here = {passage.paper.id for passage in change.context.passages}
    homeless = tuple(one for one, home in change.homes.items() if home is None)
    for wish in (*change.plan.sections, SectionWish("", "")):
        ids = tuple(one for one in wish.paper_ids if one in here)
        if not wish.paper_ids:
            ids, homeless = homeless, ()
        if ids:
            gained = tuple(one for one in ids if one in change.homes)
            yield Task("add", Part(wish.heading, ""), ids, gained, (), wish.instruction)
