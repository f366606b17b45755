"""``paperwalk demo``: ``/survey`` through the real Bolt app against a loopback Slack."""

import tempfile
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.text import Text

from bot.playground import Playground, View
from bot.playground.page import draw_page
from bot.playground.render import draw_thread, draw_view
from bot.scenes import SCENES, SceneName, Shown, set_stage
from pipeline.question import detect_language
from pipeline.types import Language


@click.command()
@click.argument("question", default="")
@click.option(
    "--scene",
    type=click.Choice(get_args(SceneName)),
    default="survey",
    show_default=True,
    help="What people do: ask; compare two surveys; ask on; open the home tab; ask in vain.",
)
@click.option("--lang", "language", type=click.Choice(get_args(Language)), help="Of the people.")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write what stands in Slack as a page, too.",
)
def demo(question: str, scene: SceneName, language: Language | None, page: Path | None) -> None:
    """Play /survey QUESTION in a Slack that runs on this machine only.

    Needs no key, no network and no configuration: papers come from the catalogue that ships, and
    the survey is an extractive digest. The bot is the real one. Without a QUESTION the scene
    has its own, in Japanese or as --lang says.
    """
    spoken = language or (detect_language(question) if question else "ja")
    with (
        tempfile.TemporaryDirectory() as folder,
        set_stage(Path(folder), spoken, question) as stage,
    ):
        shown = SCENES[scene](stage)
        if page:
            drawn = draw_page(shown.what, names=stage.slack.names, language=spoken)
            page.write_text(drawn, encoding="utf-8")
        _print(Console(), stage.slack, shown)


def _print(console: Console, slack: Playground, shown: Shown) -> None:
    if isinstance(shown.what, View):
        draw_view(console, shown.what, person=slack.user)
        return
    draw_thread(console, shown.what, person=slack.user, command=shown.typed, names=slack.names)
    console.print()
    milliseconds = f"{shown.acknowledged * 1000:.0f} ms"
    threaded = sum(not message.ephemeral_for for message in shown.what)
    said = f"Acknowledged after {milliseconds}; {threaded} messages in the thread."
    console.print(Text(said, "dim"))
