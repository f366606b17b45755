"""The picture of a survey, top to bottom: title, map, sections, timeline."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.picture.canvas import Box, Canvas
from pipeline.picture.chart import draw_badge, draw_chart
from pipeline.picture.labels import Labels, labels
from pipeline.picture.lettering import Style, clip, measure, wrap
from pipeline.picture.palette import GREY, INK, PAGE, colour_of, mix
from pipeline.picture.plan import Group, Plan, group_passages, plain
from pipeline.picture.timeline import count_over_time
from pipeline.types import Context, Language, Paper, Survey

WIDTH, HEIGHT = 1080, 1440
"""Dots. A phone shows the picture at about a third of its size, so no word is smaller than 25."""

_MARGIN = 48
_ROOM = WIDTH - 2 * _MARGIN
_TITLE, _TEXT, _NOTE = Style(44, bold=True), Style(28), Style(25)


def draw_map(
    papers: Sequence[Paper],
    rows: NDArray[np.float32],
    groups: Sequence[Group],
    *,
    title: str,
    language: Language,
) -> bytes:
    """Draw papers as a map with the tour through it, list its sections, and count over time.

    The same arguments give the same bytes. Any thread may call it.

    Args:
        papers: at least one, in tour order.
        rows: their embeddings, shape (n, d), each of length 1.
        groups: the sections; a paper belongs to the first that names it. Papers in none, or in a
            tenth, are grey.
        title: the survey's question.

    Returns:
        a PNG of ``WIDTH`` × ``HEIGHT`` dots.
    """
    words = labels(language)
    plan = Plan.make(papers, rows, groups)
    canvas = Canvas(WIDTH, HEIGHT, PAGE)
    top = _draw_title(canvas, plan, words, title)
    bottom = _draw_timeline(canvas, plan, words)
    bottom = _draw_sections(canvas, plan, words, bottom - 24)
    canvas.write(words.note, (_MARGIN, bottom - 20), _NOTE, GREY)
    draw_chart(canvas, plan, words, Box(_MARGIN, top + 20, WIDTH - _MARGIN, bottom - 66))
    return canvas.png()


def draw_survey(context: Context, survey: Survey, rows: NDArray[np.float32]) -> bytes:
    """Draw the passages of a survey, coloured by the sections that cite them, as PNG.

    Args:
        rows: the passages' embeddings, shape (n, d), each of length 1.
    """
    return draw_map(
        [passage.paper for passage in context.passages],
        rows,
        group_passages(context, survey),
        title=context.question.text,
        language=context.question.language,
    )


def _draw_title(canvas: Canvas, plan: Plan, words: Labels, title: str) -> float:
    """Write the title and what the papers span; give where that ends."""
    y = _MARGIN - 12.0
    for line in wrap(plain(title), _TITLE, _ROOM, most=3):
        y += 56
        canvas.write(line, (_MARGIN, y), _TITLE, INK)
    days = [paper.published for paper in plan.papers]
    first, last = (words.month.format(day) for day in (min(days), max(days)))
    span = first if first == last else words.span.format(first=first, last=last)
    y += 46
    canvas.write(words.papers.format(count=len(days), span=span), (_MARGIN, y), _TEXT, GREY)
    return y + 8


def _draw_sections(canvas: Canvas, plan: Plan, words: Labels, bottom: float) -> float:
    """List the sections with number, heading and number of papers; give where the list begins."""
    lines = [(group.heading, len(group.members)) for group in plan.groups]
    if others := plan.group_of.count(-1):
        lines.append((words.other, others))
    height = 42
    top = bottom - height * len(lines)
    for i, (heading, number) in enumerate(lines):
        y = top + height * (i + 0.5)
        if i < len(plan.groups):
            draw_badge(canvas, i, (_MARGIN + 18, y), 18)
        else:
            canvas.disc((_MARGIN + 18, y), 9, colour_of(-1), rim=mix(colour_of(-1), INK, 0.35))
        count = words.count.format(count=number)
        room = _ROOM - 48 - 24 - measure(count, _TEXT)
        canvas.write(clip(heading, _TEXT, room), (_MARGIN + 48, y + 10), _TEXT, INK)
        canvas.write(count, (WIDTH - _MARGIN, y + 10), _TEXT, GREY, side="right")
    return top


def _draw_timeline(canvas: Canvas, plan: Plan, words: Labels) -> float:
    """Draw the papers over time as columns of their sections; give where that begins."""
    timeline = count_over_time([paper.published for paper in plan.papers], plan.group_of)
    headings = {1: words.by_month, 3: words.by_quarter, 12: words.by_year}
    base = HEIGHT - 76.0
    width = min(_ROOM / len(timeline.columns), 150.0)
    peak = max(timeline.columns, key=Counter.total)
    most = peak.total()
    unit = min(130 / most, 26.0)
    gap = min(unit / 3, 2.0)
    for i, column in enumerate(timeline.columns):
        left, y = _MARGIN + i * width, base
        for group in sorted(column, reverse=True):
            top = y - column[group] * unit
            canvas.block(Box(left + 2, top + gap, left + width - 2, y), colour_of(group))
            y = top
        if column is peak:
            canvas.write(str(most), (left + width / 2, y - 6), _NOTE, INK, side="middle")
    canvas.line([(_MARGIN, base + 2), (_MARGIN + width * len(timeline.columns), base + 2)], GREY, 2)
    free = float(_MARGIN)
    for i, day in timeline.ticks.items():
        tick = (words.year if timeline.by_year else words.month).format(day)
        half = measure(tick, _NOTE) / 2
        x = min(max(_MARGIN + (i + 0.5) * width, _MARGIN + half), WIDTH - _MARGIN - half)
        if x - half > free - 1:
            canvas.write(tick, (x, base + 36), _NOTE, GREY, side="middle")
            free = x + half + 24
    top = base - most * unit - 74
    canvas.write(headings[timeline.unit], (_MARGIN, top + 26), _TEXT, INK)
    return top
