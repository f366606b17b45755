"""The commands ``eval run`` and ``eval list``: write the surveys of an experiment."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args

import click

from pipeline.bounds import Bounds
from pipeline.experiment.cells import Cell, read_cells
from pipeline.experiment.expect import Expected, expect_rest
from pipeline.experiment.plan import (
    Plan,
    check_name,
    cross_arms,
    extend_plan,
    list_experiments,
    load_plan,
    read_arm,
    read_questions,
    save_plan,
)
from pipeline.experiment.run import Rules, Runner, spent_by
from pipeline.experiment_watch import announce, announce_batches, report_outcome, watch
from pipeline.models import choose_model, default_writers, price_list
from pipeline.outbox import Outbox
from pipeline.settings import PipelineSettings, SourceName
from pipeline.terminal import confirm_spending
from pipeline.types import Arm, Mode, Order, Role
from pipeline.wiring import Kit, use_kit

_SHARED: tuple[Role, ...] = ("queries", "shorten", "count", "embed")


@click.command()
@click.option("--name", default="article", show_default=True, help="Of the experiment.")
@click.option(
    "--questions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TOML with questions = […], or one a line; default: the article's ten.",
)
@click.option("--runs", type=click.IntRange(min=1), help="Query runs a question. Default: 5.")
@click.option("--generations", type=click.IntRange(min=1), help="Surveys an arm. Default: 3.")
@click.option("--models", help="Writing models, provider:model[,…]; 'keyless' needs no key.")
@click.option("--mode", "modes", help="sections, single, or both with a comma.")
@click.option("--order", "orders", help=f"Of {', '.join(get_args(Order))}; several with commas.")
@click.option(
    "--arm",
    "arms",
    multiple=True,
    metavar="'MODEL KEY=VALUE…'",
    help="One more arm: mode=, order=, shorten=no, repair=no, embed=provider:model.",
)
@click.option("--source", type=click.Choice(["arxiv", "mirror", "demo"]), help="Where to search.")
@click.option("--budget", type=click.FloatRange(min=0), metavar="USD", help="Spend no more in all.")
@click.option(
    "--at-once", metavar="N|PROVIDER=N,…", default="8", show_default=True, help="Calls at once."
)
@click.option(
    "--batch",
    is_flag=True,
    help="Use the providers' batch interfaces: half the price, each step within a day.",
)
@click.option(
    "--look-every",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to ask for the replies of batches.",
)
@click.option("--retry-failed", is_flag=True, help="Try cells that have failed again.")
@click.option("--dry-run", is_flag=True, help="Print the plan with its price, and stop.")
@click.option("--yes", is_flag=True, help="Do not ask before money is spent.")
@click.option("--json", "as_json", is_flag=True, help="Print plan or outcome as JSON.")
def run(  # noqa: PLR0913 - one parameter for each option of the command
    *,
    name: str,
    questions: Path | None,
    runs: int | None,
    generations: int | None,
    models: str | None,
    modes: str | None,
    orders: str | None,
    arms: tuple[str, ...],
    source: SourceName | None,
    budget: float | None,
    at_once: str,
    batch: bool,
    look_every: float,
    retry_failed: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Write and score the surveys of an experiment: questions × query runs × arms × generations.

    What is written already is not written again, so the same command goes on after an interrupt, a
    crash or a spent budget; several processes may share one experiment. More arms, runs,
    generations and questions can be added later.

    With --batch the process may be stopped while the providers work: the same command collects
    what has come.
    """
    slots = _read_slots(at_once)
    with use_kit(PipelineSettings()) as kit:
        with _usage_errors():
            before = load_plan(kit.engine, check_name(name))
            known = before.questions if before and questions is None else None
            plan = Plan(
                name=name,
                questions=known or read_questions(questions),
                runs=runs or (before.runs if before else 5),
                generations=generations or (before.generations if before else 3),
                arms=_read_arms(kit, before, models, modes, orders, arms),
                source=source or (before.source if before else kit.settings.source),
                as_of=datetime.now(UTC).date(),
                models={role: choose_model(kit.settings, role) for role in _SHARED},
            )
            plan = extend_plan(before, plan) if before else plan
        _check_models(kit, plan)
        if not batch:
            _check_mail(kit, plan)
        rest = _find_rest(kit, plan, retries_failed=retry_failed)
        sizes, prices = _known_sizes(kit, plan), price_list(kit.settings)
        expected = expect_rest(plan, rest, sizes, prices, is_batched=batch)
        if dry_run and as_json:
            click.echo(json.dumps({"cells": len(rest), "calls": [asdict(e) for e in expected]}))
        else:
            announce(plan, rest, expected, spent_by(kit, plan), budget)
            if batch:
                announce_batches(plan)
        if dry_run:
            return
        confirm_spending(_add_up(expected), yes=yes)
        save_plan(kit.engine, plan)
        at = {provider: slots.get(provider, slots[""]) for provider in _providers(plan)}
        runner = Runner(kit, plan, Rules(at, budget, retry_failed, batch, look_every))
        outcome = watch(runner)
    report_outcome(outcome, as_json=as_json)
    if outcome.halted or outcome.cells.get("failed") or outcome.cells.get("missing"):
        sys.exit(1)


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(*, as_json: bool) -> None:
    """List experiments: how far each is, and what it has cost."""
    with use_kit(PipelineSettings()) as kit:
        rows = []
        for one in list_experiments(kit.engine):
            plan = cast("Plan", load_plan(kit.engine, one.name))
            cells = {status: one.cells.get(status, 0) for status in ("done", "failed", "missing")}
            arms = [arm.label for arm in plan.arms]
            rows.append({"name": one.name, **cells, "usd": spent_by(kit, plan), "arms": arms})
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(
            f"{row['name']}: {row['done']} done, {row['failed']} failed, {row['missing']} missing,"
            f" ${row['usd']:.2f}; {', '.join(cast('list[str]', row['arms']))}"
        )
    if not rows:
        click.echo("There is no experiment yet; paperwalk eval run begins one.")


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Show what is wrong with a name, an arm or a plan as a fault of the command line."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _split(listed: str | None) -> list[str]:
    return [one.strip() for one in (listed or "").split(",") if one.strip()]


