"""A small HTTP server on a loopback port, which can answer, fail, or drop the connection."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One request.

    Attributes:
        target: path and query.
    """

    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    """A burst of calls must not wait for the kernel to ask again."""


class HttpServer:
    """Serves from threads of its own.

    Args:
        answer: gives the reply to a request; null drops the connection without one.
        port: 0 takes a free one.
    """

    def __init__(self, answer: Callable[[Inquiry], Reply | None], port: int) -> None:
        class Handler(BaseHTTPRequestHandler):
            wbufsize = -1

            def do_POST(self) -> None:
                try:
                    body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    reply = answer(Inquiry(self.path, headers, body))
                    if reply is None:
                        self.close_connection = True
                        self.connection.close()
                    else:
                        _send(self, reply)
                        self.wfile.flush()
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the app has gone away

            do_GET = do_POST  # noqa: N815 - a name that http.server calls

            def log_message(self, *_: object) -> None:
                """Print nothing: the terminal belongs to the demo."""

        self._http = _Server(("127.0.0.1", port), Handler)
        self.base = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _send(request: BaseHTTPRequestHandler, reply: Reply) -> None:
    request.send_response(reply.status)
    headers = {"Content-Type": "application/json; charset=utf-8"} | reply.headers
    headers["Content-Length"] = str(len(reply.body))
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(reply.body)
