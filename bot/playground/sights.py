"""What can be seen in the loopback Slack: by a person, and by a test that must miss nothing."""

import json
import re
from collections.abc import Iterator

from bot.playground.hands import Hands
from bot.playground.limits import texts_of
from bot.playground.records import Call, Message, Session

_PING = re.compile(
    r"<!(?:channel|here|everyone|subteam\^[^>]*)[^>]*>|<@[UW][A-Z0-9]+(?:\|[^>]*)?>|"
    r"(?<![A-Za-z0-9])@(?:channel|here|everyone)\b"
)
_STRUCTURE = {"type", "style", "emoji", "verbatim"}
"""Fields of blocks that nobody reads."""


class Sights(Hands):
    """A workspace that shows what stands in it."""

    def messages(self, channel: str | None = None) -> list[Message]:
        """Give all messages of a channel, threads included, as they stand now."""
        return self._state.messages(channel or self.channel)

    def thread(self, root_ts: str, channel: str | None = None) -> list[Message]:
        """Give a thread: its root, then the replies."""
        return [m for m in self.messages(channel) if root_ts in {m.ts, m.thread_ts}]

    def find(self, ts: str, channel: str | None = None) -> Message | None:
        """Give a message that everyone sees, as it stands now, or null."""
        return self._state.find(channel or self.channel, ts)

    @property
    def names(self) -> dict[str, str]:
        """What everybody is called, by their ids."""
        return {user.id: user.name for user in list(self._state.users.values())}

    @property
    def calls(self) -> list[Call]:
        """All calls of the Web API so far."""
        return list(self._state.calls)

    def status(self, thread_ts: str, channel: str | None = None) -> str:
        """Give what is shown under a thread while the app works; empty when nothing is."""
        return self._state.status(channel or self.channel, thread_ts)

    def session(self, thread_ts: str, channel: str | None = None) -> Session | None:
        """Give the agent session of a thread, or null."""
        return self._state.sessions.get((channel or self.channel, thread_ts))

    def pings(self, channel: str | None = None) -> set[str]:
        """Give whatever in the app's messages of a channel would notify somebody."""
        found: set[str] = set()
        for message in self.messages(channel):
            if message.bot_id:
                shown = [text for block in message.blocks for text in texts_of(block, parsed=True)]
                for text in (message.text, *shown):
                    found.update(_PING.findall(text))
                found.update(_mentions(list(message.blocks)))
        return found

    def unfurls(self, channel: str | None = None) -> list[Message]:
        """Give the messages with links that Slack would show previews of."""
        messages = self.messages(channel)
        return [m for m in messages if m.unfurls and "http" in f"{m.text}{m.blocks}"]

    def texts(self, channel: str | None = None, *, ever: bool = False) -> list[str]:
        """Give everything of a channel that a member could read or reach.

        Texts, blocks with their values, names and descriptions, metadata, files with their names
        and contents, statuses, titles of sessions.

        Args:
            ever: also what once stood there and was edited or taken away since.
        """
        where = channel or self.channel
        seen = [m for m in list(self._state.versions) if m.channel == where] if ever else []
        found = [text for message in seen or self.messages(where) for text in _read(message)]
        threads = {message.thread_ts or message.ts for message in self.messages(where)}
        sessions = [self.session(thread, where) for thread in threads]
        found.extend(self.status(thread, where) for thread in threads)
        found.extend(session.title for session in sessions if session)
        return [text for text in found if text]

    def duplicates(self, channel: str | None = None) -> list[Message]:
        """Give the messages that repeat another's metadata, or a file's name in their thread."""
        seen: set[str] = set()
        found: list[Message] = []
        for message in self.messages(channel):
            marks = {json.dumps([message.thread_ts, file.name]) for file in message.files}
            if message.metadata:
                marks.add(json.dumps(message.metadata, sort_keys=True))
            if marks & seen:
                found.append(message)
            seen |= marks
        return found


def strings_of(value: object) -> Iterator[str]:
    """Give every string in blocks or a view that somebody could read or reach."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in _STRUCTURE:
                yield from strings_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings_of(inner)


def _read(message: Message) -> Iterator[str]:
    yield message.text
    yield message.username
    yield from strings_of(message.blocks)
    yield json.dumps(message.metadata or "", ensure_ascii=False)
    for file in message.files:
        yield from (file.name, file.title, file.alt_text)
        yield file.content.decode(errors="replace")


def _mentions(value: object) -> Iterator[str]:
    """Give the people and groups that rich text mentions."""
    if isinstance(value, dict):
        match value.get("type"):
            case "user":
                yield f"<@{value.get('user_id')}>"
            case "broadcast":
                yield f"<!{value.get('range')}>"
            case "usergroup":
                yield f"<!subteam^{value.get('usergroup_id')}>"
            case _:
                pass
        for inner in value.values():
            yield from _mentions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _mentions(inner)
