"""Run an experiment under the eyes of a person: plan, progress, signals, and what came of it."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from pipeline.experiment.cells import Cell, read_cells
from pipeline.experiment.expect import Expected
from pipeline.experiment.plan import Plan, list_experiments
from pipeline.experiment.run import Runner, spent_by
from pipeline.models import KEYLESS
from pipeline.providers import has_batches


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ``eval run --json`` prints.

    Attributes:
        cells: how many have each status.
        usd: what the experiment has cost in all.
        halted: why it ended before all cells were tried; empty where they were.
        in_batches: requests whose replies are still to be collected.
        trouble: why a provider of batches could not be asked the last time.
    """

    name: str
    cells: Mapping[str, int]
    usd: float
    seconds: float
    halted: str
    blocked: Mapping[str, str]
    failures: Mapping[str, int]
    in_batches: int = 0
    trouble: str = ""


def announce(
    plan: Plan,
    rest: Sequence[Cell],
    expected: Sequence[Expected],
    spent: float,
    budget: float | None,
) -> None:
    """Say on stderr what is to be done and what it will cost."""
    click.echo(
        f"Experiment {plan.name}: {len(plan.questions)} questions × {plan.runs} query runs"
        f" × {len(plan.arms)} arms × {plan.generations} generations = {plan.size} surveys,"
        f" {plan.size - len(rest)} of them over",
        err=True,
    )
    for arm in plan.arms:
        click.echo(f"  {arm.label}", err=True)
    if plan.runs > 1 and plan.models["queries"] == "keyless":
        click.echo("Queries are made without a model: the query runs will not differ.", err=True)
    for one in expected:
        price = "price unknown" if one.usd is None else f"about ${one.usd:.2f}"
        click.echo(f"{one.role:>8} {one.calls:>7} calls of {one.model}: {price}", err=True)
    known = sum(one.usd or 0.0 for one in expected)
    limit = "" if budget is None else f"; it stops at ${budget:g}"
    click.echo(f"In all about ${known:.2f}, ${spent:.2f} spent before{limit}", err=True)


def announce_batches(plan: Plan) -> None:
    """Say on stderr which models are asked at once all the same."""
    models = {*plan.models.values(), *(arm.model for arm in plan.arms)} - {plan.models["embed"]}
    for model in sorted(models):
        if not has_batches(model) and model != KEYLESS:
            click.echo(f"{model} has no batch interface: it is asked at once.", err=True)


def watch(runner: Runner) -> Outcome:
    """Run it and show on stderr how far it is."""
    started = time.monotonic()
    with _show(runner) as on_tick, _heed_signals() as was_signalled:

        def tick() -> None:
            if was_signalled():
                runner.halt("interrupted")
            on_tick()

        runner.run(tick)
    cells = read_cells(runner.kit.engine, runner.plan.name)
    return Outcome(
        name=runner.plan.name,
        cells=dict(Counter(cell.status for cell in cells)),
        usd=spent_by(runner.kit, runner.plan),
        seconds=time.monotonic() - started,
        halted=runner.halted,
        blocked=runner.blocked,
        failures=dict(Counter(cell.failure for cell in cells if cell.status == "failed")),
        in_batches=_count_in_batches(runner),
        trouble=runner.clerk.trouble if runner.clerk else "",
    )


@contextmanager
def _heed_signals() -> Iterator[Callable[[], bool]]:
    """Give what says whether somebody wants us to stop.

    The signal only leaves a mark: an exception in the middle of whatever runs, or a lock taken by
    the handler, can leave a lock taken for ever. A second one leaves at once; what was recorded is
    kept, and calls under way are not waited for.
    """
    signals: list[int] = []

    def heed(number: int, _: object) -> None:
        signals.append(number)
        if len(signals) > 1:
            os._exit(128 + number)

    before = {number: signal.signal(number, heed) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(signals)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _show(runner: Runner) -> Iterator[Callable[[], None]]:
    """Give what shows the progress: a bar on a terminal, else a line a minute."""
    console = Console(stderr=True)
    started, done_before = time.monotonic(), _count_done(runner)
    said = started

    def describe(done: int) -> str:
        left = runner.plan.size - done
        new = done - done_before
        minutes = (time.monotonic() - started) / 60
        rest = f", about {left * minutes / new:.0f} min left" if new else ""
        sent = ""
        if runner.clerk:
            in_batches, trouble = _count_in_batches(runner), runner.clerk.trouble
            sent = f", {in_batches} requests in batches" if in_batches else ""
            sent += f" ({trouble}; trying on)" if trouble else ""
        return f"${spent_by(runner.kit, runner.plan):.2f}{sent}{rest}"

    if not console.is_terminal:

        def say() -> None:
            nonlocal said
            if time.monotonic() - said >= 60:
                said = time.monotonic()
                done = _count_done(runner)
                click.echo(f"{done}/{runner.plan.size} surveys, {describe(done)}", err=True)

        yield say
        return
    columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console) as bars:
        task = bars.add_task("", total=runner.plan.size, completed=done_before)

        def draw() -> None:
            done = _count_done(runner)
            bars.update(task, completed=done, description=describe(done))

        yield draw


def _count_done(runner: Runner) -> int:
    counts = {one.name: one.cells for one in list_experiments(runner.kit.engine)}
    return counts[runner.plan.name].get("done", 0)


def _count_in_batches(runner: Runner) -> int:
    return runner.outbox.count_sent(runner.plan.prefix)


def report_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """Say what came of it: in sentences on stderr, or as JSON on stdout."""
    if as_json:
        click.echo(json.dumps(asdict(outcome), ensure_ascii=False, indent=2))
        return
    counts = ", ".join(f"{number} {status}" for status, number in sorted(outcome.cells.items()))
    click.echo(f"Experiment {outcome.name}: {counts}; ${outcome.usd:.2f}", err=True)
    for model, why in outcome.blocked.items():
        click.echo(f"Not usable: {model}: {why}", err=True)
    for why, number in outcome.failures.items():
        click.echo(f"Failed {number}×: {why}", err=True)
    if outcome.trouble:
        click.echo(f"The last time: {outcome.trouble}", err=True)
    if outcome.in_batches:
        click.echo(
            f"{outcome.in_batches} requests are on their way in batches and will be paid for:"
            " the same command collects the replies.",
            err=True,
        )
    if outcome.halted:
        click.echo(f"Stopped: {outcome.halted}. The same command goes on from here.", err=True)
    elif outcome.cells.get("failed"):
        click.echo("--retry-failed tries the failed ones again.", err=True)
