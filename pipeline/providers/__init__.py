"""Models behind two Protocols; an SDK is imported when one of its models is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import cast

from pydantic import SecretStr

from pipeline.errors import NotConfigured
from pipeline.providers.base import ChatModel, EmbeddingModel
from pipeline.providers.batches import Batches
from pipeline.providers.retry import Retries

_CHAT = {
    "openai": ("pipeline.providers.openai", "OpenAIChat", "OPENAI_API_KEY"),
    "anthropic": ("pipeline.providers.anthropic", "AnthropicChat", "ANTHROPIC_API_KEY"),
    "gemini": ("pipeline.providers.gemini", "GeminiChat", "GEMINI_API_KEY"),
    "openai_compatible": ("pipeline.providers.compatible", "CompatibleChat", None),
}
_BATCHES = {
    "openai": ("pipeline.providers.batch_openai", "OpenAIBatches", "OPENAI_API_KEY"),
    "anthropic": ("pipeline.providers.batch_anthropic", "AnthropicBatches", "ANTHROPIC_API_KEY"),
    "gemini": ("pipeline.providers.batch_gemini", "GeminiBatches", "GEMINI_API_KEY"),
}
_EMBEDDING = {
    "openai": ("pipeline.providers.openai", "OpenAIEmbedding", "OPENAI_API_KEY"),
    "gemini": ("pipeline.providers.gemini", "GeminiEmbedding", "GEMINI_API_KEY"),
    "openai_compatible": ("pipeline.providers.compatible", "CompatibleEmbedding", None),
    "local": ("pipeline.providers.local", "LocalEmbedding", None),
    "keyless": ("pipeline.providers.keyless.lsa", "LsaEmbedding", None),
}


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a provider.

    Attributes:
        base_url: another address than the provider's own.
        timeout_seconds: between two pieces of a reply.
        prices: model, dollars per million input tokens, per million output tokens.
    """

    key: SecretStr | None = None
    base_url: str | None = None
    timeout_seconds: float = 180.0
    retries: Retries = field(default_factory=Retries)
    prices: tuple[tuple[str, float, float], ...] = ()


def open_chat_model(spec: str, access: Access) -> ChatModel:
    """Open a language model; imports its SDK and calls nothing.

    Args:
        spec: ``provider:model``.

    Raises:
        NotConfigured: the provider is unknown, or its key or address is not set.
    """
    return cast("ChatModel", _open(spec, access, _CHAT))


def open_embedding_model(spec: str, access: Access) -> EmbeddingModel:
    """Open an embedding model; imports its SDK and calls nothing.

    Args:
        spec: ``provider:model``, with ``@dimension`` where one may choose it.

    Raises:
        NotConfigured: the provider is unknown, or its key, address or package is missing.
    """
    if spec == "keyless:lsa":
        return cast("EmbeddingModel", _type(_EMBEDDING["keyless"])())
    return cast("EmbeddingModel", _open(spec, access, _EMBEDDING))


def has_batches(spec: str) -> bool:
    """Tell whether a model's provider has a batch interface."""
    return spec.partition(":")[0] in _BATCHES


def open_batches(spec: str, access: Access) -> Batches:
    """Open the batch interface for a language model; imports its SDK and calls nothing.

    Raises:
        NotConfigured: the provider has none, or its key is not set.
    """
    return cast("Batches", _open(spec, access, _BATCHES))


def _open(spec: str, access: Access, places: Mapping[str, tuple[str, str, str | None]]) -> object:
    provider, colon, model = spec.partition(":")
    if provider not in places or not colon or not model or provider == "keyless":
        known = ", ".join(f"{name}:…" for name in places if name != "keyless")
        raise NotConfigured(f"{spec!r} is no model that we know; use {known}")
    place = places[provider]
    if place[2] is not None and access.key is None:
        raise NotConfigured(f"{place[2]} is not set, but {spec!r} was asked for")
    if provider == "openai_compatible" and access.base_url is None:
        raise NotConfigured(f"OPENAI_COMPATIBLE_BASE_URL is not set, but {spec!r} was asked for")
    return _type(place)(model, access)


def _type(place: tuple[str, str, str | None]) -> type:
    return cast("type", getattr(import_module(place[0]), place[1]))
