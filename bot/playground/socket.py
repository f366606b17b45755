"""Socket Mode: envelopes over a WebSocket, each waiting for its acknowledgement."""

import json
import threading
import time
from dataclasses import dataclass, field
from typing import cast

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from bot.playground.state import Json


@dataclass
class Delivery:
    """One envelope on its way.

    Attributes:
        acked: set when the app has acknowledged.
        payload: what the app acknowledged with, such as an ephemeral text.
    """

    envelope_id: str
    acked: threading.Event = field(default_factory=threading.Event)
    payload: Json = field(default_factory=dict)


class SocketServer:
    """Serves Socket Mode on a loopback port; an envelope goes to one of the connections."""

    def __init__(self) -> None:
        self._connections: list[ServerConnection] = []
        self._deliveries: dict[str, Delivery] = {}
        self._connected = threading.Condition()
        self._numbers = iter(range(1, 1_000_000_000))
        self._server: Server = serve(self._talk, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where an app connects."""
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link"

    def wait_for_app(self, seconds: float) -> bool:
        """Wait until an app is connected; false when none came in time."""
        with self._connected:
            return self._connected.wait_for(lambda: bool(self._connections), seconds)

    def deliver(self, kind: str, payload: Json, seconds: float = 3.0) -> Delivery | None:
        """Send an envelope and wait for its acknowledgement.

        Args:
            kind: ``slash_commands``, ``events_api`` or ``interactive``.

        Returns:
            the delivery, or null: nobody acknowledged in time, which the person sees as an error.
        """
        delivery = Delivery(f"envelope-{next(self._numbers)}")
        self._deliveries[delivery.envelope_id] = delivery
        envelope = {
            "envelope_id": delivery.envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": True,
        }
        until = time.monotonic() + seconds
        if not self.wait_for_app(seconds):
            return None
        try:
            self._connections[-1].send(json.dumps(envelope))
        except (ConnectionClosed, IndexError):
            return None
        return delivery if delivery.acked.wait(max(until - time.monotonic(), 0)) else None

    def close(self) -> None:
        """End all connections."""
        for connection in list(self._connections):
            connection.close()
        self._server.shutdown()
        self._thread.join()

    def _talk(self, connection: ServerConnection) -> None:
        connection.send(json.dumps({"type": "hello", "num_connections": 1}))
        with self._connected:
            self._connections.append(connection)
            self._connected.notify_all()
        try:
            for message in connection:
                self._take(cast("Json", json.loads(message)))
        except (ConnectionClosed, json.JSONDecodeError):
            pass
        finally:
            with self._connected:
                self._connections.remove(connection)

    def _take(self, acknowledgement: Json) -> None:
        delivery = self._deliveries.get(str(acknowledgement.get("envelope_id")))
        if delivery is not None:
            payload = acknowledgement.get("payload")
            delivery.payload = payload if isinstance(payload, dict) else {}
            delivery.acked.set()
