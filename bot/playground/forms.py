"""Fill in a modal, as far as Slack lets a person."""

from collections.abc import Mapping

from bot.playground.records import Json, View
from bot.playground.refusal import NotShown, Refusal
from bot.playground.shapes import with_ids
from bot.playground.widgets import chosen, initial


def fill(view: View, values: Mapping[str, object]) -> Json:
    """Give the state of a view that a person has filled in.

    Args:
        values: by block or by action; what is not given keeps what it holds at first.

    Raises:
        NotShown: there is no such input, or no such option.
        Refusal: Slack would not send it: something is missing, too short or too long.
    """
    left = dict(values)
    state: Json = {}
    for block in with_ids(view.blocks):
        element = block.get("element")
        if block.get("type") != "input" or not isinstance(element, dict):
            continue
        names = (str(block["block_id"]), str(element["action_id"]))
        given = next((name for name in names if name in left), None)
        value = initial(element) if given is None else left.pop(given)
        held = chosen(element, value)
        _check(names[0], element, held, optional=bool(block.get("optional")))
        state[names[0]] = {names[1]: {"type": element["type"], **held}}
    if left:
        raise NotShown(f"no input is called {', '.join(sorted(left))}")
    return state


def _check(block_id: str, element: Json, held: Json, *, optional: bool) -> None:
    (value,) = held.values()
    if not value:
        if not optional:
            raise Refusal("required_field", block_id)
        return
    if isinstance(value, str):
        least, most = element.get("min_length", 0), element.get("max_length", 3_000)
        assert isinstance(least, int)
        assert isinstance(most, int)
        if not least <= len(value) <= most:
            raise Refusal("invalid_length", block_id)
