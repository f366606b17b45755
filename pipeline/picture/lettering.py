"""Set text in fonts that hold Latin, Greek, mathematical signs and Japanese.

Each character is set in the first font that has it, and one that none has is replaced, so that
nobody ever sees an empty box.
"""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby

from PIL.ImageFont import FreeTypeFont, Layout, truetype

FINENESS = 3
"""Dots drawn for each dot of the picture, along each side: text is measured as it is drawn."""

_FONTS = (
    ("fontpkg_inter", "files/Inter[opsz,wght].ttf"),
    ("pylopdf_fonts_jp", "NotoSansJP-Regular.otf"),
)
"""Package and file, in the order in which a character looks for its font."""

_UNASSIGNED = "\U0010ffff"
"""Never a character, so it shows the box that a font draws for what it lacks."""

_BREAK = re.compile(
    r"(?<=\s)(?=\S)|(?<=[ぁ-ん、。，．！？：；・」』）】])(?=[一-龠々ァ-ヶA-Za-z0-9「『（【])"
)
"""Where a line may end: after spaces, and where most Japanese phrases begin, after kana."""

_NEVER_FIRST = frozenset(
    "、。，．！？：；・」』）】〉》ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々…,.!?:;)]}"
)
"""Signs that begin no line, after JIS X 4051."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set.

    Attributes:
        size: of the letters, in dots of the picture.
    """

    size: int
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one font.

    Attributes:
        stroke: fine dots by which its lines are thickened.
    """

    text: str
    font: FreeTypeFont
    stroke: float


def clean(text: str) -> str:
    """Give a text as one line of characters that a font has.

    A character that none has becomes the plain ones that it is made of, else ``?`` for a letter or
    digit and nothing for a sign; control characters go.
    """
    characters = unicodedata.normalize("NFC", " ".join(text.split()))
    return " ".join("".join(map(_replace, characters)).split())


def cut_runs(text: str, style: Style) -> list[Run]:
    """Cut a text into pieces of one font each."""
    runs: list[Run] = []
    for face, characters in groupby(text, key=lambda character: _face_of(character) or 0):
        # The Japanese font has one weight: a thin stroke makes it as bold as a title needs.
        stroke = style.size * FINENESS / 80 if style.bold and face else 0.0
        runs.append(Run("".join(characters), _font(face, style), stroke))
    return runs


def measure(text: str, style: Style) -> float:
    """Give the width of a text in dots of the picture."""
    return sum(run.font.getlength(run.text) for run in cut_runs(text, style)) / FINENESS


def clip(text: str, style: Style, room: float) -> str:
    """Cut a text to the room there is, with an ellipsis for what was cut off."""
    if measure(text, style) <= room:
        return text
    length = bisect_left(
        range(len(text)), 1, key=lambda end: measure(f"{text[: end + 1]}…", style) > room
    )
    return f"{text[:length].rstrip()}…"


def wrap(text: str, style: Style, room: float, most: int) -> list[str]:
    """Break a text into lines of about one width, where words or Japanese phrases end.

    Args:
        room: width of the longest line, in dots of the picture.
        most: lines; what is left after them is cut off.
    """
    lines = _fill(text, style, room)
    if len(lines) > most:
        return [*lines[: most - 1], clip("".join(lines[most - 1 :]), style, room)]
    for narrower in range(int(room), 0, -style.size):
        even = _fill(text, style, narrower)
        if len(even) > len(lines):
            break
        lines = even
    return lines


def _fill(text: str, style: Style, room: float) -> list[str]:
    """Fill one line after the other; a phrase wider than a line is broken between letters."""
    lines = [""]
    for phrase in _BREAK.split(text):
        if measure(f"{lines[-1]}{phrase}".rstrip(), style) <= room:
            lines[-1] += phrase
        elif measure(phrase.rstrip(), style) <= room:
            lines.append(phrase)
        else:
            for letter in phrase:
                # A sign that may begin no line hangs over the edge, but only one on each line.
                line = lines[-1] if letter in _NEVER_FIRST else lines[-1] + letter
                if measure(line.rstrip(), style) <= room:
                    lines[-1] += letter
                else:
                    lines.append(letter)
    return [line for line in lines if line.strip()]


def _replace(character: str) -> str:
    if unicodedata.category(character).startswith("C"):
        return ""
    if _face_of(character) is not None:
        return character
    parts = unicodedata.normalize("NFKD", character)
    plain = "".join(part for part in parts if part.isalnum() and _face_of(part) is not None)
    return plain or ("?" if character.isalnum() else "")


@cache
def _face_of(character: str) -> int | None:
    """Give the place of the first font that has a character; null where none has."""
    for face in range(len(_FONTS)):
        font = _font(face, Style(12))
        if bytes(font.getmask(character)) != bytes(font.getmask(_UNASSIGNED)):
            return face
    return None


@cache
def _font(face: int, style: Style) -> FreeTypeFont:
    package, file = _FONTS[face]
    # The basic layout is everywhere the same; the other one depends on a library of the system.
    font = truetype(str(files(package) / file), style.size * FINENESS, layout_engine=Layout.BASIC)
    if face == 0:
        font.set_variation_by_axes([14, 650 if style.bold else 430])
    return font
