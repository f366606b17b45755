"""The messages that stand in Slack, the surveys that they carry, and the votes set on them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

_KEPT_SECONDS = 24 * 3600.0
"""How long a reaction waits for its message to be recorded; a crash is over by then."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message that we mean to post, or have posted.

    Attributes:
        ts: Slack's timestamp, or null while nobody knows whether Slack took it.
        is_new: nobody has tried yet.
    """

    ts: str | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A reaction of a person on a message.

    Attributes:
        name: tells this mark of the person from others on the same message.
        value: +1, -1, or 0 once it was taken back.
        at: epoch seconds when Slack saw it; the newest of two copies counts.
    """

    workspace: str
    channel: str
    ts: str
    person: str
    name: str
    value: int
    at: float


@dataclass(frozen=True, slots=True)
class Posts:
    """The table of messages."""

    engine: Engine

    def intend(self, job_id: str, name: str, survey_id: str | None = None) -> Post:
        """Note that a message is about to be posted, or give what is known of it.

        Args:
            survey_id: the survey that reactions on it are votes for.
        """
        values = {"job": job_id, "name": name, "survey": survey_id}
        with self.engine.begin() as connection:
            added = connection.execute(
                text(
                    "INSERT INTO posts (job_id, name, ts, survey_id)"
                    " VALUES (:job, :name, NULL, :survey) ON CONFLICT (job_id, name) DO NOTHING"
                ),
                values,
            )
            ts = connection.scalar(
                text("SELECT ts FROM posts WHERE job_id = :job AND name = :name"), values
            )
        return Post(None if ts is None else str(ts), added.rowcount == 1)

    def is_in_doubt(self, job_id: str, name: str) -> bool:
        """Tell whether a message was meant to be posted and nobody knows whether Slack took it."""
        with self.engine.connect() as connection:
            found = connection.scalar(
                text(
                    "SELECT COUNT(*) FROM posts WHERE job_id = :job AND name = :name AND ts IS NULL"
                ),
                {"job": job_id, "name": name},
            )
        return bool(found)

    def find(self, job_id: str, name: str) -> str | None:
        """Give the timestamp of a message, or null where it does not stand in Slack."""
        with self.engine.connect() as connection:
            ts = connection.scalar(
                text("SELECT ts FROM posts WHERE job_id = :job AND name = :name"),
                {"job": job_id, "name": name},
            )
        return None if ts is None else str(ts)

    def find_job(self, channel: str, ts: str) -> str | None:
        """Give the id of the job whose root message a message is, or null."""
        with self.engine.connect() as connection:
            found = connection.scalar(
                text(
                    "SELECT job_id FROM posts WHERE channel = :channel AND ts = :ts"
                    " AND name = 'root'"
                ),
                {"channel": channel, "ts": ts},
            )
        return None if found is None else str(found)

    def record(self, job_id: str, name: str, channel: str, ts: str) -> None:
        """Note that a message stands in Slack, and count the reactions that came before."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "UPDATE posts SET ts = :ts, channel = :channel"
                    " WHERE job_id = :job AND name = :name"
                ),
                {"job": job_id, "name": name, "ts": ts, "channel": channel},
            )
        self.adopt_strays()

    def carry(self, job_id: str, name: str, survey_id: str) -> None:
        """Let reactions on a message count as votes for a survey."""
        with self.engine.begin() as connection:
            connection.execute(
                text("UPDATE posts SET survey_id = :it WHERE job_id = :job AND name = :name"),
                {"job": job_id, "name": name, "it": survey_id},
            )

    def mark(self, mark: Mark) -> bool:
        """Count a reaction on a message that carries a survey.

        A reaction on a message that is not recorded (yet) waits for it, for as long as a crash may
        take; so a vote that comes between Slack's acceptance and our note is not lost.

        Returns:
            whether it counts already.
        """
        values = {
            "workspace": mark.workspace,
            "channel": mark.channel,
            "ts": mark.ts,
            "person": mark.person,
            "mark": f"{mark.channel}/{mark.ts}/{mark.name}",
            "value": mark.value,
            "at": mark.at,
        }
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO strays (workspace, channel, ts, person, mark, value, at) VALUES"
                    " (:workspace, :channel, :ts, :person, :mark, :value, :at)"
                    " ON CONFLICT (channel, ts, person, mark) DO UPDATE SET"
                    " value = excluded.value, at = excluded.at WHERE excluded.at > strays.at"
                ),
                values,
            )
            return _adopt(connection, values)

    def adopt_strays(self) -> None:
        """Count the reactions whose message has been recorded since."""
        with self.engine.begin() as connection:
            waiting = connection.execute(
                text(
                    "SELECT DISTINCT strays.channel, strays.ts FROM strays JOIN posts"
                    " ON posts.channel = strays.channel AND posts.ts = strays.ts"
                )
            ).all()
            for channel, ts in waiting:
                _adopt(connection, {"channel": channel, "ts": ts})

    def drop_strays(self, now: float) -> None:
        """Forget reactions on messages that never were ours to count."""
        with self.engine.begin() as connection:
            connection.execute(
                text("DELETE FROM strays WHERE at < :before"), {"before": now - _KEPT_SECONDS}
            )


def _adopt(connection: Connection, message: Mapping[str, object]) -> bool:
    """Turn the strays of a message into votes where it carries a survey."""
    survey = connection.scalar(
        text(
            "SELECT survey_id FROM posts WHERE channel = :channel AND ts = :ts"
            " AND survey_id IS NOT NULL"
        ),
        message,
    )
    if survey is None:
        return False
    connection.execute(
        text(
            "INSERT INTO votes (survey_id, person, mark, workspace, value, at)"
            " SELECT :survey, person, mark, workspace, value, at FROM strays"
            " WHERE channel = :channel AND ts = :ts"
            " ON CONFLICT (survey_id, person, mark) DO UPDATE SET value = excluded.value,"
            " at = excluded.at WHERE excluded.at > votes.at"
        ),
        {**message, "survey": survey},
    )
    connection.execute(text("DELETE FROM strays WHERE channel = :channel AND ts = :ts"), message)
    return True
