"""The line below a thread that says that the app is at work, kept alive while it is."""

from dataclasses import dataclass
from http.client import HTTPException

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

log = structlog.get_logger()

REFRESH_SECONDS = 90.0
"""Slack takes the status away after two minutes without a message.

Source: https://docs.slack.dev/reference/methods/assistant.threads.setStatus
"""


@dataclass(frozen=True, slots=True)
class ThreadStatus:
    """The status of one thread; it is decoration, so whatever Slack refuses is let go.

    Where the app is an agent, an agent session shows Slack's own Stop button; elsewhere the older
    status line does.
    """

    client: WebClient
    channel: str
    thread_ts: str

    def show(self, words: str) -> None:
        """Show that the app is at work."""
        if not self._set_session("processing"):
            self._set_line(words)

    def clear(self) -> None:
        """Show that the app has ended its work."""
        if not self._set_session("active"):
            self._set_line("")

    def _set_session(self, status: str) -> bool:
        try:
            self.client.agents_sessions_setStatus(
                channel_id=self.channel, thread_ts=self.thread_ts, status=status
            )
        except (SlackClientError, OSError, HTTPException):
            return False
        return True

    def _set_line(self, words: str) -> None:
        try:
            self.client.assistant_threads_setStatus(
                channel_id=self.channel, thread_ts=self.thread_ts, status=words
            )
        except (SlackClientError, OSError, HTTPException):
            log.info("status_not_shown")
