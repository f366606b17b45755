"""The root message of a survey: the question, the plan while it works, the buttons afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import get_args

from bot.blocks.elements import (
    CONTEXT,
    Block,
    actions,
    button,
    context,
    menu,
    option,
    plain_text,
    quote,
    section,
)
from bot.messages import working as say
from bot.requests import SurveyRequest
from bot.store import Job
from pipeline.progress import Progress, Stage
from pipeline.types import Language, Search

STOP, RESUME, AGAIN = "job_stop", "job_resume", "job_again"
OTHER_MODEL, QUERIES, LEFT_OUT, EXPORT = "job_model", "job_queries", "job_left_out", "job_export"
TO_DIRECT_MESSAGE = "job_direct"
"""The actions of the root's buttons; each carries the job's id, as the menu's options do."""

_MARKS = {"complete": "✓", "in_progress": "⋯", "pending": "·"}


@dataclass(frozen=True, slots=True)
class Plan:
    """How far a survey is.

    Attributes:
        estimate: a sentence on what it will cost.
        waiting_until: epoch seconds when a service lets us go on; null while nothing waits.
    """

    estimate: str
    stages: Mapping[Stage, Progress] = field(default_factory=dict)
    waiting_until: float | None = None


def working_blocks(job: Job, plan: Plan, *, rich: bool) -> list[Block]:
    """Give the root while its survey is made.

    Args:
        rich: with a plan of task cards; a Slack that refuses these gets a list of lines.
    """
    language = job.request.language
    blocks = [*_question_blocks(job, plan.estimate), _plan_block(plan, language, rich=rich)]
    if plan.waiting_until is not None:
        blocks.append(context(say.WAITING[language].format(when=_clock(plan, language))))
    searches = next((p.searches for p in plan.stages.values() if p.searches), ())
    if searches:
        blocks.append(context(_show_searches(searches, language)))
    stop = button(STOP, say.STOP[language], job.id, "danger")
    return [*blocks, actions(f"stop:{job.id}:{job.attempt}", stop)]


def done_blocks(job: Job, line: str) -> list[Block]:
    """Give the root of a finished survey."""
    language = job.request.language
    formats = {"md": "Markdown", "bib": "BibTeX", "csv": "CSV"}
    buttons = (
        button(AGAIN, say.AGAIN[language], job.id),
        button(OTHER_MODEL, say.OTHER_MODEL[language], job.id),
        button(QUERIES, say.EDIT_QUERIES[language], job.id),
        button(LEFT_OUT, say.LEFT_OUT[language], job.id),
        menu(
            EXPORT,
            [
                option(f"{say.EXPORT[language]}: {label}", f"{kind}:{job.id}")
                for kind, label in formats.items()
            ],
        ),
    )
    return [*_question_blocks(job, line), actions(f"done:{job.id}:{job.attempt}", *buttons)]


def ended_blocks(job: Job, line: str, *, can_go_on: bool) -> list[Block]:
    """Give the root of a survey that failed or was stopped."""
    language = job.request.language
    buttons = [button(AGAIN, say.AGAIN[language], job.id)]
    if can_go_on:
        buttons.insert(0, button(RESUME, say.GO_ON[language], job.id, "primary"))
    return [*_question_blocks(job, line), actions(f"ended:{job.id}:{job.attempt}", *buttons)]


def plain_root_blocks(job: Job, line: str) -> list[Block]:
    """Give the root without buttons, where nothing is left to be pressed."""
    return _question_blocks(job, line)


def stages_text(stages: Mapping[Stage, Progress], language: Language) -> str:
    """Give the stages as lines with marks."""
    return "\n".join(
        f"{_MARKS[state]} {title}" for _, title, state in _list_stages(stages, language)
    )


def _question_blocks(job: Job, line: str) -> list[Block]:
    request = job.request
    assert isinstance(request, SurveyRequest), "only surveys have a root"
    asked = say.ASKED_BY[request.language].format(person=job.person)
    return [
        {"type": "section", "text": plain_text(f"📚 {request.question.text}")},
        context(f"{asked}　{line}"),
    ]


def _plan_block(plan: Plan, language: Language, *, rich: bool) -> Block:
    if not rich:
        return section(stages_text(plan.stages, language))
    return {
        "type": "plan",
        "title": say.PLAN[language],
        "tasks": [
            {"type": "task_card", "task_id": stage, "title": title, "status": state}
            for stage, title, state in _list_stages(plan.stages, language)
        ],
    }


def _list_stages(
    stages: Mapping[Stage, Progress], language: Language
) -> list[tuple[Stage, str, str]]:
    """Give each stage with its title and state, as Slack names states."""
    listed: list[tuple[Stage, str, str]] = []
    reached = True
    for stage in get_args(Stage):
        progress = stages.get(stage)
        finished = progress is not None and progress.done >= progress.total
        state = "complete" if finished else "in_progress" if reached else "pending"
        title = say.STAGES[stage][language]
        if progress is not None and not finished and progress.total > 1:
            title = f"{title} {progress.done}/{progress.total}"
        listed.append((stage, title, state))
        reached = finished
    return listed


def _clock(plan: Plan, language: Language) -> str:
    assert plan.waiting_until is not None, "asked only while something waits"
    moment = datetime.fromtimestamp(plan.waiting_until, UTC)
    return say.CLOCK[language].format(epoch=int(plan.waiting_until), utc=f"{moment:%H:%M}")


def _show_searches(searches: Sequence[Search], language: Language) -> str:
    lines = (
        f"{say.HITS[language].format(hits=search.hits)}　{quote(search.text)}"
        for search in searches
    )
    return "\n".join(lines)[:CONTEXT]
