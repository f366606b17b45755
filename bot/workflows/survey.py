"""A survey, or two to compare: from the request to the last message of its thread."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.blocks.root import Plan, working_blocks
from bot.codec import decode_error, encode_error
from bot.delivery import RootMessage
from bot.delivery.session import ThreadStatus
from bot.delivery.thread import Message
from bot.errors import SurveyGone
from bot.messages.words import plain
from bot.requests import SurveyRequest
from bot.workflows.comparison import open_comparison
from bot.workflows.counting import count_ahead, keep_recall
from bot.workflows.posting import post_survey
from bot.workflows.run import Run
from pipeline.concurrency import map_at_once
from pipeline.errors import PaperwalkError, Stopped
from pipeline.models import usual_arm
from pipeline.progress import OnProgress, Progress
from pipeline.survey import Tools, gather, write
from pipeline.types import Arm, Context, Survey


@dataclass(frozen=True, slots=True)
class Written:
    """What one arm gave: a survey, or an error as recorded text."""

    survey: Survey | None
    error: str = ""


def make_survey(run: Run) -> None:
    """Make what a request asks for, and deliver it.

    Raises:
        Stopped: somebody stopped it; the root message says what was kept.
        PaperwalkError: as the stages raise it.
    """
    request = survey_request(run)
    arms = request.arms or (usual_arm(run.kit.settings),)
    root = _post_root(run, arms)
    with _show(run, root, arms) as shown:
        tools = _tools(run, request, shown.report)
        context = _gather(run, request, tools)
        surveys = _write(run, context, arms, tools)
        for survey in surveys:
            keep_recall(run, context, survey)
        shown.report(Progress("measure", 1, 1))
    if not run.tables.jobs.begin_delivery(run.job.id):
        raise Stopped("stopped before it was delivered")
    with count_ahead(run, context, surveys) as measured:
        if len(surveys) == 2:
            open_comparison(run, root, context, surveys, measured)
        else:
            post_survey(run, root, context, surveys[0], measured, alone=len(arms) == 2)


def survey_request(run: Run) -> SurveyRequest:
    """Give the request of a run that makes a survey."""
    assert isinstance(run.job.request, SurveyRequest), "dispatched by its request"
    return run.job.request


def _post_root(run: Run, arms: Sequence[Arm]) -> str:
    """Join the channel and post the root; give the timestamp of the thread."""
    job, request = run.job, survey_request(run)
    plan = Plan(run.estimate(arms))
    message = Message(
        "root",
        plain(request.question.text),
        working_blocks(job, plan, rich=True),
        working_blocks(job, plan, rich=False),
    )
    run.thread.join()
    ts = run.checkpoint("post root", run.thread.post, message, job.thread_ts)
    root = job.thread_ts or ts
    run.tables.jobs.set_root(job.id, root)
    return root


def _show(run: Run, root: str, arms: Sequence[Arm]) -> RootMessage:
    """Give the root message that shows the progress and takes a stop."""
    job = run.job
    status = ThreadStatus(run.thread.client, job.channel, root)

    def on_stop() -> None:
        run.bounds.stopped.set()
        status.clear()
        run.show_stopped(shown.stages)

    shown = RootMessage(
        run.thread,
        run.root_ts(),
        Plan(run.estimate(arms)),
        status=status,
        edit_seconds=run.settings.edit_seconds,
        is_stopped=run.is_stopped,
        on_stop=on_stop,
        estimate=lambda papers: run.estimate(arms, papers),
    )
    return shown


def _tools(run: Run, request: SurveyRequest, on_progress: OnProgress) -> Tools:
    tools = run.kit.tools(run.job.id, request.language, on_progress, run.bounds)
    return replace(
        tools,
        rules=replace(tools.rules, top=request.top),
        given=request.queries,
        bring_back=frozenset(request.bring_back),
    )


def _gather(run: Run, request: SurveyRequest, tools: Tools) -> Context:
    """Gather the context, or take that of an earlier survey."""
    if request.context_id is not None:
        known = run.kit.store.load_context(request.context_id)
        if known is None:
            raise SurveyGone("the context was deleted")
        return known
    context = gather(
        request.question,
        tools,
        context_id=f"{run.job.id}-c",
        now=datetime.fromtimestamp(run.job.created_at, UTC),
        checkpoint=run.checkpoint,
    )
    run.kit.store.save_context(context)
    return context


def _write(run: Run, context: Context, arms: Sequence[Arm], tools: Tools) -> tuple[Survey, ...]:
    """Write with each arm; of two that are compared, one may fail.

    Returns:
        one survey; or two, the one shown as A first: which arm that is was drawn.

    Raises:
        PaperwalkError: no arm gave a survey.
    """
    if len(arms) == 1:
        survey_id = f"{run.job.id}-s"
        writer = run.kit.writer(survey_id, arms[0].model, run.bounds)
        survey = write(
            context,
            writer,
            tools,
            survey_id=survey_id,
            mode=arms[0].mode,
            checkpoint=run.checkpoint,
        )
        run.kit.store.save_survey(survey, workspace=run.job.team)
        return (survey,)
    drawn = run.checkpoint("draw sides", _draw_sides, tuple(arms))
    written = run.checkpoint("write both", _write_both, run, context, drawn, tools)
    surveys = tuple(one.survey for one in written if one.survey is not None)
    if not surveys:
        raise decode_error(written[0].error)
    for survey in surveys:
        run.kit.store.save_survey(survey, workspace=run.job.team)
    return surveys


def _draw_sides(arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
    """Draw which arm is A; recorded, so that a resumed job shows the same."""
    return tuple(secrets.SystemRandom().sample(arms, len(arms)))


def _write_both(
    run: Run, context: Context, arms: tuple[Arm, ...], tools: Tools
) -> tuple[Written, ...]:
    """Write both sides at the same time; each reply that was paid for is kept by itself."""
    done: dict[str, Progress] = {}

    def write_side(side: str) -> Written:
        def report(progress: Progress) -> None:
            done[side] = progress
            parts = done.values()
            total = sum(part.total for part in parts) if len(done) == 2 else 2 * progress.total
            tools.on_progress(replace(progress, done=sum(p.done for p in parts), total=total))

        arm = arms["ab".index(side)]
        survey_id = f"{run.job.id}-{side}"
        try:
            writer = run.kit.writer(survey_id, arm.model, run.bounds)
            mine = replace(tools, on_progress=report)
            survey = write(context, writer, mine, survey_id=survey_id, mode=arm.mode)
        except Stopped:
            raise
        except PaperwalkError as error:
            return Written(None, encode_error(error))
        return Written(survey)

    return tuple(map_at_once(write_side, "ab", at_once=2))
