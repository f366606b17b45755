"""Bots under test: in this process, or as a process that can be killed."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from bot.playground import CommandReceipt, Message, Playground
from bot.run import House, listening, open_house, working
from bot.scenes import demo_settings
from bot.settings import BotSettings
from bot.store import Jobs, name_job
from pipeline.settings import PipelineSettings

ROOT = Path(__file__).parent.parent.parent


def bot_settings(slack: Playground, **changes: object) -> BotSettings:
    values: dict[str, object] = {
        "slack_bot_token": SecretStr(slack.bot_token),
        "slack_app_token": SecretStr(slack.app_token),
        "slack_signing_secret": SecretStr(slack.signing_secret),
        "slack_api_url": slack.api_url,
        "post_seconds": 0.0,
        "edit_seconds": 0.05,
        "poll_seconds": 0.05,
        "beat_seconds": 0.3,
        "stop_seconds": 0,
    }
    return BotSettings(**(values | changes))  # type: ignore[arg-type]  # the test's own values


@contextmanager
def running_bot(
    slack: Playground, folder: Path, pipeline: PipelineSettings | None = None, **changes: object
) -> Iterator[House]:
    """Run a whole bot over Socket Mode in this process.

    Args:
        changes: of the bot's settings.
    """
    house = open_house(bot_settings(slack, **changes), pipeline or demo_settings(folder))
    try:
        with working(house), listening(house):
            assert slack.wait_for_app()
            yield house
    finally:
        house.kit.engine.dispose()


def wait_for_end(jobs: Jobs, receipt: CommandReceipt, seconds: float = 30.0) -> str:
    """Wait until a command's job has ended, and give how."""
    return wait_for_job(jobs, name_job(receipt.trigger_id), seconds)


def wait_for_job(jobs: Jobs, job_id: str, seconds: float = 30.0) -> str:
    """Wait until a job has ended, and give how."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        status = jobs.status(job_id)
        if status in {"done", "failed", "stopped"}:
            return status
        time.sleep(0.02)
    raise AssertionError("the job did not end")


def root_of(slack: Playground, channel: str | None = None) -> Message:
    roots = [m for m in slack.messages(channel) if not m.thread_ts and not m.ephemeral_for]
    assert len(roots) == 1, roots
    return roots[0]


def start_process(
    folder: Path, environment: dict[str, str], part: str = "all"
) -> subprocess.Popen[bytes]:
    """Start ``python -m bot`` in a folder of its own; its log goes to ``bot.log``."""
    with (folder / "bot.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "bot", part],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "HOME": str(folder)} | environment,
            stdout=log,
            stderr=log,
        )
