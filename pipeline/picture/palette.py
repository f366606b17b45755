"""The colours of the picture."""

from PIL.ImageColor import getrgb

PAGE, INK, GREY = "#FCFBF8", "#22222A", "#62626C"

COLOURS = (
    "#CC6677",
    "#332288",
    "#DDCC77",
    "#117733",
    "#88CCEE",
    "#882255",
    "#44AA99",
    "#999933",
    "#AA4499",
)
"""Nine that colour-blind people tell apart, in an order in which neighbours differ much.

Source: Paul Tol 2021, Colour schemes, SRON/EPS/TN/09-002, the scheme "muted".
"""

_OTHER = "#BBBBBB"


def colour_of(group: int) -> str:
    """Give the colour of a group, grey for -1."""
    return _OTHER if group < 0 else COLOURS[group]


def mix(colour: str, other: str, share: float) -> str:
    """Give a colour between two.

    Args:
        share: of the other one, in [0, 1].
    """
    pairs = zip(getrgb(colour), getrgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def ink_on(colour: str) -> str:
    """Give the colour of text that can be read on another."""
    red, green, blue = getrgb(colour)[:3]
    return PAGE if 0.3 * red + 0.6 * green + 0.1 * blue < 150 else INK
