"""Draw shapes and text on a page and give it as PNG."""

from collections.abc import Sequence
from io import BytesIO
from typing import Literal, NamedTuple, Self

from PIL import Image, ImageDraw

from pipeline.picture.lettering import FINENESS, Style, cut_runs, measure

Point = tuple[float, float]
Side = Literal["left", "middle", "right"]


class Box(NamedTuple):
    """A rectangle with upright sides, in dots of the picture, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, centre: Point, width: float, height: float) -> Self:
        """Give the box of a size around a point."""
        x, y = centre
        return cls(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    @property
    def centre(self) -> Point:
        """The point in its middle."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, other: Self) -> bool:
        """Say whether another box lies wholly inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def nearest(self, point: Point) -> Point:
        """Give the point of the box that is nearest to another."""
        x, y = point
        return min(max(x, self.left), self.right), min(max(y, self.top), self.bottom)


class Canvas:
    """A page on which everything is drawn larger than it will be, so that edges come out smooth."""

    def __init__(self, width: int, height: int, colour: str) -> None:
        self._image = Image.new("RGB", (width * FINENESS, height * FINENESS), colour)
        self._pen = ImageDraw.Draw(self._image)

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        """Draw a line through points, with round corners."""
        fine = [_fine(point) for point in points]
        self._pen.line(fine, fill=colour, width=round(width * FINENESS), joint="curve")

    def disc(
        self, centre: Point, radius: float, colour: str, *, rim: str, width: float = 1.5
    ) -> None:
        """Draw a filled circle; the rim lies inside the radius."""
        x, y = _fine(centre)
        r = radius * FINENESS
        self._pen.ellipse((x - r, y - r, x + r, y + r), colour, rim, round(width * FINENESS))

    def block(self, box: Box, colour: str, *, radius: float = 0) -> None:
        """Draw a filled rectangle."""
        corners = (*_fine((box.left, box.top)), *_fine((box.right, box.bottom)))
        self._pen.rounded_rectangle(corners, radius * FINENESS, colour)

    def write(
        self,
        text: str,
        at: Point,
        style: Style,
        colour: str,
        *,
        side: Side = "left",
        halo: str | None = None,
    ) -> None:
        """Write one line.

        Args:
            at: the point of its baseline that ``side`` names.
            halo: colour around the letters, which keeps them apart from what they cross.
        """
        x, y = at
        x -= {"left": 0.0, "middle": 0.5, "right": 1.0}[side] * measure(text, style)
        if halo is not None:
            self._set(text, (x, y), style, halo, spread=4)
        self._set(text, (x, y), style, colour, spread=0)

    def png(self) -> bytes:
        """Give the page as PNG; the same page gives the same bytes."""
        file = BytesIO()
        self._image.reduce(FINENESS).save(file, "PNG")
        return file.getvalue()

    def _set(self, text: str, at: Point, style: Style, colour: str, *, spread: float) -> None:
        x, y = _fine(at)
        for run in cut_runs(text, style):
            self._pen.text(
                (x, y),
                run.text,
                colour,
                run.font,
                "ls",
                stroke_width=run.stroke + spread * FINENESS,
            )
            x += run.font.getlength(run.text)


def _fine(point: Point) -> Point:
    return point[0] * FINENESS, point[1] * FINENESS
