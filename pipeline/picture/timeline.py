"""Count papers by month, quarter or year."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Unit = Literal[1, 3, 12]
"""Months that a column stands for."""

_MOST_COLUMNS = 30
_MOST_TICKS = 5
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
"""Months between two ticks."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Papers over time.

    Attributes:
        columns: for each span of ``unit`` months, the oldest first: group → number of papers.
        ticks: column → its first day.
        by_year: the ticks stand for years rather than for months.
    """

    unit: Unit
    columns: tuple[Counter[int], ...]
    ticks: Mapping[int, date]
    by_year: bool


def count_over_time(moments: Sequence[datetime], groups: Sequence[int]) -> Timeline:
    """Count papers in columns as fine as their span allows.

    Args:
        moments: at least one.
        groups: of each paper.
    """
    months = [moment.year * 12 + moment.month - 1 for moment in moments]
    first, last = min(months), max(months)
    units: tuple[Unit, ...] = (1, 3, 12)
    unit = next((one for one in units if last // one - first // one < _MOST_COLUMNS), units[-1])
    start = first // unit
    columns = tuple(Counter[int]() for _ in range(start, last // unit + 1))
    for month, group in zip(months, groups, strict=True):
        columns[month // unit - start][group] += 1
    steps = [one for one in _STEPS if one >= unit]
    step = next((one for one in steps if (last - first) // one < _MOST_TICKS), steps[-1])
    ticks = {
        column: date(month // 12, month % 12 + 1, 1)
        for column, month in enumerate(range(start * unit, last + 1, unit))
        if month % step == 0
    }
    return Timeline(unit, columns, ticks, by_year=step >= 12)
