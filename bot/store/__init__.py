"""The bot's tables: one class for each thing that they keep."""

from dataclasses import dataclass

from sqlalchemy import Engine

from bot.store.deliveries import Deliveries
from bot.store.jobs import Job, Jobs, JobStatus, name_job
from bot.store.people import People, Preferences
from bot.store.posts import Post, Posts
from bot.store.stages import Stage, Stages
from bot.store.turns import Turns
from bot.store.watches import Watch, Watches
from bot.store.workers import Workers


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of the bot, on one database."""

    jobs: Jobs
    stages: Stages
    posts: Posts
    deliveries: Deliveries
    people: People
    watches: Watches
    workers: Workers
    turns: Turns


def open_tables(engine: Engine) -> Tables:
    """Give the tables; they must have been migrated before."""
    return Tables(
        Jobs(engine),
        Stages(engine),
        Posts(engine),
        Deliveries(engine),
        People(engine),
        Watches(engine),
        Workers(engine),
        Turns(engine),
    )


__all__ = [
    "Deliveries",
    "Job",
    "JobStatus",
    "Jobs",
    "People",
    "Post",
    "Posts",
    "Preferences",
    "Stage",
    "Stages",
    "Tables",
    "Watch",
    "Watches",
    "Workers",
    "name_job",
    "open_tables",
]
