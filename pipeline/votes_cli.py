"""The command ``paperwalk votes``: what people prefer, how sure that is, and the votes as files."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import click
from pydantic import TypeAdapter

from pipeline.database import use_database
from pipeline.evaluation.polls import read_battles, read_polls
from pipeline.evaluation.preference import (
    correlate,
    make_leaderboard,
    measure_agreement,
    plan_votes,
)
from pipeline.evaluation.preference.agreement import Agreements
from pipeline.evaluation.preference.correlate import Correlation
from pipeline.evaluation.preference.intervals import REPLICATES
from pipeline.evaluation.preference.leaderboard import Leaderboard
from pipeline.evaluation.preference.power import Plan
from pipeline.evaluation.preference.votes import VOTES_PER_DAY
from pipeline.evaluation.verdicts import Consistency, read_verdicts
from pipeline.export_cli import export, forget
from pipeline.settings import PipelineSettings
from pipeline.votes_tables import (
    show,
    view_agreement,
    view_correlation,
    view_leaderboard,
    view_plan,
)


@dataclass(frozen=True, slots=True)
class JudgesBesidePeople:
    """What ``paperwalk votes agreement --json`` prints."""

    agreement: Agreements
    consistency: tuple[Consistency, ...]


_LEADERBOARD = TypeAdapter(Leaderboard)
_AGREEMENT = TypeAdapter(JudgesBesidePeople)
_CORRELATION = TypeAdapter(Correlation)
_PLAN = TypeAdapter(Plan)

_workspace = click.option("--workspace", metavar="TEAM", help="Slack workspace; default: all.")
_json = click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")


def _bootstrap(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every figure that is drawn from the votes."""
    for option in (
        _json,
        click.option(
            "--votes-per-day",
            type=click.IntRange(min=1),
            default=VOTES_PER_DAY,
            show_default=True,
            help="Votes of one person that count within a day.",
        ),
        click.option(
            "--replicates",
            type=click.IntRange(min=1),
            default=REPLICATES,
            show_default=True,
            help="Of the bootstrap that gives the intervals.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(min=0),
            default=0,
            show_default=True,
            help="Of the bootstrap; the same votes and seed give the same figures.",
        ),
        _workspace,
    ):
        command = option(command)
    return command


@click.group()
def votes() -> None:
    """Show what people prefer and how sure that is; export or delete votes.

    Comparisons that are still open are left out of every figure, as on the home tab.
    """


@votes.command()
@_bootstrap
def leaderboard(
    *, workspace: str | None, seed: int, replicates: int, votes_per_day: int, as_json: bool
) -> None:
    """Show which model writes the better survey, as people see it: the home tab's figures."""
    with use_database(PipelineSettings().database_url) as engine:
        polls = read_polls(engine, workspace)
    board = make_leaderboard(
        polls.battles,
        polls.thumbs,
        polls.measures,
        now=time.time(),
        seed=seed,
        replicates=replicates,
        votes_per_day=votes_per_day,
    )
    if as_json:
        click.echo(_LEADERBOARD.dump_json(board, indent=2))
    else:
        show(view_leaderboard(board, votes_per_day=votes_per_day))


@votes.command()
@_bootstrap
def agreement(
    *, workspace: str | None, seed: int, replicates: int, votes_per_day: int, as_json: bool
) -> None:
    """Show how far judge models agree with people, and people with each other."""
    with use_database(PipelineSettings().database_url) as engine:
        judged = read_verdicts(engine, workspace)
        battles = read_battles(engine, workspace)
    found = measure_agreement(
        judged.verdicts,
        battles,
        seed=seed,
        replicates=replicates,
        votes_per_day=votes_per_day,
    )
    if as_json:
        report = JudgesBesidePeople(found, judged.consistency)
        click.echo(_AGREEMENT.dump_json(report, indent=2))
    else:
        show(view_agreement(found, judged.consistency))


@votes.command("correlate")
@_bootstrap
def correlate_(
    *, workspace: str | None, seed: int, replicates: int, votes_per_day: int, as_json: bool
) -> None:
    """Show whether recall, precision, support or style predicts what people prefer."""
    with use_database(PipelineSettings().database_url) as engine:
        polls = read_polls(engine, workspace)
    found = correlate(
        polls.battles,
        polls.thumbs,
        polls.measures,
        seed=seed,
        replicates=replicates,
        votes_per_day=votes_per_day,
    )
    if as_json:
        click.echo(_CORRELATION.dump_json(found, indent=2))
    else:
        show(view_correlation(found))


@votes.command()
@click.option(
    "--win-rate",
    type=click.FloatRange(0.52, 0.99),
    default=0.6,
    show_default=True,
    help="Of the better model, ties set aside.",
)
@click.option(
    "--power",
    type=click.FloatRange(0.01, 0.99),
    default=0.8,
    show_default=True,
    help="Chance to find it.",
)
@click.option(
    "--tie-rate",
    type=click.FloatRange(0, 0.99),
    default=0.0,
    show_default=True,
    help="Share of votes that prefer neither.",
)
@click.option(
    "--votes-per-question",
    type=click.FloatRange(min=1),
    default=1.0,
    show_default=True,
    help="People who vote on the same question.",
)
@click.option(
    "--correlation",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Of two votes on one question.",
)
@_json
def power(
    *,
    win_rate: float,
    power: float,
    tie_rate: float,
    votes_per_question: float,
    correlation: float,
    as_json: bool,
) -> None:
    """Show how many votes to plan for to tell two models apart."""
    plan = plan_votes(
        win_rate,
        power,
        tie_rate=tie_rate,
        votes_per_question=votes_per_question,
        correlation=correlation,
    )
    if as_json:
        click.echo(_PLAN.dump_json(plan, indent=2))
    else:
        show(view_plan(plan, win_rate=win_rate, power=power))


votes.add_command(export)
votes.add_command(forget)
