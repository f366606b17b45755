"""Read the TeX of arXiv's raw records: accents, and lists of authors."""

import re
import unicodedata
from collections.abc import Mapping

_MARKS: Mapping[str, str] = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
}
"""Combining characters by the TeX command that sets them."""

_LETTERS: Mapping[str, str] = {
    "aa": "å",
    "AA": "Å",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ss": "ß",
    "i": "i",
    "j": "j",
}

_LETTER = r"\\?([A-Za-z])"  # \i and \j lose their dots under a mark
_ACCENT = re.compile(
    # \"o  \"{o}  {\"o}  {\"{o}}
    rf"\{{?\\([`'^~=.\"])(?:\{{{_LETTER}\}}|{_LETTER})\}}?"
    # \c{c}  \v c  {\v{s}}
    rf"|\{{?\\([uvHcdkr])(?:\s*\{{{_LETTER}\}}|\s+{_LETTER})\}}?"
)
_SPECIAL = re.compile(r"\{?\\(aa|AA|ae|AE|oe|OE|ss|[oOlLij])(?![A-Za-z])(?:\s+|\{\})?\}?")

_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")


def read_accents(text: str) -> str:
    r"""Give a text with letters for TeX's accents: ``Schr\"odinger`` becomes ``Schrödinger``.

    Text between dollars is mathematics and stays as it is.
    """
    if "\\" not in text:
        return text
    parts = text.split("$")
    parts[::2] = [_SPECIAL.sub(_letter, _ACCENT.sub(_accented, part)) for part in parts[::2]]
    return "$".join(parts)


def split_authors(text: str) -> tuple[str, ...]:
    """Give the names in arXiv's free line of authors, without affiliations and collaborations."""
    plain = " ".join(_without_parentheses(read_accents(text)).split())
    _, colon, after = plain.partition(":")
    names: list[str] = []
    for piece in re.split(r",| and |&|;", after if colon else plain):
        name = re.sub(r"^and ", "", piece.strip())
        if _SUFFIX.fullmatch(name) and names:
            names[-1] += f" {name}"
        elif name:
            names.append(name)
    return tuple(names)


def _without_parentheses(text: str) -> str:
    kept: list[str] = []
    depth = 0
    for char in text:
        depth += char == "("
        if depth == 0:
            kept.append(char)
        depth -= char == ")" and depth > 0
    return "".join(kept)


def _accented(match: re.Match[str]) -> str:
    mark = match[1] or match[4]
    letter = match[2] or match[3] or match[5] or match[6]
    return unicodedata.normalize("NFC", letter + _MARKS[mark])


def _letter(match: re.Match[str]) -> str:
    return _LETTERS[match[1]]
