"""The commands ``eval score`` and ``eval import``: score stored surveys, add others to them."""

import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.progress import track

from pipeline.bounds import Bounds
from pipeline.errors import BadFile
from pipeline.estimate import estimate_cost
from pipeline.evaluation.importing import make_context, make_survey
from pipeline.evaluation.scoring import (
    FREE,
    VERSIONS,
    Due,
    Judges,
    MetricName,
    Scored,
    expect_calls,
    find_due,
    score_surveys,
)
from pipeline.evaluation.support import SAMPLE
from pipeline.models import price_list
from pipeline.question import ask
from pipeline.scores_print import show_scores
from pipeline.settings import PipelineSettings
from pipeline.sources.files import read_list, read_text
from pipeline.types import Language
from pipeline.wiring import Kit, use_kit

_FILE = click.Path(path_type=Path)


@click.command()
@click.option("--metrics", help=f"Of {', '.join(VERSIONS)}; default: those that ask no model.")
@click.option("--survey", "surveys", multiple=True, metavar="ID", help="Score this one alone.")
@click.option(
    "--since-version", type=click.IntRange(min=1), help="Leave scores of this version or newer."
)
@click.option("--all", "is_all", is_flag=True, help="Score anew what has its score, too.")
@click.option("--support-model", help="Judges support, provider:model; default: the settings'.")
@click.option(
    "--support-sample",
    type=click.IntRange(min=1),
    default=SAMPLE,
    show_default=True,
    help="Claims of one survey that are judged.",
)
@click.option("--seed", default=0, show_default=True, help="Of the choice of claims.")
@click.option("--budget", type=click.FloatRange(min=0), metavar="USD", help="Ask no more then.")
@click.option("--dry-run", is_flag=True, help="Say what would be scored and what it would cost.")
@click.option("--json", "as_json", is_flag=True, help="Print the new scores as JSON.")
def score(  # noqa: PLR0913 - one parameter for each option of the command
    *,
    metrics: str | None,
    surveys: tuple[str, ...],
    since_version: int | None,
    is_all: bool,
    support_model: str | None,
    support_sample: int,
    seed: int,
    budget: float | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Score stored surveys whose scores are missing, or of an older version of the metric.

    Every score is kept as soon as it is there, so whoever interrupts loses nothing.
    """
    names = _read_metrics(metrics, support_model)
    run = f"score-{uuid.uuid4().hex}"
    bounds = Bounds(ceiling_usd=budget)
    with use_kit(PipelineSettings()) as kit:
        if unknown := set(surveys) - set(kit.store.list_surveys()):
            raise click.BadParameter(f"there is no survey {min(unknown)!r}", param_hint="--survey")
        judges = Judges(
            counter=lambda survey_id: kit.counter(run, bounds, survey_id=survey_id),
            supporter=kit.support_judge(run, support_model, bounds) if "support" in names else None,
            claims=support_sample,
            seed=seed,
            at_once=kit.settings.at_once,
        )
        due = find_due(
            kit.store, names, survey_ids=surveys, since_version=since_version, is_all=is_all
        )
        if dry_run:
            _announce(kit, due, judges)
            return
        show_scores(kit, _score(kit, due, judges), as_json=as_json)
        cost = kit.cost_of(run)
    if cost.calls:
        unpriced = f", {cost.unpriced_calls} of unknown price" if cost.unpriced_calls else ""
        click.echo(f"Cost: ${cost.usd:.4f} for {cost.calls} calls{unpriced}", err=True)


@click.command("import")
@click.argument("files", type=_FILE, nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--papers",
    type=_FILE,
    required=True,
    help="JSON lines in the fields of the arXiv records: what FILE was written from.",
)
@click.option("--question", required=True, help="What FILE answers.")
@click.option("--arm", required=True, metavar="NAME", help="Who or what wrote it.")
@click.option("--lang", type=click.Choice(["ja", "en"]), help="Language; default: the question's.")
@click.option("--json", "as_json", is_flag=True, help="Print the new scores as JSON.")
def import_(
    *,
    files: tuple[Path, ...],
    papers: Path,
    question: str,
    arm: str,
    lang: Language | None,
    as_json: bool,
) -> None:
    """Add surveys written elsewhere, Markdown FILEs, as an arm of their own, and score them.

    Importing a file again changes nothing.
    """
    listed = read_list(papers)
    if not listed:
        raise BadFile(f"{papers.name} holds no record")
    context = make_context(ask(question, language=lang), listed)
    made = [make_survey(read_text(file), context, arm) for file in files]
    with use_kit(PipelineSettings()) as kit:
        kit.store.save_context(context)
        for survey in made:
            kit.store.save_survey(survey)
        due = find_due(kit.store, FREE, survey_ids=tuple(dict.fromkeys(one.id for one in made)))
        show_scores(kit, _score(kit, due, Judges()), as_json=as_json)


def _read_metrics(listed: str | None, support_model: str | None) -> tuple[MetricName, ...]:
    if listed is None:
        return (*FREE, "support") if support_model else FREE
    asked = {one.strip() for one in listed.split(",")}
    known: tuple[MetricName, ...] = get_args(MetricName)
    if wrong := asked - set(known):
        raise click.BadParameter(f"there is no metric {min(wrong)!r}", param_hint="--metrics")
    return tuple(name for name in known if name in asked)


def _announce(kit: Kit, due: Sequence[Due], judges: Judges) -> None:
    """Say what scoring would do."""
    counts = Counter(name for one in due for name in one.metrics)
    click.echo(f"Surveys: {len(due)}" + "".join(f", {name} {n}" for name, n in counts.items()))
    calls = expect_calls(kit.store, due, judges)
    usd = estimate_cost(calls, price_list(kit.settings))
    price = "of unknown price" if usd is None else f"about ${usd:.4f}"
    click.echo(f"Calls: {len(calls)}, {price}")


def _score(kit: Kit, due: Sequence[Due], judges: Judges) -> tuple[Scored, ...]:
    console = Console(stderr=True)
    scoring = score_surveys(kit.store, due, judges)
    return tuple(
        track(
            scoring,
            description="Score",
            total=len(due),
            console=console,
            disable=not console.is_terminal,
        )
    )
