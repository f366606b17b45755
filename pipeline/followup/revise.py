"""Write the changed parts of a survey and put it together again."""

from collections.abc import Sequence
from itertools import count

from pipeline.cite import resolve
from pipeline.concurrency import map_at_once
from pipeline.errors import CeilingReached, Refused
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
        Refused, CeilingReached: the model wrote no part at all.
        OperatorActs, TryAgain: as the model raises them.
    """
    passages = change.context.passages
    writer = Writer(model, change.context.question, len(passages)) if model else None
    tasks = make_tasks(change)
    drafts = _write_parts(change, tasks, writer, at_once, on_progress)
    title, renewed = renew_frame(change, tasks, drafts, writer)
    before = [passage.paper.id for passage in change.thread.context.passages]
    after = [passage.paper.id for passage in passages]
    added = tuple(one for one in after if one not in before)
    removed = tuple(one for one in before if one not in after)
    return Revision(
        context=change.context,
        survey=_compose(change, title, renewed, model, survey_id),
        changes=tuple(_tell(draft) for draft in renewed),
        added=added,
        removed=removed,
        markdown=describe(change, title, renewed, (len(added), len(removed))),
    )


def _tell(draft: Draft) -> PartChange:
    is_written = draft.action not in {"keep", "drop"}
    return PartChange(draft.action, draft.part.heading, draft.part.text if is_written else "")


def _write_parts(
    change: Change,
    tasks: Sequence[Task],
    writer: Writer | None,
    at_once: int,
    on_progress: OnProgress,
) -> list[Draft]:
    """Write all parts but the frame, which is written from them."""
    is_digest = change.thread.survey.model == KEYLESS
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
    _check_declined(drafts)
    return drafts


def _check_declined(drafts: Sequence[Draft]) -> None:
    """See to it that the model wrote something.

    Raises:
        CeilingReached: the run may spend no more, and nothing could be changed without a model.
        Refused: the model declined whatever it was asked for.
    """
    declined = [draft for draft in drafts if draft.instead]
    written = [d for d in drafts if not d.instead and d.action not in {"keep", "drop"}]
    if not declined or written:
        return
    if not any(isinstance(draft.instead, CeilingReached) for draft in declined):
        raise Refused("the model declined every part")
    if all(draft.action == "keep" for draft in declined):
        raise CeilingReached("the ceiling was reached before any part was written")


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
        cut_short=any(isinstance(draft.instead, CeilingReached) for draft in drafts),
    )
