"""Surveys per hour and memory of one bot, by how many surveys it works on at once.

    PYTHONPATH=tests/support uv run --group bench \
        python benchmarks/throughput.py --plot docs/pictures/throughput.svg

The bot is one process against the loopback Slack; models and Slack are processes of their own on
the same machine. Papers come from a mirror of 60, because arXiv itself lets one machine ask once in
three seconds: three requests a survey, at most 387 surveys in an hour. Each survey asks another
question, so that nothing is known from before. Services take as long as real ones: 80 ms to
embed, 1 to 2 s to shorten, up to 40 s for a section. The second part lets them be eight times as
fast, makes 500 surveys, and looks at the bot's memory.
"""

import argparse
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
from pydantic import TypeAdapter
from sqlalchemy import Engine, create_engine, text

from bot.playground import Channel, Playground
from bots import start_process
from paces import Paces, make_papers, services
from pipeline.sources.mirror import import_file
from pipeline.types import Paper

PACES = Paces(
    steps={
        "queries": 1.5,
        "shorten": 1.0,
        "outline": 8.0,
        "section": 20.0,
        "repair": 5.0,
        "frame": 12.0,
        "count": 3.0,
    },
    embed=0.08,
    spread=2.0,
    forgets=True,
)
LEVELS = (1, 4, 16, 48)
PAPERS = 60
CHANNELS = 50
HEAD = """| at once | surveys | per hour | own CPU a survey | memory at most |
| -- | -- | -- | -- | -- |"""


@dataclass
class Load:
    """What one bot did.

    Attributes:
        seconds: from the first command to the last footer.
        cpu: seconds of the bot's process.
        memory: surveys that are over and MB at that moment, as often as looked at.
    """

    at_once: int
    surveys: int
    seconds: float = 0.0
    cpu: float = 0.0
    memory: list[tuple[int, float]] = field(default_factory=list)

    @property
    def per_hour(self) -> float:
        return 3_600 * self.surveys / self.seconds


def run_load(at_once: int, surveys: int, paces: Paces) -> Load:
    """Ask for surveys all at once, and wait until the last one is delivered."""
    load = Load(at_once, surveys)
    with (
        tempfile.TemporaryDirectory() as name,
        services((), paces) as served,
        slack_apart() as slack,
    ):
        folder = Path(name)
        mirror = make_mirror(folder)
        environment = slack.environment | {
            "DATABASE_URL": f"sqlite:///{folder}/bot.sqlite",
            "OPENAI_API_KEY": "sk-loopback",
            "OPENAI_BASE_URL": served.base_url("openai"),
            "PAPERWALK_SOURCE": "mirror",
            "PAPERWALK_MIRROR": str(mirror),
            "PAPERWALK_SURVEYS_AT_ONCE": str(at_once),
        }
        for limit in ("PERSON", "CHANNEL", "WORKSPACE"):
            environment |= {f"PAPERWALK_{limit}_{when}": "0" for when in ("AT_ONCE", "PER_DAY")}
        bot = start_process(folder, environment)
        try:
            slack.ask("wait")
            began = time.monotonic()
            process = psutil.Process(bot.pid)
            before = process.cpu_times()
            slack.ask(surveys)
            watch(folder, process, load)
            load.seconds = time.monotonic() - began
            after = process.cpu_times()
            load.cpu = after.user + after.system - before.user - before.system
        except Exception:
            print((folder / "bot.log").read_text(encoding="utf-8")[-3_000:], file=sys.stderr)
            raise
        finally:
            bot.kill()
            bot.wait()
    return load


def watch(folder: Path, process: psutil.Process, load: Load) -> None:
    """Look at the bot until all its surveys are over."""
    engine = create_engine(f"sqlite:///{folder}/bot.sqlite")
    try:
        while (done := count_over(engine)) < load.surveys:
            load.memory.append((done, process.memory_info().rss / 1e6))
            time.sleep(0.5)
        load.memory.append((done, process.memory_info().rss / 1e6))
        with engine.connect() as connection:
            wrong = connection.scalar(text("SELECT COUNT(*) FROM jobs WHERE status <> 'done'"))
        if wrong:
            raise SystemExit(f"{wrong} surveys were not made")
    finally:
        engine.dispose()


