"""A loopback server that speaks the wire of OpenAI, Anthropic and Gemini.

What it answers is decided by a function of the request, so that a whole survey can be played; which
requests came and which were answered is kept.
"""

import base64
import hashlib
import json
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from batch_desk import BatchDesk

Json = dict[str, Any]


@dataclass(frozen=True)
class ModelRequest:
    """One request, whatever wire it came over."""

    provider: str
    model: str
    system: str
    user: str
    schema: Json | None

    @property
    def fields(self) -> set[str]:
        return set((self.schema or {}).get("properties", {}))


@dataclass(frozen=True)
class Fault:
    """What happens instead of an answer.

    Attributes:
        kind: ``status`` (with ``status`` and ``said``), ``refusal``, ``truncated``, ``cut`` (the
            stream ends midway), ``hang``.
        text: what a reply that fails midway says before.
    """

    kind: str = "status"
    status: int = 500
    said: str = "boom"
    retry_after: str | None = None
    text: str = "half of a rep"


Reply = Callable[[ModelRequest], "str | Fault"]


@dataclass
class ModelServer:
    """Requests so far, and the faults to come."""

    reply: Reply
    url: str = ""
    requests: list[ModelRequest] = field(default_factory=list)
    answered: list[ModelRequest] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)
    embed_calls: int = 0
    embed_seconds: float = 0.0
    faults: deque[Fault] = field(default_factory=deque)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[Json] = field(default_factory=list)
    connections: int = 0
    hold_after: int | None = None
    holding: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.desk = BatchDesk(self.answer_in_batch)

    def base_url(self, provider: str) -> str:
        return self.url + ("/v1" if provider in {"openai", "openai_compatible"} else "")

    def hold(self, after: int) -> None:
        """Answer until so many replies were given in all, then fall silent."""
        self.hold_after, self.holding = after, 0
        self.released.clear()

    def let_go(self) -> None:
        """Answer again; whoever was waiting gets nothing."""
        self.hold_after = None
        self.released.set()

    def fail_next(self, *faults: Fault) -> None:
        self.faults.extend(faults)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        body = json.loads(handler.rfile.read(length))
        self.headers.append(dict(handler.headers))
        self.bodies.append(body)
        if "embed" in handler.path.lower():
            self._embed(handler, body)
            return
        request = _read(handler.path, body)
        with self.lock:
            self.requests.append(request)
            fault = self.faults.popleft() if self.faults else None
            held = self.hold_after is not None and len(self.answered) >= self.hold_after
            self.holding += held
            if not held and fault is None:
                self.answered.append(request)
        if held:
            self._fall_silent(handler)
            return
        said = fault or self.reply(request)
        if isinstance(said, Fault) and said.kind == "hang":
            self._fall_silent(handler)
            return
        if isinstance(said, Fault) and said.kind == "status":
            _send_error(handler, request.provider, said)
            return
        _send_reply(handler, request, said, stream=_wants_stream(handler.path, body))

    def _fall_silent(self, handler: BaseHTTPRequestHandler) -> None:
        self.released.wait(30)
        handler.close_connection = True

    def answer_in_batch(self, provider: str, model: str, body: Json) -> tuple[int, Json]:
        """Give status and body of the answer to one request of a batch."""
        path = {"openai": "/responses", "anthropic": "/messages", "gemini": f"models/{model}:"}
        request = _read(path[provider], body)
        with self.lock:
            self.requests.append(request)
        said = self.reply(request)
        if isinstance(said, Fault) and said.kind == "status":
            return said.status, {"said": said.said}
        with self.lock:
            self.answered.append(request)
        kind = said.kind if isinstance(said, Fault) else ""
        text = said if isinstance(said, str) else said.text
        return 200, _whole(provider, _EVENTS[provider](request, text, kind), text)

    def _embed(self, handler: BaseHTTPRequestHandler, body: Json) -> None:
        self.embed_calls += 1
        time.sleep(self.embed_seconds)
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            provider = "openai" if handler.path.endswith("/embeddings") else "gemini"
            _send_error(handler, provider, fault)
            return
        if handler.path.endswith("/embeddings"):
            texts, size = body["input"], body.get("dimensions", 64)
            rows: list[Json] = [
                {"index": i, "embedding": vector(t, size), "object": "embedding"}
                for i, t in enumerate(texts)
            ]
            if body["encoding_format"] == "base64":
                for row in rows:
                    packed = struct.pack(f"<{size}f", *row["embedding"])
                    row["embedding"] = base64.b64encode(packed).decode()
            reply: Json = {
                "object": "list",
                "data": rows[::-1],
                "model": body["model"],
                "usage": {"prompt_tokens": 7 * len(texts), "total_tokens": 7 * len(texts)},
            }
        else:
            wanted = body.get("requests", [body])
            texts = [one["content"]["parts"][0]["text"] for one in wanted]
            size = wanted[0].get("outputDimensionality", 64)
            rows = [{"values": [3 * x for x in vector(t, size)]} for t in texts]
            reply = {"embeddings": rows}
        self.embedded.extend(texts)
        _send_json(handler, 200, reply)


