"""Watched questions, and the papers that each has shown already."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Engine, Row, text

from bot.requests import SurveyRequest

_REQUEST = TypeAdapter(SurveyRequest)
_FIELDS = (
    "id, team, channel, person, person_hash, request, every_days, next_at, survey_job, created_at"
)


@dataclass(frozen=True, slots=True)
class Watch:
    """A question that is looked at again and again.

    Attributes:
        every_days: days between two looks.
        next_at: epoch seconds of the next look.
        survey_job: the job that wrote the survey whose sections new papers are set beside.
    """

    id: str
    team: str
    channel: str
    person: str
    person_hash: str
    request: SurveyRequest
    every_days: int
    next_at: float
    survey_job: str
    created_at: float


@dataclass(frozen=True, slots=True)
class Watches:
    """The tables of watches."""

    engine: Engine

    def add(self, watch: Watch) -> bool:
        """Keep a watch; false where it is there already."""
        with self.engine.begin() as connection:
            added = connection.execute(
                text(
                    f"INSERT INTO watches ({_FIELDS}) VALUES (:id, :team, :channel, :person,"
                    " :person_hash, :request, :every_days, :next_at, :survey_job, :created_at)"
                    " ON CONFLICT (id) DO NOTHING"
                ),
                {
                    "id": watch.id,
                    "team": watch.team,
                    "channel": watch.channel,
                    "person": watch.person,
                    "person_hash": watch.person_hash,
                    "request": _REQUEST.dump_json(watch.request).decode(),
                    "every_days": watch.every_days,
                    "next_at": watch.next_at,
                    "survey_job": watch.survey_job,
                    "created_at": watch.created_at,
                },
            )
        return added.rowcount == 1

    def find(self, watch_id: str) -> Watch | None:
        """Give a watch, or null where it was stopped."""
        return next(iter(self._list("WHERE id = :id", id=watch_id)), None)

    def list_of_person(self, team: str, person_hash: str) -> list[Watch]:
        """Give a person's watches, oldest first."""
        where = "WHERE team = :team AND person_hash = :person ORDER BY created_at, id"
        return self._list(where, team=team, person=person_hash)

    def list_due(self, now: float) -> list[Watch]:
        """Give the watches whose next look is due."""
        return self._list("WHERE next_at <= :now ORDER BY next_at", now=now)

    def set_next(self, watch_id: str, next_at: float) -> None:
        """Set the moment of the next look."""
        with self.engine.begin() as connection:
            connection.execute(
                text("UPDATE watches SET next_at = :next WHERE id = :id"),
                {"id": watch_id, "next": next_at},
            )

    def drop(self, watch_id: str, team: str, person_hash: str) -> bool:
        """Stop a person's watch; false where there is none."""
        values = {"id": watch_id, "team": team, "person": person_hash}
        own = "(SELECT id FROM watches WHERE id = :id AND team = :team AND person_hash = :person)"
        with self.engine.begin() as connection:
            connection.execute(text(f"DELETE FROM watched_papers WHERE watch_id IN {own}"), values)
            dropped = connection.execute(text(f"DELETE FROM watches WHERE id IN {own}"), values)
        return dropped.rowcount == 1

    def seen(self, watch_id: str) -> frozenset[str]:
        """Give the ids of the papers that a watch has shown."""
        with self.engine.connect() as connection:
            return frozenset(
                connection.scalars(
                    text("SELECT paper_id FROM watched_papers WHERE watch_id = :id"),
                    {"id": watch_id},
                )
            )

    def see(self, watch_id: str, paper_ids: Iterable[str]) -> None:
        """Note that a watch has shown papers."""
        rows = [{"id": watch_id, "paper": paper_id} for paper_id in paper_ids]
        if not rows:
            return
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO watched_papers (watch_id, paper_id) VALUES (:id, :paper)"
                    " ON CONFLICT (watch_id, paper_id) DO NOTHING"
                ),
                rows,
            )

    def _list(self, where: str, **values: object) -> list[Watch]:
        with self.engine.connect() as connection:
            rows = connection.execute(text(f"SELECT {_FIELDS} FROM watches {where}"), values)
            return [_watch(row) for row in rows]


def _watch(row: Row[tuple[object, ...]]) -> Watch:
    values = row._asdict()
    return Watch(**{**values, "request": _REQUEST.validate_json(values["request"])})
