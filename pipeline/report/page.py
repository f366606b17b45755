"""The report as one page that needs no network and no script."""

from collections.abc import Sequence
from html import escape
from importlib import resources

from pipeline.report.charts import draw_intervals, draw_judges, draw_positions, draw_prices
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
)
from pipeline.report.judged import Wins
from pipeline.report.wording import METRICS, show

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_page(report: Report) -> str:
    """Write the report as HTML; names and questions are only ever text in it."""
    style = resources.files(__package__).joinpath("page.css").read_text("utf-8")
    title = f"Experiment {report.name}"
    notes = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
    sections = "".join(section for section in _sections(report) if section)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>"
        f'<h1>{escape(title)}</h1><ul class="notes">{notes}</ul>'
        f'<div class="cards">{sections}</div></main></body></html>\n'
    )


def _sections(report: Report) -> Sequence[str]:
    metric = METRICS[report.metric]
    title, digits = metric.title, metric.digits
    return [
        _card(
            f"{title} of each arm",
            f"{metric.meaning}; mean over questions with its 95 % interval.",
            draw_intervals(report.main.rows, title, digits)
            if any(row.overall for row in report.main.rows)
            else "<p>Nothing is measured yet.</p>",
            _details(list_means(report)),
        ),
        _card(
            "Recall by position in the context",
            "Which papers are cited, by where the model met them. A dip is what it forgot.",
            draw_positions(report.positions),
            _details(list_positions(report)),
        )
        if report.positions
        else "",
        _card(
            f"{title} by question",
            "Mean ± sample standard deviation over the surveys of a cell.",
            _heat(report.main),
            _questions(report),
            wide=True,
        ),
        _card(
            f"{title} without contexts of fewer than ten papers",
            "Small contexts make recall jump.",
            _heat(report.without_small),
            wide=True,
        )
        if report.without_small
        else "",
        _card(
            "Differences",
            "On query runs that both have written on. An interval without 0 tells two arms apart.",
            _grid(list_differences(report)),
        )
        if report.differences
        else "",
        _card(
            f"Cost against {title.lower()}",
            "Filled: no other arm is both better and cheaper.",
            draw_prices(report.prices, title),
            _details(list_prices(report)),
        )
        if any(price.usd for price in report.prices)
        else "",
        _card(
            "Judges, when the surveys change places",
            "A pair counts as won only where both orders say so.",
            draw_judges(report.judges),
            _LEGEND,
            _details(list_judges(report)),
        )
        if report.judges
        else "",
        *(
            _card(
                f"What {judge} preferred",
                "Share of pairs won by the row, ties half.",
                _wins(report, wins),
            )
            for judge, wins in report.wins.items()
        ),
        _card("Other figures", "Means over questions.", _grid(list_others(report)), wide=True),
        _card(
            "The article's own figures",
            f"{report.baseline.source}. Its text and its table disagree on the third judge.",
            _article(report),
            wide=True,
        ),
    ]


_LEGEND = (
    '<p class="legend">'
    '<span><i class="key same"></i>same choice</span>'
    '<span><i class="key first"></i>took the first</span>'
    '<span><i class="key second"></i>took the second</span>'
    '<span><i class="key wavered"></i>once a tie</span></p>'
)


def _card(title: str, why: str, *parts: str, wide: bool = False) -> str:
    style = ' class="wide"' if wide else ""
    return (
        f'<section{style}><h2>{escape(title)}</h2><p class="why">{escape(why)}</p>'
        f"{''.join(parts)}</section>"
    )


def _details(grid: Grid) -> str:
    return f"<details><summary>As a table</summary>{_grid(grid)}</details>"


def _grid(grid: Grid) -> str:
    cells = [[f"<td>{escape(cell)}</td>" for cell in row[1:]] for row in grid.rows]
    return _table(grid.heads, cells, [row[0] for row in grid.rows])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], names: Sequence[str]) -> str:
    """Give a table whose first column stays in sight.

    Args:
        rows: cells as HTML, without the first column.
    """
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>'
        for name, cells in zip(names, rows, strict=True)
    )
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _heat(table: Table) -> str:
    digits = METRICS[table.metric].digits
    top = max([box.mean or 0.0 for row in table.rows for box in row.boxes] + [1e-9])
    top = 1.0 if METRICS[table.metric].is_share else top
    rows = []
    for row in table.rows:
        cells = []
        for box in row.boxes:
            if box.mean is None:
                cells.append("<td>–</td>")
                continue
            share = max(0.0, min(1.0, box.mean / top))
            sd = f"± {show(box.sd, digits)}" if box.sd is not None else ""
            cells.append(_heat_cell(share, show(box.mean, digits), sd))
        overall = row.overall.value if row.overall else None
        cells.append(f"<td><b>{show(overall, digits)}</b></td>")
        rows.append(cells)
    rows.append(
        [f"<td><small>{show(papers, 1)}</small></td>" for papers in table.papers] + ["<td></td>"]
    )
    heads = ["", *(f"q{question}" for question in table.questions), "mean"]
    return _table(heads, rows, [*(row.arm for row in table.rows), "papers"])


def _heat_cell(share: float, words: str, small: str) -> str:
    """Give a cell whose colour is as strong as a share."""
    below = f"<small>{small}</small>" if small else ""
    return f'<td class="heat" style="--share:{share:.3f}">{words}{below}</td>'


def _questions(report: Report) -> str:
    items = "".join(
        f"<li>q{number}: {escape(text)}</li>" for number, text in enumerate(report.questions)
    )
    return f'<ul class="notes">{items}</ul>'


def _wins(report: Report, wins: Sequence[Wins]) -> str:
    """Give the matrix of a judge: each row's share of wins against each column."""
    shares: dict[tuple[str, str], tuple[float, int]] = {}
    for one in wins:
        number = one.won + one.lost + one.tied
        shares[one.first, one.second] = (one.share, number)
        shares[one.second, one.first] = (1 - one.share, number)
    arms = [row.arm for row in report.main.rows if any(row.arm in key for key in shares)]
    rows = []
    for arm in arms:
        cells = []
        for other in arms:
            share, number = shares.get((arm, other), (0.0, 0))
            cells.append(
                _heat_cell(share, f"{share:.0%}", f"of {number}") if number else "<td>–</td>"
            )
        rows.append(cells)
    return _table(["", *arms], rows, arms)


def _article(report: Report) -> str:
    baseline = report.baseline
    recall = _table(
        ["model", *(f"q{q}" for q in range(len(baseline.questions))), "mean"],
        [
            [
                *(
                    _heat_cell(min(mean, 1.0), f"{mean:.3f}", f"± {sd:.3f}")
                    for mean, sd in zip(one.means, one.sds, strict=True)
                ),
                f"<td><b>{one.reported:.3f}</b></td>",
            ]
            for one in baseline.recall
        ],
        [one.model for one in baseline.recall],
    )
    return (
        f"{recall}<details><summary>Its judges, and what can be recomputed</summary>"
        f"{_grid(list_article_judges(report))}{_grid(list_identities(report))}</details>"
    )
