"""The command line, run as a process would run it."""

from dataclasses import dataclass

import pytest

from bot.cli import main


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command left."""

    code: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *words: str) -> Printed:
    """Run a command line in this process."""
    with pytest.raises(SystemExit) as stop:
        main(words)
    printed = capsys.readouterr()
    code = stop.value.code
    return Printed(code if isinstance(code, int) else 0, printed.out, printed.err)
