"""Carry what people do to the app: twice, late, in another order or again, as Slack may."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bot.playground.knobs import Knobs
from bot.playground.records import Json

Kind = Literal["events_api", "interactive", "slash_commands"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from the app.

    Attributes:
        acked: it took the delivery in time.
        payload: what it acknowledged with, such as a private text.
        reason: why it did not, in Slack's words for a retry.
        again: Slack may try again.
    """

    acked: bool
    payload: Json = field(default_factory=dict)
    reason: str = ""
    again: bool = True


class Transport(Protocol):
    """A way to the app."""

    def carry(self, kind: Kind, payload: Json, attempt: int, reason: str, seconds: float) -> Answer:
        """Hand over a payload, and wait for the acknowledgement.

        Args:
            attempt: 0 for the first.
            reason: why there is another attempt.
            seconds: to wait.
        """


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to tell the app something.

    Attributes:
        attempt: 0 for the first.
        reason: why there was another attempt.
        seconds: until the app acknowledged, or until Slack gave up.
    """

    kind: Kind
    payload: Json
    attempt: int
    reason: str
    answer: Answer
    seconds: float

    @property
    def acked(self) -> bool:
        """Whether the app took it in time."""
        return self.answer.acked


class Courier:
    """Carries deliveries, each in the thread of whoever sends it, and remembers them."""

    def __init__(self, knobs: Knobs, transport: Transport) -> None:
        self.transport = transport
        self.deliveries: list[Delivery] = []
        self._knobs = knobs
        self._held: list[Json] | None = None
        self._under_way = 0
        self._changed = threading.Condition()
        self._closed = threading.Event()

    def send(self, kind: Kind, payload: Json) -> Delivery:
        """Deliver once, or twice where everything comes twice; events are tried again.

        Returns:
            the first attempt.
        """
        first = newest = self._attempt(kind, payload)
        if self._knobs.deliver_twice:
            again = (1, "http_timeout") if kind == "events_api" else (0, "")
            newest = self._attempt(kind, payload, *again)
        is_taken = first.acked or newest.acked
        if kind == "events_api" and not is_taken and newest.answer.again:
            self._apart(lambda: self._retry(payload, newest.answer.reason))
        return first

    def send_events(self, payloads: Sequence[Json]) -> None:
        """Deliver events at the same time, or keep them back."""
        with self._changed:
            if self._held is not None:
                self._held.extend(payloads)
                return
        with ThreadPoolExecutor(max(len(payloads), 1)) as pool:
            sent = [pool.submit(self.send, "events_api", payload) for payload in payloads]
        for one in sent:
            one.result()

    def send_apart(self, payload: Json) -> None:
        """Deliver an event without waiting for it."""
        self._apart(lambda: self.send_events([payload]))

    def hold(self) -> None:
        """Keep events back."""
        with self._changed:
            self._held = self._held or []

    def release(self, *, reverse: bool) -> int:
        """Deliver what was kept back, one after the other, and give how many."""
        with self._changed:
            held, self._held = self._held or [], None
        for payload in reversed(held) if reverse else held:
            self.send("events_api", payload)
        return len(held)

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is on its way, retries included; false when something still is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._under_way == 0, seconds)

    def close(self) -> None:
        """Try nothing again."""
        self._closed.set()

    def _attempt(self, kind: Kind, payload: Json, attempt: int = 0, reason: str = "") -> Delivery:
        started = time.monotonic()
        answer = self.transport.carry(kind, payload, attempt, reason, self._knobs.ack_seconds)
        seconds = time.monotonic() - started
        done = Delivery(kind, payload, attempt, reason, answer, seconds)
        self.deliveries.append(done)
        return done

    def _retry(self, payload: Json, reason: str) -> None:
        for attempt, wait in enumerate(self._knobs.retry_seconds, start=1):
            if self._closed.wait(wait):
                return
            answer = self._attempt("events_api", payload, attempt, reason).answer
            if answer.acked or not answer.again:
                return
            reason = answer.reason

    def _apart(self, work: Callable[[], object]) -> None:
        self._count(1)

        def run() -> None:
            try:
                work()
            finally:
                self._count(-1)

        threading.Thread(target=run, daemon=True).start()

    def _count(self, change: int) -> None:
        with self._changed:
            self._under_way += change
            self._changed.notify_all()
