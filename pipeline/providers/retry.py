"""The one retry layer: whatever waiting can heal is tried again, within bounds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import stamina

from pipeline.errors import TryAgain

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and how long a call is tried.

    Attributes:
        attempts: calls in all.
        first_wait_seconds: before the second call; doubles each time, with jitter of up to as much.
        longest_wait_seconds: also bounds what a service asks for by Retry-After; a service that
            asks for more is not waited for.
        deadline_seconds: no call begins later than this after the first.
    """

    attempts: int = 5
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 60.0
    deadline_seconds: float = 600.0


def with_retries(
    call: Callable[[], T], retries: Retries, admit: Callable[[], object] = lambda: None
) -> T:
    """Give the result of a call, tried again after each ``TryAgain``.

    Args:
        admit: is asked before each attempt, and raises where it must not be made.

    Raises:
        TryAgain: still so after the last attempt, or the service asks for a longer wait than we
            are ready for; and whatever else the call raises, at once.
    """

    def decide(error: Exception) -> bool | float:
        if not isinstance(error, TryAgain):
            return False
        if error.wait_seconds is None:
            return True
        if error.wait_seconds > retries.longest_wait_seconds:
            return False
        return max(error.wait_seconds, 0.001)

    for attempt in stamina.retry_context(
        on=decide,
        attempts=retries.attempts,
        timeout=retries.deadline_seconds,
        wait_initial=retries.first_wait_seconds,
        wait_max=retries.longest_wait_seconds,
        wait_jitter=retries.first_wait_seconds,
    ):
        with attempt:
            admit()
            return call()
    raise AssertionError("unreachable: the last attempt returns or raises")
