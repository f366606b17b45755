"""What goes wrong at the loopback Slack: the next call, or a share of all calls."""

import random
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a call of a method.

    Attributes:
        status: HTTP status; 200 with ``error`` gives Slack's usual refusal.
        retry_after: seconds of the Retry-After header.
        accepted: the call is carried out, and only its answer gets lost: the connection drops, or
            the answer is the status, where that is not 200.
    """

    status: int = 200
    error: str = ""
    retry_after: int | None = None
    accepted: bool = False


SOAK_FAULTS = (
    Fault(429, retry_after=0),
    Fault(500),
    Fault(503),
    Fault(500, accepted=True),
    Fault(503, accepted=True),
    Fault(accepted=True),
)
"""What a Slack under strain does: refuse before acceptance, and fail after it."""


class Faults:
    """The faults that are due, planned call by call or drawn by chance."""

    def __init__(self) -> None:
        self._planned: dict[str, deque[Fault]] = defaultdict(deque)
        self._drawn: tuple[int, float, Sequence[Fault]] = (0, 0.0, ())
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def plan(self, method: str, faults: Sequence[Fault]) -> None:
        """Let the next calls of a method fail."""
        with self._lock:
            self._planned[method].extend(faults)

    def draw(self, seed: int, share: float, kinds: Sequence[Fault]) -> None:
        """Let a share of all calls fail; the nth call of a method fares alike for one seed."""
        with self._lock:
            self._drawn = (seed, share, kinds)
            self._calls.clear()

    def next(self, method: str, *, by_chance: bool) -> Fault | None:
        """Take the fault that is due for a call.

        Args:
            by_chance: it may also be one that was drawn.
        """
        with self._lock:
            if self._planned[method]:
                return self._planned[method].popleft()
            seed, share, kinds = self._drawn
            if not (share and by_chance):
                return None
            self._calls[method] += 1
            dice = random.Random(f"{seed} {method} {self._calls[method]}")  # noqa: S311 - a plan, no secret
            return dice.choice(kinds) if dice.random() < share else None
