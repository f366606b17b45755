"""One survey from question to context, every stage through the checkpoint."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, ParamSpec, TypeVar

from pydantic import SecretStr

from bot.scenes import demo_settings
from model_server import ModelRequest, model_server, play_survey
from pipeline.providers.base import EmbeddingBatch, EmbeddingModel
from pipeline.question import ask
from pipeline.survey import gather, rows_of, write
from pipeline.tour import measure_gaps
from pipeline.types import Query
from pipeline.wiring import open_kit

P = ParamSpec("P")
T = TypeVar("T")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def triage(request: ModelRequest) -> str:
    """Call two papers off topic."""
    if request.fields == {"summary", "relevance", "reason"}:
        off = "2308.04079" in request.user or "2403.17888" in request.user
        relevance = "off_topic" if off else "core"
        return json.dumps(
            {"summary": "要約である。", "relevance": relevance, "reason": "理由である。"}
        )
    return play_survey(request)


def test_queries_given_by_the_person_are_searched_as_they_are(tmp_path: Path) -> None:
    kit = open_kit(demo_settings(tmp_path))
    tools = replace(kit.tools("r", "ja"), given=(Query(("Mamba",)),))

    context = gather(ask("NeRFの研究について教えて"), tools, context_id="c", now=NOW)
    kit.engine.dispose()

    assert context.plan.maker == "person"
    assert {search.query.must for search in context.found.searches} == {("Mamba",)}


def test_off_topic_papers_leave_the_context_and_can_be_brought_back(tmp_path: Path) -> None:
    with model_server(triage) as models:
        settings = demo_settings(tmp_path).model_copy(
            update={
                "openai_api_key": SecretStr("k"),
                "openai_base_url": models.base_url("openai"),
                "shorten_model": "openai:gpt-6-luna",
            }
        )
        kit = open_kit(settings)
        question = ask("NeRFの進化の研究について教えて")
        stages: list[str] = []

        def checkpoint(
            name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
        ) -> T:
            stages.append(name)
            return function(*args, **kwargs)

        first = gather(
            question, kit.tools("r1", "ja"), context_id="c1", now=NOW, checkpoint=checkpoint
        )
        tools = replace(kit.tools("r2", "ja"), bring_back=frozenset({"2308.04079"}))
        second = gather(question, tools, context_id="c2", now=NOW)
        survey = write(first, None, tools, survey_id="s", checkpoint=checkpoint)
        kit.engine.dispose()

    assert stages == ["queries", "search", "read", "context", "write s"]
    assert {passage.paper.id for passage in first.off_topic} == {"2308.04079", "2403.17888"}
    assert {passage.reason for passage in first.off_topic} == {"理由である。"}
    assert len(first.gaps) == len(first.passages) - 1
    assert "2308.04079" not in survey.markdown
    assert {passage.paper.id for passage in second.off_topic} == {"2403.17888"}
    assert len(models.answered) == len(first.found.papers), "summaries are shared by runs"


def test_the_rows_of_a_context_are_those_that_its_order_was_made_from(tmp_path: Path) -> None:
    kit = open_kit(demo_settings(tmp_path))
    tools = kit.tools("r", "ja")
    context = gather(ask("NeRFの研究について教えて"), tools, context_id="c", now=NOW)
    fewer = replace(context, passages=context.passages[1:4])

    rows, some = rows_of(context, tools), rows_of(fewer, tools)
    kit.engine.dispose()

    assert measure_gaps(rows) == context.gaps
    assert (some == rows[1:4]).all()


@dataclass(frozen=True)
class Meeting:
    """An embedding model that goes on only once an abstract is being shortened."""

    inner: EmbeddingModel
    embedding: threading.Event
    shortening: threading.Event
    name: str = "test:meeting"
    scope: Literal["text", "context"] = "text"
    batch_size: int = 100

    def embed(self, texts: Sequence[str]) -> EmbeddingBatch:
        self.embedding.set()
        assert self.shortening.wait(20)
        return self.inner.embed(texts)


def test_papers_are_shortened_while_they_are_embedded(tmp_path: Path) -> None:
    embedding, shortening = threading.Event(), threading.Event()

    def reply(request: ModelRequest) -> str:
        shortening.set()
        assert embedding.wait(20)
        return play_survey(request)

    with model_server(reply) as models:
        settings = demo_settings(tmp_path).model_copy(
            update={
                "openai_api_key": SecretStr("k"),
                "openai_base_url": models.base_url("openai"),
                "shorten_model": "openai:gpt-6-luna",
            }
        )
        kit = open_kit(settings)
        tools = kit.tools("r", "ja")
        tools = replace(
            tools, embedding_model=Meeting(tools.embedding_model, embedding, shortening)
        )
        context = gather(ask("NeRFの研究について教えて"), tools, context_id="c", now=NOW)
        kit.engine.dispose()

    assert len(models.answered) == len(context.found.papers)
