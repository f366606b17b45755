"""Set Markdown as terminal text whose lines break rightly in Japanese and in English."""

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import RenderableType
from rich.style import Style
from rich.text import Text

from bot.playground.figures import set_table

_NEVER_FIRST = "。、，．）」』】〉》！？：；・ー々”)"
_TOKEN = re.compile(
    rf"[（「『【〈《“(]*(?:[!-~\u00a0-\u02ff\u2010-\u2027]+|[^\s])?[{_NEVER_FIRST}]*\s*"
)
"""What no line break may cut: a Latin word, or one Japanese character, with the signs before it
that must not end a line and those behind it that must not begin one."""

_CELL = re.compile(r"(?<!\\)\|")
_INLINE = re.compile(r"\*\*(.+?)\*\*|\*(.+?)\*|\[([^\[\]]*)\]\((https?://[^()\s]+)\)|`([^`]*)`")


def set_markdown(markdown: str, width: int) -> Iterator[RenderableType]:
    """Give the lines and the tables of a Markdown text.

    Args:
        width: terminal cells of a line; a Japanese character takes two.
    """
    rows: list[list[Text]] = []
    in_code = False
    for line in markdown.replace("\u200b", "").split("\n"):
        if line.startswith("```"):
            in_code = not in_code
        elif in_code:
            yield Text(f"  {line}", "magenta")
        elif re.fullmatch(r"\s*\|.*\|\s*", line):
            cells = _CELL.split(line.strip().strip("|"))
            if not all(re.fullmatch(r"\s*:?-+:?\s*", cell) for cell in cells):
                rows.append([_inline(cell.strip()) for cell in cells])
        else:
            if rows:
                yield set_table(rows)
                rows = []
            yield from _set_line(line, width)
    if rows:
        yield set_table(rows)


def _set_line(line: str, width: int) -> Iterator[Text]:
    heading = re.match(r"(#{1,6}) +(.*)", line)
    item = re.match(r"(\s*)([-*]|\d+\.) +(.*)", line)
    quote = re.match(r"> ?(.*)", line)
    if heading:
        style = "bold underline" if len(heading[1]) == 1 else "bold"
        yield from wrap(_inline(heading[2], style), width)
    elif item:
        lead = f"{item[1]}{item[2] if item[2][0].isdigit() else '•'} "
        yield from wrap(_inline(item[3]), width, lead, " " * len(lead))
    elif quote:
        yield from wrap(_inline(quote[1], "dim"), width, "▏ ", "▏ ")
    elif re.fullmatch(r"\s*(?:-{3,}|\*{3,})\s*", line):
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
        may_cut = match.start() > (cuts[-1] if cuts else 0) and match[0][:1] not in _NEVER_FIRST
        if may_cut and used + size > width:
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
