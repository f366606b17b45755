"""Run the bot: the parts put together, started, and stopped in order."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import waitress
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler

from bot.app import build_app
from bot.delivery import open_client
from bot.settings import BotSettings
from bot.store import Jobs
from bot.workflows import Worker, enqueuer
from pipeline.errors import NotConfigured
from pipeline.migrations import migrate
from pipeline.settings import PipelineSettings
from pipeline.wiring import Kit, open_kit

log = structlog.get_logger()

_BEAT_SECONDS = 5.0
_STAGES_KEPT_SECONDS = 7 * 24 * 3600.0
"""Results of finished jobs' stages; surveys and contexts are kept for ever."""


def open_state(settings: BotSettings, pipeline: PipelineSettings) -> tuple[Kit, Jobs]:
    """Open the database, brought up to date.

    Raises:
        NotConfigured: the address cannot be used, or would be forgotten by this host.
    """
    if settings.dyno is not None and pipeline.database_url.startswith("sqlite"):
        raise NotConfigured("this host forgets its disk (DYNO is set): set DATABASE_URL")
    kit = open_kit(pipeline)
    migrate(kit.engine, "bot.migrations")
    return kit, Jobs(kit.engine)


@contextmanager
def listening(settings: BotSettings, kit: Kit, jobs: Jobs) -> Iterator[None]:
    """Listen over Socket Mode for the block.

    Raises:
        NotConfigured: a token is missing.
    """
    client = open_client(settings.need("SLACK_BOT_TOKEN"), settings.slack_api_url)
    app = build_app(client, None, enqueuer(kit.engine, jobs))
    handler = SocketModeHandler(app, settings.need("SLACK_APP_TOKEN"))
    handler.connect()  # type: ignore[no-untyped-call]  # slack_bolt does not annotate it
    log.info("bot_listening")
    try:
        yield
    finally:
        handler.close()  # type: ignore[no-untyped-call]  # slack_bolt does not annotate it


@contextmanager
def working(settings: BotSettings, kit: Kit, jobs: Jobs) -> Iterator[None]:
    """Work on jobs for the block.

    Raises:
        NotConfigured: a token is missing.
    """
    client = open_client(settings.need("SLACK_BOT_TOKEN"), settings.slack_api_url)
    worker = Worker(kit, jobs, client, settings)
    executor = worker.start()
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(_BEAT_SECONDS):
            worker.beat(executor, time.time())
            jobs.drop_stages(time.time() - _STAGES_KEPT_SECONDS)

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
        jobs.beat(executor, 0.0)
        worker.stop(settings.stop_seconds)


def serve_web(settings: BotSettings, kit: Kit, jobs: Jobs) -> None:
    """Answer Slack over HTTP until the process ends; requests with a wrong signature get 401.

    Raises:
        NotConfigured: a token or the signing secret is missing.
    """
    client = open_client(settings.need("SLACK_BOT_TOKEN"), settings.slack_api_url)
    secret = settings.need("SLACK_SIGNING_SECRET")
    app = build_app(client, secret, enqueuer(kit.engine, jobs))
    log.info("bot_listening", port=settings.port)
    handler = SlackRequestHandler(app, path="/slack/events")
    waitress.serve(handler, host="0.0.0.0", port=settings.port, threads=8)  # noqa: S104 - a web server
