"""The report's plots as SVG, drawn in the page's own colours so that dark mode turns them, too."""

from collections.abc import Mapping, Sequence
from html import escape

from pipeline.evaluation.verdicts import Consistency
from pipeline.report.compose import Price
from pipeline.report.figures import Row
from pipeline.report.wording import show
from pipeline.types import Tally

_WIDTH = 360
"""Units; on a phone one is about a pixel, so that text of 12 can be read."""

_LINE = 34
_DIGIT = 7.2
"""Width of a letter of a label, so that labels stay inside."""


def draw_intervals(rows: Sequence[Row], title: str, digits: int) -> str:
    """Draw each arm's mean with its interval, the best at the top."""
    known = sorted(
        (row for row in rows if row.overall is not None),
        key=lambda row: -(row.overall.value if row.overall else 0.0),
    )
    ends = [
        end
        for row in known
        if row.overall
        for end in (row.overall.value, row.overall.low, row.overall.high)
        if end is not None
    ]
    low, high = min(0.0, *ends), max(*ends, 1e-9)
    if low >= 0 and high <= 1:
        high = 1.0 if high > 0.5 else high
    scale = (_WIDTH - 24) / ((high - low) or 1.0)
    parts: list[str] = []
    for place, row in enumerate(known):
        estimate = row.overall
        if estimate is None:
            continue
        y = 14 + place * _LINE * 1.25
        x = 12 + (estimate.value - low) * scale
        parts.append(_text(0, y, row.arm, "label"))
        parts.append(_text(_WIDTH, y, show(estimate.value, digits), "value", anchor="end"))
        parts.append(_line(12, y + 14, _WIDTH - 12, y + 14, "rail"))
        if estimate.low is not None and estimate.high is not None:
            left, right = (12 + (end - low) * scale for end in (estimate.low, estimate.high))
            parts.append(_line(left, y + 14, right, y + 14, "span"))
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y + 14:.1f}" r="5"/>')
    bottom = 14 + len(known) * _LINE * 1.25
    parts.append(_text(12, bottom, show(low, 1), "tick"))
    parts.append(
        _text(_WIDTH - 12, bottom, show(high, 1 if high == 1 else 2), "tick", anchor="end")
    )
    return _svg(bottom + 8, f"{title} of each arm with its 95 % interval", parts)


def draw_positions(positions: Mapping[str, Sequence[Tally]]) -> str:
    """Draw recall over the place in the context, an arm below the other, all on one scale."""
    high, gap = 52, 34
    parts: list[str] = []
    for number, (arm, tallies) in enumerate(positions.items()):
        top = number * (high + gap) + 4
        shares = [part.cited / part.papers if part.papers else 0.0 for part in tallies]
        step = _WIDTH / len(shares)
        parts.append(_text(0, top + 10, arm, "label"))
        parts.append(
            _text(_WIDTH, top + 10, f"{min(shares):.2f} … {max(shares):.2f}", "value", anchor="end")
        )
        base = top + 16 + high
        for place, share in enumerate(shares):
            height = share * high
            parts.append(
                f'<rect class="bar" x="{place * step + 1.5:.1f}" y="{base - height:.1f}"'
                f' width="{step - 3:.1f}" height="{height:.1f}" rx="2"/>'
            )
        parts.append(_line(0, base, _WIDTH, base, "rail"))
        parts.append(_line(0, base - high, _WIDTH, base - high, "faint"))
    bottom = len(positions) * (high + gap) + 12
    parts.append(_text(0, bottom, "first papers", "tick"))
    parts.append(_text(_WIDTH / 2, bottom, "middle", "tick", anchor="middle"))
    parts.append(_text(_WIDTH, bottom, "last papers", "tick", anchor="end"))
    return _svg(bottom + 6, "Share of papers cited, by their place in the context", parts)


def draw_judges(judges: Sequence[Consistency]) -> str:
    """Draw what each judge does when the two surveys change places, as parts of a bar."""
    parts: list[str] = []
    for number, one in enumerate(judges):
        y = 14 + number * 44
        parts.append(_text(0, y, one.judge, "label"))
        parts.append(
            _text(_WIDTH, y, f"{one.consistent / one.pairs:.0%} the same", "value", anchor="end")
        )
        x = 0.0
        counts = (one.consistent, one.took_first, one.took_second, one.wavered)
        for style, count in zip(("same", "first", "second", "wavered"), counts, strict=True):
            width = _WIDTH * count / one.pairs
            parts.append(
                f'<rect class="{style}" x="{x:.1f}" y="{y + 6}" width="{width:.1f}" height="14"/>'
            )
            x += width
    return _svg(len(judges) * 44 + 2, "What judges do when the two surveys change places", parts)


def draw_prices(prices: Sequence[Price], title: str) -> str:
    """Draw quality over dollars a survey; what nobody beats on both is filled."""
    known = [price for price in prices if price.usd is not None]
    most = max([price.usd or 0.0 for price in known] + [1e-9])
    best = max([price.quality for price in known] + [1e-9])
    high, left = 200, 8
    parts = [_line(left, high, _WIDTH, high, "rail"), _line(left, 10, left, high, "rail")]
    taken: list[tuple[float, float]] = []
    for price in sorted(known, key=lambda one: -one.quality):
        x = left + (price.usd or 0.0) / most * (_WIDTH - left - 16)
        y = high - price.quality / best * (high - 24)
        style = "dot" if price.is_best else "ring"
        parts.append(f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
        width = len(price.arm) * _DIGIT
        anchor, at = ("end", x - 9) if x + 9 + width > _WIDTH else ("start", x + 9)
        row = y + 4
        while any(abs(row - other) < 14 and abs(x - there) < 220 for there, other in taken):
            row += 14
        taken.append((x, row))
        parts.append(_text(at, row, price.arm, "small", anchor=anchor))
    parts.append(_text(left, high + 16, "$0", "tick"))
    parts.append(_text(_WIDTH, high + 16, f"${most:.4f} a survey", "tick", anchor="end"))
    parts.append(_text(left + 6, 14, f"{title} up to {best:.3f}", "tick"))
    return _svg(high + 22, f"{title} against dollars a survey", parts)


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, style: str, *, anchor: str = "start") -> str:
    room = 44 if style == "label" else 60
    shown = words if len(words) <= room else f"{words[: room - 1]}…"
    return (
        f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(shown)}</text>"
    )
