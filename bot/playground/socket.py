"""Socket Mode: envelopes over WebSockets, each waiting for its acknowledgement."""

import json
import threading
import time
from dataclasses import dataclass, field
from typing import cast

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from bot.playground.deliveries import Answer, Kind
from bot.playground.records import APP, Json

_LATE = Answer(acked=False, reason="timeout")
_READING_SECONDS = 5.0
_PING_SECONDS = 0.1
"""Slack pings too, but seldom; a client that is to stop waits until it has read something."""


@dataclass
class _Envelope:
    """One envelope on its way."""

    payload: Json = field(default_factory=dict)
    acked: threading.Event = field(default_factory=threading.Event)


class SocketServer:
    """Serves Socket Mode on a loopback port; an envelope goes to one of the connections in turn."""

    def __init__(self) -> None:
        self._connections: list[ServerConnection] = []
        self._envelopes: dict[str, _Envelope] = {}
        self._connected = threading.Condition()
        self._was_connected = False
        self._numbers = iter(range(1, 1_000_000_000))
        self._server: Server = serve(
            self._talk, "127.0.0.1", 0, ping_interval=_PING_SECONDS, ping_timeout=None
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where an app connects."""
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link"

    @property
    def connections(self) -> int:
        """How many connections an app holds."""
        return len(self._connections)

    def wait_for_app(self, seconds: float) -> bool:
        """Wait until an app is connected; false when none came in time."""
        with self._connected:
            return self._connected.wait_for(lambda: bool(self._connections), seconds)

    def carry(self, kind: Kind, payload: Json, attempt: int, reason: str, seconds: float) -> Answer:
        """Send an envelope and wait for its acknowledgement.

        An app that was connected once may be reconnecting, so it is waited for.
        """
        number = f"envelope-{next(self._numbers)}"
        until = time.monotonic() + seconds
        envelope: Json = {
            "envelope_id": number,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        if not self._was_connected:
            return Answer(acked=False, reason="connection_failed")
        waiting = self._envelopes[number] = _Envelope()
        try:
            if not self._send(json.dumps(envelope), until):
                return Answer(acked=False, reason="connection_failed")
            acked = waiting.acked.wait(max(until - time.monotonic(), 0))
            return Answer(acked=True, payload=waiting.payload) if acked else _LATE
        finally:
            del self._envelopes[number]

    def refresh(self) -> None:
        """Ask all connections to make way for new ones, as Slack does every few hours."""
        with self._connected:
            leaving, self._connections = self._connections, []
        said = {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "p"}}
        for connection in leaving:
            try:
                connection.send(json.dumps(said))
            except ConnectionClosed:
                continue

    def close(self) -> None:
        """End all connections."""
        for connection in list(self._connections):
            connection.close()
        self._server.shutdown()
        self._thread.join()

    def _send(self, text: str, until: float) -> bool:
        """Send through the connection whose turn it is; a dead one is passed over."""
        while self.wait_for_app(max(until - time.monotonic(), 0)):
            with self._connected:
                if not self._connections:
                    continue
                connection = self._connections.pop(0)
                self._connections.append(connection)
            try:
                connection.send(text)
            except ConnectionClosed:
                self._forget(connection)
            else:
                return True
        return False

    def _talk(self, connection: ServerConnection) -> None:
        hello = {"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}}
        try:
            connection.send(json.dumps(hello))
            # Bolt begins to read a moment after it has connected; an app that is closed in that
            # very moment would wait for itself for ever, so it counts as connected once it reads.
            connection.ping().wait(_READING_SECONDS)
            with self._connected:
                self._connections.append(connection)
                self._was_connected = True
                self._connected.notify_all()
            for message in connection:
                self._take(cast("Json", json.loads(message)))
        except (ConnectionClosed, json.JSONDecodeError):
            pass
        finally:
            self._forget(connection)

    def _take(self, acknowledgement: Json) -> None:
        envelope = self._envelopes.get(str(acknowledgement.get("envelope_id")))
        if envelope is not None:
            payload = acknowledgement.get("payload")
            envelope.payload = payload if isinstance(payload, dict) else {}
            envelope.acked.set()

    def _forget(self, connection: ServerConnection) -> None:
        with self._connected:
            if connection in self._connections:
                self._connections.remove(connection)
