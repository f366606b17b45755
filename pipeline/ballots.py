"""Votes, remarks and comparisons, as people cast them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Row, text

from pipeline.types import Choice

_COMPARISON = (
    "id, workspace, context_id, survey_a, survey_b, opened_at, closes_at, votes_wanted, closed_at"
)
_COUNTED = (
    "SELECT choices.* FROM choices JOIN (SELECT comparison_id, person, MAX(number) AS number"
    " FROM choices WHERE blind = 1 GROUP BY comparison_id, person) AS newest ON"
    " newest.comparison_id = choices.comparison_id AND newest.person = choices.person"
    " AND newest.number = choices.number"
)
"""The choice of each person that counts: the newest one made blind."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two surveys from one context, shown as A and B.

    Attributes:
        opened_at, closes_at, closed_at: epoch seconds; ``closed_at`` is null while it is open.
        votes_wanted: it closes early once so many people have voted.
    """

    id: str
    workspace: str
    context_id: str
    survey_a: str
    survey_b: str
    opened_at: float
    closes_at: float
    votes_wanted: int
    closed_at: float | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """A choice as it was recorded.

    Attributes:
        blind: made before the person was shown the names; only such choices count.
        votes: people whose blind choice counts by now.
    """

    blind: bool
    votes: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How people chose; ``late`` are those who changed their choice after seeing the names."""

    blind: Mapping[Choice, int]
    late: int


