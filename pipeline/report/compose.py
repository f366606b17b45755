"""Put the report together: what is shown, and the sentences above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.evaluation.verdicts import Consistency, count_consistency
from pipeline.report.baseline import Baseline, Identity, check_identities, read_baseline
from pipeline.report.data import Findings
from pipeline.report.figures import (
    SMALL,
    Difference,
    Table,
    compare_arms,
    find_front,
    make_all,
    make_table,
    mean_of,
    pool_arms,
)
from pipeline.report.judged import Wins, count_wins
from pipeline.report.wording import FEW_QUESTIONS, METRICS
from pipeline.types import Tally


@dataclass(frozen=True, slots=True)
class Price:
    """What an arm costs beside how good it is.

    Attributes:
        usd, seconds: of one survey; null where not known.
        is_best: no other arm is both cheaper and better.
    """

    arm: str
    quality: float
    usd: float | None
    seconds: float | None
    is_best: bool


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the report shows.

    Attributes:
        notes: sentences on what to mind.
        main: the chosen metric, all questions.
        without_small: the same without contexts under ten papers; null where there are none.
        others: means of the other metrics.
    """

    name: str
    metric: str
    questions: tuple[str, ...]
    notes: tuple[str, ...]
    main: Table
    without_small: Table | None
    differences: tuple[Difference, ...]
    positions: Mapping[str, Sequence[Tally]]
    others: tuple[Table, ...]
    prices: tuple[Price, ...]
    judges: tuple[Consistency, ...]
    wins: Mapping[str, tuple[Wins, ...]]
    baseline: Baseline
    identities: tuple[Identity, ...]


def compose_report(findings: Findings, metric: str, *, seed: int = 0) -> Report:
    """Compute a report.

    Args:
        metric: that the large tables and the differences are of.
        seed: of the bootstraps.
    """
    main = make_table(findings, metric, seed=seed)
    larger = make_table(findings, metric, fewest=SMALL, seed=seed)
    return Report(
        name=findings.plan.name,
        metric=metric,
        questions=findings.plan.questions,
        notes=tuple(_notes(findings, metric)),
        main=main,
        without_small=larger if len(larger.questions) < len(main.questions) else None,
        differences=compare_arms(findings, metric, seed=seed),
        positions=pool_arms(findings),
        others=make_all(
            findings,
            lambda name: make_table(findings, name, seed=seed),
            [name for name in METRICS if name != metric],
        ),
        prices=_prices(findings, metric),
        judges=tuple(one for one in count_consistency(findings.both_orders()) if one.pairs),
        wins=count_wins(findings),
        baseline=read_baseline(),
        identities=check_identities(),
    )


def _notes(findings: Findings, metric: str) -> list[str]:
    plan = findings.plan
    done = sum(cell.status == "done" for cell in findings.cells)
    size = f"{plan.runs} query runs × {plan.generations} generations × {len(findings.arms)} arms"
    notes = [
        f"{len(plan.questions)} questions × {size}: {done} of {len(findings.cells)} are written."
    ]
    failed = sum(cell.status == "failed" for cell in findings.cells)
    if failed:
        notes.append(f"{failed} cells failed; they count nowhere.")
    unscored = sum(metric not in one.values for one in findings.observations)
    if unscored:
        notes.append(
            f"{unscored} surveys have no {METRICS[metric].title.lower()}; not 0, unscored."
        )
    if len(plan.questions) < FEW_QUESTIONS:
        notes.append(
            f"The intervals rest on {len(plan.questions)} questions and speak of further ones like"
            f" these; with fewer than {FEW_QUESTIONS} they are wide, and rough."
        )
    if plan.runs > 1 and plan.models["queries"] == "keyless":
        notes.append("Queries were made without a model, so the query runs do not differ.")
    return notes


def _prices(findings: Findings, metric: str) -> tuple[Price, ...]:
    quality, usd, seconds = (mean_of(findings, name) for name in (metric, "usd", "seconds"))
    front = find_front({arm: (usd[arm], quality[arm]) for arm in quality if arm in usd})
    return tuple(
        Price(arm, quality[arm], usd.get(arm), seconds.get(arm), arm in front)
        for arm in findings.arms
        if arm in quality
    )
