"""The pipeline's settings, read once from the environment and ``.env`` by an entry point."""

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.types import Mode, Order

SourceName = Literal["arxiv", "mirror", "demo"]


def default_folder() -> Path:
    """Give the folder of this user's data, which no setting has to name."""
    return user_data_path("paperwalk", appauthor=False)


def _default_database() -> str:
    return f"sqlite:///{default_folder() / 'paperwalk.sqlite'}"


class PipelineSettings(BaseSettings):
    """Where papers come from, which models work, and within what limits.

    A role's model is ``provider:model``, ``keyless`` (no language model) or ``auto``: the default
    of the first provider whose key is set. Nothing calls a provider that has no key here.
    """

    model_config = SettingsConfigDict(
        env_prefix="PAPERWALK_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    database_url: str = Field(default_factory=_default_database, validation_alias="DATABASE_URL")
    """Shared state: SQLite on one machine, PostgreSQL for several workers."""

    openai_api_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(None, validation_alias="OPENAI_BASE_URL")
    anthropic_api_key: SecretStr | None = Field(None, validation_alias="ANTHROPIC_API_KEY")
    anthropic_base_url: str | None = Field(None, validation_alias="ANTHROPIC_BASE_URL")
    gemini_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("GEMINI_API_KEY", "GOOGLE_API_KEY")
    )
    gemini_base_url: str | None = Field(None, validation_alias="GOOGLE_GEMINI_BASE_URL")
    openai_compatible_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_COMPATIBLE_API_KEY"
    )
    openai_compatible_base_url: str | None = Field(
        None, validation_alias="OPENAI_COMPATIBLE_BASE_URL"
    )

    query_model: str = "auto"
    """Turns the question into search queries."""
    shorten_model: str = "auto"
    """Shortens each abstract and judges its relevance; called once a paper."""
    write_model: str = "auto"
    """Writes the survey."""
    count_model: str = "auto"
    """Counts the named papers as the article did; ``keyless`` leaves that figure out."""
    support_model: str = "auto"
    """Judges whether the cited abstracts support a survey; asked by ``paperwalk eval score``."""
    judge_model: str = "auto"
    """Compares two surveys; asked by ``paperwalk eval judge``."""
    embed_model: str = "auto"
    """Turns papers into directions; without a key ``keyless:lsa``."""

    source: SourceName = "arxiv"
    arxiv_url: str = "https://export.arxiv.org/api/query"
    """The address that answers arXiv queries."""
    arxiv_attempts: int = Field(4, ge=1)
    """Requests for one query, 15, 30 and 60 seconds apart, before giving up."""
    contact: str = ""
    """Mail or web address that arXiv sees in the User-Agent, so that it can reach you."""
    mirror: Path = Field(default_factory=lambda: default_folder() / "mirror.sqlite")
    """The file of the local mirror."""
    mirror_embed_model: str = "auto"
    """Searches the mirror by meaning, too; ``auto``: the model that it was embedded by, where that
    is there; ``none``: text alone."""
    oai_url: str = "https://oaipmh.arxiv.org/oai"
    """The address of arXiv's OAI-PMH interface, which the mirror is harvested from."""

    mode: Mode = "sections"
    order: Order = "tour"
    """In which a writing model meets the papers: docs/ordering.md."""
    per_query: int = Field(60, ge=1, le=300)
    """Papers asked for by each of the three queries."""
    enough: int = Field(10, ge=1)
    """With fewer papers than this the queries are relaxed."""
    recent_years: float = Field(2.0, ge=0)
    """From ``recent_from`` papers on, older ones are dropped; 0 keeps all."""
    recent_from: int = Field(40, ge=1)
    at_once: int = Field(10, ge=1, le=64)
    """Model calls under way at once in one survey."""
    model_timeout_seconds: float = Field(180.0, gt=0)
    prices: dict[str, tuple[float, float]] = Field(default_factory=dict)
    """Dollars per million input and output tokens of models whose price we do not know."""