def _read_arms(  # noqa: PLR0917 - the options that arms are made of
    kit: Kit,
    before: Plan | None,
    models: str | None,
    modes: str | None,
    orders: str | None,
    arms: Sequence[str],
) -> tuple[Arm, ...]:
    """Give the arms that the options name; without any, those that there are, or the usual ones."""
    for option, said, known in (("--mode", modes, Mode), ("--order", orders, Order)):
        if wrong := set(_split(said)) - set(get_args(known)):
            raise click.BadParameter(f"there is no {min(wrong)!r}", param_hint=option)
    if before and not (models or modes or orders or arms):
        return before.arms
    specs = _split(models)
    if not specs and (modes or orders or not arms):
        specs = list(default_writers(kit.settings))
    crossed = cross_arms(
        specs,
        cast("list[Mode]", _split(modes)) or [kit.settings.mode],
        cast("list[Order]", _split(orders)) or ["tour"],
    )
    return tuple(dict.fromkeys([*crossed, *map(read_arm, arms)]))


def _read_slots(listed: str) -> dict[str, int]:
    """Read ``8`` or ``openai=8,anthropic=4``; under the empty name what holds for the others."""
    slots = {"": 8}
    for one in _split(listed):
        provider, _, number = one.rpartition("=")
        if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= 512:
            raise click.BadParameter(f"{one!r} is no number from 1 to 512", param_hint="--at-once")
        slots[provider.strip()] = int(number)
    return slots


def _providers(plan: Plan) -> set[str]:
    models = [*plan.models.values(), *(arm.model for arm in plan.arms)]
    return {model.partition(":")[0] for model in models}


def _check_models(kit: Kit, plan: Plan) -> None:
    """Open every model once, so that a missing key is told before anything is spent.

    Raises:
        NotConfigured: a model is unknown or lacks its key.
    """
    for arm in plan.arms:
        kit.writer("", arm.model, Bounds())
        if arm.embed_model:
            kit.embedder("", arm.embed_model)


def _check_mail(kit: Kit, plan: Plan) -> None:
    """See to it that nothing is asked at once that a batch is already paid to answer."""
    if waiting := Outbox(kit.engine).count_sent(plan.prefix):
        raise click.UsageError(
            f"{waiting} requests of this experiment are on their way in batches, and will be"
            " paid for; add --batch to collect the replies"
        )


def _find_rest(kit: Kit, plan: Plan, *, retries_failed: bool) -> list[Cell]:
    """Give the cells that are still to be written, those of a plan that is not saved included."""
    closed = {"done"} if retries_failed else {"done", "failed"}
    over = {
        (cell.question, cell.run, cell.arm, cell.generation)
        for cell in read_cells(kit.engine, plan.name)
        if cell.status in closed
    }
    return [
        Cell(question, run_, arm.label, generation)
        for question in range(len(plan.questions))
        for run_ in range(1, plan.runs + 1)
        for generation in range(1, plan.generations + 1)
        for arm in plan.arms
        if (question, run_, arm.label, generation) not in over
    ]


def _known_sizes(kit: Kit, plan: Plan) -> dict[tuple[int, int], int]:
    """Give the papers of the contexts that exist."""
    contexts = {
        (cell.question, cell.run): cell.context_id
        for cell in read_cells(kit.engine, plan.name)
        if cell.context_id
    }
    sizes: dict[tuple[int, int], int] = {}
    for key, context_id in contexts.items():
        context = kit.store.load_context(context_id)
        if context is not None:
            sizes[key] = len(context.passages)
    return sizes


def _add_up(expected: Sequence[Expected]) -> float | None:
    """Give dollars, null where a price is not known."""
    known = [one.usd for one in expected if one.usd is not None]
    return sum(known) if len(known) == len(expected) else None