@dataclass(frozen=True, slots=True)
class Ballots:
    """The tables of what people say; a person is a keyed hash."""

    engine: Engine

    def vote(
        self, survey_id: str, person: str, mark: str, workspace: str, *, value: int, at: float
    ) -> None:
        """Keep a person's thumb; an older delivery of the same mark changes nothing.

        Args:
            mark: what the thumb was given by, one row each; the newest mark is the vote.
            value: +1, -1, or 0 to take it back.
        """
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO votes (survey_id, person, mark, workspace, value, at)"
                    " VALUES (:survey, :person, :mark, :workspace, :value, :at)"
                    " ON CONFLICT (survey_id, person, mark) DO UPDATE SET"
                    " value = excluded.value, at = excluded.at WHERE excluded.at >= votes.at"
                ),
                {
                    "survey": survey_id,
                    "person": person,
                    "mark": mark,
                    "workspace": workspace,
                    "value": value,
                    "at": at,
                },
            )

    def vote_of(self, survey_id: str, person: str) -> int:
        """Give a person's vote on a survey: the newest mark that stands, 0 for none."""
        with self.engine.connect() as connection:
            value = connection.scalar(
                text(
                    "SELECT value FROM votes WHERE survey_id = :survey AND person = :person"
                    " AND value <> 0 ORDER BY at DESC, mark LIMIT 1"
                ),
                {"survey": survey_id, "person": person},
            )
        return int(value or 0)

    def remark(
        self,
        remark_id: str,
        survey_id: str,
        person: str,
        workspace: str,
        *,
        kind: str,
        said: str,
        at: float,
    ) -> bool:
        """Keep why somebody voted so, or which citation is wrong; false where it is kept already.

        Args:
            kind: a reason's name, ``words``, or ``citation:`` with an arXiv id.
            said: the person's own words, may be empty.
        """
        with self.engine.begin() as connection:
            added = connection.execute(
                text(
                    "INSERT INTO remarks (id, survey_id, person, workspace, kind, said, at)"
                    " VALUES (:id, :survey, :person, :workspace, :kind, :said, :at)"
                    " ON CONFLICT (id) DO NOTHING"
                ),
                {
                    "id": remark_id,
                    "survey": survey_id,
                    "person": person,
                    "workspace": workspace,
                    "kind": kind,
                    "said": said,
                    "at": at,
                },
            )
        return added.rowcount == 1

    def open(self, comparison: Comparison) -> None:
        """Keep a comparison; its surveys must have been kept before. Doing it again is harmless."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    f"INSERT INTO comparisons ({_COMPARISON}) VALUES (:id, :workspace, :context,"
                    " :a, :b, :opened, :closes, :wanted, NULL) ON CONFLICT (id) DO NOTHING"
                ),
                {
                    "id": comparison.id,
                    "workspace": comparison.workspace,
                    "context": comparison.context_id,
                    "a": comparison.survey_a,
                    "b": comparison.survey_b,
                    "opened": comparison.opened_at,
                    "closes": comparison.closes_at,
                    "wanted": comparison.votes_wanted,
                },
            )

    def find(self, comparison_id: str, workspace: str) -> Comparison | None:
        """Give a comparison of a workspace, or null."""
        found = self._list(
            "WHERE id = :id AND workspace = :workspace", id=comparison_id, workspace=workspace
        )
        return found[0] if found else None

    def list_due(self, now: float) -> list[Comparison]:
        """Give the open comparisons whose time is over, or that have the votes they wanted."""
        return self._list(
            "WHERE closed_at IS NULL AND (closes_at <= :now OR votes_wanted <="
            " (SELECT COUNT(DISTINCT person) FROM choices"
            " WHERE comparison_id = comparisons.id AND blind = 1))",
            now=now,
        )

    def choose(self, comparison: Comparison, person: str, choice: Choice, at: float) -> Cast | None:
        """Record a choice; null where the comparison is closed.

        A person's first choice is blind. It is answered with the names, so each later one is not.
        """
        values: dict[str, object] = {"id": comparison.id, "person": person}
        with self.engine.begin() as connection:
            open_row = connection.execute(
                text("UPDATE comparisons SET id = id WHERE id = :id AND closed_at IS NULL"), values
            )
            if open_row.rowcount != 1:
                return None
            number, last = connection.execute(
                text(
                    "SELECT COALESCE(MAX(number), 0), (SELECT choice FROM choices WHERE"
                    " comparison_id = :id AND person = :person ORDER BY number DESC LIMIT 1)"
                    " FROM choices WHERE comparison_id = :id AND person = :person"
                ),
                values,
            ).one()
            if last != choice:
                number += 1
                _add_choice(connection, values | {"choice": choice, "number": number, "at": at})
            votes = connection.scalar(
                text(
                    "SELECT COUNT(DISTINCT person) FROM choices"
                    " WHERE comparison_id = :id AND blind = 1"
                ),
                values,
            )
        return Cast(blind=number == 1, votes=int(votes or 0))

    def count(self, comparison_id: str) -> Counts:
        """Count the choices of a comparison."""
        values = {"id": comparison_id}
        with self.engine.connect() as connection:
            counted = connection.scalars(
                text(f"SELECT choice FROM ({_COUNTED}) AS c WHERE comparison_id = :id"), values
            )
            blind = Counter(counted)
            late = connection.scalar(
                text(
                    "SELECT COUNT(DISTINCT person) FROM choices"
                    " WHERE comparison_id = :id AND blind = 0"
                ),
                values,
            )
        choices: tuple[Choice, ...] = ("a", "b", "tie", "both_bad")
        return Counts({choice: blind[choice] for choice in choices}, int(late or 0))

    def close(self, comparison_id: str, now: float) -> None:
        """Close a comparison; no choice is taken any more."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "UPDATE comparisons SET closed_at = :now WHERE id = :id AND closed_at IS NULL"
                ),
                {"id": comparison_id, "now": now},
            )

    def forget(self, person: str) -> int:
        """Delete everything that a person said; give the number of votes and choices."""
        deleted = 0
        with self.engine.begin() as connection:
            for table in ("votes", "choices", "remarks"):
                rows = connection.execute(
                    text(f"DELETE FROM {table} WHERE person = :person"), {"person": person}
                )
                deleted += rows.rowcount if table != "remarks" else 0
        return deleted

    def _list(self, where: str, **values: object) -> list[Comparison]:
        with self.engine.connect() as connection:
            rows = connection.execute(
                text(f"SELECT {_COMPARISON} FROM comparisons {where}"), values
            )
            return [_comparison(row) for row in rows]


def _add_choice(connection: Connection, values: Mapping[str, object]) -> None:
    connection.execute(
        text(
            "INSERT INTO choices (comparison_id, person, number, choice, blind, at)"
            " VALUES (:id, :person, :number, :choice, CASE WHEN :number = 1 THEN 1 ELSE 0 END, :at)"
        ),
        values,
    )


def _comparison(row: Row[tuple[object, ...]]) -> Comparison:
    return Comparison(**row._asdict())
