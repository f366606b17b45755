"""Post each message of a job once, however often the job is resumed or Slack's answer is lost."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from typing import cast

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.blocks.elements import Block
from bot.delivery.calls import ATTEMPTS, TOO_MUCH, persist
from bot.store import Job, Posts

log = structlog.get_logger()

_LOOKED_THROUGH = 200
"""Messages read when one is looked for; Slack's largest page is not much longer."""

_CLOCKS_DIFFER_SECONDS = 60.0
"""How far our clock may be ahead of Slack's."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to stand in Slack.

    Attributes:
        name: unique in its job; it is kept in the message's metadata.
        text: for notifications; already harmless.
        fallback: blocks for a Slack that refuses the others.
        survey_id: the survey that reactions on the message are votes for.
    """

    name: str
    text: str
    blocks: Sequence[Block] = ()
    fallback: Sequence[Block] = ()
    survey_id: str | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """The messages of one job in Slack.

    Attributes:
        pause_seconds: after each message, because a channel takes about one a second.
    """

    client: WebClient
    posts: Posts
    job: Job
    pause_seconds: float

    def post(self, message: Message, root_ts: str | None = None) -> str:
        """Post a message once, and give its timestamp.

        What we mean to post is noted before; where that note stands without a timestamp, or Slack's
        answer got lost, the message is looked for by its name before it is posted again.

        Args:
            root_ts: of the thread; null for a message of its own.

        Raises:
            CannotPost: the app may not write here.
            Unavailable: Slack cannot be reached.
        """

        def send(blocks: Sequence[Block]) -> str:
            reply = self.client.chat_postMessage(
                channel=self.job.channel,
                thread_ts=root_ts,
                text=message.text,
                blocks=list(blocks),
                unfurl_links=False,
                unfurl_media=False,
                metadata={
                    "event_type": "paperwalk_post",
                    "event_payload": {"job": self.job.id, "name": message.name},
                },
            )
            return str(reply["ts"])

        def is_it(found: Mapping[str, object]) -> bool:
            metadata = cast("Mapping[str, Mapping[str, object]]", found.get("metadata") or {})
            payload = metadata.get("event_payload") or {}
            return (payload.get("job"), payload.get("name")) == (self.job.id, message.name)

        attempt = partial(self._send_or_fall_back, send, message)
        return self._once(message.name, root_ts, attempt, is_it, message.survey_id)

    def adopt_stream(self, name: str, root_ts: str) -> None:
        """Find the message of a stream whose beginning a crash kept from being recorded.

        A stream carries no metadata before its end, so it is known as a message of ours without
        any, newer than the job.
        """
        if not self.posts.is_in_doubt(self.job.id, name):
            return
        ours = persist(self.client.auth_test)["user_id"]

        def is_it(found: Mapping[str, object]) -> bool:
            bare = not found.get("metadata") and not found.get("files")
            newer = float(str(found.get("ts"))) >= self.job.created_at
            return bare and newer and found.get("user") == ours

        if (ts := persist(lambda: self._look(root_ts, is_it))) is not None:
            self.posts.record(self.job.id, name, self.job.channel, ts)

    def edit(self, ts: str, message: Message, attempts: int = ATTEMPTS) -> str:
        """Edit a message in place; doing it again changes nothing.

        Raises:
            CannotPost: the app may not write here any more.
            Unavailable: Slack cannot be reached.
        """

        def send(blocks: Sequence[Block]) -> str:
            self.client.chat_update(
                channel=self.job.channel, ts=ts, text=message.text, blocks=list(blocks)
            )
            return ts

        return persist(partial(self._send_or_fall_back, send, message), attempts=attempts)

    def attach(self, name: str, content: str | bytes, title: str, root_ts: str) -> str:
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

    def answer_privately(self, text: str, blocks: Sequence[Block] = ()) -> None:
        """Tell the person who asked, where the conversation itself is closed to us."""
        if self.job.response_url:
            WebhookClient(self.job.response_url, timeout=10).send(
                text=text, blocks=list(blocks), response_type="ephemeral", replace_original=False
            )

    def join(self) -> None:
        """Join a public channel: only members are told of reactions and replies."""
        try:
            self.client.conversations_join(channel=self.job.channel)
        except (SlackClientError, OSError, HTTPException):
            # A private channel, a direct message, a missing permission: posting says what is wrong.
            log.info("channel_not_joined", job=self.job.id)

    def _send_or_fall_back(self, send: Callable[[Sequence[Block]], str], message: Message) -> str:
        """Better plain than lost: what Slack does not take is sent in simpler blocks."""
        try:
            return send(message.blocks)
        except SlackApiError as error:
            if error.response["error"] not in TOO_MUCH or not message.fallback:
                raise
        log.info("blocks_refused", job=self.job.id, post=message.name)
        return send(message.fallback)

    def _once(
        self,
        name: str,
        root_ts: str | None,
        attempt: Callable[[], str],
        is_it: Callable[[Mapping[str, object]], bool],
        survey_id: str | None = None,
    ) -> str:
        post = self.posts.intend(self.job.id, name, survey_id)
        if post.ts is not None:
            return post.ts
        ts = persist(
            attempt,
            look=lambda: self._look(root_ts, is_it),
            in_doubt=not post.is_new,
            join=self.join,
        )
        self.posts.record(self.job.id, name, self.job.channel, ts)
        time.sleep(self.pause_seconds)
        return ts

    def _look(
        self, root_ts: str | None, is_it: Callable[[Mapping[str, object]], bool]
    ) -> str | None:
        """Look for a message among those that came since the job was asked for.

        Raises:
            SlackClientError, OSError, HTTPException: Slack gave no answer, so nothing is known.
        """
        oldest = f"{self.job.created_at - _CLOCKS_DIFFER_SECONDS:.6f}"
        try:
            if root_ts is None:
                reply = self.client.conversations_history(
                    channel=self.job.channel,
                    oldest=oldest,
                    limit=_LOOKED_THROUGH,
                    include_all_metadata=True,
                )
            else:
                reply = self.client.conversations_replies(
                    channel=self.job.channel,
                    ts=root_ts,
                    oldest=oldest,
                    limit=_LOOKED_THROUGH,
                    include_all_metadata=True,
                )
        except SlackApiError as error:
            if error.response.status_code != 200:
                raise
            # Not a member, or not allowed to read: then nothing of ours can be found.
            log.info("messages_not_readable", job=self.job.id)
            return None
        messages = cast("Sequence[Mapping[str, object]]", reply["messages"])
        return next((str(message["ts"]) for message in messages if is_it(message)), None)
