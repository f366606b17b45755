"""The report's small tables as words, for Markdown and the page alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.evaluation.preference.intervals import Estimate
from pipeline.report.compose import Report
from pipeline.report.figures import Table
from pipeline.report.judged import Wins
from pipeline.report.wording import METRICS, show


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of words; the first of each row names it."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def list_means(report: Report) -> Grid:
    """Give each arm's mean, its interval, and how far its surveys lie apart."""
    digits = METRICS[report.metric].digits
    return Grid(
        ("arm", "mean", "95 % interval", "sd of query runs", "sd of generations"),
        tuple(
            (
                row.arm,
                show(row.overall.value if row.overall else None, digits),
                show_interval(row.overall, digits),
                show(row.sd_runs, digits),
                show(row.sd_generations, digits),
            )
            for row in report.main.rows
        ),
    )


def list_differences(report: Report) -> Grid:
    """Give the paired differences."""
    digits = METRICS[report.metric].digits
    return Grid(
        ("arm less arm", "difference", "95 % interval"),
        tuple(
            (
                f"{one.first} − {one.second}",
                show(one.estimate.value, digits),
                show_interval(one.estimate, digits),
            )
            for one in report.differences
        ),
    )


def list_positions(report: Report) -> Grid:
    """Give recall in each tenth of the context."""
    return Grid(
        ("arm", *(f"{tenth}0 %" for tenth in range(1, 11))),
        tuple(
            (arm, *(show(part.cited / part.papers if part.papers else None, 2) for part in parts))
            for arm, parts in report.positions.items()
        ),
    )


def list_prices(report: Report) -> Grid:
    """Give quality, dollars and seconds of a survey."""
    digits = METRICS[report.metric].digits
    return Grid(
        (
            "arm",
            METRICS[report.metric].title.lower(),
            "dollars a survey",
            "seconds",
            "nobody beats",
        ),
        tuple(
            (
                one.arm,
                show(one.quality, digits),
                show(one.usd, 4),
                show(one.seconds, 1),
                "yes" if one.is_best else "",
            )
            for one in report.prices
        ),
    )


def list_others(report: Report) -> Grid:
    """Give the means of the other metrics."""
    return Grid(
        ("arm", *(METRICS[table.metric].title for table in report.others)),
        tuple(
            (row.arm, *(_overall(table, place) for table in report.others))
            for place, row in enumerate(report.main.rows)
        ),
    )


def list_judges(report: Report) -> Grid:
    """Give what judges do when the two surveys change places."""
    return Grid(
        ("judge", "pairs", "same choice", "took the first", "took the second", "once a tie"),
        tuple(
            (
                one.judge,
                str(one.pairs),
                *(
                    f"{count / one.pairs:.0%}"
                    for count in (one.consistent, one.took_first, one.took_second, one.wavered)
                ),
            )
            for one in report.judges
        ),
    )


def list_wins(wins: Sequence[Wins]) -> Grid:
    """Give what one judge preferred."""
    return Grid(
        ("arm against arm", "won", "lost", "tied", "win share"),
        tuple(
            (
                f"{one.first} : {one.second}",
                str(one.won),
                str(one.lost),
                str(one.tied),
                f"{one.share:.0%}",
            )
            for one in wins
        ),
    )


def list_article_judges(report: Report) -> Grid:
    """Give the article's judges."""
    judges = report.baseline.judges
    return Grid(
        ("judge", *judges[0].wins, "pairs"),
        tuple((one.judge, *map(str, one.wins.values()), str(one.pairs)) for one in judges),
    )


def list_identities(report: Report) -> Grid:
    """Give the article's figures beside the same recomputed from its cells."""
    return Grid(
        ("figure", "article", "from its cells", "the same"),
        tuple(
            (
                one.what,
                f"{one.reported:.3f}",
                f"{one.recomputed:.4f}",
                "yes" if one.holds else "no",
            )
            for one in report.identities
        ),
    )


def show_interval(estimate: Estimate | None, digits: int) -> str:
    """Write the ends of an interval; a dash where there is none."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return "–"
    return f"{show(estimate.low, digits)} … {show(estimate.high, digits)}"


def _overall(table: Table, place: int) -> str:
    overall = table.rows[place].overall
    return show(overall.value if overall else None, METRICS[table.metric].digits)
