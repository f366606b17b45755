"""``python -m bot``: settings → logs → database → kit → engine → app."""

import os
import signal
import sys
import threading
from types import FrameType

import click

from bot.run import listening, open_house, serve_web, working
from bot.settings import BotSettings
from pipeline.errors import NotConfigured
from pipeline.logs import set_up_logs
from pipeline.settings import PipelineSettings

_SWITCH_SECONDS = 0.001
"""How long a thread that computes keeps the interpreter from others that want it. With Python's
five milliseconds a command waits that long for each survey that happens to compute."""


@click.command()
@click.argument(
    "part", type=click.Choice(["all", "web", "worker", "migrate"]), default="all", required=False
)
def serve(part: str) -> None:
    """Run the Slack bot.

    PART is all (Socket Mode and the worker in one process, the default), web (HTTP mode, records
    jobs only), worker (works on jobs), or migrate (brings the database up to date and ends).
    """
    set_up_logs(verbose=True)
    sys.setswitchinterval(_SWITCH_SECONDS)
    settings = BotSettings()
    house = open_house(settings, PipelineSettings())
    try:
        match part:
            case "migrate":
                pass
            case "web":
                serve_web(house)
            case "worker":
                with working(house):
                    _wait()
            case _:
                with working(house), listening(house):
                    _wait()
    finally:
        house.kit.engine.dispose()
    # Threads of jobs that did not end in time must not keep the process: the jobs go on elsewhere.
    os._exit(0)


def _wait() -> None:
    """Wait for SIGTERM or Ctrl-C."""
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    stop.wait()


if __name__ == "__main__":
    try:
        serve()
    except NotConfigured as error:
        sys.exit(f"{error}. `paperwalk doctor` checks all settings.")
