"""How much is under way and was done lately, for the operator's limits."""

from sqlalchemy import Connection, text

from bot.limits import Load
from bot.store.jobs import ID_LENGTH, LIVE, Job

_DAY_SECONDS = 24 * 3600.0


def lock_team(connection: Connection, team: str) -> None:
    """Let one caller at a time count and add a workspace's jobs, until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:team))"), {"team": team})
    else:
        # SQLite has one writer: this write takes its place in the queue before we count.
        connection.execute(text("UPDATE jobs SET id = id WHERE id = ''"))


def count_load(connection: Connection, job: Job, now: float) -> Load:
    """Count what is under way and what the last 24 hours saw, in the caller's transaction.

    Args:
        job: that is about to be added; it does not count.
        now: epoch seconds.
    """
    values = {
        "team": job.team,
        "channel": job.channel,
        "person": job.person_hash,
        "since": now - _DAY_SECONDS,
    }
    live, day = f"status IN {LIVE}", "created_at >= :since"
    mine, here = "person_hash = :person", "channel = :channel"
    conditions = (
        f"{live} AND {mine}",
        f"{live} AND {here}",
        live,
        f"{day} AND {mine}",
        f"{day} AND {here}",
        day,
    )
    counts = ", ".join(f"COUNT(CASE WHEN {condition} THEN 1 END)" for condition in conditions)
    row = connection.execute(
        text(
            f"SELECT {counts} FROM jobs WHERE team = :team AND kind = 'survey'"
            f" AND ({live} OR {day})"
        ),
        values,
    ).one()
    usd = connection.execute(
        text(
            "SELECT COALESCE(SUM(calls.usd), 0) FROM calls"
            f" JOIN jobs ON jobs.id = substr(calls.run, 1, {ID_LENGTH})"
            " WHERE jobs.team = :team AND calls.created_at >= :since"
        ),
        values,
    ).scalar_one()
    person, channel, team, person_day, channel_day, team_day = (int(count) for count in row)
    return Load(person, channel, team, person_day, channel_day, team_day, float(usd))
