"""Run the bot: the parts put together, started, and stopped in order."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
import waitress
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from sqlalchemy.exc import SQLAlchemyError

from bot.app import build_app
from bot.delivery import open_client
from bot.engine import open_queue
from bot.installations import (
    InstallationStore,
    ManyWorkspaces,
    oauth_settings,
    open_installations,
)
from bot.keys import derive_key, read_secret
from bot.reception import Reception, make_offer
from bot.settings import BotSettings
from bot.store import Tables, open_tables
from bot.workflows import Worker
from bot.workspaces import OneWorkspace, Workspaces
from pipeline.errors import NotConfigured
from pipeline.migrations import migrate
from pipeline.settings import PipelineSettings
from pipeline.wiring import Kit, open_kit

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class House:
    """The bot put together, before anything of it runs."""

    settings: BotSettings
    kit: Kit
    tables: Tables
    reception: Reception
    installations: InstallationStore | None


def open_house(settings: BotSettings, pipeline: PipelineSettings) -> House:
    """Open the database, brought up to date, and put the bot together.

    Raises:
        NotConfigured: a setting is missing or wrong, or this host would forget the database.
    """
    if settings.dyno is not None and pipeline.database_url.startswith("sqlite"):
        raise NotConfigured("this host forgets its disk (DYNO is set): set DATABASE_URL")
    kit = open_kit(pipeline)
    migrate(kit.engine, "bot.migrations")
    tables = open_tables(kit.engine)
    secret = read_secret(settings.secret_key, pipeline.database_url)
    installations = None
    if settings.slack_client_id is not None:
        installations = open_installations(settings, kit.engine, derive_key(secret, "tokens"))
    reception = Reception(
        kit,
        tables,
        open_queue(kit.engine),
        make_offer(settings, pipeline),
        settings,
        _open_workspaces(settings, installations),
        derive_key(secret, "people"),
    )
    return House(settings, kit, tables, reception, installations)


def _open_workspaces(settings: BotSettings, installations: InstallationStore | None) -> Workspaces:
    if installations is not None:
        return ManyWorkspaces(installations, settings.slack_api_url)
    return OneWorkspace(open_client(settings.need("SLACK_BOT_TOKEN"), settings.slack_api_url))


@contextmanager
def listening(house: House) -> Iterator[None]:
    """Listen over Socket Mode for the block.

    Raises:
        NotConfigured: a token is missing.
    """
    settings = house.settings
    client = open_client(settings.need("SLACK_BOT_TOKEN"), settings.slack_api_url)
    app = build_app(house.reception, client, None)
    handler = SocketModeHandler(app, settings.need("SLACK_APP_TOKEN"))
    handler.connect()  # type: ignore[no-untyped-call]  # slack_bolt does not annotate it
    log.info("bot_listening")
    try:
        yield
    finally:
        handler.close()  # type: ignore[no-untyped-call]  # slack_bolt does not annotate it


@contextmanager
def working(house: House) -> Iterator[None]:
    """Work on jobs for the block.

    Raises:
        NotConfigured: a token is missing.
    """
    worker = Worker(house.kit, house.tables, house.reception, house.settings)
    executor = worker.start()
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(house.settings.beat_seconds):
            try:
                worker.beat(executor, time.time())
            except SQLAlchemyError:
                # The database is away for a moment; the next beat may find it again.
                log.warning("heartbeat_missed", exc_info=True)

    worker.beat(executor, time.time())
    heart = threading.Thread(target=beat, name="heartbeat", daemon=True)
    heart.start()
    log.info("worker_started")
    try:
        yield
    finally:
        stop.set()
        heart.join()
        # Another worker may take over at once what this one leaves.
        house.tables.workers.beat(executor, 0.0)
        worker.stop()


def serve_web(house: House) -> None:
    """Answer Slack over HTTP until the process ends; requests with a wrong signature get 401.

    Raises:
        NotConfigured: a token or the signing secret is missing.
    """
    settings = house.settings
    log.info("bot_listening", port=settings.port)
    handler = SlackRequestHandler(build_web_app(house), path="/slack/events")
    waitress.serve(handler, host="0.0.0.0", port=settings.port, threads=8)  # noqa: S104 - a web server


def build_web_app(house: House) -> App:
    """Give the app for HTTP mode, for one workspace or for all that install it.

    Raises:
        NotConfigured: a token or secret is missing.
    """
    settings = house.settings
    secret = settings.need("SLACK_SIGNING_SECRET")
    if house.installations is None:
        client = open_client(settings.need("SLACK_BOT_TOKEN"), settings.slack_api_url)
        return build_app(house.reception, client, secret)
    oauth = oauth_settings(settings, house.installations, house.kit.engine)
    return build_app(house.reception, open_client("", settings.slack_api_url), secret, oauth)
