"""What people's votes say, for a terminal: a sentence first, then tables, blank where unknown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline import votes_words as say
from pipeline.evaluation.preference.agreement import Agreement, Agreements
from pipeline.evaluation.preference.correlate import Correlation, Predictor
from pipeline.evaluation.preference.entries import Entry
from pipeline.evaluation.preference.intervals import Estimate
from pipeline.evaluation.preference.leaderboard import Leaderboard
from pipeline.evaluation.preference.pairs import Pair
from pipeline.evaluation.preference.power import Plan
from pipeline.evaluation.verdicts import Consistency

View = Iterator[RenderableType]

_FILE_WIDTH = 220
"""Columns of a table that goes to a file or a pipe, where nothing is folded."""


@dataclass(frozen=True, slots=True)
class _Column:
    """One column; it is left out of its table where all of its cells are blank."""

    title: str
    cells: Sequence[str]
    is_name: bool = False


def show(view: Iterable[RenderableType]) -> None:
    """Print sentences and tables on stdout, as wide as they need to be where nobody looks."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    for part in view:
        console.print(part)


def view_leaderboard(board: Leaderboard, *, votes_per_day: int) -> View:
    """Say how sure the ranking is, then each model's figures, each pair's, and the notes."""
    yield say.standing(board)
    yield from _tabulate(_vote_columns(board.entries))
    yield from _tabulate(_rating_columns(board))
    if board.pairs:
        yield say.PAIRS.format(enough=board.enough)
        yield from _tabulate(_pair_columns(board.pairs))
    yield from say.notes(board, votes_per_day)


def view_agreement(found: Agreements, consistency: Sequence[Consistency]) -> View:
    """Show each judge beside people, people beside each other, and what order does to a judge."""
    yield say.agreement(found)
    rows: list[tuple[str, Agreement]] = []
    for judge in found.judges:
        rows += [(judge.judge, judge.with_people), (say.CEILING, judge.among_people)]
    rows = [*rows, (say.EVERYBODY, found.people)]
    rows = [(name, row) for name, row in rows if row.comparisons]
    yield from _tabulate(
        [
            _Column("", [name for name, _ in rows], is_name=True),
            _Column("comparisons", [f"{row.comparisons}" for _, row in rows]),
            _Column("votes", [f"{row.votes}" for _, row in rows]),
            _Column("agree", [_share(row.raw) for _, row in rows]),
            _Column("agree, no ties", [_share(row.decisive) for _, row in rows]),
            _Column("kappa", [_signed(row.kappa) for _, row in rows]),
            _Column("alpha", [_signed(row.alpha) for _, row in rows]),
        ]
    )
    if consistency:
        yield say.CONSISTENCY
    yield from _tabulate(
        [
            _Column("judge", [one.judge for one in consistency], is_name=True),
            _Column("pairs", [f"{one.pairs}" for one in consistency]),
            _Column("same choice", [f"{one.consistent}" for one in consistency]),
            _Column("first one twice", [f"{one.took_first}" for one in consistency]),
            _Column("second one twice", [f"{one.took_second}" for one in consistency]),
            _Column("in one order only", [_count(one.half) for one in consistency]),
        ]
    )


def view_correlation(found: Correlation) -> View:
    """Show what goes with people's preference, each measure with its interval."""
    yield say.correlation(found)
    rows = [one for one in found.predictors if _is_known(one)]
    yield from _tabulate(
        [
            _Column("measure", [say.MEASURES[row.effect.name] for row in rows], is_name=True),
            _Column("effect", [_signed(row.effect.value) for row in rows]),
            _Column("accuracy", [_share(row.accuracy) for row in rows]),
            _Column("of votes", [_count(row.decided) for row in rows]),
            _Column("with 👍", [_signed(row.point_biserial) for row in rows]),
            _Column("of thumbs", [_count(row.thumbs) for row in rows]),
            _Column("tau", [_plain(row.kendall, "{:+.2f}") for row in rows]),
        ]
    )
    yield from say.left_out(found)


