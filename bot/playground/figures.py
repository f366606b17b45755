"""Set tables, charts, plans and rich text in the terminal."""

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.cells import cell_len
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.playground.mrkdwn import show_emoji
from bot.playground.records import Json

_BAR = 24
_MARKS = {
    "complete": ("✓", "green"),
    "error": ("✗", "red"),
    "in_progress": ("●", "yellow"),
    "pending": ("○", "dim"),
}


def set_table(rows: Sequence[Sequence[Text]], *, header: bool = True) -> Table:
    """Give a table whose columns stand under each other, in Japanese too.

    Args:
        header: the first row names the columns.
    """
    table = Table(box=box.SIMPLE_HEAD, show_header=header, pad_edge=False, show_edge=False)
    width = max(map(len, rows), default=0)
    for column in range(width):
        table.add_column(rows[0][column] if header and column < len(rows[0]) else "")
    for row in rows[1:] if header else rows:
        table.add_row(*row)
    return table


def set_rows(block: Json, names: Mapping[str, str]) -> Table:
    """Give the table of a block."""
    rows = block["rows"]
    assert isinstance(rows, list)
    return set_table([[_cell(cell, names) for cell in row] for row in rows])


def set_chart(block: Json) -> Iterator[Text]:
    """Give a chart as a list of bars."""
    yield Text(str(block["title"]), "bold")
    points = list(chart_points(block))
    widest = max((cell_len(label) for label, _ in points), default=0)
    most = max((abs(value) for _, value in points), default=0) or 1
    for label, value in points:
        bar = "█" * max(round(abs(value) / most * _BAR), 1 if value else 0)
        space = " " * (widest - cell_len(label))
        yield Text.assemble(label, space, "  ", (bar, "cyan"), f" {value:g}")


def chart_points(block: Json) -> Iterator[tuple[str, float]]:
    """Give the labels and values of a chart, series by series."""
    chart = block["chart"]
    assert isinstance(chart, dict)
    series = chart.get("series")
    if chart["type"] == "pie":
        series = [{"name": "", "data": chart["segments"]}]
    assert isinstance(series, list)
    for one in series:
        lead = f"{one['name']}・" if len(series) > 1 else ""
        for point in one["data"]:
            yield f"{lead}{point['label']}", float(point["value"])


def set_plan(block: Json, names: Mapping[str, str]) -> Iterator[Text]:
    """Give a plan as a checklist."""
    yield Text(str(block["title"]), "bold")
    tasks = block.get("tasks") or []
    assert isinstance(tasks, list)
    for task in tasks:
        yield from set_task(task, names)


def set_task(task: Json, names: Mapping[str, str]) -> Iterator[Text]:
    """Give a task with its mark, and what it found under it."""
    mark, style = _MARKS[str(task.get("status") or "pending")]
    yield Text.assemble((mark, style), " ", str(task["title"]))
    for name in ("details", "output"):
        inner = task.get(name)
        if isinstance(inner, dict):
            yield from (Text("  ") + line for line in set_rich_text(inner, names))
    sources = task.get("sources") or []
    assert isinstance(sources, list)
    for source in sources:
        yield Text.assemble("  ↗ ", (source["text"], Style(color="blue", link=source["url"])))


def set_rich_text(block: Json, names: Mapping[str, str]) -> Iterator[Text]:
    """Give the lines of rich text."""
    elements = block["elements"]
    assert isinstance(elements, list)
    for part in elements:
        match part["type"]:
            case "rich_text_list":
                for number, item in enumerate(part["elements"], start=1):
                    lead = f"{number}. " if part["style"] == "ordered" else "• "
                    yield Text(lead) + _line(item["elements"], names)
            case "rich_text_quote":
                yield Text("▏ ", "dim") + _line(part["elements"], names)
            case _:
                yield from _line(part["elements"], names).split("\n")


def _line(leaves: Sequence[Json], names: Mapping[str, str]) -> Text:
    line = Text()
    for leaf in leaves:
        line.append_text(Text(leaf_text(leaf, names), _leaf_style(leaf)))
    return line


def leaf_text(leaf: Json, names: Mapping[str, str]) -> str:
    """Give what a piece of rich text says."""
    match leaf["type"]:
        case "link":
            return str(leaf.get("text") or leaf["url"])
        case "user":
            return f"@{names.get(str(leaf['user_id']), str(leaf['user_id']))}"
        case "broadcast":
            return f"@{leaf['range']}"
        case "emoji":
            return show_emoji(str(leaf["name"]))
        case _:
            return str(leaf.get("text") or leaf.get("channel_id") or "")


def _leaf_style(leaf: Json) -> Style:
    style = leaf.get("style")
    on = style if isinstance(style, dict) else {}
    return Style(
        bold=bool(on.get("bold")) or None,
        italic=bool(on.get("italic")) or None,
        strike=bool(on.get("strike")) or None,
        color="blue" if leaf["type"] == "link" else None,
        link=str(leaf["url"]) if leaf["type"] == "link" else None,
    )


def _cell(cell: Json, names: Mapping[str, str]) -> Text:
    match cell["type"]:
        case "rich_text":
            return Text("\n").join(set_rich_text(cell, names))
        case "raw_number":
            return Text(f"{cell['value']}", justify="right")
        case _:
            return Text(str(cell["text"]))
