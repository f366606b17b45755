"""Limits of tables and charts.

Source: https://docs.slack.dev/reference/block-kit/blocks/table-block, …/data-table-block and
…/data-visualization-block
"""

from collections.abc import Sequence

from bot.playground.limits.rich import rich_text_problems
from bot.playground.limits.text import (
    Problems,
    choice_problems,
    field_problems,
    length_problems,
    list_problems,
    texts_of,
)
from bot.playground.records import Json

_COLUMNS = 20
_TABLE_ROWS = 100
_DATA_ROWS = 101
"""One of them is the header."""
_DATA_CHARACTERS = 20_000
_SERIES = 6
_POINTS = 20
_LABEL = 20


def table_problems(block: Json) -> Problems:
    """Check a table."""
    yield from _rows(block, 1, _TABLE_ROWS)
    settings = block.get("column_settings")
    if isinstance(settings, list) and len(settings) > _COLUMNS:
        yield f"no more than {_COLUMNS} items allowed"


def data_table_problems(block: Json) -> Problems:
    """Check a table that can be sorted and leafed through."""
    yield from length_problems(block.get("caption"), 255)
    yield from _rows(block, 2, _DATA_ROWS)
    rows = block.get("rows")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
        return
    if any(isinstance(cell, dict) and cell.get("type") == "rich_text" for cell in rows[0]):
        yield "rich_text is not allowed in the header"
    if len({len(row) for row in rows}) > 1:
        yield "all rows must have the same number of cells"
    if sum(map(len, texts_of({"rows": rows}))) > _DATA_CHARACTERS:
        yield f"must be less than {_DATA_CHARACTERS + 1} characters"
    size = block.get("page_size", 5)
    if not isinstance(size, int) or not 1 <= size <= 100:
        yield "page_size must be between 1 and 100"


def chart_problems(block: Json) -> Problems:
    """Check a chart."""
    yield from length_problems(block.get("title"), 50)
    chart = block.get("chart")
    if not isinstance(chart, dict):
        yield "missing required field: chart"
        return
    yield from choice_problems(chart, "type", {"area", "bar", "line", "pie"}, required=True)
    if chart.get("type") == "pie":
        yield from list_problems(chart, "segments", _SERIES, _point)
        return
    axis = chart.get("axis_config")
    if not isinstance(axis, dict):
        yield "missing required field: axis_config"
        return
    yield from _axis(axis)
    yield from list_problems(chart, "series", _SERIES, lambda one: _series(one, axis))
    series = chart.get("series")
    names = [str(one.get("name")) for one in series or () if isinstance(one, dict)]
    if len(names) != len(set(names)):
        yield "series names must be unique"


def _rows(block: Json, least: int, most: int) -> Problems:
    rows = block.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        yield "missing required field: rows"
        return
    if not least <= len(rows) <= most:
        yield f"must have between {least} and {most} rows"
    for row in rows:
        yield from _cells(row)


def _cells(row: Sequence[object]) -> Problems:
    if not 1 <= len(row) <= _COLUMNS:
        yield f"no more than {_COLUMNS} columns allowed"
    for cell in row:
        if not isinstance(cell, dict):
            yield "a cell must be an object"
            continue
        yield from choice_problems(
            cell, "type", {"raw_number", "raw_text", "rich_text"}, required=True
        )
        if cell.get("type") == "rich_text":
            yield from rich_text_problems(cell)
        elif cell.get("type") == "raw_text" and not isinstance(cell.get("text"), str):
            yield "missing required field: text"
        elif cell.get("type") == "raw_number" and not _is_number(cell.get("value")):
            yield "missing required field: value"


def _axis(axis: Json) -> Problems:
    categories = axis.get("categories")
    if not isinstance(categories, list) or not 1 <= len(categories) <= _POINTS:
        yield f"categories must have between 1 and {_POINTS} items"
        return
    for category in categories:
        yield from length_problems(category, _LABEL)
    yield from field_problems(axis, {"x_label": 50, "y_label": 50})


def _series(series: Json, axis: Json) -> Problems:
    yield from length_problems(series.get("name"), _LABEL)
    yield from list_problems(series, "data", _POINTS, _point)
    points = series.get("data")
    categories = axis.get("categories")
    if isinstance(points, list) and isinstance(categories, list):
        labels = [point.get("label") for point in points if isinstance(point, dict)]
        if any(label not in categories for label in labels):
            yield "label must be one of the categories"


def _point(point: Json) -> Problems:
    yield from length_problems(point.get("label"), _LABEL)
    if not _is_number(point.get("value")):
        yield "missing required field: value"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
