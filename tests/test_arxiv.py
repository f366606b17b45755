"""arXiv over the wire: politeness, outcomes, the day cache."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from arxiv_server import ArxivServer, Fault, arxiv_server
from pipeline import errors
from pipeline.database import open_database
from pipeline.http import read_retry_after
from pipeline.sources.arxiv import ArxivSource
from pipeline.sources.gate import Gate
from pipeline.types import Paper, Query

MOMENT = datetime(2023, 5, 1, tzinfo=UTC)
PAPERS = [
    Paper(
        "2305.00001",
        3,
        "NeRF & friends <here>",
        "About NeRF.\n  More.",
        ("A. One", "B. Two"),
        MOMENT,
        MOMENT,
        ("cs.CV",),
        "cs.CV",
        "5 pages",
    ),
    Paper(
        "math/0101001",
        1,
        "Old NeRF",
        "A NeRF of old.",
        ("C",),
        MOMENT,
        MOMENT,
        ("math.CO",),
        "math.CO",
    ),
    Paper("2305.00002", 1, "Something else", "No match.", (), MOMENT, MOMENT),
]
NERF = Query(("NeRF",))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/db.sqlite")
    yield engine
    engine.dispose()


@pytest.fixture
def server() -> Iterator[ArxivServer]:
    with arxiv_server(PAPERS) as running:
        yield running


def open_source(engine: Engine, server: ArxivServer, clock: float = 1e9) -> ArxivSource:
    gate = Gate(engine, interval_seconds=0.01)
    return ArxivSource(
        gate,
        engine,
        base_url=server.url,
        contact="me@example.org",
        first_wait_seconds=0.02,
        clock=lambda: clock,
    )


def test_papers_come_with_everything_that_the_feed_says(
    engine: Engine, server: ArxivServer
) -> None:
    page = open_source(engine, server).search(NERF, 50)

    assert page.hits == 2
    first = next(paper for paper in page.papers if paper.id == "2305.00001")
    assert (first.version, first.title) == (3, "NeRF & friends <here>")
    assert first.abstract == "About NeRF. More."
    assert first.authors == ("A. One", "B. Two")
    assert first.published == MOMENT
    assert first.comment == "5 pages"
    assert {paper.id for paper in page.papers} == {"2305.00001", "math/0101001"}


def test_requests_name_us_and_our_contact(engine: Engine, server: ArxivServer) -> None:
    open_source(engine, server).search(NERF, 7)

    assert server.requests[0].user_agent.startswith("paperwalk/")
    assert "me@example.org" in server.requests[0].user_agent
    assert server.requests[0].limit == 7


def test_the_same_query_is_sent_once_a_day(engine: Engine, server: ArxivServer) -> None:
    source = open_source(engine, server)

    first = source.search(NERF, 50)
    second = source.search(NERF, 50)
    next_day = open_source(engine, server, clock=1e9 + 86_400).search(NERF, 50)

    assert first == second == next_day
    assert len(server.requests) == 2


def test_no_hits_are_no_error(engine: Engine, server: ArxivServer) -> None:
    page = open_source(engine, server).search(Query(("quuxology",)), 50)

    assert (page.papers, page.hits) == ((), 0)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(429, "0"),
        Fault(503),
        Fault(500),
        Fault(answer="garbage"),
        Fault(answer="html"),
        Fault(answer="empty"),
        Fault(answer="truncated"),
        Fault(answer="error_entry"),
    ],
)
def test_what_waiting_heals_is_asked_again(
    engine: Engine, server: ArxivServer, fault: Fault
) -> None:
    server.fail_next(fault)

    page = open_source(engine, server).search(NERF, 50)

    assert len(page.papers) == 2
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(429), errors.RateLimited),
        (Fault(503), errors.Overloaded),
        (Fault(answer="garbage"), errors.RateLimited),
        (Fault(answer="html"), errors.MalformedAnswer),
        (Fault(answer="empty"), errors.MalformedAnswer),
    ],
)
def test_attempts_are_bounded(
    engine: Engine, server: ArxivServer, fault: Fault, kind: type[errors.TryAgain]
) -> None:
    server.fail_next(*[fault] * 9)

    with pytest.raises(kind):
        open_source(engine, server).search(NERF, 50)

    assert len(server.requests) == 4


def test_a_bad_query_fails_at_once(engine: Engine, server: ArxivServer) -> None:
    server.fail_next(Fault(400))

    with pytest.raises(errors.RequestRejected):
        open_source(engine, server).search(NERF, 50)

    assert len(server.requests) == 1


def test_a_refusal_stops_everybody_for_a_day(engine: Engine, server: ArxivServer) -> None:
    server.fail_next(Fault(403))

    with pytest.raises(errors.SourceRefused):
        open_source(engine, server).search(NERF, 50)
    with pytest.raises(errors.SourceRefused):
        open_source(engine, server).search(Query(("other",)), 50)

    assert len(server.requests) == 1


def test_a_long_retry_after_is_told_and_kept(engine: Engine, server: ArxivServer) -> None:
    server.fail_next(Fault(429, "600"))

    with pytest.raises(errors.RateLimited) as limited:
        open_source(engine, server).search(NERF, 50)

    assert limited.value.wait_seconds == 600
    assert len(server.requests) == 1


def test_nobody_there_is_unavailable(engine: Engine) -> None:
    source = ArxivSource(
        Gate(engine, interval_seconds=0.01), engine, base_url="http://127.0.0.1:9", attempts=1
    )

    with pytest.raises(errors.Unavailable):
        source.search(NERF, 50)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("12", 12.0),
        ("0.5", 0.5),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str | None, seconds: float | None) -> None:
    assert read_retry_after(header, 60.0) == seconds