def view_plan(plan: Plan, *, win_rate: float, power: float) -> View:
    """Show how many votes to plan for."""
    yield say.PLAN.format(win_rate=win_rate, power=power)
    yield from _tabulate(
        [
            _Column("votes with a preference", [f"{plan.decided:,}"]),
            _Column("votes in all", [f"{plan.votes:,}"]),
            _Column("questions", [f"{plan.questions:,}"]),
        ]
    )


def _tabulate(columns: Sequence[_Column]) -> Iterator[Table]:
    """Give a table of the columns in which something stands; none where only names do."""
    shown = [column for column in columns if any(column.cells)]
    if all(column.is_name for column in shown):
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in shown:
        justify: JustifyMethod = "left" if column.is_name else "right"
        table.add_column(Text(column.title), justify=justify, overflow="fold")
    for row in zip(*(column.cells for column in shown), strict=True):
        table.add_row(*(Text(cell) for cell in row))
    yield table


def _vote_columns(entries: Sequence[Entry]) -> list[_Column]:
    return [
        _Column("model", [one.model for one in entries], is_name=True),
        _Column("votes", [_count(one.tally.votes) for one in entries]),
        _Column("won/lost/tied/both bad", [_outcomes(one) for one in entries]),
        _Column("win rate", [_share(one.tally.win_rate) for one in entries]),
        _Column("👍", [_share(one.thumbs_share) for one in entries]),
        _Column("👍/👎", [_thumbs(one) for one in entries]),
    ]


def _rating_columns(board: Leaderboard) -> list[_Column]:
    entries = board.entries
    groups = [_count(None if one.group is None else one.group + 1) for one in entries]
    return [
        _Column("model", [one.model for one in entries], is_name=True),
        _Column("group", groups if len(board.groups) > 1 else [""] * len(entries)),
        _Column("rank", [_count(one.rank) for one in entries]),
        _Column("Elo", [_elo(one.rating) for one in entries]),
        _Column("Elo, style held equal", [_elo(one.controlled) for one in entries]),
        _Column("recall", [_plain(one.recall, "{:.0%}") for one in entries]),
        _Column("$", [_plain(one.usd, "{:.3f}") for one in entries]),
        _Column("s", [_plain(one.seconds, "{:.0f}") for one in entries]),
    ]


def _pair_columns(pairs: Sequence[Pair]) -> list[_Column]:
    return [
        _Column("model", [pair.model_a for pair in pairs], is_name=True),
        _Column("against", [pair.model_b for pair in pairs], is_name=True),
        _Column("votes", [f"{pair.tally.votes}" for pair in pairs]),
        _Column("questions", [f"{pair.questions}" for pair in pairs]),
        _Column("win rate", [_share(pair.tally.win_rate) for pair in pairs]),
        _Column("e-value", [f"{pair.e_value:.3g}" for pair in pairs]),
        _Column("decided", ["yes" if pair.is_decided else "" for pair in pairs]),
        _Column("votes needed", [_count(pair.votes_needed) for pair in pairs]),
    ]


def _outcomes(entry: Entry) -> str:
    tally = entry.tally
    if not tally.votes:
        return ""
    return f"{tally.wins}/{tally.losses}/{tally.ties}/{tally.both_bad}"


def _thumbs(entry: Entry) -> str:
    return "" if entry.thumbs_share is None else f"{entry.thumbs_up}/{entry.thumbs_down}"


def _is_known(one: Predictor) -> bool:
    """Tell whether anything can be said; a measure that never differs predicts nothing."""
    figures = (one.effect.value, one.accuracy, one.point_biserial, one.kendall)
    return one.effect.excluded != "constant" and any(figure is not None for figure in figures)


def _count(number: int | None) -> str:
    """Give a number; nothing for none."""
    return f"{number:,}" if number else ""


def _plain(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def _share(estimate: Estimate | None) -> str:
    return _interval(estimate, "{:.0%}", "–")


def _elo(estimate: Estimate | None) -> str:
    return _interval(estimate, "{:.0f}", "–")


def _signed(estimate: Estimate | None) -> str:
    return _interval(estimate, "{:+.2f}", ", ")


def _interval(estimate: Estimate | None, form: str, joint: str) -> str:
    """Give a figure with its interval, as far as either is known."""
    if estimate is None:
        return ""
    value = form.format(estimate.value)
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} [{form.format(estimate.low)}{joint}{form.format(estimate.high)}]"
