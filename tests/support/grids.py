"""An experiment against models that are slow and fail, run by processes that are killed."""

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from model_server import Fault, ModelRequest, ModelServer, model_server, play_survey
from pipeline.database import normalise_url

MODELS = tuple(
    f"{provider}:{name}"
    for provider, names in (
        ("openai", ("gpt-6-luna", "gpt-6.1-terra", "gpt-6-sol")),
        ("anthropic", ("claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5")),
        ("gemini", ("gemini-3.5-flash-lite", "gemini-3.8-flash", "gemini-3.8-pro")),
    )
    for name in names
)
NAME = "grid"


@dataclass
class Wire:
    """How the models behave, and what they were seen doing."""

    seed: int
    fastest: float
    slowest: float
    faulty: float
    busy: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def reply(self, request: ModelRequest) -> str | Fault:
        with self.lock:
            self.busy[request.provider] += 1
            self.most[request.provider] = max(
                self.most[request.provider], self.busy[request.provider]
            )
            fails = self.dice.random() < self.faulty
            seconds = self.dice.uniform(self.fastest, self.slowest)
            salt = self.dice.random()
        time.sleep(seconds)
        with self.lock:
            self.busy[request.provider] -= 1
            self.seconds[request.provider] += seconds
            self.failed += fails
        if fails:
            kinds = (
                Fault("status", 500),
                Fault("status", 429, "slow down", retry_after="0"),
                Fault("cut"),
            )
            return kinds[int(salt * 3)]
        if request.fields == {"queries"}:
            return play_queries(salt)
        return play_survey(request)


def play_queries(salt: float) -> str:
    """Give other queries each time, as a real model does."""
    phrases = ("radiance field", "quantization", "Gaussian", "diffusion", "model", "retrieval")
    tree: dict[str, object] = {"any_of": [], "categories": [], "date_from": None, "date_to": None}
    chosen = random.Random(salt).sample(phrases, 3)
    return json.dumps({"queries": [{**tree, "must": [phrase]} for phrase in chosen]})


