"""Say what has changed: in a few lines, then each changed part in full."""

from collections.abc import Sequence

from pipeline.cite import make_harmless
from pipeline.followup.draft import Draft
from pipeline.followup.labels import labels, quote
from pipeline.followup.types import Action, Change


def describe(change: Change, title: str, drafts: Sequence[Draft], counts: tuple[int, int]) -> str:
    """Give the Markdown to post.

    Args:
        title: of the changed survey; shown where the survey was translated.
        drafts: all parts, resolved, in the order of the survey.
        counts: papers that came, papers that left.
    """
    language = change.context.question.language
    words = labels(language)
    said: tuple[tuple[Action, str], ...] = (
        ("rewrite", words.rewritten),
        ("extend", words.extended),
        ("add", words.added),
        ("drop", words.dropped),
        ("keep", words.kept),
    )
    lines = [
        line.format(headings=quote(headings, language))
        for action, line in said
        if (headings := _headings(drafts, action))
    ]
    added, removed = counts
    came = [words.papers_added.format(count=added)] if added else []
    left = [words.papers_removed.format(count=removed)] if removed else []
    if change.plan.sought and not added:
        sought = quote(tuple(map(make_harmless, change.plan.sought)), language)
        lines.append(words.not_found.format(sought=sought))
    total = len(change.context.passages)
    list_ = "\n".join(f"- {line}" for line in (*came, *left, *lines))
    parts = [words.revised.format(total=total), list_]
    if change.is_translated:
        parts.append(f"# {title}")
    for draft in drafts:
        if draft.action not in {"keep", "drop"}:
            parts += [f"## {draft.part.heading}"] if draft.part.heading else []
            parts.append(draft.part.text)
    return "\n\n".join(part for part in parts if part) + "\n"


def _headings(drafts: Sequence[Draft], action: Action) -> tuple[str, ...]:
    return tuple(d.part.heading for d in drafts if d.action == action and d.part.heading)
