"""``paperwalk demo``: ``/survey`` through the real Bolt app against a loopback Slack."""

import tempfile
import time
from pathlib import Path

import click
from pydantic import SecretStr
from rich.console import Console
from rich.text import Text

from bot.playground import CommandReceipt, Message, Playground
from bot.playground.render import draw_thread
from bot.run import listening, open_house, working
from bot.settings import BotSettings
from bot.store import Jobs, name_job
from pipeline.errors import Unavailable
from pipeline.settings import PipelineSettings

_PATIENCE_SECONDS = 60.0


@click.command()
@click.argument("question", default="NeRFの進化の研究について教えて")
def demo(question: str) -> None:
    """Play /survey QUESTION in a Slack that runs on this machine only.

    Needs no key, no network and no configuration: papers come from the catalogue that ships, and
    the survey is an extractive digest. The bot is the real one.
    """
    console = Console()
    with tempfile.TemporaryDirectory() as folder, Playground() as slack:
        pipeline = demo_settings(Path(folder))
        bot = BotSettings(
            slack_bot_token=SecretStr(slack.bot_token),
            slack_app_token=SecretStr(slack.app_token),
            slack_api_url=slack.api_url,
            dyno=None,
            post_seconds=0.0,
            edit_seconds=0.2,
            poll_seconds=0.1,
            stop_seconds=0,
        )
        house = open_house(bot, pipeline)
        try:
            with working(house), listening(house):
                slack.wait_for_app()
                receipt = slack.command(question)
                root = _wait_for_thread(slack, house.tables.jobs, receipt)
                _show(console, slack, receipt, root, question)
        finally:
            house.kit.engine.dispose()


def demo_settings(folder: Path) -> PipelineSettings:
    """Give settings that call nobody, whatever keys the environment holds."""
    return PipelineSettings(
        database_url=f"sqlite:///{folder / 'demo.sqlite'}",
        source="demo",
        query_model="keyless",
        shorten_model="keyless",
        write_model="keyless",
        count_model="keyless",
        embed_model="keyless",
        mode="sections",
        recent_years=2.0,
    )


def _wait_for_thread(slack: Playground, jobs: Jobs, receipt: CommandReceipt) -> Message | None:
    """Wait until the job has ended; null where the command was answered privately."""
    until = time.monotonic() + _PATIENCE_SECONDS
    job_id = name_job(receipt.trigger_id)
    if jobs.status(job_id) is None:
        return None
    while jobs.status(job_id) in {"waiting", "working", "delivering"}:
        if time.monotonic() > until:
            raise Unavailable("the demonstration's job did not end in time")
        time.sleep(0.05)
    return next((m for m in slack.messages() if not m.thread_ts and not m.ephemeral_for), None)


def _show(
    console: Console,
    slack: Playground,
    receipt: CommandReceipt,
    root: Message | None,
    question: str,
) -> None:
    private = [message for message in slack.messages() if message.ephemeral_for]
    thread = slack.thread(root.ts) if root else []
    draw_thread(console, [*private, *thread], person=slack.user, command=f"/survey {question}")
    console.print()
    milliseconds = f"{receipt.seconds * 1000:.0f} ms"
    said = f"Acknowledged after {milliseconds}; {len(thread)} messages in the thread."
    console.print(Text(said, "dim"))