@contextmanager
def model_server(reply: Reply, *, keeps_open: bool = False) -> Iterator[ModelServer]:
    """Serve on a loopback port.

    Args:
        keeps_open: a connection takes further requests, as those to real providers do; else it is
            closed behind each reply, so that a test leaves none behind.
    """
    state = ModelServer(reply)
    sockets: set[socket.socket] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            with state.lock:
                state.connections += 1
                sockets.add(self.connection)

        def finish(self) -> None:
            with state.lock:
                sockets.discard(self.connection)
            super().finish()

        def handle(self) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):  # the client went, as some do
                super().handle()

        def do_GET(self) -> None:
            state.desk.handle(self, "GET")

        def end_headers(self) -> None:
            self.send_header("Connection", "keep-alive" if keeps_open else "close")
            super().end_headers()

        def do_POST(self) -> None:
            if state.desk.handles(self.path):
                state.desk.handle(self, "POST")
            else:
                state.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = state.desk.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
        with state.lock:
            for one in sockets:
                with suppress(OSError):  # the client has just closed it
                    one.shutdown(socket.SHUT_RDWR)


def vector(text: str, size: int) -> list[float]:
    """Give a unit vector that is near for texts with common words."""
    row = [0.0] * size
    for word in re.findall(r"\w+", text.lower()):
        row[int(hashlib.sha256(word.encode()).hexdigest(), 16) % size] += 1.0
    length = sum(x * x for x in row) ** 0.5 or 1.0
    return [x / length for x in row]


def play_survey(request: ModelRequest) -> str:
    """Be a model that does every role of a survey well."""
    japanese = "Japanese" in request.system
    anchors = list(dict.fromkeys(re.findall(r"\[P\d+\]", request.user)))
    topic = "これらの論文を比べる。" if japanese else "These papers belong together. "
    fields = request.fields
    if fields == {"queries"}:
        tree: Json = {"any_of": [], "categories": [], "date_from": None, "date_to": None}
        trees = [{**tree, "must": [phrase]} for phrase in ("radiance field", "NeRF", "view")]
        return json.dumps({"queries": trees})
    if fields == {"summary", "relevance", "reason"}:
        words = ("要約である。", "主題に合う。") if japanese else ("A summary.", "On topic.")
        return json.dumps({"summary": words[0], "relevance": "core", "reason": words[1]})
    if fields == {"title", "sections"}:
        count = int(re.search(r"exactly (\d+)", request.system)[1])  # type: ignore[index]  # it is there
        name = "節の見出しとする" if japanese else "Heading"
        sections = [{"heading": f"{name} {i}", "focus": topic} for i in range(1, count + 1)]
        return json.dumps(
            {"title": "調査の題である" if japanese else "A title", "sections": sections}
        )
    if fields == {"markdown", "off_topic"}:
        return json.dumps({"markdown": topic + " ".join(anchors), "off_topic": []})
    if fields == {"markdown"}:
        return json.dumps({"markdown": topic + " ".join(anchors)})
    if fields == {"introduction", "conclusion"}:
        return json.dumps({"introduction": topic, "conclusion": topic})
    if fields == {"count"}:
        return json.dumps({"count": len(request.user.split())})
    if "List the unique papers" in request.system:
        return "\n".join(f"paper{i}" for i in range(5))
    return f"# {topic}\n\n{topic} {' '.join(anchors)}\n"


