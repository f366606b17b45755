"""Prompt texts as files with ``$name`` places, and the hash stored with what they produced."""

import hashlib
from functools import cache
from importlib import resources
from string import Template


@cache
def read_prompt(name: str) -> str:
    """Give the text of ``prompts/<name>.md``."""
    return resources.files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8")


def fill(name: str, **places: str) -> str:
    """Give a prompt with its ``$name`` places filled; a missing place is a ``KeyError``."""
    return Template(read_prompt(name)).substitute(places)


def hash_prompt(name: str) -> str:
    """Give the first 12 hex digits of the SHA-256 of a prompt's text."""
    return hashlib.sha256(read_prompt(name).encode()).hexdigest()[:12]
