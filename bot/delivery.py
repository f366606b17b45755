"""Post each message of a job once, however often the job is resumed or Slack's answer is lost."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import TypeVar, cast

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from bot.blocks import Block, plain, plain_part_blocks, progress_blocks
from bot.errors import CannotPost
from bot.messages import WORKING
from bot.store import Job, Jobs
from pipeline.errors import Unavailable
from pipeline.progress import Progress, Stage

log = structlog.get_logger()

T = TypeVar("T")

_ATTEMPTS = 12
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 60.0
"""Twelve attempts take six minutes in all: a survey that was paid for outlasts a short outage."""

_EDIT_ATTEMPTS = 3
"""A picture of the progress does not hold the work up."""
_NOT_OURS = {"not_in_channel", "channel_not_found", "is_archived", "restricted_action"}
_TOO_MUCH = {"invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format"}


def open_client(token: str, api_url: str) -> WebClient:
    """Open a client that waits when Slack says so.

    Connection errors and 5xx are not retried here: Slack may have taken the message, so whoever
    posts looks first.
    """
    return WebClient(
        token=token,
        base_url=api_url,
        timeout=30,
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=5)],
    )


@dataclass(frozen=True, slots=True)
class Thread:
    """The messages of one job in Slack.

    Attributes:
        pause_seconds: after each message, because a channel takes about one a second.
    """

    client: WebClient
    jobs: Jobs
    job: Job
    pause_seconds: float

    def post(
        self, name: str, text: str, blocks: Sequence[Block], root_ts: str | None = None
    ) -> str:
        """Post a message once, and give its timestamp.

        What we mean to post is noted before; where that note stands without a timestamp, or Slack's
        answer got lost, the message is looked for by its name before it is posted again.

        Args:
            name: of the message, unique in its job; it is kept in the message's metadata.
            text: for notifications; already harmless.

        Raises:
            CannotPost: the app may not write here.
            Unavailable: Slack cannot be reached.
        """

        def send(shown: Sequence[Block]) -> str:
            reply = self.client.chat_postMessage(
                channel=self.job.channel,
                thread_ts=root_ts,
                text=text,
                blocks=list(shown),
                unfurl_links=False,
                unfurl_media=False,
                metadata={
                    "event_type": "paperwalk_post",
                    "event_payload": {"job": self.job.id, "name": name},
                },
            )
            return str(reply["ts"])

        def attempt() -> str:
            try:
                return send(blocks)
            except SlackApiError as error:
                if error.response["error"] not in _TOO_MUCH:
                    raise
                # Better plain than lost.
                markdown = "\n\n".join(str(b["text"]) for b in blocks if b["type"] == "markdown")
                if not markdown:
                    raise
                log.warning("blocks_refused", job=self.job.id, post=name)
                return send(plain_part_blocks(markdown))

        def is_it(message: Mapping[str, object]) -> bool:
            metadata = cast("Mapping[str, Mapping[str, object]]", message.get("metadata") or {})
            payload = metadata.get("event_payload") or {}
            return (payload.get("job"), payload.get("name")) == (self.job.id, name)

        return self._once(name, root_ts, attempt, is_it)

    def edit(self, ts: str, text: str, blocks: Sequence[Block], attempts: int = _ATTEMPTS) -> str:
        """Edit a message in place; doing it again changes nothing.

        Raises:
            Unavailable: Slack cannot be reached.
        """
        self._persist(
            lambda: self.client.chat_update(
                channel=self.job.channel, ts=ts, text=text, blocks=list(blocks)
            ),
            attempts=attempts,
        )
        return ts

    def attach(self, name: str, content: str, title: str, root_ts: str) -> str:
        """Attach a file to the thread once, and give its name.

        Raises:
            CannotPost: the app may not write here.
            Unavailable: Slack cannot be reached.
        """

        def attempt() -> str:
            self.client.files_upload_v2(
                channel=self.job.channel,
                thread_ts=root_ts,
                filename=name,
                title=title,
                content=content,
            )
            return name

        def is_it(message: Mapping[str, object]) -> bool:
            files = cast("Sequence[Mapping[str, object]]", message.get("files") or ())
            return any(file.get("name") == name for file in files)

        return self._once(name, root_ts, attempt, is_it)

    def answer_privately(self, text: str) -> None:
        """Tell the person who asked, where the conversation itself is closed to us."""
        if self.job.response_url:
            WebhookClient(self.job.response_url, timeout=10).send(
                text=text, response_type="ephemeral"
            )

    def _once(
        self,
        name: str,
        root_ts: str | None,
        attempt: Callable[[], str],
        is_it: Callable[[Mapping[str, object]], bool],
    ) -> str:
        post = self.jobs.intend_post(self.job.id, name)
        if post.ts is not None:
            return post.ts
        found = None if post.is_new else self._look(root_ts, is_it)
        ts = found or self._persist(attempt, lambda: self._look(root_ts, is_it))
        self.jobs.record_post(self.job.id, name, ts)
        time.sleep(self.pause_seconds)
        return ts

    def _persist(
        self,
        call: Callable[[], T],
        look: Callable[[], T | None] | None = None,
        *,
        attempts: int = _ATTEMPTS,
    ) -> T:
        """Call Slack until it answers; after a lost answer, look whether it was done."""
        wait = _FIRST_WAIT_SECONDS
        for number in range(1, attempts + 1):
            try:
                return call()
            except SlackApiError as error:
                status = error.response.status_code
                said = error.response["error"] if status == 200 else ""
                if said == "not_in_channel" and number == 1:
                    self._join()
                    continue
                if said in _NOT_OURS:
                    raise CannotPost(f"Slack says {said}") from error
                if status < 500 and status != 429:
                    raise
                last: Exception = error
            except (SlackClientError, OSError, HTTPException) as error:
                last = error
            if number == attempts:
                raise Unavailable("Slack cannot be reached") from last
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
            found = look() if look else None
            if found is not None:
                return found
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _join(self) -> None:
        """Join a public channel; where that is not allowed, posting says so."""
        try:
            self.client.conversations_join(channel=self.job.channel)
        except SlackApiError:
            log.warning("join_refused", job=self.job.id)

    def _look(
        self, root_ts: str | None, is_it: Callable[[Mapping[str, object]], bool]
    ) -> str | None:
        """Look for a message among those that stand in Slack."""
        try:
            if root_ts is None:
                reply = self.client.conversations_history(
                    channel=self.job.channel, limit=100, include_all_metadata=True
                )
            else:
                reply = self.client.conversations_replies(
                    channel=self.job.channel, ts=root_ts, limit=200, include_all_metadata=True
                )
        except (SlackClientError, OSError, HTTPException):
            return None
        messages = cast("Sequence[Mapping[str, object]]", reply["messages"])
        return next((str(message["ts"]) for message in messages if is_it(message)), None)


class ProgressMessage:
    """One message that is edited in place, not too often; the last state is always shown."""

    def __init__(self, thread: Thread, ts: str, pause_seconds: float) -> None:
        self._thread = thread
        self._ts = ts
        self._pause = pause_seconds
        self._stages: dict[Stage, Progress] = {}
        self._lock = threading.Lock()
        self._edited_at = 0.0

    def report(self, progress: Progress) -> None:
        """Note a step, and show it unless the last edit was just now."""
        with self._lock:
            self._stages[progress.stage] = progress
            if time.monotonic() - self._edited_at < self._pause:
                return
            self._edited_at = time.monotonic()
            self._show()

    def finish(self) -> None:
        """Show the last state."""
        with self._lock:
            self._show()

    def _show(self) -> None:
        language = self._thread.job.question.language
        blocks = progress_blocks(self._stages, language)
        try:
            self._thread.edit(self._ts, plain(WORKING[language]), blocks, _EDIT_ATTEMPTS)
        except (Unavailable, CannotPost, SlackApiError):
            # A picture of the progress is never worth the survey.
            log.warning("progress_not_shown", job=self._thread.job.id)
