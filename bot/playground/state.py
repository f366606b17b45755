"""What a loopback Slack remembers: channels, messages, files, calls, and the faults to play."""

import itertools
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

Json = dict[str, object]

BOT_USER = "U0PAPERWALK"
"""The app's own user."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message."""

    id: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands now.

    Attributes:
        ephemeral_for: the one person who sees it, or null.
        unfurls: Slack would have shown previews of its links.
        edits: how often it was edited.
    """

    channel: str
    ts: str
    user: str
    text: str
    thread_ts: str | None = None
    blocks: tuple[Json, ...] = ()
    metadata: Json | None = None
    files: tuple[File, ...] = ()
    ephemeral_for: str | None = None
    unfurls: bool = False
    edits: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API, without its token."""

    method: str
    arguments: Json
    at: float


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the next call of a method.

    Attributes:
        status: HTTP status; 200 with ``error`` gives Slack's usual refusal.
        retry_after: seconds of the Retry-After header.
        accepted: the call is carried out, and only its answer gets lost.
    """

    status: int = 200
    error: str = ""
    retry_after: int | None = None
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation; the app may post where it is a member, or where anyone may."""

    id: str
    name: str
    is_private: bool = False
    is_member: bool = True


@dataclass
class State:
    """Everything that changes, behind one lock.

    Attributes:
        refuse_markdown: be a Slack that does not know markdown blocks.
        hold_method: carry out its next call, but answer only once ``released``.
    """

    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    uploads: dict[str, File] = field(default_factory=dict)
    refuse_markdown: bool = False
    hold_method: str = ""
    holding: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_id(self, prefix: str) -> str:
        """Give an id that was not given before."""
        return f"{prefix}{next(self._numbers):08d}"

    def new_ts(self) -> str:
        """Give a timestamp later than all before, as Slack writes them."""
        return f"{int(time.time())}.{next(self._numbers):06d}"

    def add(self, message: Message) -> Message:
        """Put a message into its channel."""
        with self.lock:
            self.messages.append(message)
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        """Give a message that everyone sees."""
        with self.lock:
            for message in self.messages:
                if (message.channel, message.ts) == (channel, ts) and not message.ephemeral_for:
                    return message
        return None

    def edit(self, message: Message, text: str, blocks: tuple[Json, ...]) -> None:
        """Change a message in place."""
        with self.lock:
            place = self.messages.index(message)
            self.messages[place] = replace(
                message, text=text, blocks=blocks, edits=message.edits + 1
            )

    def next_fault(self, method: str) -> Fault | None:
        """Take the fault that is due for a method."""
        with self.lock:
            waiting = self.faults[method]
            return waiting.popleft() if waiting else None
