"""What a loopback Slack remembers, behind one lock that nobody holds while waiting."""

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.playground.faults import Faults
from bot.playground.knobs import Knobs
from bot.playground.manifest import Manifest
from bot.playground.records import (
    TEAM,
    Call,
    Channel,
    File,
    Json,
    Message,
    Session,
    Team,
    User,
    View,
)

_STATUS_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token is good for.

    Attributes:
        error: what Slack says to it since it is dead, or empty.
    """

    team: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a person did last, and may be answered with a view."""

    user: str
    team: str
    at: float
    is_used: bool = False


@dataclass(slots=True)
class Address:
    """Where an app may answer what a person did, a few times and for a while.

    Attributes:
        source: the message in which it was done.
    """

    channel: str
    user: str
    made_at: float
    source: Message | None = None
    uses: int = 0


@dataclass(slots=True)
class Stream:
    """A message that is being written.

    Attributes:
        shape: the field of its opening call, to which it is bound.
        stopped_by: ``user`` or ``app``; empty while neither has stopped it.
    """

    started_at: float
    shape: str = ""
    in_plan: bool = False
    stopped_by: str = ""


@dataclass
class State:
    """Everything that changes.

    Attributes:
        versions: every message as it stood after each change.
        stacks: the open modals of a person, topmost last.
        homes: the home tab of a person.
        statuses: what is shown under a thread, and since when.
        echoes: events about the app's own doing that are still to be told.
        hold_method: carry out its next call, but answer only once ``released``.
    """

    knobs: Knobs
    manifest: Manifest
    teams: dict[str, Team] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    versions: list[Message] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    uploads: dict[str, File] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    stacks: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    homes: dict[str, str] = field(default_factory=dict)
    streams: dict[tuple[str, str], Stream] = field(default_factory=dict)
    statuses: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)
    sessions: dict[tuple[str, str], Session] = field(default_factory=dict)
    codes: dict[str, tuple[str, str, frozenset[str]]] = field(default_factory=dict)
    posted_at: dict[str, tuple[float, float]] = field(default_factory=dict)
    echoes: list[tuple[str, Json]] = field(default_factory=list)
    hold_method: str = ""
    holding: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)
    skipped_seconds: float = 0.0
    _messages: dict[str, dict[str, Message]] = field(default_factory=lambda: defaultdict(dict))
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def now(self) -> float:
        """Give the seconds of Slack's clock, which a test may let jump."""
        return time.time() + self.skipped_seconds

    def new_id(self, prefix: str) -> str:
        """Give an id that was not given before."""
        return f"{prefix}{next(self._numbers):08d}"

    def new_ts(self) -> str:
        """Give a timestamp later than all before, as Slack writes them."""
        with self.lock:
            return f"{int(self.now())}.{next(self._numbers):06d}"

    def add(self, message: Message) -> Message:
        """Put a message into its channel; the status of its thread goes when the app wrote it."""
        with self.lock:
            self._messages[message.channel][message.ts] = message
            self.versions.append(message)
            if message.bot_id and message.thread_ts and not message.ephemeral_for:
                self.statuses.pop((message.channel, message.thread_ts), None)
        return message

    def change(self, message: Message, **changes: object) -> Message:
        """Change a message in place, and give it as it stands then."""
        with self.lock:
            now = self._messages[message.channel][message.ts]
            changed = replace(now, **changes)  # type: ignore[arg-type]  # fields of Message
            self._messages[message.channel][message.ts] = changed
            self.versions.append(changed)
        return changed

    def remove(self, message: Message) -> None:
        """Take a message away."""
        with self.lock:
            self._messages[message.channel].pop(message.ts, None)

    def find(self, channel: str, ts: str) -> Message | None:
        """Give a message that everyone sees."""
        with self.lock:
            message = self._messages[channel].get(ts)
        return message if message and not message.ephemeral_for else None

    def look(self, message: Message) -> Message | None:
        """Give a message as it stands now, private ones too."""
        with self.lock:
            return self._messages[message.channel].get(message.ts)

    def messages(self, channel: str) -> list[Message]:
        """Give all messages of a channel."""
        with self.lock:
            return list(self._messages[channel].values())

    def status(self, channel: str, thread_ts: str) -> str:
        """Give what is shown under a thread; it goes by itself after two minutes."""
        with self.lock:
            text, since = self.statuses.get((channel, thread_ts), ("", 0.0))
        return text if self.now() - since < _STATUS_SECONDS else ""

    def is_live(self, key: tuple[str, str]) -> bool:
        """Say whether a message is still being written; the server ends that after a while."""
        with self.lock:
            stream = self.streams.get(key)
        return (
            stream is not None
            and not stream.stopped_by
            and self.now() - stream.started_at < self.knobs.stream_seconds
        )

    def new_trigger(self, user: str, team: str) -> str:
        """Note that a person did something, and give what it can be answered by."""
        with self.lock:
            trigger = self.new_id("trigger.")
            self.triggers[trigger] = Trigger(user, team, self.now())
        return trigger

    def person(self, user: str | None, team: str = TEAM) -> User:
        """Give somebody of a workspace; who acts there for the first time joins it."""
        with self.lock:
            name = user or self.teams[team].person
            if name not in self.users:
                self.users[name] = User(name, name.lower(), team)
            return self.users[name]

    def dm(self, user: str) -> Channel:
        """Give the conversation of a person with the app."""
        with self.lock:
            person = self.users[user]
            bot = self.teams[person.team].bot_user
            new = Channel(
                f"D{user[1:]}",
                "directmessage",
                is_private=True,
                team=person.team,
                kind="im",
                members=frozenset({user, bot}),
            )
            return self.channels.setdefault(new.id, new)