@dataclass
class Played:
    """What a grid did, and what it found wrong.

    Attributes:
        answered: whole replies that the models gave, those that nobody took included.
        recorded: calls of language models in the record.
        ideal: seconds that the models' replies and faults take with all slots busy.
        seconds: while a process was at work.
    """

    cells: int = 0
    answered: int = 0
    recorded: int = 0
    kills: int = 0
    interrupts: int = 0
    ideal: float = 0.0
    seconds: float = 0.0
    usd: float = 0.0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Grid:
    """One experiment and the means to run it in processes."""

    folder: Path
    server: ModelServer
    words: tuple[str, ...]

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder}/grid.sqlite"

    def start(self) -> "subprocess.Popen[str]":
        """Start a process that works on the experiment."""
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.database,
            "OPENAI_API_KEY": "sk-none",
            "OPENAI_BASE_URL": self.server.base_url("openai"),
            "ANTHROPIC_API_KEY": "sk-none",
            "ANTHROPIC_BASE_URL": self.server.base_url("anthropic"),
            "GEMINI_API_KEY": "none",
            "GOOGLE_GEMINI_BASE_URL": self.server.base_url("gemini"),
            "PAPERWALK_EMBED_MODEL": "keyless:lsa",
            "PAPERWALK_SOURCE": "demo",
        } | {name: value for name, value in os.environ.items() if name.startswith("COV")}
        words = ("eval", "run", "--name", NAME, "--yes", "--json", "--retry-failed", *self.words)
        code = "import sys; from bot.cli import main; main(sys.argv[1:])"
        return subprocess.Popen(
            [sys.executable, "-c", code, *words],
            env=environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def count(self, query: str) -> int:
        engine = create_engine(normalise_url(self.database))
        try:
            with engine.connect() as connection:
                return int(connection.scalar(text(query)) or 0)
        finally:
            engine.dispose()


def play_grid(
    folder: Path,
    *,
    words: tuple[str, ...],
    slots: dict[str, int],
    breaks: tuple[tuple[float, str], ...],
    wire: Wire,
) -> Played:
    """Run a grid to its end, breaking processes off on the way.

    Args:
        words: further words of the command line.
        breaks: share of the cells done → ``kill``, ``interrupt``, or ``pair``: two processes, one
            of which is killed.
    """
    played = Played()
    at_once = ",".join(f"{provider}={n}" for provider, n in slots.items())
    with model_server(wire.reply) as server:
        grid = Grid(folder, server, (*words, "--at-once", at_once))
        for share, how in breaks:
            _break_off(grid, share, how, played)
        last = said = ""
        for _ in range(3):  # a cell whose five attempts all failed is tried again
            started = time.monotonic()
            process = grid.start()
            last, said = process.communicate(timeout=1_800)
            played.seconds += time.monotonic() - started
            if process.returncode == 0:
                break
        else:
            played.wrong.append(f"the last process failed: {said[-400:]}")
        outcome = json.loads(last)
        _check(grid, outcome, played)
    played.answered -= wire.failed
    played.ideal = max(wire.seconds[provider] / n for provider, n in slots.items())
    for provider, n in slots.items():
        pairs = any(how == "pair" for _, how in breaks)
        if wire.most[provider] > n * (2 if pairs else 1):
            played.wrong.append(f"{wire.most[provider]} calls at once for {provider}")
    return played


def _break_off(grid: Grid, share: float, how: str, played: Played) -> None:
    started = time.monotonic()
    processes = [grid.start() for _ in range(2 if how == "pair" else 1)]
    while _share_done(grid) < share:
        if all(process.poll() is not None for process in processes):
            played.wrong.append(
                f"a process ended too early: {processes[0].communicate()[1][-400:]}"
            )
            return
        time.sleep(0.1)
    processes[0].send_signal(signal.SIGINT if how == "interrupt" else signal.SIGKILL)
    if how == "interrupt":
        told, said = processes[0].communicate(timeout=60)
        played.interrupts += 1
        if processes[0].returncode != 1 or "interrupted" not in told:
            played.wrong.append(f"an interrupt left {processes[0].returncode}: {said[-400:]}")
    else:
        processes[0].communicate()
        played.kills += 1
    for other in processes[1:]:  # goes on alone for a while, then is killed, too
        time.sleep(2)
        other.kill()
        other.communicate()
        played.kills += 1
    played.seconds += time.monotonic() - started


def _share_done(grid: Grid) -> float:
    try:
        done = grid.count("SELECT COUNT(*) FROM cells WHERE status = 'done'")
        return done / max(grid.count("SELECT COUNT(*) FROM cells"), 1)
    except OperationalError:  # the first process has not made the tables yet
        return 0.0


def _check(grid: Grid, outcome: dict[str, object], played: Played) -> None:
    """Find what must not be."""
    played.cells = grid.count("SELECT COUNT(*) FROM cells WHERE status = 'done'")
    if grid.count("SELECT COUNT(*) FROM cells WHERE status <> 'done'"):
        played.wrong.append(f"cells are left: {outcome}")
    surveys = grid.count("SELECT COUNT(*) FROM surveys")
    shared = grid.count("SELECT COUNT(DISTINCT survey_id) FROM cells")
    if not surveys == shared == played.cells:
        played.wrong.append(f"{surveys} surveys, {shared} of them of {played.cells} cells")
    for name in ("recall", "structure", "language", "count"):
        scored = grid.count(f"SELECT COUNT(*) FROM scores WHERE name = '{name}'")
        if scored != played.cells:
            played.wrong.append(f"{scored} scores of {name} for {played.cells} cells")
    language = "role IN ('queries', 'shorten', 'write', 'count')"
    played.recorded = grid.count(f"SELECT COUNT(*) FROM calls WHERE {language}")
    replies = grid.count("SELECT COUNT(*) FROM completions")
    if played.recorded != replies:
        played.wrong.append(f"{played.recorded} calls recorded for {replies} replies")
    played.answered = len(grid.server.answered)
    played.usd = float(str(outcome["usd"]))
    leases = grid.count("SELECT COUNT(*) FROM leases WHERE name NOT LIKE '%contexts'")
    if leases > played.kills * 40:
        played.wrong.append(f"{leases} leases are left")


def digest(text_: str) -> int:
    """Give a number that depends on a text alone."""
    return int(hashlib.sha256(text_.encode()).hexdigest(), 16)


def forget(request: ModelRequest, kept: float, salt: int = 0) -> str:
    """Be a writing model that cites what stands at the ends of its context, and forgets the middle.

    Args:
        kept: share of the papers in the very middle that it still cites, in [0, 1]; at the ends it
            cites all.
        salt: makes another generation of the same request.
    """
    anchors = list(dict.fromkeys(re.findall(r"\[P\d+\]", request.user)))
    cited = []
    for place, anchor in enumerate(anchors):
        depth = 1 - abs(2 * (place + 0.5) / len(anchors) - 1)  # 0 at the ends, 1 in the middle
        if digest(f"{salt}{request.user}{anchor}") % 1_000 / 1_000 < 1 - depth * (1 - kept):
            cited.append(anchor)
    japanese = "Japanese" in request.system
    line = "この研究を述べる" if japanese else "This work is told of"
    end = "。" if japanese else ". "
    body = "\n".join(f"- {line} {anchor}{end}" for anchor in cited)
    title = "調査の題である" if japanese else "A title"
    return f"# {title}\n\n{body}\n"