def _read(path: str, body: Json) -> ModelRequest:
    if path.endswith("/responses"):
        schema = body.get("text", {}).get("format", {}).get("schema")
        return ModelRequest("openai", body["model"], body["instructions"], body["input"], schema)
    if path.endswith("/chat/completions"):
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
        system, user = (message["content"] for message in body["messages"])
        return ModelRequest("openai_compatible", body["model"], system, user, schema)
    if path.endswith("/messages"):
        schema = body.get("output_config", {}).get("format", {}).get("schema")
        user = body["messages"][0]["content"]
        if isinstance(user, list):
            user = "".join(block["text"] for block in user)
        return ModelRequest("anthropic", body["model"], body["system"], user, schema)
    model = re.search(r"models/([^:]+):", path)[1]  # type: ignore[index]  # it is there
    config = body.get("generationConfig", {})
    schema = config.get("responseJsonSchema")
    system = body["systemInstruction"]["parts"][0]["text"]
    return ModelRequest("gemini", model, system, body["contents"][0]["parts"][0]["text"], schema)


def _wants_stream(path: str, body: Json) -> bool:
    return bool(body.get("stream")) or "stream" in path.lower()


def _send_json(
    handler: BaseHTTPRequestHandler, status: int, body: Json, headers: dict[str, str] | None = None
) -> None:
    data = json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)


def _send_error(handler: BaseHTTPRequestHandler, provider: str, fault: Fault) -> None:
    bodies: dict[str, Json] = {
        "openai": {"error": {"message": fault.said, "type": "error", "code": fault.said}},
        "anthropic": {"type": "error", "error": {"type": "error", "message": fault.said}},
        "gemini": {"error": {"code": fault.status, "message": fault.said, "status": "ERROR"}},
    }
    headers = {"Retry-After": fault.retry_after} if fault.retry_after else None
    body = bodies["openai" if provider == "openai_compatible" else provider]
    _send_json(handler, fault.status, body, headers)


def _send_reply(
    handler: BaseHTTPRequestHandler, request: ModelRequest, said: str | Fault, *, stream: bool
) -> None:
    assert stream, "all adapters stream"
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    kind = said.kind if isinstance(said, Fault) else ""
    text = said if isinstance(said, str) else said.text
    for event, data in _EVENTS[request.provider](request, text, kind):
        line = f"event: {event}\n" if event else ""
        _send_chunk(handler, f"{line}data: {json.dumps(data) if data else '[DONE]'}\n\n".encode())
    _send_chunk(handler, b"")


def _send_chunk(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    """Send a piece of a body whose length is not known before; an empty one ends it."""
    handler.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))


Events = list[tuple[str, Json]]


def _whole(provider: str, events: Events, text: str) -> Json:
    """Give the answer that a stream of events would have told in pieces."""
    bodies = [body for _, body in events]
    if provider == "openai":
        whole: Json = bodies[-1]["response"]
        return whole
    if provider == "anthropic":
        told = bodies[-2]
        usage = bodies[0]["message"]["usage"] | told["usage"]
        content = [{"type": "text", "text": text}]
        message: Json = bodies[0]["message"] | told["delta"]
        return {**message, "content": content, "usage": usage}
    parts: Json = {"role": "model", "parts": [{"text": text}]}
    last = bodies[-1]
    return {**last, "candidates": [last["candidates"][0] | {"content": parts}]}


