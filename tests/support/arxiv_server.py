"""A loopback arXiv: the Atom API over given papers, with faults to play."""

import re
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from pipeline.types import Paper

FaultName = Literal["garbage", "html", "empty", "truncated", "hang", "error_entry"]


@dataclass(frozen=True)
class Fault:
    """What the next request meets: a status, or a spoilt answer with status 200."""

    status: int = 200
    retry_after: str | None = None
    answer: FaultName | None = None


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    query: str
    limit: int
    user_agent: str
    at: float


@dataclass
class ArxivServer:
    """The papers, the requests so far, the faults to come.

    Attributes:
        seconds: that each answer takes.
    """

    papers: Sequence[Paper]
    seconds: float = 0.0
    requests: list[Request] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    url: str = ""
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _released: threading.Event = field(default_factory=threading.Event)

    def fail_next(self, *faults: Fault) -> None:
        self.faults.extend(faults)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        arguments = parse_qs(urlsplit(handler.path).query)
        query, limit = arguments["search_query"][0], int(arguments["max_results"][0])
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            agent = handler.headers.get("User-Agent") or ""
            self.requests.append(Request(query, limit, agent, time.monotonic()))
            fault = self.faults.popleft() if self.faults else Fault()
        try:
            self._send(handler, query, limit, fault)
        finally:
            with self._lock:
                self._now -= 1

    def _send(self, handler: BaseHTTPRequestHandler, query: str, limit: int, fault: Fault) -> None:
        if fault.answer == "hang":
            self._released.wait(30)
        time.sleep(self.seconds)
        found = [paper for paper in self.papers if matches(query, paper)]
        body = feed(found[:limit], len(found))
        match fault.answer:
            case "garbage":
                body = "Rate exceeded."
            case "html":
                body = "<html><body>Sorry</body></html>"
            case "empty":
                body = feed([], 300)
            case "truncated":
                body = body[: len(body) // 2]
            case "error_entry":
                body = feed([], 1, extra=ERROR_ENTRY)
            case _:
                pass
        data = body.encode()
        handler.send_response(fault.status)
        if fault.retry_after is not None:
            handler.send_header("Retry-After", fault.retry_after)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def release(self) -> None:
        self._released.set()


ERROR_ENTRY = (
    "<entry><id>https://arxiv.org/api/errors#incorrect</id><title>Error</title>"
    "<summary>incorrect</summary><updated>2024-01-01T00:00:00Z</updated></entry>"
)


@contextmanager
def arxiv_server(papers: Sequence[Paper]) -> Iterator[ArxivServer]:
    """Serve papers on a loopback port."""
    state = ArxivServer(papers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                state.answer(self)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client gave up waiting, as it should

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/api/query"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield state
    finally:
        state.release()
        server.shutdown()
        server.server_close()
        thread.join()


def feed(papers: Sequence[Paper], total: int, extra: str = "") -> str:
    """Give a page as arXiv writes it."""
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{paper.id}v{paper.version}</id>"
        f"<updated>{paper.updated:%Y-%m-%dT%H:%M:%SZ}</updated>"
        f"<published>{paper.published:%Y-%m-%dT%H:%M:%SZ}</published>"
        f"<title>{escape(paper.title)}</title><summary>{escape(paper.abstract)}</summary>"
        + "".join(f"<author><name>{escape(name)}</name></author>" for name in paper.authors)
        + (f"<arxiv:comment>{escape(paper.comment)}</arxiv:comment>" if paper.comment else "")
        + f'<arxiv:primary_category term="{paper.primary_category}"/>'
        + "".join(f'<category term="{one}"/>' for one in paper.categories)
        + "</entry>"
        for paper in papers
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
        ' xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"<opensearch:totalResults>{total}</opensearch:totalResults>{entries}{extra}</feed>"
    )


_TERM = re.compile(
    r'(ti|abs|cat):(?:"([^"]*)"|(\S+?))(?=[\s)]|$)|submittedDate:\[(\d{8})\d+ TO (\d{8})\d+\]'
)


def matches(query: str, paper: Paper) -> bool:
    """Evaluate a query as our compiler writes them: every group in parentheses."""

    def truth(match: re.Match[str]) -> str:
        if match[4]:
            return str(match[4] <= f"{paper.published:%Y%m%d}" <= match[5])
        wanted = (match[2] or match[3]).lower()
        if match[1] == "cat":
            prefix = wanted.removesuffix(".*")
            return str(
                any(
                    c.lower() == wanted or c.lower().startswith(prefix + ".")
                    for c in paper.categories
                )
            )
        text = paper.title if match[1] == "ti" else paper.abstract
        return str(wanted in text.lower())

    logic = _TERM.sub(truth, query).replace(" AND ", " and ").replace(" OR ", " or ")
    assert re.fullmatch(r"(?:True|False|and|or|[() ])+", logic), query
    return bool(eval(logic))  # only the words that the assertion lets through
