"""An answer that grows in Slack while it is written, and stands there whole in the end.

Slack closes a stream by itself after some minutes, lets people stop it, and refuses streams in some
workspaces. So a stream only shows; the final text is always set by an edit, or posted.
"""

import time
from collections.abc import Sequence
from http.client import HTTPException

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks.elements import Block
from bot.blocks.survey import part_blocks, plain_part_blocks
from bot.delivery.thread import Message, Thread
from bot.parts import LONGEST_PART, fix_emphasis, split_markdown

log = structlog.get_logger()

_APPEND_SECONDS = 0.7
"""Slack takes about a hundred appends a minute.

Source: https://docs.slack.dev/reference/methods/chat.appendStream
"""


class StreamedAnswer:
    """One answer in a thread.

    Args:
        root_ts: of the thread.
        name: of the message, unique in its job.
    """

    def __init__(self, thread: Thread, root_ts: str, name: str = "answer") -> None:
        self._thread = thread
        self._root_ts = root_ts
        self._name = name
        self._ts: str | None = None
        self._is_open = False
        self._may_stream = True
        self._shown = 0
        self._waiting = ""
        self._appended_at = 0.0

    def append(self, markdown: str) -> None:
        """Show a further piece of the answer; never fails, for the end sets it right."""
        self._waiting += markdown
        if not self._may_stream or time.monotonic() - self._appended_at < _APPEND_SECONDS:
            return
        piece, self._waiting = self._waiting, ""
        self._appended_at = time.monotonic()
        self._shown += len(piece)
        if self._shown > LONGEST_PART:
            self._may_stream = False
            return
        try:
            self._send(fix_emphasis(piece))
        except (SlackClientError, OSError, HTTPException) as error:
            # Closed by Slack, stopped by a person, refused, unreachable: the end shows the rest.
            self._may_stream = False
            why = error.response["error"] if isinstance(error, SlackApiError) else "unreachable"
            log.info("stream_ended", job=self._thread.job.id, why=why)

    def finish(self, text: str, markdown: str, more: Sequence[Block] = ()) -> list[str]:
        """Set the whole answer: by an edit of what was streamed, or as a message of its own.

        Args:
            text: for notifications.
            more: blocks below the answer, under its last part.

        Returns:
            timestamps of the messages that hold it.

        Raises:
            CannotPost: the app may not write here.
            Unavailable: Slack cannot be reached.
        """
        self._thread.adopt_stream(self._name, self._root_ts)
        self._close()
        parts = split_markdown(markdown) or ("…",)
        stamps: list[str] = []
        for number, part in enumerate(parts):
            below = more if number == len(parts) - 1 else ()
            name = self._name if number == 0 else f"{self._name} {number + 1}"
            message = Message(
                name, text, [*part_blocks(part), *below], [*plain_part_blocks(part), *below]
            )
            begun = self._thread.posts.find(self._thread.job.id, name)
            if begun is None:
                stamps.append(self._thread.post(message, self._root_ts))
            else:
                stamps.append(self._thread.edit(begun, message))
        return stamps

    def _send(self, piece: str) -> None:
        job = self._thread.job
        if self._ts is not None:
            self._thread.client.chat_appendStream(
                channel=job.channel, ts=self._ts, markdown_text=piece
            )
            return
        if not self._thread.posts.intend(job.id, self._name).is_new:
            # An earlier attempt may have begun a stream: it is looked for and edited at the end.
            self._may_stream = False
            return
        begun = self._thread.client.chat_startStream(
            channel=job.channel,
            thread_ts=self._root_ts,
            recipient_team_id=job.team,
            recipient_user_id=job.person,
            markdown_text=piece,
        )
        self._ts = str(begun["ts"])
        self._is_open = True
        self._thread.posts.record(job.id, self._name, job.channel, self._ts)

    def _close(self) -> None:
        """End the stream, so that its message can be edited; a stream that is closed stays so."""
        ts = self._ts or self._thread.posts.find(self._thread.job.id, self._name)
        if ts is None:
            return
        try:
            self._thread.client.chat_stopStream(channel=self._thread.job.channel, ts=ts)
        except (SlackClientError, OSError, HTTPException):
            log.info("stream_closed_already", job=self._thread.job.id)
