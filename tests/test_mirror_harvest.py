"""Harvesting arXiv's OAI-PMH interface into the mirror."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine

from oai_server import Fault, Item, OaiServer, oai_server
from pipeline.database import open_database
from pipeline.errors import MalformedAnswer, RateLimited, RequestRejected, SourceRefused, TryAgain
from pipeline.search import is_withdrawn
from pipeline.sources.gate import Gate
from pipeline.sources.harvest import Running, Wanted, harvest, read_harvest
from pipeline.sources.mirror import MirrorSource
from pipeline.sources.mirror_file import read_mirror
from pipeline.sources.oai_client import OaiClient
from pipeline.types import Paper, Query

ITEMS = [
    Item("2301.00001", "2026-11-01"),
    Item("2301.00002", "2026-11-02"),
    Item("2301.00003", "2026-11-02"),
    Item("2301.00004", "2026-11-03"),
    Item("cs/9901005", "2026-11-04"),
]
EVERYTHING = Wanted()


@pytest.fixture
def server() -> Iterator[OaiServer]:
    with oai_server(ITEMS) as state:
        yield state


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('shared')}/shared.sqlite"


@pytest.fixture(scope="module")
def engine(database: str) -> Iterator[Engine]:
    opened = open_database(database)
    yield opened
    opened.dispose()


@pytest.fixture
def client(engine: Engine, server: OaiServer, mirror: Path) -> OaiClient:
    gate = Gate(engine, name=str(mirror), interval_seconds=0)
    return OaiClient(gate, server.url, attempts=3, first_wait_seconds=0.01)


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return tmp_path / "mirror.sqlite"


def papers(mirror: Path) -> dict[str, Paper]:
    found = MirrorSource(mirror).search(Query((), ("radiance", "other")), 300)
    return {paper.id: paper for paper in found.papers}


def test_a_first_harvest_holds_everything(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    report = harvest(mirror, client, "cs", EVERYTHING)

    assert set(papers(mirror)) == {item.id for item in ITEMS}
    assert (report.new, report.changed, report.deleted, report.pages) == (5, 0, 0, 3)
    assert report.complete == date(2026, 11, 20)
    first, *later = server.requests
    assert first == {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": "cs"}
    assert all(set(asked) == {"verb", "resumptionToken"} for asked in later)


def test_a_raw_record_becomes_a_paper(client: OaiClient, server: OaiServer, mirror: Path) -> None:
    moments = ("Sat, 31 Dec 2022 23:59:00 GMT", "Tue, 24 Jan 2023 20:10:27 GMT")
    server.items = [
        Item(
            "2212.00001",
            "2026-11-01",
            title="Poincar\\'e & the\n  radiance of {\\\"o} < $\\alpha$",
            authors="C. Bal\\'azs (1), E. L. Berger, Jr. and Ann Bo (2) ((1) MIT, (2) ETH)",
            comments="Accepted",
            versions=moments,
        )
    ]

    harvest(mirror, client, "", EVERYTHING)

    paper = papers(mirror)["2212.00001"]
    assert paper.version == 2
    assert paper.published == datetime(2022, 12, 31, 23, 59, tzinfo=UTC)
    assert paper.updated == datetime(2023, 1, 24, 20, 10, 27, tzinfo=UTC)
    assert paper.title == "Poincaré & the radiance of ö < $\\alpha$"
    assert paper.authors == ("C. Balázs", "E. L. Berger Jr.", "Ann Bo")
    assert paper.categories == ("cs.CV", "cs.LG")
    assert paper.primary_category == "cs.CV"
    assert paper.comment == "Accepted"


def test_arxiv_is_asked_politely(engine: Engine, server: OaiServer, mirror: Path) -> None:
    gate = Gate(engine, name=str(mirror), interval_seconds=0.2)

    harvest(mirror, OaiClient(gate, server.url, contact="ops@example.org"), "", EVERYTHING)

    assert len(server.times) == 3
    assert all(after - before > 0.19 for before, after in pairwise(server.times))
    assert all("ops@example.org" in agent for agent in server.user_agents)


def test_the_next_harvest_asks_for_what_has_changed_since_the_last(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    harvest(mirror, client, "cs", EVERYTHING)
    server.requests.clear()
    server.today = "2026-11-25"
    server.items = [
        *ITEMS[2:],
        Item("2301.00001", "2026-11-24", comments="ICCV"),
        Item("2301.00002", "2026-11-24", title="Other", versions=ITEMS[0].versions * 2),
        Item("2301.00003", "2026-11-24", is_deleted=True),
        Item("2311.00009", "2026-11-24"),
    ]

    report = harvest(mirror, client, "cs", EVERYTHING)

    assert server.requests[0]["from"] == "2026-11-20"
    assert (report.new, report.changed, report.deleted) == (1, 2, 1)
    held = papers(mirror)
    assert set(held) == {"2301.00001", "2301.00002", "2301.00004", "cs/9901005", "2311.00009"}
    assert held["2301.00001"].comment == "ICCV"
    assert (held["2301.00002"].version, held["2301.00002"].title) == (2, "Other")
    assert report.complete == date(2026, 11, 25)


def test_no_news_are_no_fault(client: OaiClient, server: OaiServer, mirror: Path) -> None:
    harvest(mirror, client, "", EVERYTHING)
    server.today = "2026-11-22"

    report = harvest(mirror, client, "", EVERYTHING)

    assert (report.new, report.changed, report.deleted) == (0, 0, 0)
    assert report.complete == date(2026, 11, 22)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(503, retry_after="0"),
        Fault(429, retry_after="0"),
        Fault(500),
        Fault(spoil=lambda body: body[: len(body) // 2]),
        Fault(cut=True),
        Fault(spoil=lambda _: "<html><body>Sorry</body></html>"),
        Fault(spoil=lambda _: "Rate exceeded."),
        Fault(spoil=lambda _: ""),
    ],
    ids=["503", "429", "500", "truncated", "cut", "html", "text", "empty"],
)
def test_a_spoilt_answer_is_asked_for_again(
    client: OaiClient, server: OaiServer, mirror: Path, fault: Fault
) -> None:
    server.fail_next(Fault(), fault)

    report = harvest(mirror, client, "", EVERYTHING)

    assert report.new == 5
    assert len(server.requests) == 4
    assert server.requests[1] == server.requests[2]


def test_a_wait_that_arxiv_asks_for_is_waited(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    server.fail_next(Fault(503, retry_after="0.4"))

    harvest(mirror, client, "", EVERYTHING)

    assert server.times[1] - server.times[0] > 0.39


def test_a_very_long_wait_ends_the_harvest(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    server.fail_next(Fault(), Fault(429, retry_after="86400"))

    with pytest.raises(RateLimited) as caught:
        harvest(mirror, client, "", EVERYTHING)

    assert caught.value.wait_seconds == 86400
    assert len(papers(mirror)) == 2, "the first page stays"


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise("abcdefgh"))
    + "]>"
)


@pytest.mark.parametrize(
    "doctype",
    [
        BOMB,
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
    ids=["bomb", "file", "external"],
)
def test_hostile_xml_is_refused(
    client: OaiClient, server: OaiServer, mirror: Path, doctype: str
) -> None:
    entity = "&h;" if "&a;" in doctype else "&a;" if "ENTITY" in doctype else ""

    def poison(body: str) -> str:
        declared = body.replace("?>", f"?>{doctype}", 1)
        return declared.replace("radiance fields", f"radiance {entity}")

    server.fail_next(*[Fault(spoil=poison)] * 3)

    with pytest.raises(MalformedAnswer):
        harvest(mirror, client, "", EVERYTHING)

    assert papers(mirror) == {}


def test_a_lost_token_is_made_up_for_from_the_last_day_reached(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    def forget(running: Running) -> None:
        if len(server.requests) == 2 and running.token is not None:
            server.forgotten.add(running.token.text)

    report = harvest(mirror, client, "", EVERYTHING, on_page=forget)

    assert set(papers(mirror)) == {item.id for item in ITEMS}
    assert server.requests[3]["from"] == "2026-11-03"
    assert report.complete == date(2026, 11, 20)


def test_without_an_order_of_days_a_lost_token_means_from_the_beginning(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    def turn_round(body: str) -> str:
        return body.replace("2026-11-01", "2026-11-09")

    def forget(running: Running) -> None:
        if len(server.requests) == 1 and running.token is not None:
            server.forgotten.add(running.token.text)

    server.fail_next(Fault(spoil=turn_round))

    harvest(mirror, client, "", Wanted(since=date(2026, 10, 1)), on_page=forget)

    assert server.requests[2]["from"] == "2026-10-01"
    assert set(papers(mirror)) == {item.id for item in ITEMS}


def test_a_token_past_its_time_is_not_sent(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    server.expires = "2000-01-01T00:00:00Z"
    server.per_page = 3

    harvest(mirror, client, "", EVERYTHING)

    assert server.tokens() == []
    days = [asked.get("from") for asked in server.requests]
    assert days == [None, "2026-11-02", "2026-11-03"]


def test_a_server_that_forgets_every_token_is_given_up(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    server.items = [Item(f"2301.{number:05d}", "2026-11-02") for number in range(9)]

    with pytest.raises(MalformedAnswer, match="token"):
        harvest(
            mirror,
            client,
            "",
            EVERYTHING,
            on_page=lambda running: server.forgotten.add(
                running.token.text if running.token else ""
            ),
        )

    assert len(server.requests) < 10


def test_a_list_that_goes_round_in_a_circle_is_given_up(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    token = "<resumptionToken>metadataPrefix=arXivRaw&amp;skip=0</resumptionToken>"

    def lead_back(body: str) -> str:
        return f"{body.split('<resumptionToken', maxsplit=1)[0]}{token}</ListRecords></OAI-PMH>"

    server.fail_next(*[Fault(spoil=lead_back)] * 3)

    with pytest.raises(MalformedAnswer, match="circle"):
        harvest(mirror, client, "", EVERYTHING)


def test_what_arxiv_refuses_is_said_with_its_reason(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    with pytest.raises(RequestRejected, match="badArgument: Set does not exist"):
        harvest(mirror, client, "cooking", EVERYTHING)

    assert len(server.requests) == 1


def test_after_a_403_nobody_asks_again(client: OaiClient, server: OaiServer, mirror: Path) -> None:
    server.fail_next(Fault(403))

    for _ in range(2):
        with pytest.raises(SourceRefused):
            harvest(mirror, client, "", EVERYTHING)

    assert len(server.requests) == 1


def test_a_broken_off_harvest_goes_on_behind_the_last_whole_page(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    server.fail_next(Fault(), *[Fault(500)] * 3)
    with pytest.raises(TryAgain):
        harvest(mirror, client, "", EVERYTHING)
    server.requests.clear()

    report = harvest(mirror, client, "", EVERYTHING)

    assert [set(asked) for asked in server.requests] == [{"verb", "resumptionToken"}] * 2
    assert report.new == 3
    assert set(papers(mirror)) == {item.id for item in ITEMS}


KILLED = """
import sys
from pathlib import Path
from pipeline.database import open_database
from pipeline.sources.gate import Gate
from pipeline.sources.harvest import Wanted, harvest
from pipeline.sources.oai_client import OaiClient
mirror, url, database = sys.argv[1:]
gate = Gate(open_database(database), name=mirror, interval_seconds=0)
harvest(Path(mirror), OaiClient(gate, url), "", Wanted())
"""


def test_a_killed_harvest_goes_on_behind_the_last_whole_page(
    client: OaiClient, server: OaiServer, mirror: Path, database: str
) -> None:
    server.hold_after = 2
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(mirror), server.url, database])
    until = time.monotonic() + 30
    while not server.holding:
        assert time.monotonic() < until, "waited in vain for the third request"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    held = set(papers(mirror))
    server.hold_after = None
    server.requests.clear()

    later = replace(client.gate, clock=lambda: time.time() + 3600)
    harvest(mirror, replace(client, gate=later), "", EVERYTHING)

    assert held == {item.id for item in ITEMS[:4]}
    assert len(server.tokens()) == len(server.requests) == 1
    assert set(papers(mirror)) == {item.id for item in ITEMS}


def test_people_search_while_a_harvest_goes_on(client: OaiClient, mirror: Path) -> None:
    found: list[int] = []

    harvest(mirror, client, "", EVERYTHING, on_page=lambda _: found.append(len(papers(mirror))))

    assert found == [2, 4, 5]


def test_other_days_begin_anew(client: OaiClient, server: OaiServer, mirror: Path) -> None:
    server.fail_next(Fault(), *[Fault(500)] * 3)
    with pytest.raises(TryAgain):
        harvest(mirror, client, "", EVERYTHING)
    server.requests.clear()

    report = harvest(mirror, client, "", Wanted(date(2026, 11, 3), date(2026, 11, 3)))

    assert len(server.requests) == 1
    assert (server.requests[0]["from"], server.requests[0]["until"]) == ("2026-11-03",) * 2
    assert (report.new, report.complete) == (1, date(2026, 11, 3))


def test_a_harvest_that_leaves_a_gap_completes_nothing(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    harvest(mirror, client, "", EVERYTHING)
    server.today = "2026-12-24"
    harvest(mirror, client, "", Wanted(since=date(2026, 12, 20)))

    with read_mirror(mirror) as connection:
        assert read_harvest(connection, "").complete == date(2026, 11, 20)


def test_each_set_has_its_own_days(client: OaiClient, server: OaiServer, mirror: Path) -> None:
    harvest(mirror, client, "cs", EVERYTHING)
    server.requests.clear()

    harvest(mirror, client, "math", EVERYTHING)

    assert "from" not in server.requests[0]


def test_records_that_lack_something_are_counted_and_passed_over(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    bare = "<record><header><identifier>oai:arXiv.org:2301.00010</identifier></header></record>"
    server.items += [
        Item("2301.00009", "2026-11-04", versions=("some day",)),
        Item("2301.00010", "2026-11-05", raw=bare),
    ]

    report = harvest(mirror, client, "", EVERYTHING)

    assert (report.new, report.unreadable) == (5, 2)


def test_withdrawn_papers_are_known_as_such(
    client: OaiClient, server: OaiServer, mirror: Path
) -> None:
    server.items = [Item("2301.00001", "2026-11-01", source_type="I"), ITEMS[1]]

    harvest(mirror, client, "", EVERYTHING)

    held = papers(mirror)
    assert is_withdrawn(held["2301.00001"])
    assert not is_withdrawn(held["2301.00002"])
