"""arXiv's API as a source: our gate, timeouts, day cache and outcomes around the arxiv package.

The package reads the wire format. Its client has no timeout, knows no Retry-After, retries what
cannot be retried, and takes "Rate exceeded." with status 200 for zero results, so the request
itself is made here.
"""

import hashlib
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import arxiv
import requests
import structlog
from arxiv._feed import ParsedFeed, parse
from pydantic import TypeAdapter
from sqlalchemy import Engine, text

from pipeline.errors import (
    MalformedAnswer,
    Overloaded,
    RateLimited,
    RequestRejected,
    SourceRefused,
    TryAgain,
    Unavailable,
)
from pipeline.http import read_retry_after
from pipeline.sources.base import Page
from pipeline.sources.gate import Gate
from pipeline.sources.syntax import compile_arxiv
from pipeline.types import Paper, Query

log = structlog.get_logger()

_PAGE = TypeAdapter(Page)
_TIMEOUTS = (5.0, 30.0)
"""Seconds to connect, and between two bytes of the answer."""

_LONGEST_WAIT_SECONDS = 120.0
"""A longer Retry-After is not waited for: the person is told instead."""


@dataclass(frozen=True, slots=True)
class ArxivSource:
    """Papers from arXiv's API, one request per query.

    Attributes:
        base_url: the address that answers queries.
        contact: mail or web address in the User-Agent.
        attempts: requests for one query before giving up.
        first_wait_seconds: wait before the second attempt; doubles each time, with jitter.
        clock: epoch seconds, for the day of the cache.
    """

    gate: Gate
    engine: Engine
    base_url: str = "https://export.arxiv.org/api/query"
    contact: str = ""
    attempts: int = 4
    first_wait_seconds: float = 15.0
    clock: Callable[[], float] = time.time
    name: str = "arxiv"

    def search(self, query: Query, limit: int) -> Page:
        """Ask arXiv, at most once a day for the same query.

        Raises:
            RateLimited, Overloaded, Unavailable, MalformedAnswer: still so after the attempts.
            SourceRefused: arXiv answered 403, now or within the last day.
            RequestRejected: arXiv cannot read the query (a fault of ours).
        """
        compiled = compile_arxiv(query)
        day = datetime.fromtimestamp(self.clock(), UTC).date().isoformat()
        key = hashlib.sha256(f"{self.base_url}\n{compiled}\n{limit}".encode()).hexdigest()
        known = self._find(key, day)
        if known is not None:
            return known
        page = self._ask(compiled, limit)
        self._keep(key, day, page)
        return page

    def _ask(self, compiled: str, limit: int) -> Page:
        wait = self.first_wait_seconds
        for attempt in range(1, self.attempts + 1):
            try:
                with self.gate.turn():
                    return self._request(compiled, limit)
            except TryAgain as error:
                pause = wait * random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, no secret
                if error.wait_seconds is not None:
                    pause = error.wait_seconds
                self.gate.hold_back(min(pause, _LONGEST_WAIT_SECONDS))
                if attempt == self.attempts or pause > _LONGEST_WAIT_SECONDS:
                    raise
                wait *= 2
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _request(self, compiled: str, limit: int) -> Page:
        contact = f"; {self.contact}" if self.contact else ""
        try:
            answer = requests.get(
                self.base_url,
                params={
                    "search_query": compiled,
                    "start": "0",
                    "max_results": str(limit),
                    "sortBy": "relevance",
                    "sortOrder": "descending",
                },
                headers={"User-Agent": f"paperwalk/0.1 (literature surveys in Slack{contact})"},
                timeout=_TIMEOUTS,
            )
        except requests.exceptions.Timeout as error:
            raise Unavailable("arXiv did not answer in time") from error
        except requests.exceptions.RequestException as error:
            raise Unavailable("arXiv cannot be reached") from error
        self._check(answer)
        feed = _read(answer.content)
        papers = {paper.id: paper for paper in map(_paper, reversed(feed.results)) if paper}
        if not papers and feed.header.total_results > 0:
            raise MalformedAnswer("arXiv announced papers and sent none")
        best_first = tuple(reversed(papers.values()))
        log.info("arxiv_searched", papers=len(papers), hits=feed.header.total_results)
        return Page(best_first[:limit], max(feed.header.total_results, len(papers)), compiled)

    def _check(self, answer: requests.Response) -> None:
        """Turn a status into our error."""
        status = answer.status_code
        if status == requests.codes.OK:
            return
        wait = read_retry_after(answer.headers.get("Retry-After"), self.clock())
        if status == requests.codes.FORBIDDEN:
            self.gate.shut()
            raise SourceRefused("arXiv answered 403; nobody asks again for a day")
        if status == requests.codes.TOO_MANY_REQUESTS:
            raise RateLimited("arXiv answered 429", wait_seconds=wait)
        if status >= 500:
            raise Overloaded(f"arXiv answered {status}", wait_seconds=wait)
        raise RequestRejected(f"arXiv answered {status} to a query")

    def _find(self, key: str, day: str) -> Page | None:
        with self.engine.connect() as connection:
            page = connection.scalar(
                text("SELECT page FROM pages WHERE key = :key AND day = :day"),
                {"key": key, "day": day},
            )
        return None if page is None else _PAGE.validate_json(page)

    def _keep(self, key: str, day: str, page: Page) -> None:
        values = {"key": key, "day": day, "page": _PAGE.dump_json(page).decode()}
        with self.engine.begin() as connection:
            connection.execute(text("DELETE FROM pages WHERE day < :day"), values)
            connection.execute(
                text(
                    "INSERT INTO pages (key, day, page) VALUES (:key, :day, :page)"
                    " ON CONFLICT (key) DO UPDATE SET day = excluded.day, page = excluded.page"
                ),
                values,
            )


def _read(content: bytes) -> ParsedFeed:
    """Parse a feed, and refuse what the parser would forgive: other pages, feeds cut short."""
    body = content.strip()
    if body.startswith(b"Rate exceeded"):
        raise RateLimited("arXiv answered 'Rate exceeded.'")
    if b"<feed" not in body[:2000] or not body.endswith(b"</feed>"):
        raise MalformedAnswer("arXiv's answer is no complete Atom feed")
    feed = parse(body)
    if feed.malformed:
        raise MalformedAnswer("arXiv's feed cannot be parsed")
    return feed


def _paper(result: arxiv.Result) -> Paper | None:
    """Give the paper of an entry, or null for arXiv's error entries."""
    match = re.search(r"/abs/(.+?)(?:v(\d+))?$", result.entry_id)
    if match is None:
        return None
    return Paper(
        id=match[1],
        version=int(match[2] or 1),
        title=" ".join(result.title.split()),
        abstract=" ".join(result.summary.split()),
        authors=tuple(author.name for author in result.authors),
        published=result.published,
        updated=result.updated,
        categories=tuple(result.categories),
        primary_category=result.primary_category,
        comment=result.comment,
        doi=result.doi,
        journal_ref=result.journal_ref,
    )
