"""Put the parts of the pipeline together as the settings say."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import BoundedSemaphore
from typing import assert_never

from sqlalchemy import Engine

from pipeline.ballots import Ballots
from pipeline.bounds import Bounds
from pipeline.cache import (
    CachedChatModel,
    RecordedEmbeddingModel,
    StoredVectors,
    cost_of,
    seconds_of,
)
from pipeline.database import open_database
from pipeline.errors import CeilingReached, NotConfigured
from pipeline.models import KEYLESS, access_to, choose_model
from pipeline.outbox import Slot
from pipeline.progress import OnProgress, Progress, say_nothing
from pipeline.providers import (
    Access,
    has_batches,
    open_batches,
    open_chat_model,
    open_embedding_model,
)
from pipeline.providers.base import ChatModel, EmbeddingModel
from pipeline.providers.batches import Batches
from pipeline.providers.slots import SlottedChatModel
from pipeline.search import SearchRules
from pipeline.settings import PipelineSettings
from pipeline.sources.arxiv import ArxivSource
from pipeline.sources.base import PaperSource
from pipeline.sources.demo import DemoSource
from pipeline.sources.gate import Gate
from pipeline.sources.mirror import MirrorSource
from pipeline.sources.semantic import Meaning
from pipeline.store import Store
from pipeline.survey import Tools
from pipeline.types import Cost, Language, Role


@cache
def _chat_model(spec: str, access: Access) -> ChatModel:
    """Open a model once a process: its client holds the connections."""
    return open_chat_model(spec, access)


@cache
def _embedding_model(spec: str, access: Access) -> EmbeddingModel:
    return open_embedding_model(spec, access)


@cache
def _batches(spec: str, access: Access) -> Batches:
    return open_batches(spec, access)


@dataclass(frozen=True, slots=True)
class Kit:
    """Everything that runs share: settings, database, models.

    Attributes:
        slots: calls at once that a provider is sent, where more than one run counts together.
        is_batched: language models answer by batches, where their providers have them.
    """

    settings: PipelineSettings
    engine: Engine
    store: Store
    ballots: Ballots
    slots: Mapping[str, BoundedSemaphore] = field(default_factory=dict)
    is_batched: bool = False

    def source(
        self,
        language: Language,
        on_progress: OnProgress = say_nothing,
        bounds: Bounds | None = None,
        run: str = "",
    ) -> PaperSource:
        """Open the source of papers that the settings name.

        Args:
            language: of the survey; the demonstration catalogue has notes in each.
            on_progress: is told when the source makes us wait.
            run: whose cost it is where the mirror embeds a query.

        Raises:
            NotConfigured: the mirror holds nothing yet.
        """

        def on_wait(seconds: float) -> None:
            on_progress(Progress("search", 0, 1, wait_seconds=seconds))

        match self.settings.source:
            case "arxiv":
                pause = (bounds or Bounds()).pause
                return ArxivSource(
                    Gate(self.engine, sleep=pause, on_wait=on_wait),
                    self.engine,
                    base_url=self.settings.arxiv_url,
                    contact=self.settings.contact,
                    attempts=self.settings.arxiv_attempts,
                )
            case "mirror":
                return MirrorSource(self.settings.mirror, self._meaning(run))
            case "demo":
                return DemoSource(language)
            case _:
                assert_never(self.settings.source)

    def tools(
        self,
        run: str,
        language: Language,
        on_progress: OnProgress = say_nothing,
        bounds: Bounds | None = None,
    ) -> Tools:
        """Give the tools of one run.

        Args:
            run: id whose cost the calls count as.

        Raises:
            NotConfigured: a model or the source lacks a setting.
        """
        settings = self.settings
        return Tools(
            source=self.source(language, on_progress, bounds, run),
            embedding_model=self.embedder(run),
            vectors=StoredVectors(self.engine),
            query_model=self._model("queries", run, scope=run, bounds=bounds),
            shorten_model=self._model("shorten", run, scope="", bounds=bounds),
            rules=SearchRules(
                per_query=settings.per_query,
                recent_years=settings.recent_years or None,
                recent_from=settings.recent_from,
                enough=settings.enough,
            ),
            on_progress=on_progress,
            at_once=settings.at_once,
            order=settings.order,
        )

    def embedder(self, run: str, spec: str | None = None) -> EmbeddingModel:
        """Give the embedding model of a run.

        Args:
            spec: ``provider:model``; null means the one of the settings.

        Raises:
            NotConfigured: the model is unknown or lacks its key.
        """
        chosen = spec or choose_model(self.settings, "embed")
        model = _embedding_model(chosen, access_to(self.settings, chosen))
        return RecordedEmbeddingModel(model, self.engine, run)

    def writer(
        self, run: str, spec: str | None = None, bounds: Bounds | None = None
    ) -> ChatModel | None:
        """Give the writing model of a run; null means the keyless digest.

        Args:
            spec: ``provider:model`` or ``keyless``; null means the one of the settings.

        Raises:
            NotConfigured: the model is unknown or lacks its key.
        """
        return self._model("write", run, scope=run, spec=spec, bounds=bounds)

    def counter(
        self, run: str, bounds: Bounds | None = None, *, survey_id: str | None = None
    ) -> ChatModel | None:
        """Give the model of the article's count, or null where none is set.

        Args:
            survey_id: whose count is shared with the run that wrote the survey under this id.
        """
        return self._model("count", run, scope=survey_id or run, bounds=bounds)

    def support_judge(
        self, run: str, spec: str | None = None, bounds: Bounds | None = None
    ) -> ChatModel | None:
        """Give the model that judges support, or null where none is set.

        A verdict that was paid for is not asked for again, by whatever run.

        Args:
            spec: ``provider:model`` or ``keyless``; null means the one of the settings.

        Raises:
            NotConfigured: the model is unknown or lacks its key.
        """
        return self._model("support", run, scope="", spec=spec, bounds=bounds)

    def judge(self, run: str, spec: str | None, bounds: Bounds | None = None) -> ChatModel | None:
        """Give a model that compares surveys, or null where none is set.

        A verdict that was paid for is not asked for again, by whatever run.

        Args:
            spec: ``provider:model``; null means the one of the settings.

        Raises:
            NotConfigured: the model is unknown or lacks its key.
        """
        return self._model("judge", run, scope="", spec=spec, bounds=bounds)

    def batches(self, spec: str) -> Batches:
        """Give the batch interface for a model.

        Raises:
            NotConfigured: the provider has none, or its key is not set.
        """
        return _batches(spec, access_to(self.settings, spec))

    def cost_of(self, *runs: str) -> Cost:
        """Add up what some runs have paid."""
        return cost_of(self.engine, *runs)

    def seconds_of(self, run: str) -> float:
        """Give the wall time from a run's first call of a model to the end of its last."""
        return seconds_of(self.engine, run)

    def _meaning(self, run: str) -> Meaning | None:
        """Give what searches the mirror by meaning, or null where text alone is wanted."""
        wanted = self.settings.mirror_embed_model
        if wanted == "none":
            return None
        return Meaning(lambda spec: self.embedder(run, spec), wanted)

    def _model(
        self,
        role: Role,
        run: str,
        *,
        scope: str,
        spec: str | None = None,
        bounds: Bounds | None = None,
    ) -> ChatModel | None:
        chosen = spec or choose_model(self.settings, role)
        if chosen == KEYLESS:
            return None
        if chosen.startswith(f"{KEYLESS}:"):
            raise NotConfigured(f"{chosen!r} is no language model; write {KEYLESS!r}")
        model = _chat_model(chosen, access_to(self.settings, chosen))
        if slots := self.slots.get(chosen.partition(":")[0]):
            model = SlottedChatModel(model, slots)
        bounded = bounds or Bounds()
        slot = None
        if self.is_batched and has_batches(chosen):
            slot = Slot(self.engine, self.batches(chosen))
        return CachedChatModel(
            model, self.engine, run, scope, admit=lambda: self._admit(run, bounded), slot=slot
        )

    def _admit(self, run: str, bounds: Bounds) -> None:
        """Let a run make one more call.

        Raises:
            Stopped: somebody has stopped it.
            CeilingReached: it has spent what it may.
        """
        bounds.check()
        bounds.admit()
        runs = bounds.runs or (run,)
        if bounds.ceiling_usd is not None and self.cost_of(*runs).usd >= bounds.ceiling_usd:
            raise CeilingReached(f"the run has reached its ceiling of ${bounds.ceiling_usd:g}")


@contextmanager
def use_kit(settings: PipelineSettings) -> Iterator[Kit]:
    """Open what runs share for one command, and let go of the database afterwards.

    Raises:
        NotConfigured: the database's address cannot be used.
    """
    kit = open_kit(settings)
    try:
        yield kit
    finally:
        kit.engine.dispose()


def open_kit(settings: PipelineSettings) -> Kit:
    """Open the database and give what runs share.

    Raises:
        NotConfigured: the database's address cannot be used.
    """
    engine = open_database(settings.database_url)
    return Kit(settings, engine, Store(engine), Ballots(engine))
