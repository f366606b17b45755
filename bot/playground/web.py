"""What Slack answers over HTTP: the Web API, uploads, response addresses, installation."""

import base64
import binascii
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import parse_qsl, urlsplit

from bot.playground.faults import Fault
from bot.playground.methods import call, refused
from bot.playground.methods.access import Client, authorize, exchange
from bot.playground.records import Call, Json
from bot.playground.refusal import Refusal
from bot.playground.responses import respond
from bot.playground.serving import Inquiry, Reply
from bot.playground.state import State


@dataclass(slots=True)
class Web:
    """Answers requests.

    Attributes:
        app_token: opens Socket Mode.
        client: what the app installs itself with.
        open_socket: gives the address of a WebSocket.
        tell: carries an event to the app, without waiting.
        base: the address of this server, once it is known.
    """

    state: State
    app_token: str
    client: Client
    open_socket: Callable[[], str]
    tell: Callable[[str, Json], None]
    base: str = ""

    def answer(self, inquiry: Inquiry) -> Reply | None:
        """Answer one request; null where its answer is to get lost."""
        address = urlsplit(inquiry.target)
        kind, _, name = address.path.lstrip("/").partition("/")
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        match kind:
            case "api":
                return self._api(inquiry, name, query)
            case "upload":
                return self._with_faults(kind, lambda: self._upload(name, inquiry))
            case "response":
                return self._with_faults(kind, lambda: self._respond(name, inquiry.body))
            case "oauth":
                return self._authorize(query)
            case _:
                return Reply(404)

    def _api(self, inquiry: Inquiry, method: str, query: dict[str, str]) -> Reply | None:
        try:
            arguments: Json = {**query, **_arguments(inquiry)}
        except ValueError:
            return _reply({"ok": False, "error": "invalid_json"})
        said = inquiry.headers.get("authorization", "")
        token = str(arguments.pop("token", "") or "")
        if said.startswith("Bearer "):
            token = said.removeprefix("Bearer ")
        grant = self.state.grants.get(token)
        team = grant.team if grant else ""
        self.state.calls.append(Call(method, arguments, time.monotonic(), team))
        if said.startswith("Basic "):
            arguments = {**arguments, **_client(said)}

        def carry_out() -> Reply:
            answer = self._carry_out(method, token, arguments)
            if method == self.state.hold_method:
                self.state.hold_method, self.state.holding = "", True
                self.state.released.wait(60)
            return _reply(answer, self.state.teams[team].scopes if team else frozenset())

        reply = self._with_faults(method, carry_out, by_chance=bool(team))
        with self.state.lock:
            echoes, self.state.echoes = self.state.echoes, []
        for team_id, event in echoes:
            self.tell(team_id, event)
        return reply

    def _carry_out(self, method: str, token: str, arguments: Json) -> Json:
        if method == "apps.connections.open":
            if token == self.app_token:
                return {"ok": True, "url": self.open_socket()}
            wrong = "not_allowed_token_type" if token in self.state.grants else "invalid_auth"
            return {"ok": False, "error": wrong if token else "not_authed"}
        if method == "oauth.v2.access":
            try:
                with self.state.lock:
                    return {"ok": True, **exchange(self.state, self.client, arguments)}
            except Refusal as refusal:
                return refused(refusal)
        return call(self.state, token, method, arguments, self.base)

    def _with_faults(
        self, method: str, carry_out: Callable[[], Reply], *, by_chance: bool = True
    ) -> Reply | None:
        """Carry out a call, unless a fault is due that comes before or after that."""
        fault = self.state.faults.next(method, by_chance=by_chance)
        if fault is None:
            return carry_out()
        if fault.accepted:
            carry_out()
            return None if fault.status == 200 else _failure(fault)
        return _failure(fault)

    def _upload(self, name: str, inquiry: Inquiry) -> Reply:
        content = _file_of(inquiry)
        with self.state.lock:
            file = self.state.uploads.get(name)
            if file is None:
                return Reply(404)
            if len(content) != file.length:
                return Reply(400, b"length mismatch")
            self.state.uploads[name] = replace(file, content=content)
        return Reply(200, f"OK - {len(content)}".encode())

    def _respond(self, name: str, body: bytes) -> Reply:
        try:
            respond(self.state, name, body)
        except Refusal as refusal:
            gone = refusal.error in {"expired_url", "no_such_url", "used_url"}
            return Reply(404 if gone else 400, json.dumps(refused(refusal)).encode())
        return Reply(200, b"ok")

    def _authorize(self, query: dict[str, str]) -> Reply:
        try:
            with self.state.lock:
                return Reply(302, headers={"Location": authorize(self.state, self.client, query)})
        except Refusal as refusal:
            return Reply(400, refusal.error.encode())


def _reply(answer: Json, scopes: frozenset[str] = frozenset()) -> Reply:
    """Give an answer; as Slack does, with the scopes that the token was granted."""
    headers = {"x-oauth-scopes": ",".join(sorted(scopes))} if scopes else {}
    if answer.get("error") == "ratelimited":
        return Reply(429, json.dumps(answer).encode(), {"Retry-After": "1"})
    return Reply(200, json.dumps(answer).encode(), headers)


def _failure(fault: Fault) -> Reply:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    error = fault.error or ("ratelimited" if fault.status == 429 else "internal_error")
    return Reply(fault.status, json.dumps({"ok": False, "error": error}).encode(), headers)


def _arguments(inquiry: Inquiry) -> Json:
    if inquiry.headers.get("content-type", "").startswith("application/json"):
        said = json.loads(inquiry.body or b"{}")
        return cast("Json", said) if isinstance(said, dict) else {}
    return dict(parse_qsl(inquiry.body.decode(), keep_blank_values=True))


def _client(authorization: str) -> Json:
    """Give what an app proves itself with when it asks for a token."""
    try:
        said = base64.b64decode(authorization.removeprefix("Basic ")).decode()
    except (binascii.Error, UnicodeDecodeError):
        return {}
    name, _, secret = said.partition(":")
    return {"client_id": name, "client_secret": secret}


def _file_of(inquiry: Inquiry) -> bytes:
    """Take the file out of a multipart body, or the body itself."""
    content_type = inquiry.headers.get("content-type", "")
    if "boundary=" not in content_type:
        return inquiry.body
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    part = inquiry.body.split(b"--" + boundary)[1]
    return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
