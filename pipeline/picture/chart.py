"""The map: papers as dots, the tour as a line, the sections' numbers, the names of a few papers."""

from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest

import numpy as np

from pipeline.picture.canvas import Box, Canvas, Point
from pipeline.picture.labels import Labels
from pipeline.picture.lettering import Style, measure
from pipeline.picture.palette import GREY, INK, PAGE, colour_of, ink_on, mix
from pipeline.picture.place import (
    around,
    as_points,
    beside,
    first_free,
    fit,
    middle,
    roomiest,
    spread,
    walk,
)
from pipeline.picture.plan import Plan, plain
from pipeline.picture.project import Points, project

_NAME = Style(25)
_BADGE = 21.0
_FAR = 2.5
"""Steps of the tour longer than this many usual ones are drawn thinner, so that they hide less."""

_MOST_NAMES, _LONGEST_NAME = 12, 300.0


def draw_chart(canvas: Canvas, plan: Plan, words: Labels, frame: Box) -> None:
    """Draw the map into a frame."""
    inset = _BADGE + 4
    field = Box(frame.left + inset, frame.top + inset, frame.right - inset, frame.bottom - inset)
    radius = max(10.5 - len(plan.papers) / 50, 7.0)
    places = spread(fit(project(plan.rows), field), 2 * radius + 3, field)
    dots = as_points(places)
    _draw_tour(canvas, plan, places)
    for dot, group in zip(dots, plan.group_of, strict=True):
        canvas.disc(dot, radius, colour_of(group), rim=mix(colour_of(group), INK, 0.35))
    taken = [Box.around(dot, 2 * radius, 2 * radius) for dot in dots]
    if len(dots) > 1:
        for word, i in ((words.start, 0), (words.end, -1)):
            taken.append(_draw_end(canvas, word, dots[i], taken, frame))
            canvas.disc(dots[i], 8, colour_of(plan.group_of[i]), rim=PAGE, width=2)
    for number, section in enumerate(plan.groups):
        centre = middle(places[list(section.members)])
        size = 2 * _BADGE + 6
        box = roomiest(around(centre, size, size, 150), taken, frame)
        draw_badge(canvas, number, box.centre, _BADGE)
        taken.append(box)
    _draw_names(canvas, plan, dots, taken, frame, ring=radius + 2)


def draw_badge(canvas: Canvas, group: int, centre: Point, radius: float) -> None:
    """Draw a section's number on its colour."""
    colour = colour_of(group)
    style = Style(round(radius * 1.25), bold=True)
    canvas.disc(centre, radius + 3, PAGE, rim=PAGE)
    canvas.disc(centre, radius, colour, rim=mix(colour, INK, 0.35))
    base = (centre[0], centre[1] + style.size * 0.36)
    canvas.write(str(group + 1), base, style, ink_on(colour), side="middle")


def _draw_tour(canvas: Canvas, plan: Plan, places: Points) -> None:
    """Draw the line: in a section's colour inside it, grey from one section to the next."""
    lengths = np.linalg.norm(np.diff(places, axis=0), axis=1)
    usual = float(np.median(lengths)) if len(lengths) else 0.0
    for i, curve in enumerate(walk(places)):
        inside = plan.group_of[i] == plan.group_of[i + 1]
        colour = colour_of(plan.group_of[i]) if inside else GREY
        if lengths[i] > _FAR * usual:
            canvas.line(curve, mix(colour, PAGE, 0.75), 2.5)
        else:
            canvas.line(curve, mix(colour, PAGE, 0.5), 4)


def _draw_end(canvas: Canvas, word: str, dot: Point, taken: Sequence[Box], frame: Box) -> Box:
    """Mark an end of the tour with a ring, and say beside it which end it is; give where."""
    width, height = measure(word, _NAME) + 24, 36
    boxes = chain(beside(dot, width, height, 16), around(dot, width, height, 150))
    box = roomiest(boxes, taken, frame)
    canvas.line([dot, box.centre], INK, 2)
    canvas.disc(dot, 14, INK, rim=PAGE, width=2)
    canvas.block(box, INK, radius=height / 2)
    canvas.write(word, (box.centre[0], box.bottom - 9), _NAME, PAGE, side="middle")
    return box


def _draw_names(
    canvas: Canvas,
    plan: Plan,
    dots: Sequence[Point],
    taken: Sequence[Box],
    frame: Box,
    *,
    ring: float,
) -> None:
    """Name the papers that stand for their sections, where there is room, and ring their dots."""
    boxes = list(taken)
    for i in _exemplars(plan):
        name = plain(plan.papers[i].short_name)
        width = measure(name, _NAME) + 8
        if not name or width > _LONGEST_NAME:
            continue
        box = first_free(beside(dots[i], width, 32, ring), boxes, frame)
        if box is None:
            continue
        canvas.line([dots[i], box.nearest(dots[i])], INK, 1.5)
        canvas.disc(dots[i], ring, colour_of(plan.group_of[i]), rim=INK, width=3)
        canvas.write(name, (box.left + 4, box.bottom - 8), _NAME, INK, halo=PAGE)
        boxes.append(box)
        if len(boxes) == len(taken) + _MOST_NAMES:
            return


def _exemplars(plan: Plan) -> Iterator[int]:
    """Give the papers nearest their section's mean, the best of each section first.

    Of the nearest third those come first whose title names what they present.
    """
    ranked = []
    for group in plan.groups:
        rows = plan.rows[list(group.members)]
        order = np.argsort(-(rows @ rows.mean(axis=0)), kind="stable")
        nearest = [group.members[i] for i in order[: max(len(order) // 3, 3)]]
        papers = plan.papers
        ranked.append(
            sorted(nearest, key=lambda i: not papers[i].title.startswith(papers[i].short_name))
        )
    for best in zip_longest(*ranked):
        yield from (i for i in best if i is not None)
