"""What stands in a loopback Slack: workspaces, people, conversations, messages, views."""

from dataclasses import dataclass, field
from typing import Literal

Json = dict[str, object]

APP = "A0PAPERWALK"
TEAM = "T0PLAYGROUND"
BOT_USER = "U0PAPERWALK"
"""The app's own user in the first workspace."""

ChannelType = Literal["channel", "group", "im", "mpim"]


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace, and the app in it.

    Attributes:
        token: the app's bot token there; empty while the app is not installed.
        scopes: what that token was granted.
        channel: its general channel.
        person: the user who acts there when no other is named.
    """

    id: str
    name: str
    domain: str
    bot_user: str
    bot_id: str
    channel: str
    person: str
    token: str = ""
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class User:
    """Somebody of a workspace."""

    id: str
    name: str
    team: str = TEAM
    tz: str = "Asia/Tokyo"
    locale: str = "ja-JP"


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation; the app may post where it is a member, or where anyone may.

    Attributes:
        is_member: the app is in it.
        kind: of conversation; by default public or private as ``is_private`` says.
        is_restricted: only admins may post.
        members: its people; null for everybody of the workspace.
    """

    id: str
    name: str
    is_private: bool = False
    is_member: bool = True
    team: str = TEAM
    kind: ChannelType | None = None
    is_archived: bool = False
    is_restricted: bool = False
    members: frozenset[str] | None = None

    @property
    def type(self) -> ChannelType:
        """What Slack calls this sort of conversation."""
        return self.kind or ("group" if self.is_private else "channel")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message.

    Attributes:
        length: bytes that its uploader announced.
    """

    id: str
    name: str
    content: bytes
    title: str = ""
    alt_text: str = ""
    length: int = 0


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji under a message, and who put it there."""

    name: str
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands now.

    Attributes:
        ephemeral_for: the one person who sees it, or null.
        unfurls: Slack would have shown previews of its links.
        edits: how often it was edited.
        bot_id: set when an app posted it.
        username: the name that it was posted under, where the app gave one.
        is_streaming: it is still being written.
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
    bot_id: str = ""
    team: str = TEAM
    reactions: tuple[Reaction, ...] = ()
    username: str = ""
    subtype: str = ""
    is_streaming: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A modal or a home tab as it stands now.

    Attributes:
        shown: what the app gave.
        hash: changes with each update.
        values: what the person has filled in, by block and action.
    """

    id: str
    user: str
    team: str
    shown: Json
    hash: str
    root_id: str = ""
    previous_id: str | None = None
    values: Json = field(default_factory=dict)

    @property
    def type(self) -> str:
        """``modal`` or ``home``."""
        return str(self.shown["type"])

    @property
    def callback_id(self) -> str:
        """What the app calls it."""
        return str(self.shown.get("callback_id") or "")

    @property
    def private_metadata(self) -> str:
        """What the app hides in it."""
        return str(self.shown.get("private_metadata") or "")

    @property
    def title(self) -> str:
        """What stands over a modal."""
        title = self.shown.get("title")
        return str(title.get("text", "")) if isinstance(title, dict) else ""

    @property
    def blocks(self) -> tuple[Json, ...]:
        """What it shows."""
        blocks = self.shown["blocks"]
        assert isinstance(blocks, list)
        return tuple(blocks)


@dataclass(frozen=True, slots=True)
class Session:
    """An agent session of a thread."""

    status: str
    title: str = ""
    initiator: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API, without its token.

    Attributes:
        at: seconds of a monotonic clock.
        team: the workspace of the token; empty for other tokens.
    """

    method: str
    arguments: Json
    at: float
    team: str = ""
