"""The command line, run as a process would run it."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from bot.cli import main


class Printed(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str


Run = Callable[..., Printed]
"""The fixture ``run``: give it the words of a command line."""


def run(capsys: pytest.CaptureFixture[str], *words: str) -> Printed:
    """Run a command line in this process."""
    with pytest.raises(SystemExit) as stop:
        main(words)
    printed = capsys.readouterr()
    code = stop.value.code
    return Printed(code if isinstance(code, int) else 0, printed.out, printed.err)
