"""Ask arXiv's OAI-PMH interface for pages, by the same gate as its API and as patiently."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests
import structlog

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
from pipeline.sources.gate import Gate
from pipeline.sources.oai import OaiPage, read_page

log = structlog.get_logger()

_TIMEOUTS = (5.0, 40.0)
"""Seconds to connect, and between two bytes of the answer."""

_LONGEST_ANSWER_SECONDS = 75.0
"""For a whole page; with a last timeout still within the gate's lease, so that nobody else asks."""

_LARGEST_ANSWER = 64 * 2**20
"""Bytes; arXiv's pages hold 2,500 records, about 8 MB."""

_LONGEST_WAIT_SECONDS = 3600.0
"""A longer Retry-After is not waited for: the harvest ends, and goes on when it is called again."""


@dataclass(frozen=True, slots=True)
class OaiClient:
    """Pages of records, one request after the other.

    Attributes:
        url: the interface's base address.
        contact: mail or web address in the User-Agent.
        attempts: requests for one page before giving up.
        first_wait_seconds: wait before the second attempt; doubles each time, with jitter.
        clock: epoch seconds, for a Retry-After that is a date.
    """

    gate: Gate
    url: str = "https://oaipmh.arxiv.org/oai"
    contact: str = ""
    attempts: int = 6
    first_wait_seconds: float = 15.0
    clock: Callable[[], float] = time.time

    def list_records(self, arguments: Mapping[str, str]) -> OaiPage:
        """Ask for a page of records.

        Args:
            arguments: of ``ListRecords``, without the verb.

        Raises:
            RateLimited, Overloaded, Unavailable, MalformedAnswer: still so after the attempts.
            SourceRefused: arXiv answered 403, now or within the last day.
            RequestRejected: an argument is wrong.
        """
        wait = self.first_wait_seconds
        for attempt in range(1, self.attempts + 1):
            try:
                with self.gate.turn():
                    body = self._request(arguments)
                return read_page(body)
            except TryAgain as error:
                pause = wait * random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, no secret
                if error.wait_seconds is not None:
                    pause = error.wait_seconds
                if attempt == self.attempts or pause > _LONGEST_WAIT_SECONDS:
                    raise
                self.gate.hold_back(pause)
                wait *= 2
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _request(self, arguments: Mapping[str, str]) -> bytes:
        contact = f"; {self.contact}" if self.contact else ""
        started = time.monotonic()
        try:
            with requests.get(
                self.url,
                params={"verb": "ListRecords", **arguments},
                headers={"User-Agent": f"paperwalk/0.1 (mirror of arXiv's metadata{contact})"},
                timeout=_TIMEOUTS,
                stream=True,
            ) as answer:
                self._check(answer)
                body = bytearray()
                for piece in answer.iter_content(2**16):
                    body += piece
                    if len(body) > _LARGEST_ANSWER:
                        raise MalformedAnswer("arXiv's answer does not end")
                    if time.monotonic() - started > _LONGEST_ANSWER_SECONDS:
                        raise Unavailable("arXiv's answer came too slowly")
        except requests.exceptions.Timeout as error:
            raise Unavailable("arXiv did not answer in time") from error
        except requests.exceptions.RequestException as error:
            raise Unavailable("arXiv cannot be reached, or broke off") from error
        log.info("oai_page_fetched", bytes=len(body), ms=round((time.monotonic() - started) * 1000))
        return bytes(body)

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
        raise RequestRejected(f"arXiv answered {status} to a harvest")
