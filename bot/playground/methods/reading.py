"""Read the arguments of a call: a form holds as JSON text what a JSON body holds as it is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from bot.playground.records import Json, Team
from bot.playground.refusal import Refusal
from bot.playground.state import State


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a method.

    Attributes:
        team: the workspace of its token.
        base: address of this server, for upload addresses.
    """

    state: State
    team: Team
    arguments: Mapping[str, object]
    base: str

    def text(self, name: str) -> str:
        """Give an argument as text; empty where it is missing."""
        value = self.arguments.get(name)
        return "" if value is None else str(value)

    def need(self, name: str, error: str = "invalid_arguments") -> str:
        """Give an argument that must be there.

        Raises:
            Refusal: it is missing.
        """
        text = self.text(name)
        if not text:
            raise Refusal(error, f"missing required field: {name}")
        return text

    def json(self, name: str, error: str = "invalid_arguments") -> object:
        """Give an argument that is JSON; null where it is missing.

        Raises:
            Refusal: it is text that is no JSON.
        """
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        try:
            return cast("object", json.loads(value)) if value else None
        except json.JSONDecodeError as problem:
            raise Refusal(error) from problem

    def objects(self, name: str, error: str = "invalid_arguments") -> tuple[Json, ...]:
        """Give an argument that is a list of objects; empty where it is missing.

        Raises:
            Refusal: it is something else.
        """
        value = self.json(name, error) or []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise Refusal(error)
        return tuple(value)

    def is_off(self, name: str) -> bool:
        """Say whether a switch was turned off; left out, it is on."""
        return self.text(name).lower() in {"false", "0"}

    def is_on(self, name: str) -> bool:
        """Say whether a switch was turned on; left out, it is off."""
        return self.text(name).lower() in {"true", "1"}

    def number(self, name: str, default: int) -> int:
        """Give an argument that is a number.

        Raises:
            Refusal: it is none.
        """
        text = self.text(name)
        if text and not text.isdecimal():
            raise Refusal("invalid_arguments", f"{name} must be a number")
        return int(text) if text else default
