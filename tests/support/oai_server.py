"""A loopback OAI-PMH interface that answers as arXiv's does, with faults to play.

Papers are listed by day of change, so many a page. A token names the day to go on from and how many
records of it to skip, and expires at the next midnight.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr


@dataclass(frozen=True)
class Item:
    """A record of the server.

    Attributes:
        day: of its last change.
        raw: XML instead of the record's own.
    """

    id: str
    day: str
    title: str = "A title"
    abstract: str = "An abstract about radiance fields."
    authors: str = "Ada Author and Bob Writer"
    categories: str = "cs.CV cs.LG"
    comments: str = ""
    versions: tuple[str, ...] = ("Mon, 02 Jan 2023 10:00:00 GMT",)
    source_type: str = "D"
    is_deleted: bool = False
    raw: str = ""


@dataclass(frozen=True)
class Fault:
    """What the next request meets: a status, or a body with status 200.

    Attributes:
        spoil: makes the body of the true one; a part of it may be missing.
        cut: the connection ends before the announced length.
    """

    status: int = 200
    retry_after: str | None = None
    spoil: Callable[[str], str] = lambda body: body
    cut: bool = False


@dataclass
class OaiServer:
    """The records, the requests so far, the faults to come.

    Attributes:
        today: the server's day.
        forgotten: tokens that are refused once.
        hold_after: so many answers are given, then the server falls silent.
    """

    items: list[Item]
    per_page: int = 2
    today: str = "2026-11-20"
    requests: list[dict[str, str]] = field(default_factory=list)
    user_agents: list[str] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    forgotten: set[str] = field(default_factory=set)
    expires: str = "2999-01-01T00:00:00Z"
    hold_after: int | None = None
    url: str = ""
    holding: int = 0
    answered: int = 0
    times: list[float] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def fail_next(self, *faults: Fault) -> None:
        self.faults.extend(faults)

    def tokens(self) -> list[str]:
        return [asked["resumptionToken"] for asked in self.requests if "resumptionToken" in asked]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = {key: value[0] for key, value in parse_qs(urlsplit(handler.path).query).items()}
        self.requests.append(asked)
        self.times.append(time.monotonic())
        self.user_agents.append(handler.headers.get("User-Agent") or "")
        if self.hold_after is not None and self.answered >= self.hold_after:
            self.holding += 1
            self.released.wait(30)
            return
        fault = self.faults.popleft() if self.faults else Fault()
        data = fault.spoil(self.page(asked)).encode()
        handler.send_response(fault.status)
        if fault.retry_after is not None:
            handler.send_header("Retry-After", fault.retry_after)
        handler.send_header("Content-Type", "text/xml")
        handler.send_header("Content-Length", str(len(data) + (10 if fault.cut else 0)))
        handler.end_headers()
        handler.wfile.write(data)
        self.answered += 1

    def page(self, asked: dict[str, str]) -> str:
        token = asked.get("resumptionToken")
        if token is None:
            return self.list(asked, "")
        if set(asked) != {"verb", "resumptionToken"}:
            return self.error("badArgument", "No other parameters allowed")
        if token in self.forgotten or "skip=" not in token:
            self.forgotten.discard(token)
            return self.error("badResumptionToken", "invalid or expired")
        return self.list(dict(parse_qsl(token)), "<resumptionToken/>")

    def list(self, asked: dict[str, str], last_token: str) -> str:
        if asked.get("metadataPrefix") != "arXivRaw":
            return self.error("cannotDisseminateFormat", "format")
        since, until = asked.get("from", "2005-09-16"), asked.get("until", self.today)
        if not "2005-09-16" <= since <= until <= self.today:
            return self.error("badArgument", "start date too early, or until too late")
        wanted = asked.get("set", "").split(":")
        if wanted[0] not in {"", "cs", "math"}:
            return self.error("badArgument", "Set does not exist")
        found = [
            item
            for item in sorted(self.items, key=lambda item: (item.day, item.id))
            if since <= item.day <= until and wanted[-1] in item.categories
        ]
        skip = int(asked.get("skip", 0))
        here, more = found[skip : skip + self.per_page], found[skip + self.per_page :]
        if not here:
            return self.error("noRecordsMatch", "empty list")
        token = self.token(asked, here, skip) if more else last_token
        return self.document(f"<ListRecords>{''.join(map(record, here))}{token}</ListRecords>")

    def token(self, asked: dict[str, str], here: Sequence[Item], skip: int) -> str:
        last = here[-1].day
        if here[0].day == last:
            after = asked | {"skip": str(skip + len(here))}
        else:
            same = sum(item.day == last for item in here)
            after = asked | {"from": last, "skip": str(same)}
        text = urlencode(after)
        expires = quoteattr(self.expires)
        return f"<resumptionToken expirationDate={expires}>{escape(text)}</resumptionToken>"

    def error(self, code: str, text: str) -> str:
        return self.document(f'<error code="{code}">{text}</error>')

    def document(self, inner: str) -> str:
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
            f"<responseDate>{self.today}T12:00:00Z</responseDate>"
            f"<request>{self.url}</request>{inner}</OAI-PMH>"
        )


def record(item: Item) -> str:
    """Give a record as arXiv writes it."""
    if item.raw:
        return item.raw
    status = ' status="deleted"' if item.is_deleted else ""
    header = (
        f"<header{status}><identifier>oai:arXiv.org:{item.id}</identifier>"
        f"<datestamp>{date.fromisoformat(item.day)}</datestamp><setSpec>cs:cs:CV</setSpec></header>"
    )
    if item.is_deleted:
        return f"<record>{header}</record>"
    versions = "".join(
        f'<version version="v{number}"><date>{moment}</date><size>58kb</size>'
        f"<source_type>{item.source_type}</source_type></version>"
        for number, moment in enumerate(item.versions, start=1)
    )
    comments = f"<comments>{escape(item.comments)}</comments>" if item.comments else ""
    return (
        f'<record>{header}<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">'
        f"<id>{item.id}</id><submitter>Ada Author</submitter>{versions}"
        f"<title>{escape(item.title)}</title><authors>{escape(item.authors)}</authors>"
        f"<categories>{item.categories}</categories>{comments}"
        f"<license>http://creativecommons.org/licenses/by/4.0/</license>"
        f"<abstract>  {escape(item.abstract)}\n</abstract></arXivRaw></metadata></record>"
    )


@contextmanager
def oai_server(items: Sequence[Item]) -> Iterator[OaiServer]:
    """Serve records on a loopback port."""
    state = OaiServer(list(items))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                state.answer(self)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client was killed, as some tests want

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/oai"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
