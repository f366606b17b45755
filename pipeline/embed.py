"""Embed title and abstract of each paper; what is known is not sent again."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import NotConfigured, Unavailable
from pipeline.providers.base import EmbeddingModel
from pipeline.types import Embeddings, Paper


class VectorCache(Protocol):
    """Rows by key."""

    def load(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Give the rows that are known."""
        ...

    def save(self, rows: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep rows."""
        ...


@dataclass(frozen=True, slots=True)
class Embedded:
    """Where the rows of some papers lie in the cache; plain, so that a stage can record it.

    Attributes:
        model: that made the rows.
        keys: one for each paper, in the order of the papers.
    """

    model: str
    keys: tuple[str, ...]


def embed_papers(papers: Sequence[Paper], model: EmbeddingModel, vectors: VectorCache) -> Embedded:
    """See to it that the cache holds a row for each paper.

    Only unknown texts are sent, in batches of ``model.batch_size``; each batch is kept as soon
    as it came.

    Raises:
        Unavailable: the model gave rows that are not usable; and the model's own errors.
    """
    texts = [f"{paper.title}\n{paper.abstract}" for paper in papers]
    context = "\n\n".join(texts) if model.scope == "context" else ""
    keys = [_key(model.name, text, context) for text in texts]
    known = vectors.load(keys)
    unknown = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if model.scope == "context" and unknown:
        # Rows of one context are only comparable when they were made together.
        unknown = dict(zip(keys, texts, strict=True))
    missing = list(unknown)
    for start in range(0, len(missing), model.batch_size):
        batch = missing[start : start + model.batch_size]
        rows = model.embed([unknown[key] for key in batch]).rows
        vectors.save(dict(zip(batch, _unit(rows, len(batch)), strict=True)))
    return Embedded(model.name, tuple(keys))


def read_rows(embedded: Embedded, vectors: VectorCache) -> Embeddings:
    """Give the rows of ``embed_papers``, shape (n, d) float32, each of length 1.

    Raises:
        Unavailable: the cache has lost a row; embedding again heals it.
        NotConfigured: the server behind the model's name has changed its model.
    """
    known = vectors.load(embedded.keys)
    if any(key not in known for key in embedded.keys):
        raise Unavailable("rows of embeddings are missing from the database")
    if not embedded.keys:
        return Embeddings(embedded.model, np.zeros((0, 1), dtype=np.float32))
    if len({known[key].shape for key in embedded.keys}) > 1:
        raise NotConfigured(f"{embedded.model!r} gave rows of different lengths over time")
    return Embeddings(embedded.model, np.stack([known[key] for key in embedded.keys]))


def _key(model: str, text: str, context: str) -> str:
    return hashlib.sha256(f"{model}\x00{text}\x00{context}".encode()).hexdigest()


def _unit(rows: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Check the rows of a batch and scale them to length 1."""
    if rows.ndim != 2 or len(rows) != count or not np.isfinite(rows).all():
        raise Unavailable("the embedding model gave no usable rows")
    wide = rows.astype(np.float64)  # squares of large float32 numbers overflow
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    if (lengths == 0).any():
        raise Unavailable("the embedding model gave an empty row")
    return np.asarray(wide / lengths, dtype=np.float32)
