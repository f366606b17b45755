"""The command ``eval judge``: judge models compare the surveys of an experiment in pairs."""

import json
import sys
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import click
from rich.console import Console
from rich.progress import track

from pipeline.bounds import Bounds
from pipeline.concurrency import map_at_once
from pipeline.errors import CeilingReached, NotConfigured
from pipeline.estimate import Call, estimate_cost, guess_tokens
from pipeline.evaluation.judging import (
    ARTICLE,
    Candidate,
    Pairing,
    Protocol,
    Showing,
    ask_judge,
    compose,
    draw_pairs,
    prompt_hash,
    show,
)
from pipeline.evaluation.verdicts import OrderedVerdict, list_verdicts, save_verdict
from pipeline.experiment.cells import read_cells
from pipeline.models import choose_model, price_list
from pipeline.providers.base import ChatModel
from pipeline.settings import PipelineSettings
from pipeline.terminal import confirm_spending
from pipeline.types import Context, Survey, Usage
from pipeline.wiring import Kit, use_kit

_PROMPT_TOKENS, _VERDICT_TOKENS = 350, 10


@dataclass(frozen=True, slots=True)
class _Task:
    """One question to one judge."""

    judge: str
    showing: Showing


@click.command()
@click.argument("name", default="article")
@click.option("--judges", help="Models that judge, provider:model[,…]; default: the settings'.")
@click.option("--article", is_flag=True, help="Show each pair once, in an order drawn by the seed.")
@click.option(
    "--pairs",
    type=click.IntRange(min=0),
    default=150,
    show_default=True,
    help="Of each two arms, drawn at random; 0 for all.",
)
@click.option("--seed", default=0, show_default=True, help="Of what is drawn.")
@click.option("--budget", type=click.FloatRange(min=0), metavar="USD", help="Ask no more then.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked and what it would cost.")
@click.option("--yes", is_flag=True, help="Do not ask before money is spent.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def judge(  # noqa: PLR0913 - one parameter for each option of the command
    *,
    name: str,
    judges: str | None,
    article: bool,
    pairs: int,
    seed: int,
    budget: float | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Have judge models compare the surveys of experiment NAME in pairs, each in both orders.

    Verdicts are kept as they come; the same command asks only for those that are missing. `eval
    report` shows them, `votes agreement` holds them beside people's votes.
    """
    protocol: Protocol = "article" if article else "both_orders"
    with use_kit(PipelineSettings()) as kit:
        names = [one.strip() for one in (judges or "").split(",") if one.strip()]
        bounds = Bounds(ceiling_usd=budget)
        run = f"judge-{uuid.uuid4().hex}"
        models = _open_judges(kit, names or [choose_model(kit.settings, "judge")], run, bounds)
        drawn = draw_pairs(_candidates(kit, name), most=pairs or None, seed=seed)
        tasks = [
            task
            for one in models
            for task in _find_rest(kit, show(drawn, one, protocol, seed=seed), one, protocol)
        ]
        usd = _announce(kit, drawn, tasks)
        if dry_run:
            return
        confirm_spending(usd, yes=yes)
        counts = _ask(kit, models, tasks, protocol)
        cost = kit.cost_of(run)
    _report(counts, cost.usd, as_json=as_json)
    if any(count["unscored"] or count["not asked"] for count in counts.values()):
        sys.exit(1)


def _open_judges(kit: Kit, specs: Sequence[str], run: str, bounds: Bounds) -> dict[str, ChatModel]:
    models: dict[str, ChatModel] = {}
    for spec in specs:
        model = kit.judge(run, spec, bounds)
        if model is None:
            raise NotConfigured("no judge is set; name one by --judges provider:model")
        models[spec] = model
    return models


def _candidates(kit: Kit, name: str) -> list[Candidate]:
    """Give the surveys of an experiment that can be compared."""
    cells = [cell for cell in read_cells(kit.engine, name) if cell.survey_id is not None]
    if not cells:
        raise click.UsageError(f"there is no experiment {name!r} with surveys; see `eval list`")
    return [
        Candidate(cell.survey_id, cell.arm, (cell.question, cell.run, cell.generation))
        for cell in cells
        if cell.survey_id is not None
    ]


def _find_rest(
    kit: Kit, showings: Sequence[Showing], judge_: str, protocol: Protocol
) -> list[_Task]:
    """Give what a judge has not said yet."""
    wanted = (_name(judge_, protocol), prompt_hash(protocol))
    known = {
        (one.survey_a, one.survey_b, one.first)
        for one in list_verdicts(kit.engine, with_open=True)
        if (one.judge, one.prompt_hash) == wanted
    }
    return [
        _Task(judge_, one)
        for one in showings
        if (one.pairing.survey_a, one.pairing.survey_b, one.first) not in known
    ]


def _name(judge_: str, protocol: Protocol) -> str:
    return f"{judge_}{ARTICLE}" if protocol == "article" else judge_


def _announce(kit: Kit, drawn: Sequence[Pairing], tasks: Sequence[_Task]) -> float | None:
    """Say what will be asked; give the dollars, null where a price is not known."""
    pairs = {task.showing.pairing for task in tasks}
    ids = {one for pair in pairs for one in (pair.survey_a, pair.survey_b)}
    tokens = {one: guess_tokens(_load(kit, one).markdown) for one in ids}
    calls = [
        Call("judge", task.judge, Usage(_PROMPT_TOKENS + tokens[a] + tokens[b], 0, _VERDICT_TOKENS))
        for task in tasks
        for a, b in [(task.showing.pairing.survey_a, task.showing.pairing.survey_b)]
    ]
    usd = estimate_cost(calls, price_list(kit.settings))
    price = "of unknown price" if usd is None else f"about ${usd:.2f}"
    said = f"{len(drawn)} pairs, {len(tasks)} verdicts still to be asked for, {price}"
    click.echo(said, err=True)
    return usd


def _load(kit: Kit, survey_id: str) -> Survey:
    return cast("Survey", kit.store.load_survey(survey_id))  # a cell's survey is never deleted


def _ask(
    kit: Kit, models: Mapping[str, ChatModel], tasks: Sequence[_Task], protocol: Protocol
) -> dict[str, Counter[str]]:
    """Ask, some at once, and keep each verdict as it comes."""
    counts: dict[str, Counter[str]] = {_name(one, protocol): Counter() for one in models}
    console = Console(stderr=True)

    def ask(task: _Task) -> str:
        pair, first = task.showing.pairing, task.showing.first
        a, b = _load(kit, pair.survey_a), _load(kit, pair.survey_b)
        context = cast("Context", kit.store.load_context(a.context_id))
        texts = (a.markdown, b.markdown) if first == "a" else (b.markdown, a.markdown)
        prompt = compose(context.question.text, *texts, protocol)
        try:
            choice = ask_judge(models[task.judge], prompt, first)
        except CeilingReached:
            return "not asked"
        if choice is None:
            return "unscored"
        save_verdict(
            kit.engine,
            OrderedVerdict(
                id=uuid.uuid4().hex,
                context_id=a.context_id,
                survey_a=pair.survey_a,
                survey_b=pair.survey_b,
                judge=_name(task.judge, protocol),
                first=first,
                choice=choice,
                prompt_hash=prompt_hash(protocol),
                created_at=time.time(),
            ),
        )
        return "tie" if choice == "tie" else "first" if choice == first else "second"

    size = kit.settings.at_once
    groups = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    for group in track(groups, "Judge", console=console, disable=not console.is_terminal):
        for task, said in zip(group, map_at_once(ask, group, at_once=size), strict=True):
            counts[_name(task.judge, protocol)][said] += 1
    return counts


def _report(counts: Mapping[str, Counter[str]], usd: float, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"judges": counts, "usd": usd}, ensure_ascii=False, indent=2))
        return
    for name, count in counts.items():
        said = ", ".join(f"{count[key]} {key}" for key in ("first", "second", "tie"))
        lost = "".join(f", {count[key]} {key}" for key in ("unscored", "not asked") if count[key])
        click.echo(f"{name}: {said}{lost}")
    click.echo(f"Cost: ${usd:.4f}", err=True)
