"""The report as Markdown, and its figures as CSV."""

import csv
import io
from collections.abc import Iterator

from pipeline.report.compose import Report
from pipeline.report.figures import Table
from pipeline.report.grids import (
    Grid,
    list_article_judges,
    list_differences,
    list_identities,
    list_judges,
    list_means,
    list_others,
    list_positions,
    list_prices,
    list_wins,
)
from pipeline.report.wording import METRICS, show


def write_markdown(report: Report) -> str:
    """Write the report as Markdown."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    metric = METRICS[report.metric]
    yield f"# Experiment {_plain(report.name)}\n"
    for note in report.notes:
        yield f"- {note}"
    yield f"\n## {metric.title} by model and question\n"
    yield f"{metric.meaning}; mean ± sample standard deviation over the surveys of a cell.\n"
    yield from _write(_by_question(report.main))
    yield ""
    for question in report.main.questions:
        yield f"- q{question}: {_plain(report.questions[question])}"
    if report.without_small:
        yield "\n### Without contexts of fewer than ten papers\n"
        yield from _write(_by_question(report.without_small))
    yield "\n## Overall\n"
    yield from _write(list_means(report))
    if report.differences:
        yield "\n## Differences, on the query runs that both have written on\n"
        yield from _write(list_differences(report))
    if report.positions:
        yield "\n## Recall by position in the context\n"
        yield from _write(list_positions(report))
    if report.judges:
        yield "\n## Judges, when the two surveys change places\n"
        yield from _write(list_judges(report))
    for judge, wins in report.wins.items():
        yield f"\n### What {_plain(judge)} preferred\n"
        yield from _write(list_wins(wins))
    if report.others:
        yield "\n## Other figures, means over questions\n"
        yield from _write(list_others(report))
    if any(price.usd for price in report.prices):
        yield f"\n## Cost against {metric.title.lower()}\n"
        yield from _write(list_prices(report))
    yield "\n## The article's own figures\n"
    yield f"{report.baseline.source}. Its text and its table disagree on the third judge.\n"
    yield from _write(_article(report))
    yield ""
    yield from _write(list_article_judges(report))
    yield ""
    yield from _write(list_identities(report))


def _by_question(table: Table) -> Grid:
    digits = METRICS[table.metric].digits
    rows = [
        (
            row.arm,
            *(
                show(box.mean, digits)
                + (f" ± {show(box.sd, digits)}" if box.sd is not None else "")
                for box in row.boxes
            ),
            show(row.overall.value if row.overall else None, digits),
        )
        for row in table.rows
    ]
    rows.append(("papers", *(show(papers, 1) for papers in table.papers), ""))
    return Grid(("arm", *(f"q{question}" for question in table.questions), "mean"), tuple(rows))


def _article(report: Report) -> Grid:
    return Grid(
        ("model", *(f"q{q}" for q in range(len(report.baseline.questions))), "mean"),
        tuple(
            (
                one.model,
                *(f"{m:.3f} ± {sd:.3f}" for m, sd in zip(one.means, one.sds, strict=True)),
                f"{one.reported:.3f}",
            )
            for one in report.baseline.recall
        ),
    )


def _write(grid: Grid) -> Iterator[str]:
    for row in (grid.heads, ("--",) * len(grid.heads), *grid.rows):
        yield "| " + " | ".join(_plain(cell) for cell in row) + " |"


def _plain(text: str) -> str:
    """Keep a name or a question from being more than text."""
    for sign in ("\\", "|", "[", "]", "*", "`"):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.replace("<", "&lt;").split())


def write_csv(report: Report) -> str:
    """Write the figures of all metrics, a row for each arm and question, unrounded."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["metric", "arm", "question", "papers", "mean", "sd", "surveys", "low", "high"])
    for table in (report.main, *report.others):
        for row in table.rows:
            for place, question in enumerate(table.questions):
                box = row.boxes[place]
                papers = table.papers[place]
                rows.writerow(
                    [table.metric, row.arm, question, papers, box.mean, box.sd, box.number, "", ""]
                )
            if row.overall:
                one = row.overall
                number = sum(box.number for box in row.boxes)
                rows.writerow(
                    [table.metric, row.arm, "all", "", one.value, "", number, one.low, one.high]
                )
    return out.getvalue()
