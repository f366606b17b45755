"""The bot's settings, read once from the environment and ``.env`` by an entry point."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.limits import Limits
from pipeline.errors import NotConfigured
from pipeline.types import Language

FollowUpPolicy = Literal["mention", "asker", "anyone"]
"""Whose replies in a survey's thread are answered without a mention."""


def _split(value: object) -> object:
    """Read a list as people write it: names apart by commas."""
    if isinstance(value, str):
        return tuple(one.strip() for one in value.split(",") if one.strip())
    return value


_Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class BotSettings(BaseSettings):
    """Tokens, addresses and limits of the bot."""

    model_config = SettingsConfigDict(
        env_prefix="PAPERWALK_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    slack_bot_token: SecretStr | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(None, validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(None, validation_alias="SLACK_SIGNING_SECRET")
    slack_client_id: str | None = Field(None, validation_alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr | None = Field(None, validation_alias="SLACK_CLIENT_SECRET")
    """With these the app is installed into many workspaces, at ``/slack/install``."""
    slack_authorize_url: str = Field(
        "https://slack.com/oauth/v2/authorize", validation_alias="SLACK_AUTHORIZE_URL"
    )
    public_url: str = ""
    """The app's own address, as ``https://host``, to which Slack sends people back."""
    slack_api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")
    """Another address for Slack's API, as for a loopback Slack."""
    port: int = Field(3000, validation_alias=AliasChoices("PORT", "PAPERWALK_PORT"), ge=0)
    """Where HTTP mode listens."""
    dyno: str | None = Field(None, validation_alias="DYNO")
    """Set by hosts whose disk forgets; SQLite is refused there."""

    surveys_at_once: int = Field(3, ge=1, le=50)
    """Surveys that one worker works on at the same time."""
    post_seconds: float = Field(1.1, ge=0)
    """Between two messages of a survey: Slack allows about one a second in a channel."""
    edit_seconds: float = Field(3.0, ge=0)
    """Between two edits of the progress message."""
    stop_seconds: int = Field(5, ge=0)
    """How long a stopping worker waits for its jobs; they go on at the next start."""
    poll_seconds: float = Field(1.0, gt=0)
    """Between two looks of a worker at the queue."""
    beat_seconds: float = Field(5.0, gt=0, le=10)
    """Between two heartbeats of a worker, with which it also looks for what is due."""

    models: _Names = ()
    """Models that people may choose; empty: the usual one, and each provider's default."""
    ab_models: _Names = ()
    """The two that ``ab:`` compares; empty: the first two of ``models``."""
    ab_share: float = Field(0.0, ge=0, le=1)
    """Share of surveys without a model's name that become comparisons."""
    ab_votes: int = Field(3, ge=1)
    """A comparison closes once so many people have voted."""
    ab_days: float = Field(7.0, gt=0)
    """A comparison closes after so many days."""
    follow_ups: FollowUpPolicy = "asker"
    language: Language = "en"
    """Of forms and the home tab, for people who have not asked anything yet."""
    picture: bool = True
    """Post the map and timeline of the papers."""

    person_at_once: int = Field(2, ge=0)
    channel_at_once: int = Field(4, ge=0)
    workspace_at_once: int = Field(10, ge=0)
    person_per_day: int = Field(20, ge=0)
    channel_per_day: int = Field(60, ge=0)
    workspace_per_day: int = Field(200, ge=0)
    usd_per_day: float = Field(20.0, ge=0)
    """Dollars that a workspace may spend in 24 hours. Of all limits 0 means none."""
    survey_usd: float = Field(2.0, ge=0)
    """Dollars that one survey may spend; it delivers what it has when it reaches them."""
    channels: _Names = ()
    """Ids of the channels where surveys may be asked for; empty: all."""

    keep_days: float = Field(0.0, ge=0)
    """Days after which the questions of ended jobs are deleted; 0 keeps them."""
    secret_key: SecretStr | None = None
    """Keys the hashes of people and the tokens of installations."""

    def limits(self) -> Limits:
        """Give the operator's limits."""
        return Limits(
            person_at_once=self.person_at_once,
            channel_at_once=self.channel_at_once,
            workspace_at_once=self.workspace_at_once,
            person_per_day=self.person_per_day,
            channel_per_day=self.channel_per_day,
            workspace_per_day=self.workspace_per_day,
            usd_per_day=self.usd_per_day,
            channels=frozenset(self.channels),
        )

    def need(self, name: str) -> str:
        """Give a token's text.

        Args:
            name: of the environment variable.

        Raises:
            NotConfigured: it is not set.
        """
        token = {
            "SLACK_BOT_TOKEN": self.slack_bot_token,
            "SLACK_APP_TOKEN": self.slack_app_token,
            "SLACK_SIGNING_SECRET": self.slack_signing_secret,
            "SLACK_CLIENT_ID": self.slack_client_id,
            "SLACK_CLIENT_SECRET": self.slack_client_secret,
        }[name]
        if token is None:
            raise NotConfigured(f"{name} is not set")
        return token if isinstance(token, str) else token.get_secret_value()
