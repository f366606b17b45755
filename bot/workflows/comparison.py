"""A blind comparison: two surveys are shown as A and B, people choose, then the names are shown."""

import time
from collections.abc import Sequence

from bot.blocks.feedback import (
    feedback_blocks,
    plain_feedback_blocks,
    result_blocks,
    vote_blocks,
)
from bot.blocks.root import plain_root_blocks
from bot.blocks.survey import footer_blocks
from bot.delivery.thread import Message
from bot.errors import SurveyGone
from bot.messages import voting
from bot.messages import working as say
from bot.messages.words import escape, plain
from bot.requests import CloseRequest
from bot.workflows.counting import Measured
from bot.workflows.posting import attach, post_bibtex, post_parts, post_references
from bot.workflows.run import Run
from pipeline.ballots import Comparison, Counts
from pipeline.bibliography import list_references
from pipeline.document import compose_document
from pipeline.evaluation.recall import measure
from pipeline.labels import context_lines
from pipeline.types import Context, Recall, Survey

_DAY_SECONDS = 24 * 3600.0


def open_comparison(
    run: Run, root: str, context: Context, surveys: Sequence[Survey], measured: Measured
) -> None:
    """Deliver two surveys without a model's name anywhere, and ask which is better.

    Args:
        surveys: the one shown as A first.
        measured: keeps the recall with the article's count, which may be under way.
    """
    language = context.question.language
    lines = context_lines(context)
    for side, survey in zip("AB", surveys, strict=True):
        post_parts(run, root, survey, side)
        rate = Message(
            f"{side} feedback",
            voting.RATE[language],
            feedback_blocks(survey.id, language),
            plain_feedback_blocks(survey.id, language),
            survey.id,
        )
        run.checkpoint(f"post {side} feedback", run.thread.post, rate, root)
    cited = {paper_id for survey in surveys for paper_id in measure(survey, context).cited}
    post_references(run, root, list_references(context, cited))
    for side, survey in zip("AB", surveys, strict=True):
        name = f"survey-{run.job.id}-{side}.md"
        title = f"{say.COMPLETE_FILE[language]} {side}"
        attach(run, root, name, compose_document(context, survey, lines), title)
    post_bibtex(run, root, context, cited)
    for survey in surveys:
        measured(survey)
    footer = Message("footer", say.FOOTER[language], footer_blocks(lines))
    run.checkpoint("post footer", run.thread.post, footer, root)
    comparison = run.checkpoint("open comparison", _open, run, context, surveys)
    run.kit.ballots.open(comparison)
    blocks = vote_blocks(
        comparison.id,
        language,
        votes_wanted=comparison.votes_wanted,
        closes_at=comparison.closes_at,
    )
    vote = Message("vote", plain(voting.WHICH[language]), blocks)
    run.checkpoint("post vote", run.thread.post, vote, root)
    run.edit_root("edit root", plain_root_blocks(run.job, say.COMPARED[language]))


def close_comparison(run: Run) -> None:
    """Close a comparison and show names and counts, in one edit of the vote."""
    request = run.job.request
    assert isinstance(request, CloseRequest), "dispatched by its request"
    comparison = run.kit.ballots.find(request.comparison_id, run.job.team)
    ts = run.tables.posts.find(request.survey_job, "vote")
    if comparison is None or ts is None:
        raise SurveyGone("the comparison was deleted")
    run.kit.ballots.close(comparison.id, time.time())
    counts = run.kit.ballots.count(comparison.id)
    survey_ids = (comparison.survey_a, comparison.survey_b)
    sides = [
        _describe(run, side, survey_id, counts)
        for side, survey_id in zip("AB", survey_ids, strict=True)
    ]
    language = request.language
    blocks = result_blocks(sides, counts.blind, counts.late, language)
    result = Message("vote", voting.RESULT[language].strip("*"), blocks)
    run.checkpoint("show result", run.thread.edit, ts, result)
    winner = survey_ids[counts.blind["b"] > counts.blind["a"]]
    run.tables.jobs.set_survey(request.survey_job, winner)


def _open(run: Run, context: Context, surveys: Sequence[Survey]) -> Comparison:
    now = time.time()
    return Comparison(
        id=run.job.id,
        workspace=run.job.team,
        context_id=context.id,
        survey_a=surveys[0].id,
        survey_b=surveys[1].id,
        opened_at=now,
        closes_at=now + run.settings.ab_days * _DAY_SECONDS,
        votes_wanted=run.settings.ab_votes,
    )


def _describe(run: Run, side: str, survey_id: str, counts: Counts) -> str:
    """Give the line of one side, names shown."""
    survey = run.kit.store.load_survey(survey_id)
    recall = run.kit.store.load_score(survey_id, "recall", Recall)
    if survey is None:
        raise SurveyGone("a survey of the comparison was deleted")
    cost = run.kit.cost_of(survey_id)
    share = recall.recall if recall else None
    return voting.RESULT_SIDE[run.job.request.language].format(
        side=side,
        model=escape(survey.arm.label),
        votes=counts.blind["a" if side == "A" else "b"],
        recall="–" if share is None else f"{share:.0%}",
        usd=f"${cost.usd:.4f}" if cost.calls else "$0",
        seconds=run.kit.seconds_of(survey_id),
    )
