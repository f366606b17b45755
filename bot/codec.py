"""The results of stages as JSON text, read back by the annotation of the stage's function."""

import json
from collections.abc import Callable
from functools import cache
from typing import TypeVar, get_type_hints

from pydantic import TypeAdapter

from bot import errors as bot_errors
from pipeline import errors

T = TypeVar("T")


def encode(function: Callable[..., T], value: T) -> str:
    """Give a result as JSON text."""
    return _adapter(_plain(function)).dump_json(value).decode()


def decode(function: Callable[..., T], text: str) -> T:
    """Read a result back; equal to what was encoded."""
    value: T = _adapter(_plain(function)).validate_json(text)
    return value


def encode_error(error: errors.PaperwalkError) -> str:
    """Give an error as JSON text: its class, its message, and what else it carries."""
    return json.dumps(
        {
            "class": type(error).__name__,
            "message": str(error),
            "reason": getattr(error, "reason", None),
            "wait_seconds": getattr(error, "wait_seconds", None),
        }
    )


def decode_error(text: str) -> errors.PaperwalkError:
    """Read an error back, as the class that it was."""
    read = json.loads(text)
    kind = getattr(bot_errors, read["class"], None) or getattr(errors, read["class"])
    more = {key: read[key] for key in ("reason", "wait_seconds") if read[key] is not None}
    error = kind(read["message"], **more)
    assert isinstance(error, errors.PaperwalkError)
    return error


def _plain(function: Callable[..., T]) -> Callable[..., T]:
    """Give a method without its object, which the cache must not keep alive."""
    unbound: Callable[..., T] = getattr(function, "__func__", function)
    return unbound


@cache
def _adapter(function: Callable[..., T]) -> TypeAdapter[T]:
    return TypeAdapter(get_type_hints(function)["return"])
