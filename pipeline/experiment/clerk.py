"""Carry requests to the providers' batch interfaces, and their replies back."""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import structlog
from sqlalchemy import text

from pipeline.cache import keep_completion, spent_by_all
from pipeline.errors import (
    CeilingReached,
    OperatorActs,
    Overloaded,
    PaperwalkError,
    RateLimited,
    TryAgain,
    Unavailable,
)
from pipeline.estimate import guess_tokens
from pipeline.leases import Leases
from pipeline.models import price_list
from pipeline.outbox import Letter, Outbox, Sent
from pipeline.providers.base import Completion
from pipeline.providers.batches import PRICE, Batches, Replies
from pipeline.providers.prices import price
from pipeline.types import Usage
from pipeline.wiring import Kit

log = structlog.get_logger()

_LEASE = "batches"
_MOST_REQUESTS = 2_000
_MOST_BYTES = 15_000_000
"""Of one batch; the tightest bound is Gemini's, 20 MB for requests inside the call."""

_KNOWN_CALLS = 5
"""From so many recorded calls of a role and model on, their mean length is expected again."""


@dataclass
class Clerk:
    """Sends what an experiment has posted, and collects whatever is over.

    Attributes:
        prefix: of the runs whose requests are sent; replies are collected for all.
        budget_usd: dollars that those runs may spend in all; null for no ceiling. Requests on their
            way count with what they are expected to cost.
        settle_seconds: a batch whose handing in broke off is looked for as long as this before it
            counts as not taken: a provider may list it late.
        trouble: why a provider could not be asked the last time; empty where it could.
    """

    kit: Kit
    leases: Leases
    prefix: str
    budget_usd: float | None = None
    settle_seconds: float = 0.0
    sizes: dict[str, int] = field(default_factory=dict)
    trouble: str = ""

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.kit.engine)

    def turn(self) -> bool:
        """Collect, then send; one process at a time.

        Returns:
            whether any request was answered or failed.

        Raises:
            CeilingReached: the budget covers no more, and nothing is on its way.
            OperatorActs: a provider does not take our batches.
        """
        if not self.leases.take(_LEASE):
            return False
        try:
            came = [self._collect(sent) for sent in self.outbox.sent()]
            if not any(came):  # else those who waited may have more to post for the same batch
                self._send()
            return any(came)
        finally:
            self.leases.give_back(_LEASE)

    def _collect(self, sent: Sent) -> bool:
        """Take the replies of one batch in, if it is over.

        Raises:
            PaperwalkError: it failed as a whole, for a reason that waiting does not heal; or
                nobody can ask for it, and some of it is ours.
        """
        try:
            batches = self.kit.batches(sent.model)
            reference = sent.reference or self._find(batches, sent)
            if not reference and time.time() < sent.sent_at + self.settle_seconds:
                return False
            replies = batches.collect(reference) if reference else {}
            self.trouble = ""
        except TryAgain as error:
            self.trouble = str(error)
            return False
        except OperatorActs:
            if any(one.run.startswith(self.prefix) for one in sent.letters):
                raise
            return False  # another experiment's, whose key this process need not have
        if replies is None:
            return False
        if isinstance(replies, PaperwalkError):
            log.warning("batch_failed", kind=type(replies).__name__, model=sent.model)
            is_full = isinstance(replies, RateLimited)
            if is_full:  # smaller ones, then
                self.sizes[sent.model] = max(len(sent.letters) // 2, 1)
            self.outbox.end(sent.id, time.time(), counts=isinstance(replies, Overloaded))
            if not isinstance(replies, TryAgain):
                raise replies
            return False
        self._settle(sent, replies)
        self.outbox.end(sent.id, time.time(), counts=bool(reference))
        return bool(replies)

    def _find(self, batches: Batches, sent: Sent) -> str | None:
        """Give the provider's name of a batch whose handing in broke off, or null: it has none."""
        drafts = {one.key: one.draft for one in sent.letters}
        reference = batches.find(sent.id, drafts, sent.sent_at)
        if reference:
            self.outbox.note(sent.id, reference)
        return reference

    def _settle(self, sent: Sent, replies: Replies) -> None:
        """Keep each reply and its cost, once."""
        now = time.time()
        for letter in sent.letters:
            reply = replies.get(letter.key)
            if isinstance(reply, Completion):
                whole = replace(reply, seconds=now - sent.sent_at)
                with self.kit.engine.begin() as connection:
                    gone = connection.execute(
                        text("DELETE FROM batch_requests WHERE key = :key"), {"key": letter.key}
                    )
                    if gone.rowcount:
                        keep_completion(connection, letter.key, letter.run, letter.role, whole)
            elif reply is not None and not isinstance(reply, TryAgain):
                self.outbox.fail(letter.key, reply)

    def _send(self) -> None:
        """Hand in what waits, as far as the budget covers it.

        Raises:
            CeilingReached: it covers nothing, and nothing is on its way.
            OperatorActs: a provider does not take it.
        """
        waiting = self.outbox.unsent(self.prefix)
        if not waiting:
            return
        covered = self._cover(waiting)
        if not covered and not self.outbox.count_sent(self.prefix):
            raise CeilingReached(
                f"the budget of ${self.budget_usd:g} does not cover the next requests"
            )
        for model, letters in groupby(covered, key=lambda letter: letter.model):
            most = self.sizes.get(model, _MOST_REQUESTS)
            if model in self.sizes and any(one.model == model for one in self.outbox.sent()):
                continue  # the account's limit was reached: one at a time
            for some in _cut(letters, most):
                self._hand_in(model, some)
                if model in self.sizes:
                    break

    def _hand_in(self, model: str, letters: Sequence[Letter]) -> None:
        """Send one batch; what we cannot be sure of is looked for the next time.

        Raises:
            PaperwalkError: it was not taken, for a reason that waiting does not heal.
        """
        batch_id = f"paperwalk-{uuid.uuid4().hex}"
        drafts = {one.key: one.draft for one in letters}
        self.outbox.begin(batch_id, model, letters, time.time())
        try:
            reference = self.kit.batches(model).send(batch_id, drafts)
        except (Unavailable, Overloaded) as error:
            self.trouble = str(error)
            return
        except PaperwalkError as error:
            self.outbox.end(batch_id, time.time(), counts=False)
            if not isinstance(error, TryAgain):
                raise
            return
        self.outbox.note(batch_id, reference)
        log.info("batch_sent", model=model, requests=len(letters))

    def _cover(self, waiting: Sequence[Letter]) -> list[Letter]:
        """Give the requests that the budget covers beside what is on its way."""
        if self.budget_usd is None:
            return list(waiting)
        lengths = self._known_lengths()
        under_way = (letter for sent in self.outbox.sent() for letter in sent.letters)
        room = self.budget_usd - spent_by_all(self.kit.engine, self.prefix)
        room -= sum(
            self._reckon(one, lengths) for one in under_way if one.run.startswith(self.prefix)
        )
        covered = []
        for letter in waiting:
            room -= self._reckon(letter, lengths)
            if room < 0:
                break
            covered.append(letter)
        return covered

    def _reckon(self, letter: Letter, lengths: Mapping[tuple[str, str], float]) -> float:
        """Give the dollars that a request may cost: as long a reply as it may have, until known."""
        output = lengths.get((letter.role, letter.model), letter.max_output_tokens)
        usage = Usage(guess_tokens(letter.draft), 0, round(output))
        return price(letter.model, usage, price_list(self.kit.settings), PRICE) or 0.0

    def _known_lengths(self) -> dict[tuple[str, str], float]:
        """Give the mean tokens of a reply by role and model, where enough are on record."""
        with self.kit.engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT role, model, AVG(output_tokens) FROM calls"
                    " GROUP BY role, model HAVING COUNT(*) >= :enough"
                ),
                {"enough": _KNOWN_CALLS},
            ).all()
        return {(row[0], row[1]): float(row[2]) for row in rows}


def _cut(letters: Iterator[Letter], most: int) -> Iterator[list[Letter]]:
    """Cut requests into batches of so many, and of no more bytes than one may have."""
    some: list[Letter] = []
    size = 0
    for letter in letters:
        length = len(letter.draft.encode())
        if some and (len(some) >= most or size + length > _MOST_BYTES):
            yield some
            some, size = [], 0
        some.append(letter)
        size += length
    if some:
        yield some
