"""The HTTP side of the loopback Slack: the Web API, uploads, and response addresses."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import parse_qsl

from bot.playground.methods import call
from bot.playground.state import BOT_USER, Call, Fault, File, Json, Message, State


class WebServer:
    """Serves the Web API on a loopback port, from a thread of its own."""

    def __init__(
        self, state: State, tokens: dict[str, str], open_socket: Callable[[], str], port: int
    ) -> None:
        self.state = state
        self.tokens = tokens
        self.open_socket = open_socket
        self.responses: dict[str, tuple[str, str]] = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                try:
                    server.answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the app has gone away

            def log_message(self, *_: object) -> None:
                """Print nothing: the terminal belongs to the demo."""

        self.http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.http.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.http.server_port}"
        self._thread = threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self.http.shutdown()
        self.http.server_close()
        self._thread.join()

    def new_response_url(self, channel: str, user: str) -> str:
        """Give the address where an app may answer a command without being a member."""
        name = self.state.new_id("R")
        self.responses[name] = (channel, user)
        return f"{self.base}/response/{name}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        kind, _, name = request.path.lstrip("/").partition("/")
        if kind == "upload" and name in self.state.uploads:
            file = self.state.uploads[name]
            content = _upload(body, request.headers.get("Content-Type", ""))
            self.state.uploads[name] = File(file.id, file.name, content)
            _send(request, 200, b"OK")
        elif kind == "response" and name in self.responses:
            channel, user = self.responses[name]
            said = cast("dict[str, str]", json.loads(body))
            ts = self.state.new_ts()
            text = said.get("text", "")
            self.state.add(Message(channel, ts, BOT_USER, text, ephemeral_for=user))
            _send(request, 200, b"ok")
        elif kind == "api":
            self._api(request, name, _arguments(body, request.headers.get("Content-Type", "")))
        else:
            _send(request, 404, b"")

    def _api(self, request: BaseHTTPRequestHandler, method: str, arguments: Json) -> None:
        bearer = (request.headers.get("Authorization") or "").removeprefix("Bearer ")
        token = bearer or str(arguments.pop("token", ""))
        arguments.pop("token", None)
        self.state.calls.append(Call(method, arguments, time.monotonic()))
        fault = self.state.next_fault(method)
        if fault is not None and not fault.accepted:
            self._fail(request, fault)
            return
        if method == "apps.connections.open":
            answer: Json = {"ok": True, "url": self.open_socket()}
            wanted = self.tokens["app"]
        else:
            wanted = self.tokens["bot"]
            answer = {"ok": True}
        if token != wanted:
            answer = {"ok": False, "error": "invalid_auth" if token else "not_authed"}
        elif method != "apps.connections.open":
            answer = call(self.state, method, arguments, self.base)
        if method == self.state.hold_method:
            self.state.hold_method, self.state.holding = "", True
            self.state.released.wait(60)
        if fault is not None:
            request.close_connection = True
            request.connection.close()
            return
        _send(request, 200, json.dumps(answer).encode())

    def _fail(self, request: BaseHTTPRequestHandler, fault: Fault) -> None:
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        error = fault.error or ("ratelimited" if fault.status == 429 else "internal_error")
        _send(request, fault.status, json.dumps({"ok": False, "error": error}).encode(), headers)


def _send(
    request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    request.send_response(status)
    request.send_header("Content-Type", "application/json; charset=utf-8")
    request.send_header("Content-Length", str(len(body)))
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


def _arguments(body: bytes, content_type: str) -> Json:
    if content_type.startswith("application/json"):
        return cast("Json", json.loads(body or b"{}"))
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _upload(body: bytes, content_type: str) -> bytes:
    """Take the file out of a multipart body, or the body itself."""
    if "boundary=" not in content_type:
        return body
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    part = body.split(b"--" + boundary)[1]
    return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
