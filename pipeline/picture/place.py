"""Find places on the page: for the papers, and for what names them."""

from collections.abc import Iterable, Iterator, Sequence
from math import cos, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from pipeline.picture.canvas import Box, Point
from pipeline.picture.project import Points

_GOLDEN_ANGLE = pi * (3 - sqrt(5))
"""Turns by this angle scatter evenly (Vogel 1979, A better way to construct the sunflower head)."""

_BEND = 90.0
"""Dots of the picture over which a line turns; longer steps are straight but for their ends."""

_LATER = 2.0
"""Covered area that is as bad as the next box; a paper's dot is about as bad as a hundred."""


def fit(places: Points, field: Box) -> Points:
    """Stretch places so that they fill a field: the axes of the map have no unit."""
    corner = np.array([field.left, field.top])
    size = np.array([field.right, field.bottom]) - corner
    least = places.min(axis=0)
    extent = places.max(axis=0) - least
    flat = extent == 0
    share = np.where(flat, 0.5, (places - least) / np.where(flat, 1, extent))
    return np.asarray(corner + share * size)


def spread(places: Points, least: float, field: Box) -> Points:
    """Push places apart until hardly any two are nearer than ``least``."""
    turns = _GOLDEN_ANGLE * np.arange(len(places))
    # Equal places have no direction to be pushed in: each stands a little beside itself.
    nudges = np.stack([np.cos(turns), np.sin(turns)], axis=1) / 100
    for _ in range(200):
        between = (places + nudges)[:, None] - (places + nudges)[None]
        distances = np.linalg.norm(between, axis=2)
        np.fill_diagonal(distances, np.inf)
        lack = np.clip(least - distances, 0, None)
        if lack.max() < least / 20:
            break
        push = ((lack / distances)[:, :, None] * between).sum(axis=1)
        crowd = np.maximum((lack > 0).sum(axis=1), 2)
        places = places + push / crowd[:, None]
        places = places.clip([field.left, field.top], [field.right, field.bottom])
    return places


def walk(places: Points, steps: int = 12) -> list[list[Point]]:
    """Give a smooth line through places: the points from each one to the next.

    Each piece is a cubic that leaves a place in the direction from the one before to the one after,
    for as far as the shorter of the two ways, so that it neither overshoots nor loops.

    Source: Catmull & Rom 1974, A class of local interpolating splines.
    """
    if len(places) < 2:
        return []
    ways = np.diff(places, axis=0)
    lengths = np.linalg.norm(ways, axis=1)
    shorter = np.minimum([*lengths, lengths[-1]], [lengths[0], *lengths]).clip(max=_BEND)
    turns = np.vstack([ways, ways[-1:]]) + np.vstack([ways[:1], ways])
    sizes = np.linalg.norm(turns, axis=1)
    headings = turns * (shorter / np.where(sizes > 0, sizes, 1))[:, None]
    t = np.linspace(0, 1, steps + 1)[:, None]
    curves = (
        places[i]
        + (3 * t**2 - 2 * t**3) * ways[i]
        + (t - 2 * t**2 + t**3) * headings[i]
        + (t**3 - t**2) * headings[i + 1]
        for i in range(len(ways))
    )
    return [as_points(curve) for curve in curves]


def as_points(places: Points) -> list[Point]:
    """Give places as pairs of plain numbers."""
    return [(float(x), float(y)) for x, y in places]


def middle(places: Points) -> Point:
    """Give the place from which the ways to all the others are the shortest in sum."""
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    return as_points(places)[int(distances.sum(axis=1).argmin())]


def around(point: Point, width: float, height: float, reach: float) -> Iterator[Box]:
    """Give boxes over and around a point, from near to far."""
    x, y = point
    count = 200
    for i in range(count):
        far = reach * sqrt(i / count)
        turn = i * _GOLDEN_ANGLE
        yield Box.around((x + far * cos(turn), y + far * sin(turn)), width, height)


def beside(point: Point, width: float, height: float, gap: float) -> Iterator[Box]:
    """Give boxes beside a point: right, left, below, above, at the corners, then all further off.

    Args:
        gap: between the point and the nearest boxes.
    """
    x, y = point
    for away in (gap, 2.2 * gap):
        across, down, corner = away + width / 2, away + height / 2, away / 2 + width / 2
        yield Box.around((x + across, y), width, height)
        yield Box.around((x - across, y), width, height)
        for drop in (down, -down):
            yield Box.around((x, y + drop), width, height)
        for drop in (down, -down):
            yield Box.around((x + corner, y + drop), width, height)
            yield Box.around((x - corner, y + drop), width, height)


def first_free(boxes: Iterable[Box], taken: Sequence[Box], field: Box) -> Box | None:
    """Give the first of the boxes inside the field that covers none of those taken."""
    inside = filter(field.holds, boxes)
    return next((box for box in inside if not _covered([box], taken).any()), None)


def roomiest(boxes: Iterable[Box], taken: Sequence[Box], field: Box) -> Box:
    """Give an early one of the boxes inside the field that covers little of those taken.

    Args:
        boxes: the best first; at least one of them inside the field.
        taken: at least one.
    """
    inside = [box for box in boxes if field.holds(box)]
    return inside[int((_covered(inside, taken) + _LATER * np.arange(len(inside))).argmin())]


def _covered(boxes: Sequence[Box], taken: Sequence[Box]) -> NDArray[np.float64]:
    """Give the area of the boxes taken that each box covers."""
    mine, theirs = np.array(boxes)[:, None], np.array(taken)[None]
    corners = np.maximum(mine[..., :2], theirs[..., :2])
    sides = (np.minimum(mine[..., 2:], theirs[..., 2:]) - corners).clip(min=0)
    return np.asarray(sides.prod(axis=-1).sum(axis=-1))
