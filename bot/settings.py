"""The bot's settings, read once from the environment and ``.env`` by an entry point."""

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import NotConfigured


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
        }[name]
        if token is None:
            raise NotConfigured(f"{name} is not set")
        return token.get_secret_value()
