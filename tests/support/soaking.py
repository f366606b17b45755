"""Many surveys while everything that can go wrong does: what must be true in the end."""

import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine

from bot.keys import derive_key, read_secret
from bot.playground import Channel, Message, Playground, Refusal
from bot.store import Jobs, Posts, name_job
from bot.store.people import hash_person
from bots import start_process
from pipeline.ballots import Ballots

QUESTIONS = (
    "NeRFの進化の研究について教えて",
    "LLMの量子化について研究を教えて",
    "What is new in Gaussian splatting?",
    "Mambaモデルについてまとめて",
)
_CHANNELS = 10
_PATIENCE_SECONDS = 300.0


@dataclass
class Report:
    """What a soak did, and what it found wrong.

    Attributes:
        calls: of Slack's Web API.
        wrong: a sentence for each thing that must not be.
    """

    surveys: int = 0
    votes: int = 0
    kills: int = 0
    calls: int = 0
    deliveries: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


def soak(
    folder: Path, *, surveys: int, at_once: int, kills: int, share: float, seed: int
) -> Report:
    """Ask for surveys and vote on them while Slack fails and the bot is killed.

    Args:
        at_once: people who ask at the same time.
        kills: how often the bot is killed and started again.
        share: of Slack's answers that fail.
    """
    started = time.monotonic()
    report = Report(surveys=surveys)
    dice = random.Random(seed)
    with Playground() as slack:
        slack.retry_seconds = (0.0, 6.0, 30.0)  # Slack's own, ten times as fast
        slack.deliver_twice = True
        slack.fault_rate(seed, share)
        for number in range(_CHANNELS):
            slack.add_channel(Channel(f"C{number:07d}", f"soak-{number}"))
        with running(slack, folder, kills, dice, report), ThreadPoolExecutor(at_once) as pool:
            lived = list(
                pool.map(lambda n: _live(slack, folder, n, random.Random(seed + n)), range(surveys))
            )
        slack.settle()
        _check(slack, folder, lived, report)
        report.calls, report.deliveries = len(slack.calls), len(slack.deliveries)
    report.seconds = time.monotonic() - started
    return report


@dataclass
class Lived:
    """One survey as its people saw it: the votes that each left."""

    job: str
    votes: dict[str, int]


def _live(slack: Playground, folder: Path, number: int, dice: random.Random) -> Lived:
    """Ask for a survey, wait for it, and vote on it, changing one's mind now and then."""
    channel = f"C{number % _CHANNELS:07d}"
    person = f"U{number:07d}"
    job = _ask(slack, channel, person, f"{QUESTIONS[number % len(QUESTIONS)]}")
    engine = create_engine(_database(folder))
    try:
        _wait(Jobs(engine), job)
        ts = Posts(engine).find(job, "footer")
    finally:
        engine.dispose()
    assert ts is not None
    footer = slack.find(ts, channel)
    assert footer is not None
    votes = {
        f"V{number:05d}{voter}": _vote(slack, footer, f"V{number:05d}{voter}", dice)
        for voter in range(3)
    }
    return Lived(job, votes)


def _ask(slack: Playground, channel: str, person: str, question: str) -> str:
    """Type the command, as often as it takes until the bot is there to hear it."""
    while True:
        receipt = slack.command(question, channel=channel, user=person)
        if receipt.acked:
            return name_job(receipt.trigger_id)
        time.sleep(0.5)


def _wait(jobs: Jobs, job: str) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while jobs.status(job) not in {"done", "failed"}:
        if time.monotonic() > end:
            raise AssertionError(f"job {job} did not end")
        time.sleep(0.2)


def _vote(slack: Playground, message: Message, person: str, dice: random.Random) -> int:
    """React once or more, and give the vote that must stand."""
    standing: dict[str, int] = {}
    for _ in range(dice.randint(1, 3)):
        name = dice.choice(["+1", "-1", "+1::skin-tone-3"])
        try:
            if name in standing:
                slack.unreact(message, name, user=person)
                del standing[name]
            else:
                slack.react(message, name, user=person)
                standing[name] = -1 if name == "-1" else 1
        except Refusal:
            continue
    return next(reversed(standing.values())) if standing else 0


def _check(slack: Playground, folder: Path, lived: list[Lived], report: Report) -> None:
    """Find threads that are not whole, messages that stand twice, and votes that are lost."""
    engine = create_engine(_database(folder))
    jobs, posts, ballots = Jobs(engine), Posts(engine), Ballots(engine)
    key = derive_key(read_secret(None, _database(folder)), "people")
    for one in lived:
        job = jobs.load(one.job)
        root = jobs.root_of(one.job)
        if jobs.status(one.job) != "done" or root is None:
            report.wrong.append(f"survey {one.job} ended as {jobs.status(one.job)}")
            continue
        thread = slack.thread(root, job.channel)
        names = Counter(
            str(message.metadata["event_payload"]["name"])  # type: ignore[index]  # ours
            for message in thread
            if message.metadata
        )
        files = Counter(file.name.rpartition(".")[2] for m in thread for file in m.files)
        if not {"root", "part 1", "references 1", "footer"} <= set(names):
            report.wrong.append(f"survey {one.job} lacks messages: {sorted(names)}")
        if max(names.values()) > 1 or files != {"md": 1, "bib": 1, "png": 1}:
            report.wrong.append(f"survey {one.job} has messages twice: {names} {files}")
        for person, vote in one.votes.items():
            report.votes += 1
            known = hash_person(key, job.team, person)
            if ballots.vote_of(f"{one.job}-s", known) != vote:
                report.wrong.append(f"survey {one.job}: a vote of {vote} is lost")
        assert posts.find(one.job, "footer")
    for channel in (f"C{number:07d}" for number in range(_CHANNELS)):
        report.wrong += [f"twice in {channel}: {m.ts}" for m in slack.duplicates(channel)]
    engine.dispose()


@contextmanager
def running(
    slack: Playground, folder: Path, kills: int, dice: random.Random, report: Report
) -> Iterator[None]:
    """Keep a bot running, and kill it now and then."""
    environment = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": _database(folder),
        "PAPERWALK_SOURCE": "demo",
        "PAPERWALK_SURVEYS_AT_ONCE": "8",
        "PAPERWALK_POST_SECONDS": "0",
        "PAPERWALK_EDIT_SECONDS": "0.5",
        "PAPERWALK_POLL_SECONDS": "0.2",
        "PAPERWALK_BEAT_SECONDS": "0.5",
    }
    for whose in ("PERSON", "CHANNEL", "WORKSPACE"):
        environment |= {f"PAPERWALK_{whose}_{when}": "0" for when in ("AT_ONCE", "PER_DAY")}
    bots = [start_process(folder, environment)]
    assert slack.wait_for_app(60)
    over = threading.Event()

    def trouble() -> None:
        for _ in range(kills):
            if over.wait(dice.uniform(3, 8)):
                return
            _kill(bots[-1])
            report.kills += 1
            bots.append(start_process(folder, environment))

    troublemaker = threading.Thread(target=trouble)
    troublemaker.start()
    try:
        yield
    finally:
        over.set()
        troublemaker.join()
        slack.settle(60)
        time.sleep(2)
        _kill(bots[-1])


def _kill(bot: subprocess.Popen[bytes]) -> None:
    bot.send_signal(signal.SIGKILL)
    bot.wait()


def _database(folder: Path) -> str:
    return f"sqlite:///{folder}/bot.sqlite"