def count_over(engine: Engine) -> int:
    with engine.connect() as connection:
        over = "SELECT COUNT(*) FROM jobs WHERE status IN ('done', 'failed', 'stopped')"
        return int(connection.scalar(text(over)) or 0)


def make_mirror(folder: Path) -> Path:
    """Write papers as records and import them."""
    adapter = TypeAdapter(Paper)
    records = [adapter.dump_json(paper).decode() for paper in make_papers(PAPERS)]
    file, mirror = folder / "papers.jsonl", folder / "mirror.sqlite"
    file.write_text("\n".join(records), encoding="utf-8")
    import_file(file, mirror)
    return mirror


@dataclass(frozen=True)
class SlackApart:
    """The loopback Slack in a process of its own."""

    environment: dict[str, str]
    pipe: Connection

    def ask(self, what: object) -> None:
        """Wait for the app (``wait``), or send so many commands."""
        self.pipe.send(what)
        self.pipe.recv()


@contextmanager
def slack_apart() -> Iterator[SlackApart]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve_slack, args=(there,), daemon=True)
    process.start()
    try:
        yield SlackApart(here.recv(), here)
    finally:
        process.kill()
        process.join()


def serve_slack(pipe: Connection) -> None:
    with Playground() as slack:
        for number in range(CHANNELS):
            slack.add_channel(Channel(f"C{number:07d}", f"load-{number}"))
        pipe.send(
            {
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
            }
        )
        while True:
            what = pipe.recv()
            if what == "wait":
                assert slack.wait_for_app(60)
            else:
                for number in range(what):
                    channel = f"C{number % CHANNELS:07d}"
                    question = f"What is new in radiance fields? ({number})"
                    while not slack.command(question, channel=channel, user=f"U{number:07d}").acked:
                        time.sleep(0.2)
            pipe.send("done")


def plot(loads: list[Load], long: Load, file: Path) -> None:
    """Draw surveys per hour by load, and memory by surveys made."""
    import matplotlib as mpl  # noqa: PLC0415 - only where a plot is wanted

    mpl.use("svg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of the canvas

    mpl.rcParams["svg.hashsalt"] = "paperwalk"
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    levels = [load.at_once for load in loads]
    left.plot(levels, [load.per_hour for load in loads], "o-", label="surveys per hour")
    left.plot(levels, [loads[0].per_hour * n for n in levels], "--", color="grey", label="in step")
    left.set(xscale="log", yscale="log", xlabel="surveys at once", xticks=levels)
    left.set_xticklabels(map(str, levels))
    left.minorticks_off()
    left.legend(frameon=False)
    left.grid(alpha=0.3)
    right.plot([done for done, _ in long.memory], [mb for _, mb in long.memory])
    right.set(xlabel="surveys made", ylabel="memory of the bot, MB", ylim=(0, None))
    right.grid(alpha=0.3)
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--levels", default=",".join(map(str, LEVELS)))
    parser.add_argument("--surveys", type=int, default=500, help="of the second part; 0 skips it")
    parser.add_argument("--plot", type=Path, help="write an SVG here")
    options = parser.parse_args()
    loads = []
    print(HEAD)
    for level in map(int, options.levels.split(",")):
        load = run_load(level, 2 * level, PACES)
        loads.append(load)
        print(line_of(load), flush=True)
    if not options.surveys:
        return
    fast = replace(
        PACES,
        steps={step: seconds / 8 for step, seconds in PACES.steps.items()},
        embed=PACES.embed / 8,
    )
    long = run_load(16, options.surveys, fast)
    print(f"\nServices eight times as fast:\n\n{HEAD}\n{line_of(long)}\n")
    fifth = options.surveys // 5
    late = [mb for done, mb in long.memory if done >= fifth]
    print(f"Memory after {fifth} surveys {late[0]:.0f} MB, at the end {late[-1]:.0f} MB")
    print(f"ratio: throughput.memory_end_by_fifth {late[-1] / late[0]:.4g}")
    if options.plot:
        plot(loads, long, options.plot)


def line_of(load: Load) -> str:
    peak = max(mb for _, mb in load.memory)
    cpu = load.cpu / load.surveys
    return (
        f"| {load.at_once} | {load.surveys} | {load.per_hour:.0f} | {cpu:.2f} s | {peak:.0f} MB |"
    )


if __name__ == "__main__":
    threading.stack_size(512 * 1024)
    main()
