"""Requests to language models that need no answer now: they wait here for a batch.

A request is *unsent*, then *sent* in a batch, and gone once its reply is among the completions; one
that failed stays with the reason. All of it is in the database, so that whoever comes after a crash
goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import Engine, text

from pipeline import errors
from pipeline.errors import Overloaded, PaperwalkError, Parked
from pipeline.providers.base import Prompt
from pipeline.providers.batches import Batches
from pipeline.types import Role

_ATTEMPTS = 3
"""Batches that a request is put into before it counts as failed."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One request that waits.

    Attributes:
        key: of its reply among the completions.
        run: whose cost it counts as.
        draft: as ``Batches.draft`` gave it.
        attempts: batches that ended without answering it.
    """

    key: str
    run: str
    role: Role
    model: str
    draft: str
    max_output_tokens: int
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch on its way.

    Attributes:
        id: our name for it.
        reference: the provider's name; empty where handing it in broke off.
        sent_at: in seconds since the epoch.
        letters: those of its requests that are still to be answered.
    """

    id: str
    model: str
    reference: str
    sent_at: float
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the requests of one model are put in."""

    engine: Engine
    batches: Batches

    def post(self, key: str, run: str, model: str, prompt: Prompt) -> NoReturn:
        """Put a request in, or leave the one that is there.

        Raises:
            Parked: always, unless it has failed: its reply is still to come.
            PaperwalkError: why it failed.
        """
        with self.engine.begin() as connection:
            found = connection.execute(
                text("SELECT failure_kind, failure FROM batch_requests WHERE key = :key"),
                {"key": key},
            ).one_or_none()
            if found is not None and found.failure_kind:
                raise _revive(found.failure_kind, found.failure)
            # A request that another experiment posted and never sent becomes ours.
            connection.execute(
                text(
                    "INSERT INTO batch_requests (key, run, role, model, draft, max_output_tokens)"
                    " VALUES (:key, :run, :role, :model, :draft, :most)"
                    " ON CONFLICT (key) DO UPDATE SET run = excluded.run"
                    " WHERE batch_requests.batch IS NULL"
                ),
                {
                    "key": key,
                    "run": run,
                    "role": prompt.role,
                    "model": model,
                    "draft": self.batches.draft(prompt),
                    "most": prompt.max_output_tokens,
                },
            )
        raise Parked(key)


@dataclass(frozen=True, slots=True)
class Outbox:
    """All requests that wait, whoever posted them."""

    engine: Engine

    def unanswered(self) -> frozenset[str]:
        """Give the keys of all requests that wait, sent or not."""
        with self.engine.connect() as connection:
            return frozenset(
                connection.scalars(text("SELECT key FROM batch_requests WHERE failure_kind = ''"))
            )

    def unsent(self, prefix: str) -> tuple[Letter, ...]:
        """Give the unsent requests whose run begins with a prefix, those of a model together."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT key, run, role, model, draft, max_output_tokens, attempts"
                    " FROM batch_requests WHERE batch IS NULL"
                    " AND failure_kind = '' AND substr(run, 1, :length) = :prefix"
                    " ORDER BY model, run, key"
                ),
                {"prefix": prefix, "length": len(prefix)},
            ).all()
        return tuple(Letter(*row) for row in rows)

    def sent(self) -> tuple[Sent, ...]:
        """Give the batches that are on their way, oldest first."""
        with self.engine.connect() as connection:
            batches = connection.execute(
                text(
                    "SELECT id, model, reference, sent_at FROM batches WHERE over_at IS NULL"
                    " ORDER BY sent_at"
                )
            ).all()
            letters = {
                batch.id: connection.execute(
                    text(
                        "SELECT key, run, role, model, draft, max_output_tokens, attempts"
                        " FROM batch_requests WHERE batch = :batch AND failure_kind = ''"
                    ),
                    {"batch": batch.id},
                ).all()
                for batch in batches
            }
        return tuple(
            Sent(
                one.id,
                one.model,
                one.reference,
                one.sent_at,
                tuple(Letter(*row) for row in letters[one.id]),
            )
            for one in batches
        )

    def count_sent(self, prefix: str) -> int:
        """Count the requests on their way whose run begins with a prefix."""
        with self.engine.connect() as connection:
            return int(
                connection.scalar(
                    text(
                        "SELECT COUNT(*) FROM batch_requests WHERE batch IS NOT NULL"
                        " AND failure_kind = '' AND substr(run, 1, :length) = :prefix"
                    ),
                    {"prefix": prefix, "length": len(prefix)},
                )
                or 0
            )

    def begin(self, batch_id: str, model: str, letters: Sequence[Letter], now: float) -> None:
        """Note that a batch is about to be handed in."""
        with self.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO batches (id, model, sent_at) VALUES (:id, :model, :now)"),
                {"id": batch_id, "model": model, "now": now},
            )
            connection.execute(
                text("UPDATE batch_requests SET batch = :batch WHERE key = :key"),
                [{"batch": batch_id, "key": one.key} for one in letters],
            )

    def note(self, batch_id: str, reference: str) -> None:
        """Keep what the provider calls a batch."""
        with self.engine.begin() as connection:
            connection.execute(
                text("UPDATE batches SET reference = :reference WHERE id = :id"),
                {"id": batch_id, "reference": reference},
            )

    def end(self, batch_id: str, now: float, *, counts: bool = True) -> None:
        """End a batch: what it left unanswered is to be sent again, or has failed too often.

        Args:
            counts: as an attempt; a batch that nobody took up does not.
        """
        with self.engine.begin() as connection:
            connection.execute(
                text("UPDATE batches SET over_at = :now WHERE id = :id"),
                {"id": batch_id, "now": now},
            )
            connection.execute(
                text(
                    "UPDATE batch_requests SET batch = NULL, attempts = attempts + :counts"
                    " WHERE batch = :id AND failure_kind = ''"
                ),
                {"id": batch_id, "counts": int(counts)},
            )
            connection.execute(
                text(
                    "UPDATE batch_requests SET failure_kind = :kind, failure = :failure"
                    " WHERE batch IS NULL AND failure_kind = '' AND attempts >= :most"
                ),
                {
                    "kind": Overloaded.__name__,
                    "failure": f"{_ATTEMPTS} batches did not answer it",
                    "most": _ATTEMPTS,
                },
            )

    def fail(self, key: str, error: PaperwalkError) -> None:
        """Keep why a request has no reply."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "UPDATE batch_requests SET failure_kind = :kind, failure = :failure"
                    " WHERE key = :key"
                ),
                {"key": key, "kind": type(error).__name__, "failure": str(error)},
            )

    def forget_unsent(self, prefix: str) -> None:
        """Take out what was never sent, of runs whose id begins with a prefix."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "DELETE FROM batch_requests WHERE batch IS NULL AND failure_kind = ''"
                    " AND substr(run, 1, :length) = :prefix"
                ),
                {"prefix": prefix, "length": len(prefix)},
            )

    def forget_failures(self, prefix: str) -> None:
        """Let failed requests whose run begins with a prefix be posted anew."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "DELETE FROM batch_requests WHERE failure_kind <> ''"
                    " AND substr(run, 1, :length) = :prefix"
                ),
                {"prefix": prefix, "length": len(prefix)},
            )


def _revive(kind: str, message: str) -> PaperwalkError:
    """Give an error as it was kept."""
    error: PaperwalkError = getattr(errors, kind)(message)
    return error
