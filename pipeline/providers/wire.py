"""What all adapters share: JSON schemas as the wire wants them, and failures as our errors."""

import re
import time
import weakref
from collections.abc import Mapping
from functools import cache
from typing import NoReturn, Protocol

from pydantic import BaseModel

from pipeline.errors import (
    AuthFailed,
    ContextTooLong,
    ModelNotFound,
    Overloaded,
    PaperwalkError,
    QuotaSpent,
    RateLimited,
    Refused,
    RequestRejected,
)
from pipeline.http import read_retry_after

_TOO_LONG = re.compile(
    r"context[ _](length|window)|maximum context|too long|too many tokens|"
    r"exceeds? the maximum (number of )?(input )?tokens?|token count",
    re.IGNORECASE,
)
_NO_MONEY = re.compile(r"insufficient_quota|billing|spend_limit|credit balance", re.IGNORECASE)
_BAD_KEY = re.compile(r"api[ _]key[ _]?(not valid|invalid)|API_KEY_INVALID", re.IGNORECASE)
_FILTERED = re.compile(r"content[ _](policy|filter)|safety", re.IGNORECASE)
_KEPT = {"type", "enum", "anyOf", "items", "properties", "required", "description"}

Schema = dict[str, object]


class Client(Protocol):
    """What an SDK's client can do, whichever it is."""

    def close(self) -> None:
        """Close the connections."""
        ...


def close_with(owner: object, client: Client) -> None:
    """Close a client's connections once its owner is let go, not at some collection after that."""
    weakref.finalize(owner, client.close).atexit = False


@cache
def wire_schema(model: type[BaseModel]) -> Schema:
    """Give a model's JSON schema in the form that every provider's strict mode takes.

    References are put in place, every property is required, nothing else is allowed, and
    constraints that some provider refuses (lengths, bounds, titles, defaults) are left to us.
    """
    schema = model.model_json_schema()
    return _simplify(schema, schema.get("$defs", {}))


def _simplify(
    node: Mapping[str, object], definitions: Mapping[str, Mapping[str, object]]
) -> Schema:
    reference = node.get("$ref")
    if isinstance(reference, str):
        return _simplify(definitions[reference.removeprefix("#/$defs/")], definitions)
    simple: Schema = {key: value for key, value in node.items() if key in _KEPT}
    properties = simple.get("properties")
    if isinstance(properties, dict):
        simple["properties"] = {
            name: _simplify(inner, definitions) for name, inner in properties.items()
        }
        simple["required"] = list(properties)
        simple["additionalProperties"] = False
    if isinstance(items := simple.get("items"), dict):
        simple["items"] = _simplify(items, definitions)
    if isinstance(choices := simple.get("anyOf"), list):
        simple["anyOf"] = [_simplify(choice, definitions) for choice in choices]
    return simple


def fail(
    name: str, status: int, said: str, headers: Mapping[str, str], error: Exception
) -> NoReturn:
    """Raise our error for a status.

    Args:
        name: ``provider:model``.
        said: the provider's code and message; read here, never passed on, because it can quote
            the prompt or the key.
    """
    raise read_failure(name, status, said, headers) from error


def read_failure(
    name: str, status: int, said: str, headers: Mapping[str, str] | None = None
) -> PaperwalkError:
    """Give our error for a status; see ``fail``."""
    answered = f"{name} answered {status}"
    if status in {401, 403} or (status == 400 and _BAD_KEY.search(said)):
        return AuthFailed(f"{answered}: the key was refused")
    if status == 402 or (status in {400, 429} and _NO_MONEY.search(said)):
        return QuotaSpent(f"{answered}: the account has no money or quota left")
    if status == 404:
        return ModelNotFound(f"{answered}: there is no such model, or not for this key")
    if status == 413 or (status == 400 and _TOO_LONG.search(said)):
        return ContextTooLong(f"{answered}: the prompt is longer than the model reads")
    wait = read_retry_after((headers or {}).get("retry-after"), time.time())
    if status == 429:
        return RateLimited(f"{answered}: too many requests", wait_seconds=wait)
    if status == 400 and _FILTERED.search(said):
        return Refused(f"{answered}: the provider's filter stopped the prompt")
    if status >= 500 or status in {408, 409}:
        return Overloaded(f"{answered}: busy or broken", wait_seconds=wait)
    return RequestRejected(f"{answered} to our request")
