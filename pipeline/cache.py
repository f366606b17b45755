"""What was paid for once: replies, vectors and the record of every call to a model."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
import structlog
from numpy.typing import NDArray
from pydantic import BaseModel
from sqlalchemy import Connection, Engine, bindparam, text

from pipeline.outbox import Slot
from pipeline.providers.base import (
    ChatModel,
    Completion,
    EmbeddingBatch,
    EmbeddingModel,
    OnText,
    Prompt,
)
from pipeline.types import Cost, Role, Usage

log = structlog.get_logger()

_LOOKUP_SIZE = 500
"""Keys in one SELECT; SQLite and PostgreSQL allow far more."""


@dataclass(frozen=True, slots=True)
class CachedChatModel:
    """A language model that is asked the same thing only once.

    Attributes:
        run: whose cost a call counts as.
        scope: replies are shared inside a scope. A stage whose answers do not depend on the run
            (a paper's summary) uses the empty scope; writing uses the run, so that asking again
            on purpose writes anew while a resumed run repeats no paid call.
        admit: is asked before each attempt that costs, and raises where it must not be made.
        slot: where a request is put that a batch shall answer; null asks at once.
    """

    inner: ChatModel
    engine: Engine
    run: str
    scope: str
    admit: Callable[[], object] = lambda: None
    slot: Slot | None = None

    @property
    def name(self) -> str:
        """``provider:model``."""
        return self.inner.name

    def complete(self, prompt: Prompt, on_text: OnText | None = None) -> Completion:
        """Give the recorded reply, or ask and record it together with its cost.

        Args:
            on_text: takes a recorded reply as a whole.

        Raises:
            the errors of ``ChatModel.complete``, and of ``admit``; they are not recorded.
            Parked: a batch shall answer.
        """
        key = self._key(prompt)
        with self.engine.connect() as connection:
            known = connection.scalar(
                text("SELECT text FROM completions WHERE key = :key"), {"key": key}
            )
        if known is not None:
            if on_text:
                on_text(known)
            return Completion(known, self.name, Usage(), 0.0, 0.0)
        if self.slot is not None:
            self.admit()
            self.slot.post(key, self.run, self.name, prompt)
        completion = self.inner.complete(replace(prompt, admit=self.admit), on_text)
        log.info(
            "model_called",
            role=prompt.role,
            model=self.name,
            ms=round(completion.seconds * 1000),
            input_tokens=completion.usage.input_tokens,
            output_tokens=completion.usage.output_tokens,
        )
        with self.engine.begin() as connection:
            keep_completion(connection, key, self.run, prompt.role, completion)
        return completion

    def _key(self, prompt: Prompt) -> str:
        schema = _schema_of(prompt.schema) if prompt.schema else None
        parts = [
            self.scope,
            self.name,
            prompt.system,
            prompt.message,
            schema,
            prompt.max_output_tokens,
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def _schema_of(model: type[BaseModel]) -> dict[str, object]:
    return model.model_json_schema()


@dataclass(frozen=True, slots=True)
class RecordedEmbeddingModel:
    """An embedding model whose calls are recorded with their cost."""

    inner: EmbeddingModel
    engine: Engine
    run: str

    @property
    def name(self) -> str:
        """``provider:model``."""
        return self.inner.name

    @property
    def scope(self) -> Literal["text", "context"]:
        """As the model's own."""
        return self.inner.scope

    @property
    def batch_size(self) -> int:
        """As the model's own."""
        return self.inner.batch_size

    def embed(self, texts: Sequence[str]) -> EmbeddingBatch:
        """Embed and record the call.

        Raises:
            the errors of ``EmbeddingModel.embed``.
        """
        batch = self.inner.embed(texts)
        log.info(
            "texts_embedded", model=self.name, texts=len(texts), ms=round(batch.seconds * 1000)
        )
        with self.engine.begin() as connection:
            _record(connection, self.run, "embed", self.name, batch)
        return batch


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """Rows of embeddings by key, float32."""

    engine: Engine

    def load(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Give the rows that are known; unknown keys are left out."""
        select = text("SELECT key, row FROM vectors WHERE key IN :keys").bindparams(
            bindparam("keys", expanding=True)
        )
        rows: dict[str, NDArray[np.float32]] = {}
        with self.engine.connect() as connection:
            for start in range(0, len(keys), _LOOKUP_SIZE):
                some = list(keys[start : start + _LOOKUP_SIZE])
                for key, row in connection.execute(select, {"keys": some}):
                    rows[key] = np.frombuffer(row, dtype=np.float32)
        return rows

    def save(self, rows: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep rows; a key that is known keeps its row."""
        if not rows:
            return
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO vectors (key, row) VALUES (:key, :row)"
                    " ON CONFLICT (key) DO NOTHING"
                ),
                [
                    {"key": key, "row": np.ascontiguousarray(row, dtype=np.float32).tobytes()}
                    for key, row in rows.items()
                ],
            )


