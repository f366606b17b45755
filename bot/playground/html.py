"""Make HTML in which everything from outside is escaped, by its type."""

import html
from collections.abc import Mapping, Sequence
from typing import NewType

from markdown_it import MarkdownIt

from bot.playground.figures import leaf_text
from bot.playground.mrkdwn import Span, read_mrkdwn, with_emoji
from bot.playground.records import Json

Html = NewType("Html", str)
"""Text in which nothing is left to escape."""

_TAGS = {"bold": "b", "code": "code", "italic": "i", "strike": "s"}
_LINKS = ("http://", "https://", "mailto:")
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True})
_MARKDOWN.enable(["table", "strikethrough"]).disable("image")
"""Slack's markdown block: no raw HTML, no embedded pictures."""


def escape(text: object) -> Html:
    """Give text from outside."""
    return Html(html.escape(str(text)))


def join(parts: Sequence[Html], between: str = "") -> Html:
    """Put pieces behind each other."""
    return Html(between.join(parts))


def element(tag: str, look: str, *inner: Html, **attributes: str) -> Html:
    """Give an element.

    Args:
        look: its classes.
        attributes: underscores in a name stand for hyphens.
    """
    named = {"class": look, **attributes} if look else attributes
    said = "".join(
        f' {name.replace("_", "-")}="{html.escape(value)}"' for name, value in named.items()
    )
    return Html(f"<{tag}{said}>{''.join(inner)}</{tag}>")


def link(url: str, shown: Html) -> Html:
    """Give a link, where it leads to the web or to a mail."""
    if not url.startswith(_LINKS):
        return shown
    return element("a", "", shown, href=url, rel="noreferrer")


def markdown_html(markdown: str) -> Html:
    """Give a markdown block; a link in it can lead to no script."""
    rendered = _MARKDOWN.render(with_emoji(markdown))
    # A wide table scrolls by itself, not with the page.
    rendered = rendered.replace("<table>", '<div class="scroll"><table>')
    return Html(rendered.replace("</table>", "</table></div>"))


def mrkdwn_html(text: str, names: Mapping[str, str]) -> Html:
    """Give Slack's own markup: quotes, code, and what stands in a line."""
    parts: list[Html] = []
    for place, piece in enumerate(text.split("```")):
        if place % 2:
            parts.append(element("pre", "", escape(html.unescape(piece.strip("\n")))))
        else:
            parts.extend(_lines(piece, names))
    return join(parts)


def text_html(text: object, names: Mapping[str, str]) -> Html:
    """Give a text object; nothing where there is none."""
    if not isinstance(text, dict):
        return Html("")
    shown = str(text.get("text", ""))
    if text.get("type") == "mrkdwn":
        return mrkdwn_html(shown, names)
    return join([escape(line) for line in with_emoji(shown).split("\n")], "<br>")


def label(text: object) -> Html:
    """Give a text object that stands on a button or in a menu."""
    return escape(with_emoji(str(text.get("text", "")))) if isinstance(text, dict) else Html("")


def rich_html(block: Json, names: Mapping[str, str]) -> Html:
    """Give rich text."""
    elements = block["elements"]
    assert isinstance(elements, list)
    return join([_part(part, names) for part in elements])


def _lines(text: str, names: Mapping[str, str]) -> list[Html]:
    parts: list[Html] = []
    for line in text.strip("\n").split("\n"):
        quoted = line.startswith(("&gt;", ">"))
        inner = line.removeprefix("&gt;").removeprefix(">").lstrip() if quoted else line
        said = join([_span(span) for span in read_mrkdwn(inner, names)])
        if quoted:
            parts.append(element("blockquote", "", said))
        else:
            parts.extend([Html("<br>"), said] if parts else [said])
    return parts


def _span(span: Span) -> Html:
    shown = escape(span.text)
    for style in sorted(span.styles):
        shown = (
            element("span", "mention", shown)
            if style == "mention"
            else element(_TAGS[style], "", shown)
        )
    return link(span.url, shown) if span.url else shown


def _part(part: Json, names: Mapping[str, str]) -> Html:
    elements = part["elements"]
    assert isinstance(elements, list)
    match part["type"]:
        case "rich_text_list":
            items = [element("li", "", _leaves(item["elements"], names)) for item in elements]
            return element("ol" if part["style"] == "ordered" else "ul", "", *items)
        case "rich_text_quote":
            return element("blockquote", "", _leaves(elements, names))
        case "rich_text_preformatted":
            return element("pre", "", _leaves(elements, names))
        case _:
            return element("div", "", _leaves(elements, names))


def _leaves(leaves: Sequence[Json], names: Mapping[str, str]) -> Html:
    return join([_leaf(leaf, names) for leaf in leaves])


def _leaf(leaf: Json, names: Mapping[str, str]) -> Html:
    shown = escape(leaf_text(leaf, names))
    style = leaf.get("style")
    for name, tag in _TAGS.items():
        if isinstance(style, dict) and style.get(name):
            shown = element(tag, "", shown)
    if leaf["type"] in {"broadcast", "user"}:
        return element("span", "mention", shown)
    return link(str(leaf["url"]), shown) if leaf["type"] == "link" else shown
