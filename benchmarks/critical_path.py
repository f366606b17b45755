"""One survey against slow services: its wall time against the time that nothing can take away.

    PYTHONPATH=tests/support uv run python benchmarks/critical_path.py

ArXiv and the models are loopback servers in a process of their own; each answer takes a set time.
The critical path is what cannot overlap: the queries; three requests to arXiv, three seconds apart;
then the slower of embedding with ordering and shortening (as many calls at once as the settings
allow); the outline; the sections at once; one section's repair; introduction and conclusion. CPU is
that of our process, once it is warm.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.playground import Playground
from bots import start_process
from paces import Paces, be_quiet, make_papers, services
from pipeline.bounds import Bounds
from pipeline.providers.base import Prompt
from pipeline.question import ask
from pipeline.sections import cut_tour
from pipeline.survey import gather, write
from pipeline.tour import solve_tour
from pipeline.wiring import Kit, use_kit

PACES = Paces(
    steps={
        "queries": 1.5,
        "shorten": 2.0,
        "outline": 6.0,
        "section": 12.0,
        "repair": 5.0,
        "frame": 9.0,
    },
    embed=0.5,
    arxiv=0.8,
    forgets=True,
)
SIZES = (60, 160)


def critical_path(papers: int, sections: int, at_once: int) -> float:
    """Give the seconds that remain with work of ours that takes no time."""
    steps = PACES.steps
    shorten = math.ceil(papers / at_once) * steps["shorten"]
    embed = math.ceil(papers / 128) * PACES.embed
    writing = math.ceil(sections / at_once) * steps["section"]
    searching = 2 * 3.0 + PACES.arxiv
    rest = steps["queries"] + steps["outline"] + steps["repair"] + steps["frame"]
    return searching + max(shorten, embed) + writing + rest


def run_one(papers: int, folder: Path) -> tuple[float, float, float]:
    """Give wall time, critical path and CPU of one survey."""
    folder.mkdir()
    with services(make_papers(papers), PACES) as served:
        with use_kit(served.settings(folder)) as kit:
            question = ask("What is new in radiance fields?")
            warm_up(kit)
            began, cpu = time.perf_counter(), time.process_time()
            tools = kit.tools("run", question.language, bounds=Bounds())
            context = gather(question, tools, context_id="c", now=datetime.now(UTC))
            survey = write(context, kit.writer("run"), tools, survey_id="run")
            wall, used = time.perf_counter() - began, time.process_time() - cpu
        if len(context.passages) != papers or survey.omitted:
            raise SystemExit(f"{len(context.passages)} papers, {len(survey.omitted)} left out")
        return wall, critical_path(papers, len(cut_tour(context.gaps)), kit.settings.at_once), used


def warm_up(kit: Kit) -> None:
    """Have a process behind us that has made a survey before: imports, and what SDKs prepare."""
    rows = kit.embedder("warm").embed([str(number) for number in range(12)]).rows
    model = kit.writer("warm")
    assert model is not None
    model.complete(Prompt("write", "Be brief.", "Say a word."))
    solve_tour(rows)


def time_process(*words: str) -> float:
    """Give the median seconds of a command, from start to end."""
    taken = []
    for _ in range(7):
        began = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def time_start(folder: Path) -> float:
    """Give the median seconds from the bot's start to its connection with Slack."""
    taken = []
    for number in range(5):
        home = folder / f"bot{number}"
        home.mkdir()
        with Playground() as slack:
            environment = {
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
                "DATABASE_URL": f"sqlite:///{home}/bot.sqlite",
                "PAPERWALK_SOURCE": "demo",
            }
            began = time.perf_counter()
            bot = start_process(home, environment)
            try:
                if not slack.wait_for_app(60):
                    raise SystemExit("the bot did not come up")
                taken.append(time.perf_counter() - began)
            finally:
                bot.kill()
                bot.wait()
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    options = parser.parse_args()
    be_quiet()
    os.environ.pop("PAPERWALK_AT_ONCE", None)
    print("| papers | wall | critical path | ratio | own CPU |")
    print("| -- | -- | -- | -- | -- |")
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for size in map(int, options.sizes.split(",")):
            wall, path, cpu = run_one(size, Path(folder) / str(size))
            print(f"| {size} | {wall:.2f} s | {path:.2f} s | {wall / path:.3f} | {cpu:.2f} s |")
            lines.append(f"ratio: critical_path.wall_by_path.{size} {wall / path:.4g}")
        start = time_start(Path(folder))
    empty = time_process("-c", "pass")
    help_ = time_process("-c", "from bot.cli import main; main(['--help'])")
    print(f"\nThe bot is connected after {start:.2f} s; `paperwalk --help` takes {help_:.2f} s, an")
    print(f"empty Python {empty:.2f} s.\n")
    print(*lines, sep="\n")
    print(f"ratio: critical_path.help_by_empty_python {help_ / empty:.4g}")


if __name__ == "__main__":
    main()
