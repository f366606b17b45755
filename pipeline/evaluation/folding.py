"""Fold a text so that what people write in several ways is read in one."""

import html
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

_SIGNS = str.maketrans(
    dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("“”„‟", '"')
    | dict.fromkeys("‘’‚‛", "'")
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", "")
)
_ENCODED = re.compile(r"(?<![^\s()<>|\[\]])[^\s()<>|\[\]%]*+%[^\s()<>|\[\]]*+")
_CJK = "\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af"
_ASIAN = re.compile(f"[{_CJK}]")
_WORD = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_NAME = re.compile(rf"[^\W_{_CJK}]+(?:(?:-|(?<=\d)\.(?=\d))[^\W_{_CJK}]+)*\+*")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, apart from their punctuation.

    Attributes:
        joined: in lower case, each between single spaces, with a space at both ends.
        places: where each stands in the text: start and end.
    """

    joined: str
    places: tuple[tuple[int, int], ...]

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Give the place in the text of the words of ``joined[start:end]``, spaces at both ends."""
        first = self.joined.count(" ", 0, start)
        last = first + self.joined.count(" ", start, end) - 2
        return self.places[first][0], self.places[last][1]


def fold(text: str) -> str:
    """Give a text with one form of each sign: widths, dashes, quotes, entities, encoded addresses.

    Letters keep their case. All other functions on citations expect a folded text.
    """
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    if "%" in text:
        text = _ENCODED.sub(_decode, text)
    return text


def _decode(match: re.Match[str]) -> str:
    """Decode an address; other words may hold a per cent sign by right."""
    return unquote(match[0]) if re.search("%(?:2F|3A)", match[0], re.IGNORECASE) else match[0]


def read_words(text: str) -> Words:
    """Take a folded text into words; Japanese and Latin letters are words apart."""
    found = list(_WORD.finditer(text))
    joined = "".join(f" {match[0].casefold()}" for match in found) + " "
    return Words(joined, tuple(match.span() for match in found))


def join_words(text: str) -> str:
    """Give the words of a folded text in lower case, apart by one space."""
    return " ".join(_WORD.findall(text)).casefold()


def read_names(text: str) -> list[str]:
    """Give the Latin words of a folded text as names: with their capitals, without hyphens.

    ``Mip-NeRF`` and ``MipNeRF`` are one name, and neither is ``NeRF``.
    """
    return [name.replace("-", "").replace(".", "") for name in _NAME.findall(text)]


def name_key(text: str) -> str:
    """Give the key under which a name of one or more words is found."""
    return " ".join(read_names(text))


def is_only_latin(text: str) -> bool:
    """Tell whether a text holds no Japanese, Chinese or Korean letter, of which no name is made."""
    return not _ASIAN.search(text)
