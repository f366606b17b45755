"""A reply in a survey's thread: an answer from its papers, or a change of the survey."""

import time
from datetime import UTC, datetime

from bot.blocks.feedback import feedback_blocks, plain_feedback_blocks
from bot.delivery.session import ThreadStatus
from bot.delivery.stream import StreamedAnswer
from bot.delivery.thread import Message
from bot.messages import following as say
from bot.messages import voting
from bot.messages.words import plain
from bot.requests import FollowUpRequest
from bot.store.turns import Turn as TurnRow
from bot.workflows.counting import keep_recall
from bot.workflows.posting import attach
from bot.workflows.run import Run
from pipeline.document import compose_document
from pipeline.followup import Answer, Request, Revision, Turn, follow_up
from pipeline.labels import context_lines
from pipeline.types import Context, Survey

_MOST_TURNS = 6
"""Earlier exchanges that the model reads again."""


def answer_follow_up(run: Run) -> None:
    """Answer a reply, or change the survey as it asks and post what changed.

    Raises:
        PaperwalkError: as the stages raise it.
    """
    request = run.job.request
    assert isinstance(request, FollowUpRequest), "dispatched by its request"
    root = run.job.thread_ts
    assert root is not None, "a reply stands in a thread"
    known = _load(run, request)
    if known is None:
        sentence = say.NOT_READY[request.language]
        run.checkpoint("post answer", run.thread.post, Message("answer", sentence), root)
        return
    context, survey = known
    status = ThreadStatus(run.thread.client, run.job.channel, root)
    status.show(say.STATUS[request.language])
    streamed = StreamedAnswer(run.thread, root)
    made = follow_up(
        Request(
            run.job.id,
            request.text,
            datetime.fromtimestamp(run.job.created_at, UTC),
            _turns(run, request),
        ),
        context,
        survey,
        run.kit.writer(f"{run.job.id}-s", survey.model, run.bounds),
        run.kit.tools(run.job.id, request.language, bounds=run.bounds),
        checkpoint=run.checkpoint,
        on_text=streamed.append,
    )
    if isinstance(made, Answer):
        text = plain(made.markdown)
        run.checkpoint("finish answer", streamed.finish, text, made.markdown)
    else:
        _post_revision(run, root, request, made)
    status.clear()
    turn = TurnRow(run.job.id, request.survey_job, request.text, made.markdown, time.time())
    run.tables.turns.add(turn)


def _load(run: Run, request: FollowUpRequest) -> tuple[Context, Survey] | None:
    """Give what the thread is about now; null while it is written, or compared blind."""
    survey_id = run.tables.jobs.survey_of(request.survey_job)
    survey = run.kit.store.load_survey(survey_id) if survey_id else None
    context = run.kit.store.load_context(survey.context_id) if survey else None
    return None if survey is None or context is None else (context, survey)


def _turns(run: Run, request: FollowUpRequest) -> tuple[Turn, ...]:
    turns = run.tables.turns.list(request.survey_job, most=_MOST_TURNS)
    return tuple(Turn(turn.asked, turn.answered) for turn in turns if turn.job_id != run.job.id)


def _post_revision(run: Run, root: str, request: FollowUpRequest, made: Revision) -> None:
    """Keep the changed survey and post what changed, the whole as a file."""
    survey, context = made.survey, made.context
    run.kit.store.save_context(context)
    run.kit.store.save_survey(survey, workspace=run.job.team)
    keep_recall(run, context, survey)
    run.tables.jobs.set_survey(request.survey_job, survey.id)
    answer = StreamedAnswer(run.thread, root)
    run.checkpoint("post change", answer.finish, say.CHANGED[request.language], made.markdown)
    document = compose_document(context, survey, context_lines(context))
    title = say.CHANGED_FILE[request.language]
    attach(run, root, f"survey-{request.survey_job}-{run.job.id}.md", document, title)
    rate = Message(
        "rate",
        voting.RATE[request.language],
        feedback_blocks(survey.id, request.language),
        plain_feedback_blocks(survey.id, request.language),
        survey.id,
    )
    run.checkpoint("post rate", run.thread.post, rate, root)
