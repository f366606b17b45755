"""Limits of texts, strings and lists: the parts that blocks and elements are made of.

Each check gives what is wrong, one sentence after the other, and nothing where all is well.
"""

from collections.abc import Callable, Collection, Iterator

from bot.playground.records import Json

Problems = Iterator[str]


def text_problems(text: object, longest: int, *, plain: bool = False) -> Problems:
    """Check a text object.

    Args:
        plain: it may not be ``mrkdwn``.
    """
    if not isinstance(text, dict):
        yield "missing required field: text"
        return
    if str(text.get("type")) not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
        yield f"unsupported type: {text.get('type')}"
    yield from length_problems(text.get("text"), longest)


def length_problems(text: object, longest: int) -> Problems:
    """Check a string that must be there."""
    if not isinstance(text, str) or not text:
        yield "must be more than 0 characters"
    elif len(text) > longest:
        yield f"must be less than {longest + 1} characters"


def field_problems(holder: Json, longest: dict[str, int]) -> Problems:
    """Check strings that may be left out.

    Args:
        longest: by the name of the field.
    """
    for name, most in longest.items():
        value = holder.get(name)
        if value is not None and not isinstance(value, str):
            yield f"{name} must be a string"
        elif isinstance(value, str) and len(value) > most:
            yield f"{name} must be less than {most + 1} characters"


def list_problems(
    holder: Json, name: str, most: int, each: Callable[[Json], Problems], *, least: int = 1
) -> Problems:
    """Check a list of objects, and each of them."""
    items = holder.get(name)
    if not isinstance(items, list):
        yield f"missing required field: {name}"
        return
    if len(items) < least:
        yield f"{name} must have at least {least} items"
    if len(items) > most:
        yield f"no more than {most} items allowed"
    for item in items:
        if isinstance(item, dict):
            yield from each(item)
        else:
            yield f"{name} must be a list of objects"


def choice_problems(
    holder: Json, name: str, allowed: Collection[str], *, required: bool = False
) -> Problems:
    """Check a string that is one of few."""
    value = holder.get(name)
    known = isinstance(value, str) and value in allowed
    if not known and (value is not None or required):
        yield f"{name} must be one of {', '.join(sorted(allowed))}"


def texts_of(block: Json, *, parsed: bool = False) -> list[str]:
    """Give all texts that a block shows.

    Args:
        parsed: only those in which Slack looks for mentions and links.
    """
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            text = value.get("text")
            if isinstance(text, str) and not (parsed and value.get("type") == "plain_text"):
                found.append(text)
            if not parsed:
                titles = (value.get(name) for name in ("title", "caption", "label", "name"))
                found.extend(title for title in titles if isinstance(title, str))
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(block)
    return found
