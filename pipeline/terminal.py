"""Show a run's progress on stderr, live on a terminal and in lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from pipeline.progress import OnProgress, Progress, Stage

_TITLES: dict[Stage, str] = {
    "queries": "Make queries",
    "search": "Search",
    "embed": "Embed",
    "order": "Order",
    "shorten": "Shorten and triage",
    "write": "Write",
    "measure": "Measure recall",
}


@contextmanager
def show_progress(console: Console) -> Iterator[OnProgress]:
    """Give a listener that shows progress on a console until the block ends.

    Args:
        console: where to show it; stderr, so that stdout holds the survey alone.
    """
    if not console.is_terminal:
        yield lambda progress: _say(console, progress)
        return
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=console) as bars:
        tasks = {
            stage: bars.add_task(title, total=1, start=False) for stage, title in _TITLES.items()
        }

        def draw(progress: Progress) -> None:
            bars.start_task(tasks[progress.stage])
            bars.update(tasks[progress.stage], completed=progress.done, total=progress.total)
            for line in _searches(progress):
                bars.console.print(line, markup=False, highlight=False, soft_wrap=True)
            if progress.done == progress.total:
                bars.stop_task(tasks[progress.stage])

        yield draw


def confirm_spending(usd: float | None, *, yes: bool) -> None:
    """Ask before money is spent; where nobody can be asked, only ``--yes`` spends it.

    Args:
        usd: what it will cost, null where that is not known.

    Raises:
        click.Abort, click.UsageError: nobody has agreed.
    """
    if yes or usd == 0.0:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("this costs money; say --yes where nobody can be asked")
    click.confirm("Go on?", abort=True, err=True)


def _say(console: Console, progress: Progress) -> None:
    """Print a line when a stage is over; parts of a stage would only fill a log."""
    if progress.done < progress.total:
        return
    console.print(f"{_TITLES[progress.stage]}: done", markup=False, highlight=False)
    for line in _searches(progress):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _searches(progress: Progress) -> list[str]:
    return [
        "  ".join([f"  {search.hits} hits", search.text, *search.relaxed])
        for search in progress.searches
    ]
