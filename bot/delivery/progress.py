"""The root message while a survey is made: edited in place, not too often, stopped at once."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

import structlog
from slack_sdk.errors import SlackApiError

from bot.blocks.root import Plan, working_blocks
from bot.delivery.session import REFRESH_SECONDS, ThreadStatus
from bot.delivery.thread import Message, Thread
from bot.errors import CannotPost
from bot.messages.working import STATUS, WORKING
from pipeline.errors import Unavailable
from pipeline.progress import Progress, Stage

log = structlog.get_logger()

_ATTEMPTS = 2
"""A picture of the progress holds nothing up."""

_PULSE_SECONDS = 0.5
"""How often the pulse looks for news and for a stop."""


class RootMessage:
    """Shows the plan of a survey in its root message for a block of code.

    A pulse of its own edits the message when there is news and the last edit is long enough ago,
    keeps the thread's status alive, and looks whether somebody stopped the survey.

    Args:
        ts: of the root message.
        status: of the thread.
        edit_seconds: between two edits.
        is_stopped: tells whether somebody stopped the survey.
        on_stop: is called once when somebody did, by the pulse.
        estimate: gives the sentence on the cost once the number of papers is known.
    """

    def __init__(
        self,
        thread: Thread,
        ts: str,
        plan: Plan,
        *,
        status: ThreadStatus,
        edit_seconds: float,
        is_stopped: Callable[[], bool],
        on_stop: Callable[[], object],
        estimate: Callable[[int], str],
    ) -> None:
        self._thread = thread
        self._ts = ts
        self._plan = plan
        self._status = status
        self._edit_seconds = edit_seconds
        self._is_stopped = is_stopped
        self._on_stop = on_stop
        self._estimate = estimate
        self._stages: dict[Stage, Progress] = {}
        self._lock = threading.Lock()
        self._has_news = False
        self._ended = threading.Event()
        self._pulse = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        self._pulse.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._pulse.join()

    @property
    def stages(self) -> dict[Stage, Progress]:
        """How far each stage has come."""
        with self._lock:
            return dict(self._stages)

    def report(self, progress: Progress) -> None:
        """Note a step; from any thread, at once."""
        with self._lock:
            self._has_news = True
            if progress.wait_seconds is not None:
                until = time.time() + progress.wait_seconds
                self._plan = replace(self._plan, waiting_until=until)
                return
            self._plan = replace(self._plan, waiting_until=None)
            if progress.papers is not None:
                self._plan = replace(self._plan, estimate=self._estimate(progress.papers))
            self._stages[progress.stage] = progress

    def _beat(self) -> None:
        edited_at = status_at = float("-inf")
        while True:
            ended = self._ended.wait(_PULSE_SECONDS)
            if not ended and self._is_stopped():
                self._on_stop()
                return
            now = time.monotonic()
            if ended or now - edited_at >= self._edit_seconds:
                edited_at = now if self._show() else edited_at
            if ended:
                self._status.clear()
                return
            if now - status_at >= REFRESH_SECONDS:
                status_at = now
                self._status.show(STATUS[self._thread.job.request.language])

    def _show(self) -> bool:
        """Edit the message where there is news; false where there is none."""
        with self._lock:
            if not self._has_news:
                return False
            self._has_news = False
            plan = replace(self._plan, stages=dict(self._stages))
        job = self._thread.job
        message = Message(
            "root",
            WORKING[job.request.language],
            working_blocks(job, plan, rich=True),
            working_blocks(job, plan, rich=False),
        )
        try:
            self._thread.edit(self._ts, message, _ATTEMPTS)
        except (Unavailable, CannotPost, SlackApiError):
            log.warning("progress_not_shown", job=job.id)
        return True
