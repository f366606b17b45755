"""Paid replies, vectors and costs are kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from sqlalchemy import Engine

from pipeline.cache import CachedChatModel, RecordedEmbeddingModel, StoredVectors, cost_of
from pipeline.database import open_database
from pipeline.errors import Overloaded
from pipeline.providers.base import Completion, EmbeddingBatch, OnText, Prompt
from pipeline.types import Usage


@dataclass
class CountingModel:
    """A model that answers with the number of times it was asked."""

    usd: float | None = 0.25
    name: str = "test:counting"
    asked: list[Prompt] = field(default_factory=list)
    broken: bool = False

    def complete(self, prompt: Prompt, on_text: OnText | None = None) -> Completion:
        if self.broken:
            raise Overloaded("busy")
        self.asked.append(prompt)
        text = str(len(self.asked))
        if on_text:
            on_text(text)
        return Completion(text, self.name, Usage(10, 2, 5), self.usd, 0.1)


@dataclass
class UnitRows:
    name: str = "test:rows"
    scope: Literal["text", "context"] = "text"
    batch_size: int = 8

    def embed(self, texts: Sequence[str]) -> EmbeddingBatch:
        rows = np.tile(np.array([1, 0], dtype=np.float32), (len(texts), 1))
        return EmbeddingBatch(rows, Usage(input_tokens=7), 0.5, 0.1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/test.sqlite")
    yield engine
    engine.dispose()


PROMPT = Prompt("write", "system", "user")


def test_the_same_prompt_is_paid_for_once(engine: Engine) -> None:
    model = CountingModel()
    cached = CachedChatModel(model, engine, run="r1", scope="r1")

    first = cached.complete(PROMPT)
    second = cached.complete(PROMPT)

    assert (first.text, second.text) == ("1", "1")
    assert second.usd == 0.0
    assert len(model.asked) == 1
    assert cost_of(engine, "r1").usd == pytest.approx(0.25)
    assert cost_of(engine, "r1").usage == Usage(10, 2, 5)


def test_a_recorded_reply_is_heard_as_a_whole(engine: Engine) -> None:
    cached = CachedChatModel(CountingModel(), engine, run="r1", scope="r1")
    cached.complete(PROMPT)
    heard: list[str] = []

    cached.complete(PROMPT, heard.append)

    assert heard == ["1"]


def test_another_run_writes_anew_but_shares_summaries(engine: Engine) -> None:
    model = CountingModel()

    writes = [
        CachedChatModel(model, engine, run=run, scope=run).complete(PROMPT).text
        for run in ("r1", "r2")
    ]
    summaries = [
        CachedChatModel(model, engine, run=run, scope="").complete(PROMPT).text
        for run in ("r1", "r2")
    ]

    assert writes == ["1", "2"]
    assert summaries == ["3", "3"]
    assert cost_of(engine, "r2").calls == 1


@pytest.mark.parametrize(
    "other",
    [
        Prompt("write", "other system", "user"),
        Prompt("write", "system", "other user"),
        Prompt("write", "system", "user", max_output_tokens=1),
    ],
)
def test_a_changed_prompt_is_asked_anew(engine: Engine, other: Prompt) -> None:
    model = CountingModel()
    cached = CachedChatModel(model, engine, run="r", scope="")

    cached.complete(PROMPT)
    cached.complete(other)

    assert len(model.asked) == 2


def test_a_failed_call_is_not_recorded(engine: Engine) -> None:
    model = CountingModel(broken=True)
    cached = CachedChatModel(model, engine, run="r", scope="")

    with pytest.raises(Overloaded):
        cached.complete(PROMPT)
    model.broken = False
    again = cached.complete(PROMPT)

    assert again.text == "1"
    assert cost_of(engine, "r").calls == 1


def test_a_call_without_a_known_price_is_never_free(engine: Engine) -> None:
    CachedChatModel(CountingModel(usd=None), engine, run="r", scope="").complete(PROMPT)

    cost = cost_of(engine, "r")

    assert (cost.usd, cost.calls, cost.unpriced_calls) == (0.0, 1, 1)


def test_embedding_calls_are_recorded_and_keyless_ones_are_no_calls(engine: Engine) -> None:
    RecordedEmbeddingModel(UnitRows(), engine, "r").embed(["a", "b"])
    RecordedEmbeddingModel(UnitRows(name="keyless:lsa"), engine, "r").embed(["a"])

    cost = cost_of(engine, "r")

    assert (cost.usd, cost.calls) == (0.5, 1)


def test_vectors_come_back_as_they_were_saved(engine: Engine) -> None:
    vectors = StoredVectors(engine)
    rows = {f"k{i}": np.full(3, i, dtype=np.float32) for i in range(1200)}

    vectors.save(rows)
    vectors.save({"k1": np.zeros(3, dtype=np.float32)})
    loaded = vectors.load([*rows, "unknown"])

    assert set(loaded) == set(rows)
    assert loaded["k1"].tolist() == [1, 1, 1]
    assert loaded["k1"].dtype == np.float32


def test_saving_no_vectors_is_fine(engine: Engine) -> None:
    vectors = StoredVectors(engine)

    vectors.save({})

    assert vectors.load([]) == {}
