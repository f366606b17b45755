"""Put the parts of the pipeline together as the settings say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import BoundedSemaphore
from typing import assert_never

from pydantic import SecretStr
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
from pipeline.progress import OnProgress, Progress, say_nothing
from pipeline.providers import Access, open_chat_model, open_embedding_model
from pipeline.providers.base import ChatModel, EmbeddingModel
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
from pipeline.types import Arm, Cost, Language, Role

KEYLESS = "keyless"
"""The setting that asks for no language model."""

LSA = "keyless:lsa"
"""The embedding model that needs neither key nor network."""


@dataclass(frozen=True, slots=True)
class _Defaults:
    """A provider's models for the roles that are set to ``auto``."""

    small: str
    write: str
    embed: str


_DEFAULTS: Mapping[str, _Defaults] = {
    "openai": _Defaults(
        "openai:gpt-6-luna", "openai:gpt-6.1-terra", "openai:text-embedding-3-large@1024"
    ),
    "anthropic": _Defaults("anthropic:claude-haiku-5-5", "anthropic:claude-sonnet-5-5", LSA),
    "gemini": _Defaults(
        "gemini:gemini-3.5-flash-lite",
        "gemini:gemini-3.8-flash",
        "gemini:gemini-embedding-001@1024",
    ),
}
"""First comes the provider that also embeds best; prices and ends of life: docs/operations.md."""


def choose_model(settings: PipelineSettings, role: Role) -> str:
    """Give the model of a role: as set, or the default of the first provider with a key.

    Returns:
        ``provider:model``, or ``keyless`` (``keyless:lsa`` for embeddings).
    """
    chosen = _setting(settings, role)
    if chosen == KEYLESS:
        return LSA if role == "embed" else KEYLESS
    if chosen != "auto":
        return chosen
    defaults = _defaults(settings)
    if role == "embed":
        return next((one.embed for one in defaults if one.embed != LSA), LSA)
    if not defaults:
        return KEYLESS
    return defaults[0].write if role == "write" else defaults[0].small


def usual_arm(settings: PipelineSettings) -> Arm:
    """Give who writes where nobody says otherwise."""
    return Arm(choose_model(settings, "write"), settings.mode)


def default_writers(settings: PipelineSettings) -> tuple[str, ...]:
    """Give the usual writing model, then the default ones of the providers that have a key."""
    others = (one.write for one in _defaults(settings))
    return tuple(dict.fromkeys((choose_model(settings, "write"), *others)))


def _defaults(settings: PipelineSettings) -> list[_Defaults]:
    """Give the default models of the providers that have a key."""
    keys = {
        "openai": settings.openai_api_key,
        "anthropic": settings.anthropic_api_key,
        "gemini": settings.gemini_api_key,
    }
    return [_DEFAULTS[provider] for provider, key in keys.items() if key is not None]


def _setting(settings: PipelineSettings, role: Role) -> str:
    match role:
        case "queries":
            return settings.query_model
        case "shorten":
            return settings.shorten_model
        case "write":
            return settings.write_model
        case "count":
            return settings.count_model
        case "support":
            return settings.support_model
        case "judge":
            return settings.judge_model
        case "embed":
            return settings.embed_model
        case _:
            assert_never(role)


def access_to(settings: PipelineSettings, spec: str) -> Access:
    """Give key, address and limits for the provider of a model."""
    keys: dict[str, tuple[SecretStr | None, str | None]] = {
        "openai": (settings.openai_api_key, settings.openai_base_url),
        "anthropic": (settings.anthropic_api_key, settings.anthropic_base_url),
        "gemini": (settings.gemini_api_key, settings.gemini_base_url),
        "openai_compatible": (
            settings.openai_compatible_api_key,
            settings.openai_compatible_base_url,
        ),
    }
    key, base_url = keys.get(spec.partition(":")[0], (None, None))
    return Access(
        key=key,
        base_url=base_url,
        timeout_seconds=settings.model_timeout_seconds,
        prices=price_list(settings),
    )


def price_list(settings: PipelineSettings) -> tuple[tuple[str, float, float], ...]:
    """Give the operator's own prices: model, dollars per million input tokens, and output."""
    return tuple((model, *dollars) for model, dollars in sorted(settings.prices.items()))


@cache
def _chat_model(spec: str, access: Access) -> ChatModel:
    """Open a model once a process: its client holds the connections."""
    return open_chat_model(spec, access)


@cache
def _embedding_model(spec: str, access: Access) -> EmbeddingModel:
    return open_embedding_model(spec, access)


@dataclass(frozen=True, slots=True)
class Kit:
    """Everything that runs share: settings, database, models.

    Attributes:
        slots: calls at once that a provider is sent, where more than one run counts together.
    """

    settings: PipelineSettings
    engine: Engine
    store: Store
    ballots: Ballots
    slots: Mapping[str, BoundedSemaphore] = field(default_factory=dict)

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
        return CachedChatModel(
            model, self.engine, run, scope, admit=lambda: self._admit(run, bounded)
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


def open_kit(settings: PipelineSettings) -> Kit:
    """Open the database and give what runs share.

    Raises:
        NotConfigured: the database's address cannot be used.
    """
    engine = open_database(settings.database_url)
    return Kit(settings, engine, Store(engine), Ballots(engine))
