"""Surveys, votes, faults of Slack and a killed bot, all at once: nothing twice, nothing lost."""

from pathlib import Path

import pytest

from soaking import soak


@pytest.mark.timeout(120)
def test_nothing_is_lost_or_doubled_while_everything_goes_wrong(tmp_path: Path) -> None:
    report = soak(tmp_path, surveys=8, at_once=4, kills=1, share=0.1, seed=11)

    assert report.wrong == []
    assert report.votes == 24
    assert report.kills == 1
