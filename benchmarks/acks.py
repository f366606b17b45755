"""How fast commands are acknowledged while surveys run.

    PYTHONPATH=tests/support uv run python benchmarks/acks.py

Starts the bot against the loopback Slack and loopback models that take their time, each a process
of its own, lets it work on many surveys, and then sends bursts of commands at once. Measured is
what a person sees: from the command to the acknowledgement at Slack's side.
"""

import argparse
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from bot.playground import Playground
from bots import start_process
from model_server import Fault, ModelRequest, model_server, play_survey

QUESTION = "NeRFの進化の研究について教えて"
MODEL = "openai:gpt-6-luna"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--surveys", type=int, default=20, help="surveys that run meanwhile")
    parser.add_argument("--burst", type=int, default=50, help="commands at once")
    parser.add_argument("--rounds", type=int, default=5, help="bursts, a second apart")
    parser.add_argument("--latency", type=float, default=3.0, help="seconds of each model call")
    parser.add_argument("--output", type=Path, help="write the table here too")
    options = parser.parse_args()
    rows = [
        measure(name, parts, options)
        for name, parts in (
            ("Socket Mode, one process", ["all"]),
            ("HTTP, web and worker apart", ["web", "worker"]),
        )
    ]
    about = (
        f"{options.burst} commands at once, {options.rounds} times, while {options.surveys} surveys"
        f" run, {options.latency:g} s a model call ({platform.machine()}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()})."
    )
    table = "\n".join(
        [
            about,
            "",
            "| | median | 99th percentile | slowest | surveys under way |",
            "|--|--|--|--|--|",
            *rows,
        ]
    )
    print(table)
    if options.output:
        options.output.write_text(table + "\n", encoding="utf-8")


def measure(name: str, parts: list[str], options: argparse.Namespace) -> str:
    """Give a row of the table for one way of running the bot."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Playground() as slack,
        slow_models(options.latency) as models_url,
    ):
        environment = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "DATABASE_URL": f"sqlite:///{folder}/bot.sqlite",
            "OPENAI_API_KEY": "sk-loopback",
            "OPENAI_BASE_URL": models_url,
            "PAPERWALK_SOURCE": "demo",
            "PAPERWALK_EMBED_MODEL": "keyless",
            "PAPERWALK_WRITE_MODEL": MODEL,
            "PAPERWALK_SURVEYS_AT_ONCE": str(options.surveys),
            "PORT": "3999",
        }
        for limit in ("PERSON", "CHANNEL", "WORKSPACE"):
            environment |= {f"PAPERWALK_{limit}_{when}": "0" for when in ("AT_ONCE", "PER_DAY")}
        with running(Path(folder), environment, parts):
            if parts == ["all"]:
                assert slack.wait_for_app(60)
            else:
                slack.deliver_over_http("http://127.0.0.1:3999/slack/events")
                wait_for_web(slack)
            return f"| {name} | {fire(slack, options)} |"


@contextmanager
def slow_models(latency: float) -> Iterator[str]:
    """Run loopback models in a process of their own, and give their address."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=serve_models, args=(there, latency), daemon=True
    )
    process.start()
    try:
        yield here.recv()
    finally:
        process.kill()
        process.join()


def serve_models(pipe: Connection, latency: float) -> None:
    def slowly(request: ModelRequest) -> str | Fault:
        time.sleep(latency)
        return play_survey(request)

    with model_server(slowly) as models:
        pipe.send(models.base_url("openai"))
        threading.Event().wait()


def wait_for_web(slack: Playground) -> None:
    for _ in range(300):
        if slack.verify_url():
            return
        time.sleep(0.2)
    raise RuntimeError("the bot did not answer")


def fire(slack: Playground, options: argparse.Namespace) -> str:
    """Start the surveys, send the bursts, and give the figures as cells."""

    def ask(number: int) -> float:
        receipt = slack.command(f"{QUESTION}（{number}）", user=f"U{number:07d}")
        return receipt.seconds if receipt.acked else float("inf")

    for number in range(options.surveys):
        ask(number)
    while under_way(slack) < options.surveys:
        time.sleep(0.1)
    seconds: list[float] = []
    running_then: list[int] = []
    with ThreadPoolExecutor(options.burst) as pool:
        for turn in range(options.rounds):
            running_then.append(under_way(slack))
            first = 1_000 * (turn + 1)
            seconds += pool.map(ask, range(first, first + options.burst))
            time.sleep(1)
    quantile = statistics.quantiles(seconds, n=100)[98]
    cells = (statistics.median(seconds), quantile, max(seconds))
    shown = " | ".join(f"{1_000 * one:.0f} ms" for one in cells)
    return f"{shown} | {min(running_then)}–{max(running_then)}"


def under_way(slack: Playground) -> int:
    """Give the number of root messages whose survey is being made."""
    roots = [m for m in slack.messages() if not m.thread_ts and not m.ephemeral_for]
    return sum("job_stop" in str(message.blocks) for message in roots)


@contextmanager
def running(folder: Path, environment: dict[str, str], parts: list[str]) -> Iterator[None]:
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for part in parts:
            processes.append(start_process(folder, environment, part))
            time.sleep(2 if len(parts) > 1 else 0)
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
