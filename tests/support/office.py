"""A workspace with a running bot, and what people do in it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from bot.playground import Channel, CommandReceipt, Message, Playground
from bot.playground.limits import texts_of
from bot.run import House, listening, open_house
from bot.scenes import demo_settings
from bot.store import Job, name_job
from bots import bot_settings, running_bot, wait_for_job
from model_server import ModelServer
from pipeline.settings import PipelineSettings

QUESTION = "NeRFの進化の研究について教えて"

T = TypeVar("T")

_channels = count(1)


@dataclass(frozen=True)
class Office:
    """One channel of a workspace, so that tests do not see each other."""

    slack: Playground
    house: House
    channel: str

    def ask(self, text: str, **more: str) -> CommandReceipt:
        return self.slack.command(text, channel=self.channel, **more)

    def survey(self, text: str = QUESTION, **more: str) -> tuple[Job, list[Message]]:
        """Ask, wait for the end, and give the job with its thread."""
        receipt = self.ask(text, **more)
        job_id = name_job(receipt.trigger_id)
        assert self.wait(job_id) == "done", receipt.text
        return self.house.tables.jobs.load(job_id), self.thread(job_id)

    def wait(self, job_id: str, seconds: float = 30.0) -> str:
        return wait_for_job(self.house.tables.jobs, job_id, seconds)

    def thread(self, job_id: str) -> list[Message]:
        """Give the messages of a job's thread as they stand now, root first."""
        job = self.house.tables.jobs.load(job_id)
        root = self.house.tables.jobs.root_of(job_id)
        assert root is not None
        return self.slack.thread(root, job.channel)

    def message(self, job_id: str, name: str) -> Message:
        """Give one message of a job by its name."""
        job = self.house.tables.jobs.load(job_id)
        ts = self.house.tables.posts.find(job_id, name)
        assert ts is not None, f"{name} was not posted"
        found = self.slack.find(ts, job.channel)
        assert found is not None
        return found

    def private(self, user: str | None = None) -> list[str]:
        """Give what was said to one person alone in this channel, oldest first."""
        who = user or self.slack.user
        return [m.text for m in self.slack.messages(self.channel) if m.ephemeral_for == who]

    def jobs(self, kind: str) -> list[Job]:
        """Give the jobs of this channel of a kind."""
        with self.house.kit.engine.connect() as connection:
            ids = connection.exec_driver_sql(
                "SELECT id FROM jobs WHERE channel = ? AND kind = ? ORDER BY created_at",
                (self.channel, kind),
            )
            return [self.house.tables.jobs.load(row[0]) for row in ids.all()]

    def next_job(self, kind: str, *, after: int = 0) -> Job:
        """Wait until one more job of a kind than ``after`` is recorded, and give it."""
        return until(lambda: self.jobs(kind)[after:], f"a job of kind {kind}")[0]


def shown(message: Message) -> str:
    """Give all texts that a message's blocks show."""
    return "\n".join(text for block in message.blocks for text in texts_of(block))


def until(look: Callable[[], T], what: str = "it", seconds: float = 20.0) -> T:
    """Wait until something is true, and give it."""
    end = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


MODEL = "openai:gpt-6-luna"


def with_models(folder: Path, models: ModelServer, **changes: object) -> PipelineSettings:
    """Give settings whose surveys a loopback model writes."""
    values: dict[str, object] = {
        "openai_api_key": SecretStr("sk-secret"),
        "openai_base_url": models.base_url("openai"),
        "query_model": MODEL,
        "shorten_model": MODEL,
        "write_model": MODEL,
        "at_once": 4,
    }
    return demo_settings(folder).model_copy(update=values | changes)


def open_channel(slack: Playground, house: House, **more: object) -> Office:
    """Give a channel of its own."""
    channel = f"C{next(_channels):07d}"
    slack.add_channel(Channel(channel, f"test-{channel.lower()}", **more))  # type: ignore[arg-type]  # as given
    return Office(slack, house, channel)


@contextmanager
def idle_office(folder: Path, **changes: object) -> Iterator[Office]:
    """Put a bot together that takes requests in and works on none.

    Several of these may be open at once, beside one bot that works.
    """
    with Playground() as slack:
        house = open_house(bot_settings(slack, **changes), demo_settings(folder))
        try:
            with listening(house):
                assert slack.wait_for_app()
                yield open_channel(slack, house)
        finally:
            house.kit.engine.dispose()


@contextmanager
def open_office(
    folder: Path, pipeline: PipelineSettings | None = None, **changes: object
) -> Iterator[Office]:
    """Run a bot in a workspace of its own, without limits unless a test wants some."""
    limits = {
        f"{whose}_{when}": 0
        for whose in ("person", "channel", "workspace")
        for when in ("at_once", "per_day")
    }
    with (
        Playground() as slack,
        running_bot(slack, folder, pipeline, **(limits | changes)) as house,
    ):
        yield open_channel(slack, house)
