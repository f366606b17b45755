"""The workspaces that installed the app themselves, their tokens encrypted at rest."""

import base64
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import Dialect, Engine, Text, TypeDecorator, desc

from bot.delivery.calls import open_client
from bot.errors import CannotPost
from bot.scopes import SCOPES
from bot.settings import BotSettings
from pipeline.errors import NotConfigured

_STATE_SECONDS = 600
"""How long somebody may take to confirm an installation."""

_TOKENS = (
    "bot_token",
    "bot_refresh_token",
    "user_token",
    "user_refresh_token",
    "incoming_webhook_url",
)
"""The columns of Slack's own tables that open a workspace to whoever reads them."""


class EncryptedText(TypeDecorator[str]):
    """Text that stands in the database encrypted."""

    impl = Text
    cache_ok = False  # the key must not become part of a statement's name in a cache

    def __init__(self, key: bytes) -> None:
        super().__init__()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt on the way in."""
        del dialect
        return None if value is None else self._fernet.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt on the way out.

        Raises:
            NotConfigured: it was encrypted with another key.
        """
        del dialect
        if value is None:
            return None
        try:
            return self._fernet.decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise NotConfigured(
                "PAPERWALK_SECRET_KEY is not the one that the tokens were encrypted with"
            ) from error


class InstallationStore(SQLAlchemyInstallationStore):
    """Slack's own store of installations, with encrypted tokens."""

    def __init__(self, client_id: str, engine: Engine, key: bytes) -> None:
        super().__init__(client_id, engine)
        for table in (self.bots, self.installations):
            for name in _TOKENS:
                if name in table.c:
                    table.c[name].type = EncryptedText(key)

    def find_team(self, team: str) -> Bot | None:
        """Give the newest installation in a workspace, or null."""
        columns = self.bots.c
        newest = (
            self.bots.select()
            .where(columns.client_id == self.client_id, columns.team_id == team)
            .order_by(desc(columns.installed_at))
            .limit(1)
        )
        with self.engine.connect() as connection:
            row = connection.execute(newest).mappings().first()
        return None if row is None else self.build_bot_entity(row)

    def forget_team(self, team: str) -> None:
        """Delete all installations in a workspace."""
        with self.engine.begin() as connection:
            for table in (self.bots, self.installations):
                connection.execute(
                    table.delete().where(
                        table.c.client_id == self.client_id, table.c.team_id == team
                    )
                )


@dataclass(frozen=True, slots=True)
class ManyWorkspaces:
    """The workspaces that installed the app, each reached by its own token."""

    store: InstallationStore
    api_url: str

    def client_of(self, team: str) -> WebClient:
        """Give a client that speaks for the app in a workspace.

        Raises:
            CannotPost: the workspace has not installed the app, or no longer.
        """
        bot = self.store.find_team(team)
        if bot is None or bot.bot_token is None:
            raise CannotPost("the workspace has not installed the app")
        return open_client(bot.bot_token, self.api_url)

    def forget(self, team: str) -> None:
        """Let go of a workspace's tokens."""
        self.store.forget_team(team)


def open_installations(settings: BotSettings, engine: Engine, key: bytes) -> InstallationStore:
    """Open the store of installations, its tables made where they are missing.

    Raises:
        NotConfigured: the app's client id is not set.
    """
    store = InstallationStore(settings.need("SLACK_CLIENT_ID"), engine, key)
    store.metadata.create_all(engine)
    return store


def oauth_settings(
    settings: BotSettings, store: InstallationStore, engine: Engine
) -> OAuthSettings:
    """Give what Bolt needs to install the app: ``/slack/install`` and ``/slack/oauth_redirect``.

    Raises:
        NotConfigured: the app's client id or secret is not set.
    """
    states = SQLAlchemyOAuthStateStore(_STATE_SECONDS, engine)
    states.metadata.create_all(engine)
    oauth = OAuthSettings(
        client_id=settings.need("SLACK_CLIENT_ID"),
        client_secret=settings.need("SLACK_CLIENT_SECRET"),
        scopes=list(SCOPES),
        installation_store=store,
        installation_store_bot_only=True,
        state_store=states,
        authorization_url=settings.slack_authorize_url,
        redirect_uri=f"{settings.public_url}/slack/oauth_redirect" if settings.public_url else None,
    )
    # Without it Bolt asks Slack who we are at every command. The token is looked up each time.
    oauth.authorize.cache_enabled = True  # type: ignore[attr-defined]  # of its default authorizer
    return oauth