def cost_of(engine: Engine, *runs: str) -> Cost:
    """Add up what some runs have paid, resumptions included; replies from the cache cost nothing.

    A call whose price is not known counts as unpriced, never as free; keyless calls are no calls.
    """
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT COALESCE(SUM(usd), 0), COUNT(*),"
                " COALESCE(SUM(CASE WHEN usd IS NULL THEN 1 ELSE 0 END), 0),"
                " COALESCE(SUM(input_tokens), 0), COALESCE(SUM(cached_tokens), 0),"
                " COALESCE(SUM(output_tokens), 0)"
                " FROM calls WHERE run IN :runs AND model NOT LIKE 'keyless%'"
            ).bindparams(bindparam("runs", expanding=True)),
            {"runs": runs},
        ).one()
    return Cost(
        usd=float(row[0]),
        calls=int(row[1]),
        unpriced_calls=int(row[2]),
        usage=Usage(int(row[3]), int(row[4]), int(row[5])),
    )


def spent_by_all(engine: Engine, prefix: str) -> float:
    """Add up the dollars of all runs whose id begins with a prefix; unknown prices do not count."""
    with engine.connect() as connection:
        usd = connection.scalar(
            text("SELECT SUM(usd) FROM calls WHERE substr(run, 1, :length) = :prefix"),
            {"prefix": prefix, "length": len(prefix)},
        )
    return float(usd or 0.0)


def seconds_of(engine: Engine, run: str) -> float:
    """Give the wall time from a run's first call to the end of its last, 0 for no calls."""
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT MIN(created_at - seconds), MAX(created_at) FROM calls WHERE run = :run"),
            {"run": run},
        ).one()
    return float(row[1] - row[0]) if row[0] is not None else 0.0


def keep_completion(
    connection: Connection, key: str, run: str, role: Role, completion: Completion
) -> None:
    """Keep a reply that was paid for, together with its cost.

    Args:
        key: of its request.
        run: whose cost it counts as.
    """
    connection.execute(
        text(
            "INSERT INTO completions (key, text, model, created_at)"
            " VALUES (:key, :text, :model, :now) ON CONFLICT (key) DO NOTHING"
        ),
        {"key": key, "text": completion.text, "model": completion.model, "now": time.time()},
    )
    _record(connection, run, role, completion.model, completion)


def _record(
    connection: Connection, run: str, role: Role, model: str, reply: Completion | EmbeddingBatch
) -> None:
    connection.execute(
        text(
            "INSERT INTO calls (id, run, role, model, input_tokens, cached_tokens, output_tokens,"
            " usd, seconds, created_at) VALUES (:id, :run, :role, :model, :input, :cached,"
            " :output, :usd, :seconds, :now)"
        ),
        {
            "id": uuid.uuid4().hex,
            "run": run,
            "role": role,
            "model": model,
            "input": reply.usage.input_tokens,
            "cached": reply.usage.cached_tokens,
            "output": reply.usage.output_tokens,
            "usd": reply.usd,
            "seconds": reply.seconds,
            "now": time.time(),
        },
    )
