"""Read Slack's own markup, so that a terminal and a page can each show it their way.

Source: https://docs.slack.dev/messaging/formatting-message-text
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.emoji import Emoji

_TOKEN = re.compile(
    r"<(?P<angle>[^<>\n]+)>|`(?P<code>[^`\n]+)`"
    r"|(?<![\w*])\*(?P<bold>\S(?:[^*\n]*\S)?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>\S(?:[^_\n]*\S)?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>\S(?:[^~\n]*\S)?)~(?![\w~])"
)
_TONES = {f"skin-tone-{number}": chr(0x1F3F9 + number) for number in range(2, 7)}


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text that looks the same throughout.

    Attributes:
        styles: of ``bold``, ``italic``, ``strike``, ``code``, ``mention``.
        url: where it leads, or empty.
    """

    text: str
    styles: frozenset[str] = frozenset()
    url: str = ""


def read_mrkdwn(
    text: str, names: Mapping[str, str], styles: frozenset[str] = frozenset()
) -> Iterator[Span]:
    """Give the pieces of a text.

    Args:
        names: of people, by their ids.
        styles: of the text around it.
    """
    end = 0
    for match in _TOKEN.finditer(text):
        yield from _plain(text[end : match.start()], styles)
        end = match.end()
        kind = str(match.lastgroup)
        inner = str(match[kind])
        if kind == "angle":
            yield _angle(inner, names, styles)
        elif kind == "code":
            yield Span(html.unescape(inner), styles | {"code"})
        else:
            yield from read_mrkdwn(inner, names, styles | {kind})
    yield from _plain(text[end:], styles)


def show_emoji(name: str) -> str:
    """Give the sign that a name stands for, with its skin tone; unknown names stay words."""
    base, _, tone = name.partition("::")
    return with_emoji(f":{base}:") + _TONES.get(tone, "")


def with_emoji(text: str) -> str:
    """Put signs where a text names them between colons."""
    return Emoji.replace(text)


def _plain(text: str, styles: frozenset[str]) -> Iterator[Span]:
    if text:
        yield Span(with_emoji(html.unescape(text)), styles)


def _angle(inner: str, names: Mapping[str, str], styles: frozenset[str]) -> Span:
    target, _, label = inner.partition("|")
    target, label = html.unescape(target), html.unescape(label)
    if target.startswith("@"):
        return Span(f"@{names.get(target[1:], label or target[1:])}", styles | {"mention"})
    if target.startswith("#"):
        return Span(f"#{label or target[1:]}", styles | {"mention"})
    if target.startswith("!"):
        said = label or f"@{target[1:].partition('^')[0]}"
        return Span(said, styles | {"mention"})
    if target.startswith(("http://", "https://", "mailto:")):
        return Span(label or target, styles, target)
    return Span(f"<{html.unescape(inner)}>", styles)