def _pieces(text: str) -> list[str]:
    """Cut a reply as a stream would: a few pieces, at no special places."""
    size = max(len(text) // 4, 1)
    return [text[start : start + size] for start in range(0, len(text), size)]


def _openai(request: ModelRequest, text: str, kind: str) -> Events:
    part: Json = {"type": "output_text", "text": text, "annotations": []}
    if kind == "refusal":
        part = {"type": "refusal", "refusal": "no"}
    truncated = kind == "truncated"
    response: Json = {
        "id": "resp_1",
        "object": "response",
        "created_at": 0,
        "model": request.model,
        "status": "incomplete" if truncated else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if truncated else None,
        "error": None,
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": [],
        "output": [
            {
                "type": "message",
                "id": "m",
                "role": "assistant",
                "status": "completed",
                "content": [part],
            }
        ],
        "usage": {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 0},
            "output_tokens": 20,
            "output_tokens_details": {"reasoning_tokens": 5},
            "total_tokens": 120,
        },
    }
    delta = {
        "type": "response.output_text.delta",
        "item_id": "m",
        "output_index": 0,
        "content_index": 0,
        "sequence_number": 1,
        "logprobs": [],
    }
    events: Events = [
        ("response.output_text.delta", {**delta, "delta": piece}) for piece in _pieces(text)
    ]
    if kind != "cut":
        name = "response.incomplete" if truncated else "response.completed"
        events.append((name, {"type": name, "response": response, "sequence_number": 2}))
    return events


def _compatible(request: ModelRequest, text: str, kind: str) -> Events:
    def chunk(delta: Json, finish: str | None, usage: Json | None = None) -> Json:
        choices = [] if usage else [{"index": 0, "delta": delta, "finish_reason": finish}]
        return {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": request.model,
            "choices": choices,
            "usage": usage,
        }

    finish = {"truncated": "length", "refusal": "content_filter"}.get(kind, "stop")
    events: Events = [
        ("", chunk({"role": "assistant", "content": piece}, None)) for piece in _pieces(text)
    ]
    if kind != "cut":
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        events += [("", chunk({}, finish)), ("", chunk({}, None, usage)), ("", {})]
    return events


def _anthropic(request: ModelRequest, text: str, kind: str) -> Events:
    message: Json = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": request.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": 60,
            "cache_read_input_tokens": 40,
            "cache_creation_input_tokens": 0,
            "output_tokens": 1,
        },
    }
    block = {"type": "text", "text": ""}
    events: Events = [
        ("message_start", {"type": "message_start", "message": message}),
        (
            "content_block_start",
            {"type": "content_block_start", "index": 0, "content_block": block},
        ),
        *(
            (
                "content_block_delta",
                {
                    "type": "content_block_delta",
                    "index": 0,
                    "delta": {"type": "text_delta", "text": piece},
                },
            )
            for piece in _pieces(text)
        ),
    ]
    if kind != "cut":
        stop = {"truncated": "max_tokens", "refusal": "refusal"}.get(kind, "end_turn")
        delta = {"stop_reason": stop, "stop_sequence": None}
        events += [
            ("content_block_stop", {"type": "content_block_stop", "index": 0}),
            (
                "message_delta",
                {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 20}},
            ),
            ("message_stop", {"type": "message_stop"}),
        ]
    return events


def _gemini(request: ModelRequest, text: str, kind: str) -> Events:
    del request
    contents = [{"role": "model", "parts": [{"text": piece}]} for piece in _pieces(text)]
    events: Events = [("", {"candidates": [{"content": one, "index": 0}]}) for one in contents]
    finish = {"truncated": "MAX_TOKENS", "refusal": "SAFETY"}.get(kind, "STOP")
    last: Json = {
        "candidates": [{"content": {"role": "model", "parts": []}, "finishReason": finish}],
        "usageMetadata": {
            "promptTokenCount": 100,
            "cachedContentTokenCount": 40,
            "candidatesTokenCount": 15,
            "thoughtsTokenCount": 5,
        },
    }
    return events if kind == "cut" else [*events, ("", last)]


_EVENTS: dict[str, Callable[[ModelRequest, str, str], Events]] = {
    "openai": _openai,
    "openai_compatible": _compatible,
    "anthropic": _anthropic,
    "gemini": _gemini,
}
