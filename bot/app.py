"""Which payload of Slack goes to which listener, and what happens when one fails."""

import re
import time
from collections.abc import Callable, Mapping

import structlog
from slack_bolt import Ack, App, BoltResponse
from slack_sdk import WebClient

from bot.listeners.command import answer_command
from bot.store import Job

log = structlog.get_logger()


def build_app(client: WebClient, signing_secret: str | None, enqueue: Callable[[Job], bool]) -> App:
    """Give the Bolt app.

    Args:
        signing_secret: checks requests in HTTP mode; Socket Mode has none to check.
        enqueue: records a job, and is false where it is recorded already.
    """
    app = App(
        client=client,
        signing_secret=signing_secret or "socket-mode-checks-no-signature",
        request_verification_enabled=signing_secret is not None,
        token_verification_enabled=False,
        raise_error_for_unhandled_request=False,
    )

    @app.command("/survey")
    def survey(ack: Ack, command: Mapping[str, str]) -> None:
        answer_command(command, ack, enqueue, time.time())

    @app.event(re.compile(".*"))
    def ignore(ack: Ack) -> None:
        """Acknowledge what nobody asked for, so that Slack does not send it again."""
        ack()

    @app.error
    def fail(error: Exception) -> BoltResponse:
        log.error("listener_failed", error=type(error).__name__, exc_info=error)
        return BoltResponse(status=500, body="")

    return app
