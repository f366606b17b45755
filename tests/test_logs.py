"""Logs: lines go to the stderr of the moment, and a replaced one breaks nothing."""

import io
from contextlib import redirect_stderr

import pytest
import structlog

from pipeline.logs import set_up_logs


def test_a_stderr_that_was_closed_since_does_not_stop_who_logs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    gone = io.StringIO()
    with redirect_stderr(gone):
        set_up_logs(verbose=False)
    gone.close()

    structlog.get_logger().warning("stage_failed", stage="shorten")

    assert "event=stage_failed stage=shorten" in capsys.readouterr().err
