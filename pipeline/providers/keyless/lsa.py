"""Embeddings without a model: latent semantic analysis fitted on the papers at hand."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.providers.base import EmbeddingBatch
from pipeline.providers.keyless.words import split_words
from pipeline.types import Usage

_DIMENSIONS = 8
"""Few, because a context is small: of 5, 8, 10 and 20 eight kept topics together well."""

_LONGEST_VOCABULARY = 4_000
"""The most frequent words suffice, and bound the memory for thousands of papers."""


@dataclass(frozen=True, slots=True)
class LsaEmbedding:
    """TF-IDF rows of title and abstract, reduced by a singular value decomposition.

    A row depends on the other texts of its call, so rows of two calls are never compared.
    """

    name: str = "keyless:lsa"
    scope: Literal["text", "context"] = "context"
    batch_size: int = 100_000

    def embed(self, texts: Sequence[str]) -> EmbeddingBatch:
        """Give unit rows, shape (n, d) float32 with d ≤ 8; the same texts give the same rows.

        Source: Deerwester et al. 1990, Indexing by latent semantic analysis.
        """
        return EmbeddingBatch(_reduce(weigh(texts)), Usage(), 0.0, 0.0)


def weigh(texts: Sequence[str]) -> NDArray[np.float64]:
    """Give TF-IDF rows, shape (n, v), each of length 1 or all zero for a text without words."""
    counts = [Counter(split_words(text)) for text in texts]
    documents = Counter(word for count in counts for word in count)
    usual = [word for word, number in documents.items() if number > 1] or list(documents)
    vocabulary = sorted(usual, key=lambda word: (-documents[word], word))[:_LONGEST_VOCABULARY]
    column = {word: i for i, word in enumerate(vocabulary)}
    rows = np.zeros((len(texts), max(len(vocabulary), 1)))
    for i, count in enumerate(counts):
        for word, number in count.items():
            if (j := column.get(word)) is not None:
                rarity = math.log((1 + len(texts)) / (1 + documents[word])) + 1
                rows[i, j] = (1 + math.log(number)) * rarity
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths > 0, lengths, 1.0)
    return rows


def _reduce(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    """Project rows on their strongest directions and scale them to length 1."""
    if not len(rows):
        return np.zeros((0, 1), dtype=np.float32)
    # The Gram matrix is n × n: cheaper than the rows' own decomposition, and its eigenvectors
    # scaled by the singular values are the projected rows.
    values, vectors = np.linalg.eigh(rows @ rows.T)
    strongest = np.argsort(values, kind="stable")[::-1][:_DIMENSIONS]
    scales = np.sqrt(np.clip(values[strongest], 0, None))
    reduced = vectors[:, strongest] * scales
    # An eigenvector's sign is arbitrary: the largest part of each is made positive.
    heads = reduced[np.abs(reduced).argmax(axis=0), np.arange(reduced.shape[1])]
    reduced *= np.where(heads < 0, -1.0, 1.0)
    lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
    empty = lengths[:, 0] < 1e-9
    unit: NDArray[np.float64] = reduced / np.where(lengths < 1e-9, 1.0, lengths)
    unit[empty] = 0.0
    unit[empty, -1] = 1.0
    return np.asarray(unit, dtype=np.float32)
