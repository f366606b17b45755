"""Keep the mirror up to date over OAI-PMH, page by page, from where the last harvest stopped.

The state of a harvest lies in the mirror itself and changes in the same transaction as the papers
of a page. So a harvest may be stopped or killed at any moment: the next one goes on behind the
last whole page.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from pydantic import TypeAdapter
from sqlite_utils import Database

from pipeline.errors import MalformedAnswer
from pipeline.sources.index import add_papers, remove_papers
from pipeline.sources.mirror_file import write_mirror
from pipeline.sources.oai import OaiPage, Token
from pipeline.sources.oai_client import OaiClient


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks a harvest for; without days it is what has changed since the last one.

    Attributes:
        since: first day of change, both ends included; null means all since ever, or since the
            last harvest.
        until: last day of change.
    """

    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A harvest under way.

    Attributes:
        wanted: what it was begun for.
        since: the first day that arXiv is asked for; moves on when a token was lost.
        begun: the server's day when it answered the first page.
        token: asks for the next page; null before the first.
        reached: the latest day of change among the pages so far.
        in_order: the pages so far came by day of change, so that ``reached`` is a place to go on.
        records: papers received so far.
    """

    wanted: Wanted
    since: date | None
    begun: date | None = None
    token: Token | None = None
    reached: date | None = None
    in_order: bool = True
    records: int = 0


@dataclass(frozen=True, slots=True)
class Harvest:
    """What the mirror knows of one of arXiv's sets.

    Attributes:
        name: of the set (``cs``, ``cs:cs:CV``); empty for all of arXiv.
        complete: every change up to this day is held; null before the first whole harvest.
        running: what was begun and not finished.
    """

    name: str
    complete: date | None = None
    running: Running | None = None


@dataclass(frozen=True, slots=True)
class HarvestReport:
    """What one call did; ``unreadable`` counts records that lack what a paper needs."""

    new: int = 0
    changed: int = 0
    deleted: int = 0
    unreadable: int = 0
    pages: int = 0
    complete: date | None = None

    def plus(self, page: "HarvestReport") -> "HarvestReport":
        """Add the figures of a page."""
        return HarvestReport(
            self.new + page.new,
            self.changed + page.changed,
            self.deleted + page.deleted,
            self.unreadable + page.unreadable,
            self.pages + page.pages,
            page.complete,
        )


_HARVEST = TypeAdapter(Harvest)

_FUTILE_RESTARTS = 2
"""So often a lost token may lead back to the same day before we say so."""


def harvest(
    mirror: Path,
    client: OaiClient,
    name: str,
    wanted: Wanted,
    *,
    on_page: Callable[[Running], object] = lambda running: running,
) -> HarvestReport:
    """Bring the mirror up to date with one of arXiv's sets.

    What an earlier call left unfinished is finished, unless other days are asked for.

    Args:
        mirror: its file, made where it is missing.
        name: of the set; empty for all of arXiv.
        on_page: is told the state after each page.

    Raises:
        RequestRejected: arXiv does not know the set or refuses a day.
        SourceRefused: arXiv answered 403.
        TryAgain: arXiv does not answer as it should; calling again goes on where it stopped.
    """
    report = HarvestReport()
    futile = 0
    with write_mirror(mirror) as database:
        state = _begin(read_harvest(database.conn, name), wanted)
        while (running := state.running) is not None:
            if running.token is not None and running.token.is_over(client.clock()):
                page = OaiPage(expired=True)
            else:
                page = client.list_records(_arguments(name, running))
            if page.expired:
                again = _restart(running)
                futile = futile + 1 if again.since == running.since else 0
                if running.token is None or futile > _FUTILE_RESTARTS:
                    raise MalformedAnswer("arXiv forgets its own tokens")
                state = replace(state, running=again)
                continue
            running = _advance(running, page)
            state = _settle(state, running)
            report = report.plus(_store(database, page, state))
            on_page(running)
    return report


def read_harvest(connection: sqlite3.Connection, name: str) -> Harvest:
    """Give what the mirror knows of a set."""
    row = connection.execute("SELECT state FROM harvests WHERE name = ?", (name,)).fetchone()
    return Harvest(name) if row is None else _HARVEST.validate_json(row[0])


def read_harvests(connection: sqlite3.Connection) -> tuple[Harvest, ...]:
    """Give what the mirror knows of each set that was harvested."""
    rows = connection.execute("SELECT state FROM harvests ORDER BY name")
    return tuple(_HARVEST.validate_json(state) for (state,) in rows)


def _begin(state: Harvest, wanted: Wanted) -> Harvest:
    if state.running is not None and wanted in {Wanted(), state.running.wanted}:
        return state
    since = state.complete if wanted == Wanted() else wanted.since
    return replace(state, running=Running(wanted, since))


def _arguments(name: str, running: Running) -> dict[str, str]:
    """Give the arguments of the next request; a token stands for all others."""
    if running.token is not None:
        return {"resumptionToken": running.token.text}
    chosen = {
        "metadataPrefix": "arXivRaw",
        "set": name,
        "from": running.since and running.since.isoformat(),
        "until": running.wanted.until and running.wanted.until.isoformat(),
    }
    return {key: value for key, value in chosen.items() if value}


def _restart(running: Running) -> Running:
    """Begin anew without a token: from the last day reached, if that is a place to go on."""
    since = running.reached if running.in_order and running.reached else running.since
    return replace(running, since=since, token=None, begun=None)


def _advance(running: Running, page: OaiPage) -> Running:
    """Note a page that was received.

    Raises:
        MalformedAnswer: the page asks for itself again.
    """
    asked, given = running.token, page.token
    if asked is not None and given is not None and asked.text == given.text:
        raise MalformedAnswer("arXiv's list of records goes round in a circle")
    days = page.days if running.reached is None else (running.reached, *page.days)
    return replace(
        running,
        begun=running.begun or page.answered,
        token=page.token,
        reached=max(days, default=None),
        in_order=running.in_order and all(a <= b for a, b in pairwise(days)),
        records=running.records + len(page.papers) + len(page.deleted) + page.unreadable,
    )


def _settle(state: Harvest, running: Running) -> Harvest:
    """Give the state after a page: under way, or complete up to the day when it was begun.

    The day itself is asked for again next time, because it was not over. A harvest that began
    later than the last one ended leaves a gap, so it completes nothing.
    """
    if running.token is not None:
        return replace(state, running=running)
    wanted, complete = running.wanted, state.complete
    end = min(day for day in (running.begun, wanted.until) if day is not None)
    gap = wanted.since is not None and complete is not None and wanted.since > complete
    if not gap:
        complete = end if complete is None else max(complete, end)
    return Harvest(state.name, complete)


def _store(database: Database, page: OaiPage, state: Harvest) -> HarvestReport:
    """Keep a page and the state behind it in one transaction."""
    with database.atomic():
        added = add_papers(database, page.papers, same_version=True)
        deleted = remove_papers(database, page.deleted)
        database.conn.execute(
            "INSERT INTO harvests (name, state) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET state = excluded.state",
            (state.name, _HARVEST.dump_json(state).decode()),
        )
    return HarvestReport(added.new, added.newer, deleted, page.unreadable, 1, state.complete)
