"""The command ``eval report``: what an experiment has found."""

from pathlib import Path

import click

from pipeline.experiment.plan import load_plan
from pipeline.report.baseline import check_identities
from pipeline.report.compose import Report, compose_report
from pipeline.report.data import read_findings
from pipeline.report.markdown import write_csv, write_markdown
from pipeline.report.page import write_page
from pipeline.report.wording import METRICS
from pipeline.settings import PipelineSettings
from pipeline.wiring import use_kit

_WRITERS = {"markdown": write_markdown, "csv": write_csv, "html": write_page}
_FORMS = {".md": "markdown", ".csv": "csv", ".html": "html"}


@click.command()
@click.argument("name", default="article")
@click.option(
    "--metric",
    type=click.Choice(list(METRICS)),
    default="recall",
    show_default=True,
    help="That the large tables are of.",
)
@click.option("--format", "form", type=click.Choice(list(_WRITERS)), help="Default: markdown.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write to this file; .md, .csv and .html say the format, too.",
)
@click.option("--seed", default=0, show_default=True, help="Of the bootstraps.")
@click.option("--baseline", is_flag=True, help="Only check the article's own figures.")
def report(
    *, name: str, metric: str, form: str | None, output: Path | None, seed: int, baseline: bool
) -> None:
    """Show what experiment NAME has found, beside the article's own figures."""
    if baseline:
        for one in check_identities():
            says = "holds" if one.holds else "DIFFERS"
            click.echo(f"{says}: {one.what}: {one.reported:.4f}, {one.recomputed:.4f} from cells")
        return
    chosen = form or (_FORMS.get(output.suffix) if output else None) or "markdown"
    text = _WRITERS[chosen](_compose(name, metric, seed))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"Wrote {output}", err=True)


def _compose(name: str, metric: str, seed: int) -> Report:
    with use_kit(PipelineSettings()) as kit:
        plan = load_plan(kit.engine, name)
        if plan is None:
            raise click.UsageError(f"there is no experiment {name!r}; see `eval list`")
        return compose_report(read_findings(kit.engine, plan), metric, seed=seed)
