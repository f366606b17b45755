"""A workspace on this machine: people type commands, the app answers, everything is kept."""

import re
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from bot.playground.limits import texts_of
from bot.playground.socket import SocketServer
from bot.playground.state import Call, Channel, Fault, Json, Message, State
from bot.playground.web import WebServer

_PING = re.compile(
    r"<!(?:channel|here|everyone|subteam\^[^>]*)[^>]*>|<@[UW][A-Z0-9]+(?:\|[^>]*)?>|"
    r"(?<![A-Za-z0-9])@(?:channel|here|everyone)\b"
)


@dataclass(frozen=True, slots=True)
class CommandReceipt:
    """What the person sees at once after a command.

    Attributes:
        acked: false when Slack would show ``operation_timeout``.
        text: the app's private answer.
        seconds: until the acknowledgement.
    """

    acked: bool
    text: str
    seconds: float
    trigger_id: str


class Playground:
    """A loopback Slack with one public channel; a context manager.

    Args:
        port: of the Web API; 0 takes a free one.
    """

    bot_token = "xoxb-playground"  # noqa: S105 - of a Slack that exists on this machine only
    app_token = "xapp-playground"  # noqa: S105 - likewise
    signing_secret = "playground-signing-secret"  # noqa: S105 - likewise
    team_id = "T0PLAYGROUND"
    channel = "C0GENERAL"
    user = "U0PERSON"

    def __init__(self, *, port: int = 0) -> None:
        self._state = State(channels={self.channel: Channel(self.channel, "general")})
        self._socket = SocketServer()
        tokens = {"bot": self.bot_token, "app": self.app_token}
        self._web = WebServer(self._state, tokens, lambda: self._socket.url, port)
        self.api_url = f"{self._web.base}/api/"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()
        self._web.close()

    def add_channel(self, channel: Channel) -> None:
        """Add a conversation, or change one."""
        self._state.channels[channel.id] = channel

    def wait_for_app(self, seconds: float = 30.0) -> bool:
        """Wait until an app listens over Socket Mode."""
        return self._socket.wait_for_app(seconds)

    def command_payload(
        self, text: str, *, channel: str | None = None, trigger_id: str | None = None
    ) -> dict[str, str]:
        """Give the form fields of a slash command, for delivery over HTTP."""
        where = channel or self.channel
        known = self._state.channels.get(where)
        return {
            "command": "/survey",
            "text": text,
            "channel_id": where,
            "channel_name": known.name if known else "unknown",
            "user_id": self.user,
            "user_name": "person",
            "team_id": self.team_id,
            "team_domain": "playground",
            "api_app_id": "A0PAPERWALK",
            "trigger_id": trigger_id or self._state.new_id("trigger."),
            "response_url": self._web.new_response_url(where, self.user),
            "token": "deprecated",
        }

    def command(
        self, text: str, *, channel: str | None = None, trigger_id: str | None = None
    ) -> CommandReceipt:
        """Type ``/survey text`` and wait, at most Slack's three seconds, for the answer.

        Args:
            trigger_id: a known one plays Slack's second delivery of the same command.
        """
        payload = self.command_payload(text, channel=channel, trigger_id=trigger_id)
        started = time.monotonic()
        delivery = self._socket.deliver("slash_commands", {**payload})
        seconds = time.monotonic() - started
        said = str(delivery.payload.get("text", "")) if delivery else ""
        if said:
            self._state.add(
                Message(
                    payload["channel_id"],
                    self._state.new_ts(),
                    "U0PAPERWALK",
                    said,
                    ephemeral_for=self.user,
                )
            )
        return CommandReceipt(delivery is not None, said, seconds, payload["trigger_id"])

    def event(self, event: Json, *, event_id: str | None = None) -> bool:
        """Deliver an event; true when it was acknowledged."""
        payload: Json = {
            "type": "event_callback",
            "team_id": self.team_id,
            "api_app_id": "A0PAPERWALK",
            "event_id": event_id or self._state.new_id("Ev"),
            "event": event,
        }
        return self._socket.deliver("events_api", payload) is not None

    def fail_next(self, method: str, *faults: Fault) -> None:
        """Let the next calls of a method fail."""
        self._state.faults[method].extend(faults)

    def hold_after_accepting(self, method: str) -> None:
        """Carry out the next call of a method, but keep its answer back until ``release``."""
        self._state.hold_method = method

    @property
    def holding(self) -> bool:
        """Whether a call was carried out and its answer is kept back."""
        return self._state.holding

    def release(self) -> None:
        """Let held answers go."""
        self._state.released.set()

    @property
    def refuse_markdown(self) -> bool:
        """Whether this Slack knows no markdown blocks."""
        return self._state.refuse_markdown

    @refuse_markdown.setter
    def refuse_markdown(self, refuse: bool) -> None:
        self._state.refuse_markdown = refuse

    def messages(self, channel: str | None = None) -> list[Message]:
        """Give all messages of a channel, threads included, as they stand now."""
        with self._state.lock:
            where = channel or self.channel
            return [message for message in self._state.messages if message.channel == where]

    def thread(self, root_ts: str, channel: str | None = None) -> list[Message]:
        """Give a thread: its root, then the replies."""
        return [m for m in self.messages(channel) if root_ts in {m.ts, m.thread_ts}]

    @property
    def calls(self) -> list[Call]:
        """All calls of the Web API so far."""
        return list(self._state.calls)

    def pings(self, channel: str | None = None) -> set[str]:
        """Give whatever in the app's messages of a channel would notify somebody."""
        found: set[str] = set()
        for message in self.messages(channel):
            shown = [text for block in message.blocks for text in texts_of(block, parsed=True)]
            for text in (message.text, *shown):
                found.update(_PING.findall(text))
        return found

    def unfurls(self, channel: str | None = None) -> list[Message]:
        """Give the messages with links that Slack would show previews of."""
        messages = self.messages(channel)
        return [m for m in messages if m.unfurls and "http" in f"{m.text}{m.blocks}"]
