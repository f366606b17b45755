"""Which model does what, by the settings: as set, or the default of a provider with a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from pydantic import SecretStr

from pipeline.providers import Access
from pipeline.settings import PipelineSettings
from pipeline.types import Arm, Role

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
