"""One look for new papers on a watched question, told in the thread of its survey."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.blocks.survey import part_blocks, plain_part_blocks
from bot.delivery.thread import Message
from bot.errors import SurveyGone
from bot.messages import watching as say
from bot.parts import split_markdown
from bot.requests import WatchRequest
from bot.workflows.run import Run
from pipeline.cite import make_harmless
from pipeline.news import News, look_again
from pipeline.types import Language

_DAY_SECONDS = 24 * 3600


def look_for_news(run: Run) -> None:
    """Look once, post what is new, and remember that it was shown.

    Raises:
        SurveyGone: the survey of the watched question was deleted, or never came about.
        PaperwalkError: as the stages raise it.
    """
    request = run.job.request
    assert isinstance(request, WatchRequest), "dispatched by its request"
    watch = run.tables.watches.find(request.watch_id)
    if watch is None:
        return
    survey_id = run.tables.jobs.survey_of(watch.survey_job)
    survey = run.kit.store.load_survey(survey_id) if survey_id else None
    context = run.kit.store.load_context(survey.context_id) if survey else None
    root = run.job.thread_ts
    if survey is None or context is None or root is None:
        raise SurveyGone("the survey of the watch is gone")
    now = datetime.fromtimestamp(run.job.created_at, UTC)
    news = look_again(
        context,
        survey,
        run.kit.tools(run.job.id, request.language, bounds=run.bounds),
        since=datetime.fromtimestamp(run.job.created_at - watch.every_days * _DAY_SECONDS, UTC),
        now=now,
        seen=run.tables.watches.seen(watch.id),
        checkpoint=run.checkpoint,
    )
    if news:
        text = say.NEWS[request.language].format(number=len(news))
        for number, part in enumerate(split_markdown(_list(text, news, request.language))):
            message = Message(f"news {number}", text, part_blocks(part), plain_part_blocks(part))
            run.checkpoint(f"post news {number}", run.thread.post, message, root)
    run.tables.watches.see(watch.id, [one.passage.paper.id for one in news])


def _list(text: str, news: Sequence[News], language: Language) -> str:
    """Give the new papers as Markdown, each with the section that it touches."""
    lines = [f"### {text}"]
    for one in news:
        paper = one.passage.paper
        section = make_harmless(one.section)
        touches = say.TOUCHES[language].format(section=section) if section else say.APART[language]
        lines.append(
            f"- [{make_harmless(paper.title)}]({paper.url}) ({paper.published:%Y-%m-%d})"
            f" — {touches}  \n  {make_harmless(one.passage.summary)}"
        )
    return "\n".join(lines)
