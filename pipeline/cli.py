"""The command ``survey``: write one on the command line."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import click
from pydantic import TypeAdapter
from rich.console import Console

from pipeline.document import compose_document
from pipeline.evaluation.recall import METRIC_VERSION, score
from pipeline.labels import footer_lines
from pipeline.picture import draw_survey
from pipeline.progress import Progress
from pipeline.question import ask
from pipeline.settings import PipelineSettings, SourceName
from pipeline.survey import Tools, gather, rows_of, write
from pipeline.terminal import show_progress
from pipeline.types import Context, Cost, DateRange, Language, Mode, Order, Question, Recall, Survey
from pipeline.wiring import Kit, open_kit


@dataclass(frozen=True, slots=True)
class Written:
    """One survey with its scores.

    Attributes:
        cost: of the whole run, gathering included.
        seconds: wall time since the run began.
    """

    survey: Survey
    recall: Recall
    cost: Cost
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """What ``paperwalk survey --json`` prints."""

    context: Context
    surveys: tuple[Written, ...]


_REPORT = TypeAdapter(Report)


class _Day(click.ParamType[date]):
    """A day, or a year that stands for its first or last day."""

    name = "YYYY[-MM-DD]"

    def __init__(self, *, last: bool) -> None:
        self.last = last

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Read a day.

        Raises:
            click.BadParameter: it is neither a year nor a day.
        """
        text = str(value)
        if len(text) == 4 and text.isascii() and text.isdigit() and text != "0000":
            return date(int(text), 12, 31) if self.last else date(int(text), 1, 1)
        try:
            return date.fromisoformat(text)
        except ValueError:
            return self.fail(f"{text!r} is neither a year nor a day like 2024-01-31", param, ctx)


@click.command()
@click.argument("question")
@click.option("--source", type=click.Choice(["arxiv", "mirror", "demo"]), help="Where to search.")
@click.option("--models", help="Writing models, provider:model[,…]; 'keyless' needs no key.")
@click.option("--mode", type=click.Choice(["sections", "single"]), help="How to write.")
@click.option("--order", type=click.Choice(get_args(Order)), help="How to order the papers.")
@click.option("--lang", type=click.Choice(["ja", "en"]), help="Language; default: the question's.")
@click.option("--since", type=_Day(last=False), help="Only papers submitted from this day on.")
@click.option("--until", type=_Day(last=True), help="Only papers submitted up to this day.")
@click.option(
    "--recent-years", type=click.FloatRange(min=0), help="Age limit for 40 papers or more; 0: none."
)
@click.option("--as-of", type=_Day(last=True), help="Count ages from this day instead of today.")
@click.option("--bring-back", help="Ids of papers set aside as off topic, comma-separated.")
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Draw the papers, as the first survey groups them, into this PNG file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print context, survey and scores as JSON.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write to this file instead of stdout.",
)
def survey(  # noqa: PLR0913 - one parameter for each option of the command
    *,
    question: str,
    source: SourceName | None,
    models: str | None,
    mode: Mode | None,
    order: Order | None,
    lang: Language | None,
    since: date | None,
    until: date | None,
    recent_years: float | None,
    as_of: date | None,
    bring_back: str | None,
    picture: Path | None,
    as_json: bool,
    output: Path | None,
) -> None:
    """Write a cited literature survey about QUESTION.

    The survey goes to stdout as Markdown, everything else to stderr.
    """
    now = datetime.now(UTC)
    if as_of is not None:
        now = datetime(as_of.year, as_of.month, as_of.day, 23, 59, 59, tzinfo=UTC)
    asked = ask(question, language=lang, dates=_dates(since, until, now.date()))
    settings = PipelineSettings()
    changes = {"recent_years": recent_years, "mode": mode, "order": order, "source": source}
    settings = settings.model_copy(update={k: v for k, v in changes.items() if v is not None})
    kit = open_kit(settings)
    specs: list[str | None] = [*_split(models)] or [None]
    run = uuid.uuid4().hex
    with show_progress(Console(stderr=True)) as on_progress:
        tools = kit.tools(run, asked.language, on_progress)
        tools = replace(tools, bring_back=frozenset(_split(bring_back)))
        report = _run(kit, tools, asked, specs, run=run, now=now)
    if as_json:
        text = _REPORT.dump_json(report, indent=2).decode() + "\n"
    else:
        text = "\n".join(_markdown(report, written) for written in report.surveys)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"Wrote {output}", err=True)
    if picture is not None:
        rows = rows_of(report.context, tools)
        picture.write_bytes(draw_survey(report.context, report.surveys[0].survey, rows))
        click.echo(f"Wrote {picture}", err=True)


def _dates(since: date | None, until: date | None, today: date) -> DateRange | None:
    if since is None and until is None:
        return None
    first = since or date(1991, 8, 1)
    last = until or today
    if first > last:
        raise click.BadParameter(f"{first} is after {last}", param_hint="'--since'")
    return DateRange(first, last)


def _split(listed: str | None) -> list[str]:
    return [one.strip() for one in (listed or "").split(",") if one.strip()]


def _run(
    kit: Kit,
    tools: Tools,
    question: Question,
    specs: Sequence[str | None],
    *,
    run: str,
    now: datetime,
) -> Report:
    """Gather once, then write and score with each model."""
    started = time.monotonic()
    writers = [kit.writer(run, spec) for spec in specs]
    context = gather(question, tools, context_id=f"{run}-c", now=now)
    kit.store.save_context(context)
    written: list[Written] = []
    for number, writer in enumerate(writers, start=1):
        made = write(context, writer, tools, survey_id=f"{run}-s{number}", mode=kit.settings.mode)
        kit.store.save_survey(made)
        recall = score(made, context, kit.counter(run))
        tools.on_progress(Progress("measure", 1, 1))
        kit.store.save_score(made.id, "recall", METRIC_VERSION, recall)
        click.echo(f"Survey: {made.id}", err=True)
        seconds = time.monotonic() - started
        written.append(Written(made, recall, kit.cost_of(run), seconds))
    return Report(context, tuple(written))


def _markdown(report: Report, written: Written) -> str:
    context, survey = report.context, written.survey
    lines = footer_lines(context, survey, written.recall, written.cost, seconds=written.seconds)
    return compose_document(context, survey, lines)
