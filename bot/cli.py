"""The command ``paperwalk``: finds the command that was asked for and imports only that one."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import NoReturn

import click

from pipeline import errors


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a command lives, and the line about it, so that ``--help`` need not import it."""

    module: str
    name: str
    line: str


_COMMANDS: Mapping[str, _Place] = {
    "cite": _Place("pipeline.cite_cli", "cite", "Check the citations of any survey."),
    "demo": _Place("bot.demo", "demo", "Play /survey in a loopback Slack; needs no key."),
    "doctor": _Place("bot.doctor", "doctor", "Check settings, database, keys and sources."),
    "eval": _Place("pipeline.evaluation_cli", "eval_", "Run experiments, score surveys."),
    "follow-up": _Place(
        "pipeline.followup_cli", "follow_up_", "Ask about a survey, or have it changed."
    ),
    "mirror": _Place("pipeline.mirror_cli", "mirror", "Keep a local copy of arXiv's metadata."),
    "serve": _Place("bot.__main__", "serve", "Run the Slack bot (as python -m bot)."),
    "survey": _Place("pipeline.cli", "survey", "Write a cited literature survey."),
    "votes": _Place("pipeline.votes_cli", "votes", "Show what people prefer; export votes."),
}

_EXIT_CODES: Mapping[type[errors.PaperwalkError], int] = {
    errors.NothingFound: 3,
    errors.PersonRephrases: 2,
    errors.OperatorActs: 4,
    errors.TryAgain: 5,
    errors.ModelDeclined: 6,
}
"""The first class that fits decides; 1 is left to bugs, 130 to Ctrl-C."""


class _Late(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands."""
        return sorted(_COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command, or give null where there is none of this name."""
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        command = getattr(import_module(place.module), place.name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands with their lines, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.line) for name, place in sorted(_COMMANDS.items())])


@click.group(cls=_Late, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="paperwalk")
def paperwalk() -> None:
    """Literature surveys from arXiv, every sentence tied to papers that exist.

    Exit codes: 0 done, 2 the question or an option, 3 no paper found, 4 a setting or key,
    5 a service is busy or unreachable, 6 a model declined, 130 interrupted.
    """
    import_module("pipeline.logs").set_up_logs(verbose=False)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and turn errors into a sentence and an exit code.

    Args:
        arguments: those after the program's name; null takes the process's own.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = paperwalk.main(words, prog_name="paperwalk", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except errors.PaperwalkError as error:
        language = import_module("pipeline.question").detect_language(" ".join(words))
        click.echo(import_module("bot.messages.failures").explain(error, language), err=True)
        click.echo(f"({type(error).__name__}: {error})", err=True)
        sys.exit(next(code for kind, code in _EXIT_CODES.items() if isinstance(error, kind)))
    # A command that ends by click's Exit comes back here with its code.
    sys.exit(code if isinstance(code, int) else 0)
