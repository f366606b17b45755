"""The batch interfaces of OpenAI, Anthropic and Gemini, as the loopback model server speaks them."""

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler
from typing import Any

Json = dict[str, Any]
Answer = Callable[[str, str, Json], tuple[int, Json]]
"""Takes provider, model and one request's body; gives status and body of its answer."""


@dataclass
class Batch:
    """One batch that was handed in.

    Attributes:
        bodies: key → body of the request, in their order.
        answers: key → status and body, once it was worked on.
        fate: ``failed`` or ``expired`` instead of a usual end.
    """

    id: str
    provider: str
    label: str
    bodies: dict[str, Json]
    created_at: float
    model: str = ""
    answers: dict[str, tuple[int, Json]] = field(default_factory=dict)
    is_over: bool = False
    fate: str = ""


@dataclass
class BatchDesk:
    """All batches of the server.

    Attributes:
        is_held: batches stay under way.
        lost: so many batches are taken, but whoever hands them in hears nothing.
        refused: so many are not taken, with status 500.
        fates: of the next batches, one each.
        unanswered: so many requests are left without an answer.
    """

    answer: Answer
    url: str = ""
    batches: list[Batch] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    is_held: bool = False
    lost: int = 0
    refused: int = 0
    fates: deque[str] = field(default_factory=deque)
    unanswered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def handles(self, path: str) -> bool:
        return bool(re.search(r"/files|batch", path.lower())) and "embed" not in path.lower()

    def handle(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        """Answer one call."""
        path = handler.path.partition("?")[0]
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        if method == "POST" and path.endswith("/files"):
            self._put_file(handler, raw)
        elif method == "POST":
            self._take(handler, path, json.loads(raw))
        elif found := re.search(r"/files/([^/]+)/content", path):
            _send(handler, 200, self.files[found[1]].encode(), "application/octet-stream")
        elif path.endswith("/results"):
            self._results(handler, path.split("/")[-2])
        else:
            self._show(handler, path)

    def _put_file(self, handler: BaseHTTPRequestHandler, raw: bytes) -> None:
        head = f"Content-Type: {handler.headers['Content-Type']}\r\n\r\n".encode()
        message = BytesParser().parsebytes(head + raw)
        parts = {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            for part in message.walk()
            if not part.is_multipart()
        }
        assert parts["purpose"] == b"batch"
        file_id = f"file-{len(self.files)}"
        content = parts["file"]
        assert isinstance(content, bytes)
        self.files[file_id] = content.decode()
        shown = {"id": file_id, "object": "file", "bytes": 1, "created_at": 0}
        _send_json(handler, {**shown, "filename": "f", "purpose": "batch", "status": "processed"})

    def _take(self, handler: BaseHTTPRequestHandler, path: str, body: Json) -> None:
        with self.lock:
            if self.refused:
                self.refused -= 1
                _send_json(handler, {"error": {"message": "boom"}}, 500)
                return
            batch = self._read(path, body)
            batch.fate = self.fates.popleft() if self.fates else ""
            self.batches.append(batch)
            is_lost, self.lost = self.lost > 0, max(self.lost - 1, 0)
        if is_lost:
            handler.close_connection = True
            return
        _send_json(handler, self._shown(batch))

    def _read(self, path: str, body: Json) -> Batch:
        number = len(self.batches)
        if "input_file_id" in body:
            assert body["endpoint"] == "/v1/responses"
            lines = map(json.loads, self.files[body["input_file_id"]].splitlines())
            bodies = {line["custom_id"]: line["body"] for line in lines}
            label = body["metadata"]["paperwalk"]
            return Batch(f"batch_{number}", "openai", label, bodies, time.time())
        if "requests" in body:
            bodies = {one["custom_id"]: one["params"] for one in body["requests"]}
            assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", key) for key in bodies)
            return Batch(f"msgbatch_{number}", "anthropic", "", bodies, time.time())
        inner = body["batch"]
        requests = inner["inputConfig"]["requests"]["requests"]
        bodies = {one["metadata"]["key"]: one["request"] for one in requests}
        model = re.search(r"models/([^:]+):", path)[1]  # type: ignore[index]  # it is there
        label = inner["displayName"]
        return Batch(f"batches/{number}", "gemini", label, bodies, time.time(), model)

    def _work(self, batch: Batch) -> None:
        """Answer what is in a batch, unless it is held or its fate is another."""
        with self.lock:
            if batch.is_over or self.is_held:
                return
            for key, body in batch.bodies.items():
                if batch.fate:
                    break
                if self.unanswered:
                    self.unanswered -= 1
                    continue
                model = body.get("model") or batch.model
                batch.answers[key] = self.answer(batch.provider, model, body)
            batch.is_over = True

    def _show(self, handler: BaseHTTPRequestHandler, path: str) -> None:
        if path.rstrip("/").endswith("batches"):
            provider = "anthropic" if "/messages/" in path else "openai"
            provider = "gemini" if handler.headers.get("x-goog-api-key") else provider
            own = [self._shown(one) for one in self.batches[::-1] if one.provider == provider]
            if provider == "gemini":
                _send_json(handler, {"operations": own})
            else:
                more = {"has_more": False, "first_id": None, "last_id": None}
                _send_json(handler, {"object": "list", "data": own, **more})
            return
        batch = next(one for one in self.batches if path.endswith(f"/{one.id}"))
        self._work(batch)
        _send_json(handler, self._shown(batch))

    def _results(self, handler: BaseHTTPRequestHandler, batch_id: str) -> None:
        batch = next(one for one in self.batches if one.id == batch_id)
        self._work(batch)
        lines = []
        for key in batch.bodies:
            result: Json = {"type": "expired"}
            if key in batch.answers:
                status, body = batch.answers[key]
                result = {"type": "succeeded", "message": body}
                if status != 200:
                    kind = "invalid_request_error" if status == 400 else "api_error"
                    error = {"type": kind, "message": body["said"]}
                    inner = {"type": "error", "error": error, "request_id": None}
                    result = {"type": "errored", "error": inner}
            lines.append(json.dumps({"custom_id": key, "result": result}, ensure_ascii=False))
        _send(handler, 200, "\n".join(lines).encode(), "application/x-jsonl")

    def _shown(self, batch: Batch) -> Json:
        return {"openai": self._openai, "anthropic": self._anthropic, "gemini": self._gemini}[
            batch.provider
        ](batch)

    def _openai(self, batch: Batch) -> Json:
        files: dict[str, str | None] = {"output_file_id": None, "error_file_id": None}
        if batch.is_over and not batch.fate:
            for name, is_good in (("output_file_id", True), ("error_file_id", False)):
                lines = [
                    json.dumps(
                        {"custom_id": key, "response": {"status_code": status, "body": body}},
                        ensure_ascii=False,
                    )
                    for key, (status, body) in batch.answers.items()
                    if (status == 200) is is_good
                ]
                if lines:
                    files[name] = f"{batch.id}-{name}"
                    self.files[f"{batch.id}-{name}"] = "\n".join(lines)
        status = "in_progress" if not batch.is_over else batch.fate or "completed"
        errors = {"data": [{"code": "token_limit_exceeded", "message": "m"}], "object": "list"}
        return {
            "id": batch.id,
            "object": "batch",
            "endpoint": "/v1/responses",
            "completion_window": "24h",
            "created_at": int(batch.created_at),
            "input_file_id": "file-0",
            "status": status,
            "metadata": {"paperwalk": batch.label},
            "errors": errors if status == "failed" else None,
            **files,
        }

    def _anthropic(self, batch: Batch) -> Json:
        when = datetime.fromtimestamp(batch.created_at, UTC).isoformat()
        total = len(batch.bodies)
        names = ("processing", "succeeded", "errored", "canceled", "expired")
        counts = dict.fromkeys(names, 0) | {
            "succeeded" if batch.is_over else "processing": total,
        }
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": "ended" if batch.is_over else "in_progress",
            "request_counts": counts,
            "created_at": when,
            "expires_at": when,
            "ended_at": when if batch.is_over else None,
            "archived_at": None,
            "cancel_initiated_at": None,
            "results_url": f"{self.url}/v1/messages/batches/{batch.id}/results",
        }

    def _gemini(self, batch: Batch) -> Json:
        answers = []
        for key in batch.bodies:
            if key in batch.answers:
                status, body = batch.answers[key]
                said: Json = (
                    {"response": body}
                    if status == 200
                    else {"error": {"code": 3 if status == 400 else 13, "message": body["said"]}}
                )
                answers.append({**said, "metadata": {"key": key}})
        state = "RUNNING" if not batch.is_over else (batch.fate or "succeeded").upper()
        return {
            "name": batch.id,
            "metadata": {
                "displayName": batch.label,
                "state": f"BATCH_STATE_{state}",
                "createTime": datetime.fromtimestamp(batch.created_at, UTC).isoformat(),
                "output": {"inlinedResponses": {"inlinedResponses": answers}},
            },
        }


def _send_json(handler: BaseHTTPRequestHandler, body: Json, status: int = 200) -> None:
    _send(handler, status, json.dumps(body).encode(), "application/json")


def _send(handler: BaseHTTPRequestHandler, status: int, data: bytes, kind: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
