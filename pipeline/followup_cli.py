"""The command ``paperwalk follow-up``: what a reply in a survey's thread does, without Slack."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import click
from rich.console import Console

from pipeline.evaluation.recall import METRIC_VERSION, score
from pipeline.followup import Answer, Request, Revision, follow_up
from pipeline.settings import PipelineSettings, SourceName
from pipeline.terminal import show_progress
from pipeline.wiring import Kit, open_kit


@click.command("follow-up")
@click.argument("survey_id")
@click.argument("text")
@click.option(
    "--source",
    type=click.Choice(["arxiv", "mirror", "demo"]),
    help="Where to search for further papers; default: where the survey's come from.",
)
@click.option("--model", help="Writing model, provider:model; 'keyless' needs no key.")
def follow_up_(*, survey_id: str, text: str, source: SourceName | None, model: str | None) -> None:
    """Say TEXT to the survey SURVEY_ID: ask about it, or have it changed.

    SURVEY_ID is what `paperwalk survey` prints on stderr. An answer comes while it is written; of a
    changed survey only what changed is shown, and its own id is printed on stderr.
    """
    settings = PipelineSettings()
    kit = open_kit(settings)
    survey = kit.store.load_survey(survey_id)
    context = kit.store.load_context(survey.context_id) if survey else None
    if survey is None or context is None:
        raise click.BadParameter(f"there is no survey {survey_id!r}", param_hint="SURVEY_ID")
    chosen = source or context.found.source
    kit = replace(kit, settings=settings.model_copy(update={"source": chosen}))
    request = Request(uuid.uuid4().hex, text, datetime.now(UTC))
    said: list[str] = []

    def say(piece: str) -> None:
        said.append(piece)
        click.echo(piece, nl=False)

    # Plain lines, because live bars would take the stream's stdout over.
    with show_progress(Console(stderr=True, force_terminal=False)) as on_progress:
        done = follow_up(
            request,
            context,
            survey,
            kit.writer(request.id, model),
            kit.tools(request.id, context.question.language, on_progress),
            on_text=say,
        )
    match done:
        case Answer(markdown):
            _finish(markdown, "".join(said))
        case Revision():
            _keep(kit, request, done)
            click.echo(done.markdown, nl=False)
            click.echo(f"Survey: {done.survey.id}", err=True)


def _finish(markdown: str, said: str) -> None:
    """Show what a stream has not: nothing, or the whole where it broke."""
    rest = markdown.removeprefix(said) if markdown.startswith(said) else f"\n\n{markdown}"
    click.echo(rest)


def _keep(kit: Kit, request: Request, revision: Revision) -> None:
    kit.store.save_context(revision.context)
    kit.store.save_survey(revision.survey)
    recall = score(revision.survey, revision.context, kit.counter(request.id))
    kit.store.save_score(revision.survey.id, "recall", METRIC_VERSION, recall)
