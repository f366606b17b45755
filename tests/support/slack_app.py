"""A Bolt app that writes down what it hears, over Socket Mode or HTTP, and acknowledges as told."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from slack_bolt import Ack, App, BoltResponse
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.playground import Delivery, Playground

_ANY = re.compile(".*", re.DOTALL)


@dataclass
class Recorder:
    """What the app heard, and how it acknowledges.

    Attributes:
        acks: keyword arguments of the acknowledgement, by type of payload.
        silent: types of payloads that it does not acknowledge in time.
        broken: types of payloads at which it fails.
        before_ack: runs in the listener, before the acknowledgement.
        react: runs in the listener, after the acknowledgement.
    """

    slack: Playground
    bodies: list[dict[str, Any]] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    acks: dict[str, dict[str, Any]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    delivered_before: int = 0
    before_ack: Callable[[dict[str, Any], WebClient], None] | None = None
    react: Callable[[dict[str, Any], WebClient], None] | None = None

    def reset(self) -> None:
        """Forget what was heard and told, and turn back what a test turned."""
        for kept in (self.bodies, self.retries, self.acks, self.silent, self.broken):
            kept.clear()
        self.before_ack = self.react = None
        self.slack.deliver_twice = False
        self.slack.ack_seconds, self.slack.retry_seconds = 3.0, (0.0, 60.0, 300.0)
        self.delivered_before = len(self.slack.deliveries)

    @property
    def deliveries(self) -> list[Delivery]:
        return self.slack.deliveries[self.delivered_before :]

    def note(self, body: dict[str, Any], next_: Callable[[], Any]) -> Any:
        """Write down what arrives, before anything is acknowledged."""
        self.bodies.append(body)
        if kind_of(body) in self.silent:
            time.sleep(self.slack.ack_seconds + 0.1)
        if kind_of(body) in self.silent | self.broken:
            return BoltResponse(status=500)
        return next_()

    def hear(self, body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        if self.before_ack is not None:
            self.before_ack(body, client)
        ack(**self.acks.get(kind_of(body), {}))
        if self.react is not None:
            self.react(body, client)

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        found = [body["event"] for body in self.bodies if "event" in body]
        return [event for event in found if kind in {None, event["type"]}]

    @property
    def last(self) -> dict[str, Any]:
        return self.bodies[-1]


def kind_of(body: dict[str, Any]) -> str:
    if "command" in body:
        return "command"
    return str(body["event"]["type"] if "event" in body else body["type"])


def build(slack: Playground) -> tuple[App, Recorder]:
    recorder = Recorder(slack)

    def authorize(team_id: str) -> AuthorizeResult:
        team = slack.team(team_id)
        return AuthorizeResult(
            enterprise_id=None,
            team_id=team_id,
            bot_token=team.token or "xoxb-gone",
            bot_id=team.bot_id,
            bot_user_id=team.bot_user,
        )

    app = App(
        client=WebClient(base_url=slack.api_url),
        signing_secret=slack.signing_secret,
        authorize=authorize,
        raise_error_for_unhandled_request=False,
    )
    app.middleware(recorder.note)
    app.event(_ANY)(recorder.hear)
    app.command(_ANY)(recorder.hear)
    app.action(_ANY)(recorder.hear)
    app.shortcut(_ANY)(recorder.hear)
    app.view_submission(_ANY)(recorder.hear)
    app.view_closed(_ANY)(recorder.hear)
    return app, recorder


@contextmanager
def connected(slack: Playground, *, connections: int = 1) -> Iterator[Recorder]:
    """Run the app over Socket Mode."""
    app, recorder = build(slack)
    handlers = [SocketModeHandler(app, slack.app_token) for _ in range(connections)]
    for handler in handlers:
        handler.connect()  # type: ignore[no-untyped-call]  # slack_bolt does not annotate it
    try:
        assert slack.wait_for_app()
        yield recorder
    finally:
        for handler in handlers:
            handler.close()  # type: ignore[no-untyped-call]  # slack_bolt does not annotate it


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 256


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def reachable(slack: Playground) -> Iterator[Recorder]:
    """Run the app over HTTP, and let Slack deliver there."""
    app, recorder = build(slack)
    handler = SlackRequestHandler(app, path="/slack/events")

    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        number = environ.get("HTTP_X_SLACK_RETRY_NUM")
        if number:
            recorder.retries.append(f"{number} {environ['HTTP_X_SLACK_RETRY_REASON']}")
        return handler(environ, start_response)

    server = make_server("127.0.0.1", 0, serve, _Server, _Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    slack.deliver_over_http(f"http://127.0.0.1:{server.server_port}/slack/events")
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def wait_for(found: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until something is there, and give it."""
    until = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.005)
    return value
