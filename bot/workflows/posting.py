"""Post a finished survey: its parts, references, files and footer."""

import time
from collections.abc import Collection

import structlog

from bot.blocks.elements import Block
from bot.blocks.feedback import feedback_blocks, plain_feedback_blocks, side_heading
from bot.blocks.root import done_blocks
from bot.blocks.survey import footer_blocks, part_blocks, plain_part_blocks
from bot.delivery.thread import Message
from bot.errors import SurveyGone
from bot.messages import voting
from bot.messages import working as say
from bot.parts import split_markdown
from bot.requests import LedgerRequest
from bot.workflows.counting import Measured
from bot.workflows.run import Run
from pipeline.bibliography import list_references, to_bibtex, to_ledger_csv
from pipeline.document import compose_document
from pipeline.errors import OperatorActs, TryAgain
from pipeline.evaluation.recall import measure
from pipeline.labels import footer_lines
from pipeline.picture import draw_survey
from pipeline.survey import rows_of
from pipeline.types import Context, Cost, Recall, Survey

log = structlog.get_logger()


def post_survey(
    run: Run, root: str, context: Context, survey: Survey, measured: Measured, *, alone: bool
) -> None:
    """Deliver one survey, and show in the root message that it is ready.

    Args:
        root: timestamp of the thread.
        measured: gives the recall with the article's count, which may be under way.
        alone: the survey that it should be compared with could not be made.
    """
    language = context.question.language
    run.tables.posts.carry(run.job.id, "root", survey.id)
    run.tables.jobs.set_survey(run.job.id, survey.id)
    if alone:
        note = Message("alone", voting.ALONE[language])
        run.checkpoint("post alone", run.thread.post, note, root)
    post_parts(run, root, survey)
    cited = measure(survey, context).cited
    post_references(run, root, list_references(context, cited))
    post_picture(run, root, context, survey)
    recall = measured(survey)
    cost = run.checkpoint("cost", _cost, run)
    seconds = run.checkpoint("seconds", _seconds, run)
    lines = footer_lines(context, survey, recall, cost, seconds=seconds)
    document = compose_document(context, survey, lines)
    attach(run, root, f"survey-{run.job.id}.md", document, say.COMPLETE_FILE[language])
    post_bibtex(run, root, context, cited)
    footer = Message(
        "footer",
        say.FOOTER[language],
        [*footer_blocks(lines), *feedback_blocks(survey.id, language)],
        [*footer_blocks(lines), *plain_feedback_blocks(survey.id, language)],
        survey.id,
    )
    run.checkpoint("post footer", run.thread.post, footer, root)
    found = len(context.passages) + len(context.off_topic)
    line = say.DONE[language].format(cited=len(cited), found=found, seconds=seconds)
    run.edit_root("edit root", done_blocks(run.job, line))


def post_parts(run: Run, root: str, survey: Survey, side: str = "") -> None:
    """Post the text of a survey in as many messages as it needs.

    Args:
        side: ``A`` or ``B`` in a comparison.
    """
    language = run.job.request.language
    parts = split_markdown(survey.markdown)
    for number, part in enumerate(parts, start=1):
        words = say.SIDE_PART if side else say.PART
        text = words[language].format(side=side, number=number, total=len(parts))
        head: list[Block] = [side_heading(side, language)] if side and number == 1 else []
        name = f"{side} part {number}".strip()
        message = Message(
            name,
            text,
            [*head, *part_blocks(part)],
            [*head, *plain_part_blocks(part)],
            survey.id,
        )
        run.checkpoint(f"post {name}", run.thread.post, message, root)


def post_references(run: Run, root: str, references: str) -> None:
    """Post the list of cited papers, apart from the text."""
    if not references:
        return
    language = run.job.request.language
    parts = split_markdown(f"## {say.REFERENCES[language]}\n\n{references}")
    for number, part in enumerate(parts, start=1):
        message = Message(
            f"references {number}",
            say.REFERENCES[language],
            part_blocks(part),
            plain_part_blocks(part),
        )
        run.checkpoint(f"post references {number}", run.thread.post, message, root)


def post_picture(run: Run, root: str, context: Context, survey: Survey) -> None:
    """Attach the map and timeline of the papers, unless the operator has turned it off."""
    if not run.settings.picture:
        return
    language = context.question.language
    tools = run.kit.tools(run.job.id, language, bounds=run.bounds)
    try:
        drawn = draw_survey(context, survey, rows_of(context, tools))
    except (OperatorActs, TryAgain):
        # The rows may have left the cache, and a picture is never worth the survey.
        log.warning("picture_not_drawn", job=run.job.id, exc_info=True)
        return
    attach(run, root, f"papers-{run.job.id}.png", drawn, say.PICTURE_FILE[language])


def post_bibtex(run: Run, root: str, context: Context, cited: Collection[str]) -> None:
    """Attach the cited papers for a reference manager."""
    papers = [passage.paper for passage in context.passages if passage.paper.id in cited]
    if papers:
        title = say.BIBTEX_FILE[run.job.request.language]
        attach(run, root, f"survey-{run.job.id}.bib", to_bibtex(papers), title)


def post_ledger(run: Run) -> None:
    """Attach the ledger of a survey to its thread."""
    request = run.job.request
    assert isinstance(request, LedgerRequest), "dispatched by its request"
    survey = run.kit.store.load_survey(request.survey_id)
    context = run.kit.store.load_context(survey.context_id) if survey else None
    recall = run.kit.store.load_score(request.survey_id, "recall", Recall)
    root = run.job.thread_ts
    if survey is None or context is None or recall is None or root is None:
        raise SurveyGone("the survey was deleted")
    ledger = to_ledger_csv(context, survey, recall)
    attach(run, root, f"{survey.id}.csv", ledger, say.LEDGER_FILE[request.language])


def attach(run: Run, root: str, name: str, content: str | bytes, title: str) -> None:
    """Attach a file to the thread."""
    run.checkpoint(f"attach {name}", run.thread.attach, name, content, title, root)


def _cost(run: Run) -> Cost:
    return run.kit.cost_of(*run.bounds.runs)


def _seconds(run: Run) -> float:
    """Wall time since the person asked, waiting and crashes included."""
    return time.time() - run.job.created_at
