"""What a run tells the person who waits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pipeline.types import Search

Stage = Literal["queries", "search", "embed", "order", "shorten", "write", "measure"]
"""The stages in the order in which they run."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One step forward.

    Attributes:
        stage: the stage that it is about.
        done: parts finished so far; equal to ``total`` when the stage is over.
        total: parts of the stage, at least 1.
        searches: the queries and their hit counts, once they are known.
        papers: how many papers the searches gave, once it is known.
        wait_seconds: the stage is waiting this long because a service asked us to.
    """

    stage: Stage
    done: int
    total: int
    searches: tuple[Search, ...] = ()
    papers: int | None = None
    wait_seconds: float | None = None


OnProgress = Callable[[Progress], None]
"""Takes progress from any thread; must be quick and must not raise."""


def say_nothing(progress: Progress) -> None:
    """Be the listener of a run that nobody watches."""
    del progress
