"""The commands ``eval …``: a line here for each, whichever module it lives in."""

import click

from pipeline.experiment_cli import list_, run
from pipeline.judge_cli import judge
from pipeline.report_cli import report
from pipeline.scores_cli import import_, score


@click.group("eval")
def eval_() -> None:
    """Run experiments and measure surveys."""


eval_.add_command(run)
eval_.add_command(list_)
eval_.add_command(score)
eval_.add_command(judge)
eval_.add_command(report)
eval_.add_command(import_)
