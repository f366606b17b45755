"""The commands ``paperwalk votes export`` and ``paperwalk votes forget``."""

import secrets
from pathlib import Path
from typing import get_args

import click
from sqlalchemy import Engine

from pipeline.ballots import Ballots
from pipeline.database import use_database
from pipeline.evaluation.export import (
    Format,
    Selection,
    keep_names,
    needs_text,
    read_records,
    rename_by,
    write_export,
)
from pipeline.settings import PipelineSettings


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(Format)),
    required=True,
    help="Tables as SQLite or JSON lines, Arena rows, DPO pairs, KTO rows.",
)
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    required=True,
    help="File to write; an older one is replaced.",
)
@click.option("--include-text", is_flag=True, help="With questions, surveys, people's own words.")
@click.option("--with-open", is_flag=True, help="With comparisons that people still vote on.")
@click.option("--stable-people", is_flag=True, help="Keep the database's hashes of people.")
@click.option("--workspace", metavar="TEAM", help="Slack workspace; default: all.")
def export(
    *,
    form: Format,
    file: Path,
    include_text: bool,
    with_open: bool,
    stable_people: bool,
    workspace: str | None,
) -> None:
    """Write votes and what they are on into a file; see docs/exports.md for what stands in it.

    No text of a question or survey is written without --include-text. People are hashes, other
    ones in each export unless --stable-people is given.
    """
    if needs_text(form) and not include_text:
        raise click.UsageError(
            f"{form} rows are made of questions and surveys; --include-text lets them out."
        )
    name_person = keep_names if stable_people else rename_by(secrets.token_bytes(32))
    selection = Selection(workspace, with_text=include_text, with_open=with_open)
    with use_database(PipelineSettings().database_url) as engine:
        if _is_database(file, engine):
            raise click.BadParameter("that is the database itself", param_hint="'--output'")
        records = read_records(engine, selection, name_person)
    try:
        written = write_export(records, form, file)
    except OSError as error:
        raise click.BadParameter(str(error), param_hint="'--output'") from error
    for one in written.files:
        click.echo(f"Wrote {one}", err=True)
    left_out = sum(not battle.counted for battle in records.battles)
    click.echo(f"{written.rows:,} rows; votes that do not count: {left_out:,}", err=True)


@click.command()
@click.option("--person", metavar="HASH", required=True, help="As --stable-people exports it.")
def forget(*, person: str) -> None:
    """Delete all votes and remarks of a person, so that no later figure or export has them."""
    with use_database(PipelineSettings().database_url) as engine:
        deleted = Ballots(engine).forget(person)
    click.echo(f"Votes deleted: {deleted}, and with them what this person remarked.")
    click.echo(
        "Files that were exported before still hold them. What the person asked is deleted by"
        " /survey forget-me.",
        err=True,
    )


def _is_database(file: Path, engine: Engine) -> bool:
    """Tell whether a file is the one that the votes are kept in."""
    path = engine.url.database
    return engine.dialect.name == "sqlite" and file.exists() and file.samefile(str(path))
