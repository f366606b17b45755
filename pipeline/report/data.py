"""What is known of an experiment's surveys, read from the database once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Engine, bindparam, text

from pipeline.evaluation import language, recall, structure, support
from pipeline.evaluation.judging import ARTICLE
from pipeline.evaluation.language import Consistency
from pipeline.evaluation.recall import ArticleCount
from pipeline.evaluation.structure import Structure
from pipeline.evaluation.support import Support
from pipeline.evaluation.verdicts import OrderedVerdict, list_verdicts
from pipeline.experiment.cells import Cell, read_cells
from pipeline.experiment.plan import Plan
from pipeline.types import Recall, Tally

T = TypeVar("T")

_LOOKUP_SIZE = 500


@dataclass(frozen=True, slots=True)
class Observation:
    """One survey with all that was measured of it.

    Attributes:
        question: its place in the plan, from 0.
        papers: found for it, on topic or not.
        values: metric → figure; what was not measured is not in it.
        positions: cited papers in each tenth of the context.
    """

    question: int
    run: int
    generation: int
    arm: str
    survey_id: str
    papers: int
    values: Mapping[str, float]
    positions: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """An experiment as it stands.

    Attributes:
        arms: labels in the plan's order.
        verdicts: of judges on two of its surveys; an article's judge bears that in its name.
    """

    plan: Plan
    arms: tuple[str, ...]
    cells: tuple[Cell, ...]
    observations: tuple[Observation, ...]
    verdicts: tuple[OrderedVerdict, ...]

    def articles_verdicts(self) -> tuple[OrderedVerdict, ...]:
        """Give the verdicts of single, drawn orders."""
        return tuple(one for one in self.verdicts if one.judge.endswith(ARTICLE))

    def both_orders(self) -> tuple[OrderedVerdict, ...]:
        """Give the verdicts that come in two orders."""
        return tuple(one for one in self.verdicts if not one.judge.endswith(ARTICLE))


_READ: Mapping[str, Callable[[Recall], float | None]] = {
    "recall": lambda score: score.recall,
    "recall_linked": lambda score: score.recall_linked,
    "recall_on_topic": lambda score: score.recall_on_topic,
    "precision": lambda score: score.precision,
    "link_rate": lambda score: score.link_rate,
    "outside": lambda score: float(len(score.outside)),
    "malformed": lambda score: float(len(score.malformed)),
    "misattributed": lambda score: float(len(score.misattributed)),
}


def read_findings(engine: Engine, plan: Plan) -> Findings:
    """Read an experiment's surveys, scores, costs and verdicts.

    Scores of an older version of their metric are left out: versions are not compared.
    """
    cells = read_cells(engine, plan.name)
    done = {cell.survey_id: cell for cell in cells if cell.survey_id is not None}
    ids = list(done)
    recalls = _scores(engine, ids, "recall", recall.METRIC_VERSION, Recall)
    counts = _scores(engine, ids, "count", recall.COUNT_VERSION, ArticleCount)
    supports = _scores(engine, ids, "support", support.METRIC_VERSION, Support)
    structures = _scores(engine, ids, "structure", structure.METRIC_VERSION, Structure)
    languages = _scores(engine, ids, "language", language.METRIC_VERSION, Consistency)
    costs = _costs(engine, ids)
    observations: list[Observation] = []
    for survey_id, cell in done.items():
        scored = recalls.get(survey_id)
        values: dict[str, float | None] = {}
        if scored is not None:
            values |= {name: read(scored) for name, read in _READ.items()}
        if survey_id in counts:
            values["article_recall"] = counts[survey_id].recall
            values["article_recall_capped"] = counts[survey_id].recall_capped
        if survey_id in supports:
            values["support_recall"] = supports[survey_id].recall
            values["support_precision"] = supports[survey_id].precision
        if survey_id in structures:
            values["characters"] = float(structures[survey_id].chars)
        if survey_id in languages:
            values["language"] = languages[survey_id].share
        values |= costs.get(survey_id, {})
        observations.append(
            Observation(
                question=cell.question,
                run=cell.run,
                generation=cell.generation,
                arm=cell.arm,
                survey_id=survey_id,
                papers=len(scored.cited) + len(scored.omitted) if scored else 0,
                values={name: value for name, value in values.items() if value is not None},
                positions=scored.by_position if scored else (),
            )
        )
    verdicts = tuple(
        one
        for one in list_verdicts(engine, with_open=True)
        if one.survey_a in done and one.survey_b in done
    )
    labels = tuple(arm.label for arm in plan.arms)
    return Findings(plan, labels, cells, tuple(observations), verdicts)


def _scores(
    engine: Engine, ids: Sequence[str], name: str, version: int, kind: type[T]
) -> dict[str, T]:
    select = text(
        "SELECT survey_id, score FROM scores WHERE name = :name AND metric_version = :version"
        " AND survey_id IN :ids"
    ).bindparams(bindparam("ids", expanding=True))
    adapter = TypeAdapter(kind)
    found: dict[str, T] = {}
    with engine.connect() as connection:
        for start in range(0, len(ids), _LOOKUP_SIZE):
            some = ids[start : start + _LOOKUP_SIZE]
            values = {"name": name, "version": version, "ids": list(some)}
            for survey_id, score in connection.execute(select, values):
                found[survey_id] = adapter.validate_json(score)
    return found


def _costs(engine: Engine, ids: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """Give dollars and seconds of the writing; a cost that is unknown in part is unknown."""
    select = text(
        "SELECT run, SUM(usd), COUNT(*) - COUNT(usd), MAX(created_at) - MIN(created_at - seconds)"
        " FROM calls WHERE role = 'write' AND run IN :ids GROUP BY run"
    ).bindparams(bindparam("ids", expanding=True))
    costs: dict[str, dict[str, float | None]] = defaultdict(dict)
    with engine.connect() as connection:
        for start in range(0, len(ids), _LOOKUP_SIZE):
            some = ids[start : start + _LOOKUP_SIZE]
            for run, usd, unpriced, seconds in connection.execute(select, {"ids": list(some)}):
                costs[run] = {"usd": None if unpriced else usd, "seconds": seconds}
    return costs
