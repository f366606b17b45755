"""What an experiment is to compare: its questions, query runs, arms and generations."""

import re
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NoReturn, cast, get_args

from pydantic import TypeAdapter
from sqlalchemy import Engine, text

from pipeline.question import ask
from pipeline.types import Arm, Mode, Order

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,39}")


@dataclass(frozen=True, slots=True)
class Plan:
    """A grid.

    Attributes:
        name: letters, digits, dots and dashes; ids of its contexts and surveys begin with it.
        runs: how often each question is turned into queries and searched.
        generations: surveys that each arm writes from one context.
        source: where papers are searched.
        as_of: ages of papers count from this day, however long the experiment takes.
        models: of the roles that all arms share: queries, shorten, count, embed.
    """

    name: str
    questions: tuple[str, ...]
    runs: int
    generations: int
    arms: tuple[Arm, ...]
    source: str
    as_of: date
    models: Mapping[str, str]

    @property
    def prefix(self) -> str:
        """What the ids of all its runs begin with: those of its contexts and of its surveys."""
        return f"{self.name}/"

    @property
    def size(self) -> int:
        """How many surveys it asks for."""
        return len(self.questions) * self.runs * self.generations * len(self.arms)


_PLAN = TypeAdapter(Plan)


@dataclass(frozen=True, slots=True)
class Listed:
    """One experiment of the database.

    Attributes:
        cells: how many cells have each status.
    """

    name: str
    created_at: float
    cells: Mapping[str, int]


def check_name(name: str) -> str:
    """Give a name that can be used.

    Raises:
        ValueError: it holds other signs than letters, digits, dots and dashes.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no name of an experiment: up to 40 letters, digits, dots and dashes"
        )
    return name


def read_questions(file: Path | None) -> tuple[str, ...]:
    """Read questions: a TOML file with ``questions = [...]``, or a text file with one a line.

    Args:
        file: null for the article's ten.

    Raises:
        ValueError: it cannot be read, or holds no question.
        BadQuestion: one of them is none.
    """
    if file is None:
        return _article_questions()
    try:
        written = file.read_text(encoding="utf-8")
        listed = _read_toml(written) if file.suffix == ".toml" else written.splitlines()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValueError) as error:
        raise ValueError(f"{file.name} holds no list of questions") from error
    questions = tuple(dict.fromkeys(one.strip() for one in listed if one.strip()))
    if not questions:
        raise ValueError(f"{file.name} holds no question")
    return tuple(ask(one).text for one in questions)


@cache
def _article_questions() -> tuple[str, ...]:
    text = resources.files("pipeline.evaluation").joinpath("questions.toml").read_text("utf-8")
    return tuple(_read_toml(text))


def _read_toml(text: str) -> list[str]:
    listed = tomllib.loads(text).get("questions")
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise ValueError("no list of texts")
    return listed


def read_arm(words: str) -> Arm:
    """Read an arm as a person writes it: ``MODEL [mode=…] [order=…] [shorten=no] [repair=no]``.

    Also ``embed=provider:model``, whose embeddings then order the papers.

    Raises:
        ValueError: a word means nothing.
    """
    model, *rest = words.split() or [""]
    if not model or "=" in model:
        raise ValueError(f"{words!r} does not begin with a model")
    arm = Arm(model)
    for word in rest:
        key, _, value = word.partition("=")
        match key:
            case "mode" if value in get_args(Mode):
                arm = replace(arm, mode=cast("Mode", value))
            case "order" if value in get_args(Order):
                arm = replace(arm, order=cast("Order", value))
            case "shorten" if value in {"yes", "no"}:
                arm = replace(arm, is_shortened=value == "yes")
            case "repair" if value in {"yes", "no"}:
                arm = replace(arm, is_repaired=value == "yes")
            case "embed" if value:
                arm = replace(arm, embed_model=value)
            case _:
                raise ValueError(
                    f"{word!r} says nothing of an arm; known are mode={'|'.join(get_args(Mode))},"
                    f" order={'|'.join(get_args(Order))}, shorten=no, repair=no,"
                    " embed=provider:model"
                )
    return arm


def cross_arms(models: Sequence[str], modes: Sequence[Mode], orders: Sequence[Order]) -> list[Arm]:
    """Give an arm for each model in each mode and order."""
    return [Arm(model, mode, order) for model in models for mode in modes for order in orders]


def extend_plan(before: Plan, asked: Plan) -> Plan:
    """Give the plan that holds both; an experiment grows, and never changes what it has measured.

    Raises:
        ValueError: what is asked for would make other contexts, or is less than there is.
    """
    if asked.questions[: len(before.questions)] != before.questions:
        _refuse(before, "begins with other questions")
    if asked.source != before.source:
        _refuse(before, f"searches {before.source!r}")
    for role, model in before.models.items():
        if asked.models.get(role) != model:
            _refuse(before, f"has {model!r} for {role!r}")
    if asked.runs < before.runs or asked.generations < before.generations:
        _refuse(before, f"has {before.runs} runs and {before.generations} generations already")
    arms = tuple(dict.fromkeys((*before.arms, *asked.arms)))
    return replace(asked, arms=arms, as_of=before.as_of)


def _refuse(plan: Plan, why: str) -> NoReturn:
    raise ValueError(f"the experiment {plan.name!r} {why}; give this one another --name")


def save_plan(engine: Engine, plan: Plan) -> None:
    """Keep a plan in the place of what it was before, and a row for each of its cells."""
    labels = [arm.label for arm in plan.arms]
    rows = [
        {"name": plan.name, "question": q, "run": r, "arm": label, "generation": g, "now": now}
        for now in (time.time(),)
        for q in range(len(plan.questions))
        for r in range(1, plan.runs + 1)
        for g in range(1, plan.generations + 1)
        for label in labels
    ]
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO experiments (name, plan, created_at) VALUES (:name, :plan, :now)"
                " ON CONFLICT (name) DO UPDATE SET plan = excluded.plan"
            ),
            {"name": plan.name, "plan": _PLAN.dump_json(plan).decode(), "now": time.time()},
        )
        connection.execute(
            text(
                "INSERT INTO cells (experiment, question, run, arm, generation, status, at)"
                " VALUES (:name, :question, :run, :arm, :generation, 'missing', :now)"
                " ON CONFLICT (experiment, question, run, arm, generation) DO NOTHING"
            ),
            rows,
        )


def load_plan(engine: Engine, name: str) -> Plan | None:
    """Give an experiment's plan, or null where none has this name."""
    with engine.connect() as connection:
        found = connection.scalar(
            text("SELECT plan FROM experiments WHERE name = :name"), {"name": name}
        )
    return None if found is None else _PLAN.validate_json(found)


def list_experiments(engine: Engine) -> tuple[Listed, ...]:
    """Give all experiments, the oldest first."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT name, created_at, status, COUNT(*) FROM experiments"
                " JOIN cells ON cells.experiment = name GROUP BY name, created_at, status"
                " ORDER BY created_at, name, status"
            )
        ).all()
    listed: dict[str, Listed] = {}
    for name, created_at, status, number in rows:
        before = listed.get(name, Listed(name, created_at, {}))
        listed[name] = replace(before, cells={**before.cells, status: number})
    return tuple(listed.values())
