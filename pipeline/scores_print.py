"""Print new scores: a line for each survey, or JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import click
from pydantic import TypeAdapter

from pipeline.evaluation.language import Consistency
from pipeline.evaluation.polls import read_measures
from pipeline.evaluation.recall import ArticleCount
from pipeline.evaluation.scoring import VERSIONS, MetricName, Score, Scored
from pipeline.evaluation.structure import Structure
from pipeline.evaluation.support import Support
from pipeline.types import Recall
from pipeline.wiring import Kit


@dataclass(frozen=True, slots=True)
class NewScore:
    """One score, as ``--json`` prints it.

    Attributes:
        score: null where it could not be had: unscored, which is not 0.
    """

    version: int
    score: Score | None


@dataclass(frozen=True, slots=True)
class Row:
    """One survey with its new scores, as ``--json`` prints it.

    Attributes:
        usd, seconds: what its writing took; null where that is not known.
    """

    survey: str
    arm: str
    usd: float | None
    seconds: float | None
    scores: Mapping[MetricName, NewScore]


_ROWS = TypeAdapter(tuple[Row, ...])


def show_scores(kit: Kit, done: Sequence[Scored], *, as_json: bool) -> None:
    """Print scores on stdout, how many there are on stderr."""
    if as_json:
        click.echo(_ROWS.dump_json(_rows(kit, done), indent=2))
    else:
        for one in done:
            click.echo("  ".join((one.survey.id, one.survey.arm.label, *_figures(one))))
    counts = Counter(name for one in done for name, value in one.scores.items() if value)
    unscored = Counter(name for one in done for name, value in one.scores.items() if not value)
    said = [f"Scored {len(done)} surveys", *(f"{name} {n}" for name, n in counts.items())]
    said += [f"{name} unscored {n}" for name, n in unscored.items()]
    click.echo(", ".join(said), err=True)


def _figures(scored: Scored) -> Iterator[str]:
    for name, value in scored.scores.items():
        match value:
            case None:
                yield f"{name} unscored"
            case Structure():
                yield f"{value.chars:,} characters"
            case Consistency():
                yield f"{name} {_share(value.share)}"
            case Recall() | Support() | ArticleCount():
                yield f"{name} {_share(value.recall)}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _rows(kit: Kit, done: Sequence[Scored]) -> tuple[Row, ...]:
    ids = [one.survey.id for one in done]
    measures = {one.survey: one for one in read_measures(kit.engine, ids)}
    return tuple(
        Row(
            one.survey.id,
            one.survey.arm.label,
            measures[one.survey.id].usd if one.survey.id in measures else None,
            measures[one.survey.id].seconds if one.survey.id in measures else None,
            {name: NewScore(VERSIONS[name], value) for name, value in one.scores.items()},
        )
        for one in done
    )
