"""Write the changed parts of a survey and put it together again."""

from collections.abc import Sequence
from itertools import count

from pipeline.cite import resolve
from pipeline.concurrency import map_at_once
from pipeline.errors import Refused
from pipeline.followup.draft import KEYLESS, Draft, write_part
from pipeline.followup.frame import is_frame, is_opening, renew_frame
from pipeline.followup.parts import make_tasks
from pipeline.followup.post import describe
from pipeline.followup.types import Change, PartChange, Revision, Task
from pipeline.labels import labels
from pipeline.outline import Parts, join_parts, read_parts
from pipeline.progress import OnProgress, Progress, say_nothing
from pipeline.providers.base import ChatModel
from pipeline.types import Omission, Survey
from pipeline.write.compose import closing_table
from pipeline.write.replies import Writer


def revise(
    change: Change,
    model: ChatModel | None,
    *,
    survey_id: str,
    at_once: int = 8,
    on_progress: OnProgress = say_nothing,
) -> Revision:
    """Write what has changed, at once; every other part stays as it is, to the letter.

    Args:
        model: null for extracts.
        at_once: parts written at the same time.

    Raises:
        Refused: the model declined every part.
        OperatorActs, TryAgain: as the model raises them.
    """
    context = change.context
    writer = Writer(model, context.question, len(context.passages)) if model else None
    is_digest = change.thread.survey.model == KEYLESS
    tasks = make_tasks(change)
    total = sum(task.action not in {"keep", "drop"} for task in tasks) + 1
    done = count(1)

    def write_one(task: Task) -> Draft:
        is_note = is_opening(task.part) and (writer is None or is_digest)
        if is_frame(task.part) or is_note:
            return Draft("drop" if task.action == "drop" else "keep", task.part)
        draft = write_part(change, task, writer)
        if (number := next(done)) < total:
            on_progress(Progress("write", number, total))
        return draft

    drafts = map_at_once(write_one, tasks, at_once=at_once)
    if (
        writer
        and any(d.declined for d in drafts)
        and all(d.declined or d.action in {"keep", "drop"} for d in drafts)
    ):
        raise Refused(f"{writer.model.name} declined every part")
    title, renewed = renew_frame(change, tasks, drafts, writer)
    survey = _compose(change, title, renewed, model, survey_id)
    before = {passage.paper.id for passage in change.thread.context.passages}
    after = {passage.paper.id for passage in context.passages}
    added = tuple(p.paper.id for p in context.passages if p.paper.id not in before)
    removed = tuple(p.paper.id for p in change.thread.context.passages if p.paper.id not in after)
    return Revision(
        context=context,
        survey=survey,
        changes=tuple(
            PartChange(
                d.action, d.part.heading, "" if d.action in {"keep", "drop"} else d.part.text
            )
            for d in renewed
        ),
        added=added,
        removed=removed,
        markdown=describe(change, title, renewed, (len(added), len(removed))),
    )


def _compose(
    change: Change, title: str, drafts: Sequence[Draft], model: ChatModel | None, survey_id: str
) -> Survey:
    """Join the parts that are left, and make the closing table anew."""
    context, before = change.context, change.thread.survey
    standing = [draft.part for draft in drafts if draft.action != "drop"]
    opening = "\n\n".join(part.text for part in standing if not part.heading)
    sections = tuple(part for part in standing if part.heading)
    linked = {one for part in standing for one in part.paper_ids}
    papers = [passage.paper for passage in context.passages]
    missing = [n for n, paper in enumerate(papers, start=1) if paper.id not in linked]
    known = {} if change.is_translated else {one.paper_id: one.reason for one in before.omitted}
    not_discussed = labels(context.question.language).not_discussed
    reasons = {n: known.get(papers[n - 1].id, not_discussed) for n in missing}
    table = resolve(closing_table(context, missing, reasons), papers).markdown
    parts = Parts(title, opening, (*sections, *read_parts(table).sections))
    anchors = (anchor for draft in drafts for anchor in draft.removed_anchors)
    return Survey(
        id=survey_id,
        context_id=context.id,
        model=model.name if model else before.model,
        mode=before.mode,
        markdown=join_parts(parts),
        omitted=tuple(Omission(papers[n - 1].id, reasons[n]) for n in missing),
        removed_anchors=tuple(dict.fromkeys(anchors)),
    )
