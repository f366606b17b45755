"""Rows as models really give them: large, tiny, or of another length than before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from papers import make_paper
from pipeline.embed import embed_papers, read_rows
from pipeline.errors import NotConfigured
from pipeline.providers.base import EmbeddingBatch
from pipeline.types import Usage

Rows = NDArray[np.float32]


@dataclass
class Shelf:
    rows: dict[str, Rows] = field(default_factory=dict)

    def load(self, keys: Sequence[str]) -> dict[str, Rows]:
        return {key: self.rows[key] for key in keys if key in self.rows}

    def save(self, rows: Mapping[str, Rows]) -> None:
        self.rows.update(rows)


@dataclass
class Model:
    value: float = 1.0
    width: int = 4
    name: str = "test:rows"
    scope: Literal["text", "context"] = "text"
    batch_size: int = 8

    def embed(self, texts: Sequence[str]) -> EmbeddingBatch:
        rows = np.full((len(texts), self.width), self.value, dtype=np.float32)
        return EmbeddingBatch(rows, Usage(), None, 0.0)


@pytest.mark.parametrize("value", [1e30, 3.0, 1e-30])
def test_rows_of_any_size_are_scaled_to_length_one(value: float) -> None:
    shelf = Shelf()

    rows = read_rows(embed_papers([make_paper(1)], Model(value), shelf), shelf).rows

    assert rows.dtype == np.float32
    assert np.allclose(rows, 0.5)


def test_a_model_whose_rows_change_length_is_the_operators_to_mend() -> None:
    shelf = Shelf()
    embed_papers([make_paper(1)], Model(), shelf)
    embedded = embed_papers([make_paper(1), make_paper(2)], Model(width=5), shelf)

    with pytest.raises(NotConfigured, match="different lengths"):
        read_rows(embedded, shelf)


def test_another_model_or_text_never_shares_a_row() -> None:
    shelf = Shelf()
    papers = [make_paper(1), make_paper(1, title="Other"), make_paper(1, abstract="Other")]

    keys = {
        key
        for name in ("test:a", "test:b")
        for key in embed_papers(papers, Model(name=name), shelf).keys
    }

    assert len(keys) == len(shelf.rows) == 6
