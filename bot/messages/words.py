"""A sentence in both languages, and outside text inside one."""

from collections.abc import Mapping

from pipeline.cite import break_addresses
from pipeline.types import Language

Pair = Mapping[Language, str]
"""One sentence in each language; ``{…}`` are places for ``format``."""

_LONGEST = 60


def plain(text: str, longest: int = 150) -> str:
    """Give outside text as plain text that can neither ping nor link, on one line.

    Slack reads ``<…>`` in a message's text as a mention or link, and ``@here`` where a client
    links names.
    """
    safe = escape(" ".join(text.split()))
    return safe if len(safe) <= longest else f"{safe[: longest - 1]}…"


def clip(text: str) -> str:
    """Give a few words of outside text for the middle of a sentence of ours."""
    return plain(text, _LONGEST)


def escape(text: str) -> str:
    """Give outside text for Slack's own markup, in which it can neither ping, link nor format."""
    text = break_addresses(text).replace("@", "＠").replace("`", "'")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
