"""Set Markdown as terminal text whose lines break rightly in Japanese and in English."""

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

_TOKEN = re.compile(
    r"[（「『【〈《“(]*(?:[!-~\u00a0-\u02ff\u2010-\u2027]+|[^\s])?[。、，．）」』】〉》！？：；・ー々”)]*\s*"
)
"""What no line break may cut: a Latin word, or one Japanese character, with the signs before it
that must not end a line and those behind it that must not begin one."""

_INLINE = re.compile(r"\*\*(.+?)\*\*|\*(.+?)\*|\[([^\[\]]*)\]\((https?://[^()\s]+)\)|`([^`]*)`")


def set_markdown(markdown: str, width: int) -> Iterator[Text]:
    """Give the lines of a Markdown text.

    Args:
        width: terminal cells of a line; a Japanese character takes two.
    """
    for line in markdown.replace("\u200b", "").split("\n"):
        heading = re.match(r"(#{1,6}) +(.*)", line)
        item = re.match(r"(\s*)(?:[-*]|\d+\.) +(.*)", line)
        quote = re.match(r"> ?(.*)", line)
        if heading:
            style = "bold underline" if len(heading[1]) == 1 else "bold"
            yield from wrap(_inline(heading[2], style), width)
        elif item:
            lead = f"{item[1]}• "
            yield from wrap(_inline(item[2]), width, lead, " " * len(lead))
        elif quote:
            yield from wrap(_inline(quote[1], "dim"), width, "▏ ", "▏ ")
        elif re.fullmatch(r"\s*(?:-{3,}|\*{3,}|\|[\s|:-]+\|)\s*", line):
            yield Text("─" * min(width, 24), "dim")
        else:
            indent = line[: len(line) - len(line.lstrip())]
            yield from wrap(_inline(line.strip()), width, indent, indent)


def wrap(text: Text, width: int, lead: str = "", hang: str = "") -> Iterator[Text]:
    """Break a line of text.

    Args:
        lead: stands before the first line.
        hang: stands before the others.
    """
    cuts: list[int] = []
    used = cell_len(lead)
    for match in _TOKEN.finditer(text.plain):
        size = cell_len(match[0].rstrip())
        if used + size > width and match.start() > (cuts[-1] if cuts else 0):
            cuts.append(match.start())
            used = cell_len(hang)
        used += cell_len(match[0])
    for number, line in enumerate(text.divide(cuts)):
        line.rstrip()
        yield Text.assemble(hang if number else lead, line)


def _inline(text: str, style: str = "") -> Text:
    """Give bold, emphasis, code and links as styled text."""
    styled = Text(style=style)
    end = 0
    for match in _INLINE.finditer(text):
        styled.append(text[end : match.start()])
        bold, emphasis, label, url, code = match.groups()
        if url:
            styled.append(label, Style(color="blue", link=url))
        else:
            styled.append(
                bold or emphasis or code, "bold" if bold else "italic" if emphasis else ""
            )
        end = match.end()
    styled.append(text[end:])
    return styled
