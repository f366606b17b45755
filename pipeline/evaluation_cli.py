"""The commands ``eval …``: a line here for each, whichever module it lives in."""

import click

from pipeline.scores_cli import import_, score


@click.group("eval")
def eval_() -> None:
    """Measure surveys."""


eval_.add_command(score)
eval_.add_command(import_)
