"""Draw charts of blocks as SVG that fits any page."""

import math
from collections.abc import Sequence
from itertools import pairwise

from bot.playground.html import Html, element, escape, join
from bot.playground.records import Json

_COLOURS = ("#1d9bd1", "#e8912d", "#2bac76", "#8d3dae", "#e01e5a", "#616061")
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 420, 180, 34, 16, 24


def chart_html(block: Json) -> Html:
    """Give a chart with its title and its legend."""
    chart = block["chart"]
    assert isinstance(chart, dict)
    title = element("div", "chart-title", escape(block["title"]))
    if chart["type"] == "pie":
        return element("figure", "chart", title, _pie(chart["segments"]))
    series: list[Json] = chart["series"]
    axis: Json = chart["axis_config"]
    categories = [str(one) for one in _listed(axis["categories"])]
    values = [_values(one, categories) for one in series]
    top = _round_up(max((value for row in values for value in row), default=0.0))
    marks = _bars(values, top) if chart["type"] == "bar" else _lines(values, top, chart["type"])
    drawn = element(
        "svg",
        "",
        _grid(top),
        *marks,
        _names(categories),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
    )
    legend = _legend([str(one["name"]) for one in series])
    axes = [escape(axis[name]) for name in ("y_label", "x_label") if axis.get(name)]
    label = element("div", "axis", join(axes, " / ")) if axes else Html("")
    return element("figure", "chart", title, legend, drawn, label)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _values(series: Json, categories: Sequence[str]) -> list[float]:
    data = series["data"]
    assert isinstance(data, list)
    by_label = {str(point["label"]): float(point["value"]) for point in data}
    return [by_label.get(category, 0.0) for category in categories]


def _y(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - max(value, 0) / top * (_HEIGHT - _BOTTOM - _TOP)


def _round_up(value: float) -> float:
    """Give the next number whose quarters are easy to read."""
    if value <= 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(value))
    return next(step * unit for step in (1, 2, 4, 6, 8, 10) if step * unit >= value)


def _grid(top: float) -> Html:
    parts: list[Html] = []
    for step in range(5):
        value = top * step / 4
        y = f"{_y(value, top):.1f}"
        parts.append(element("line", "grid", x1=str(_LEFT), x2=str(_WIDTH), y1=y, y2=y))
        said = escape(f"{value:g}")
        parts.append(element("text", "tick", said, x=str(_LEFT - 6), y=y))
    return join(parts)


def _names(categories: Sequence[str]) -> Html:
    slot = (_WIDTH - _LEFT) / max(len(categories), 1)
    return join(
        [
            element(
                "text",
                "name",
                escape(name),
                x=f"{_LEFT + slot * (place + 0.5):.1f}",
                y=str(_HEIGHT - 8),
            )
            for place, name in enumerate(categories)
        ]
    )


def _bars(values: Sequence[Sequence[float]], top: float) -> list[Html]:
    bars: list[Html] = []
    for number, row in enumerate(values):
        slot = (_WIDTH - _LEFT) / max(len(row), 1)
        width = min(slot * 0.7 / len(values), 40)
        for place, value in enumerate(row):
            x = _LEFT + slot * (place + 0.5) + (number - len(values) / 2) * width
            y = _y(value, top)
            box = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width - 2:.1f}"}
            box["height"] = f"{_HEIGHT - _BOTTOM - y:.1f}"
            bars.append(element("rect", "", rx="2", fill=_COLOURS[number], **box))
            middle = {"x": f"{x + width / 2 - 1:.1f}", "y": f"{y - 3:.1f}"}
            bars.append(element("text", "value", escape(f"{value:g}"), **middle))
    return bars


def _lines(values: Sequence[Sequence[float]], top: float, kind: str) -> list[Html]:
    drawn: list[Html] = []
    for number, row in enumerate(values):
        slot = (_WIDTH - _LEFT) / max(len(row), 1)
        points = [(_LEFT + slot * (place + 0.5), _y(v, top)) for place, v in enumerate(row)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        colour = _COLOURS[number]
        if kind == "area":
            floor = _HEIGHT - _BOTTOM
            shape = f"{points[0][0]:.1f},{floor} {path} {points[-1][0]:.1f},{floor}"
            drawn.append(element("polygon", "area", points=shape, fill=colour))
        drawn.append(element("polyline", "line", points=path, stroke=colour))
        drawn.extend(
            element("circle", "", cx=f"{x:.1f}", cy=f"{y:.1f}", r="3.5", fill=colour)
            for x, y in points
        )
    return drawn


def _pie(segments: Sequence[Json]) -> Html:
    values = [float(str(one["value"])) for one in segments]
    whole = sum(values) or 1.0
    ends = [sum(values[: place + 1]) / whole * 100 for place in range(len(values))]
    stops = ", ".join(
        f"{_COLOURS[place]} {start:.2f}% {end:.2f}%"
        for place, (start, end) in enumerate(pairwise([0.0, *ends]))
    )
    shares = [
        f"{one['label']}　{value:g} ({value / whole:.0%})"
        for one, value in zip(segments, values, strict=True)
    ]
    disc = element("div", "pie", style=f"background: conic-gradient({stops})")
    return element("div", "pie-row", disc, _legend(shares, always=True))


def _legend(names: Sequence[str], *, always: bool = False) -> Html:
    if len(names) < 2 and not always:
        return Html("")
    items = [
        element("li", "", element("i", "", style=f"background: {_COLOURS[place]}"), escape(name))
        for place, name in enumerate(names)
    ]
    return element("ul", "legend", *items)
