"""What bounds a run from outside: somebody may stop it, and it may not cost more than so much."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.errors import Stopped


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one run, shared by all its threads.

    Attributes:
        ceiling_usd: dollars that the run may spend; null for no ceiling. It is looked at before
            each call of a language model, so calls under way at that moment may still pass it.
            Calls whose price is not known do not count.
        runs: ids under which the calls are recorded that count together; empty: the run's own.
        stopped: set by whoever stops the run.
        admit: is asked before each call of a language model, too, and raises where it must not be
            made.
    """

    ceiling_usd: float | None = None
    runs: tuple[str, ...] = ()
    stopped: threading.Event = field(default_factory=threading.Event)
    admit: Callable[[], object] = lambda: None

    def check(self) -> None:
        """Let the run go on.

        Raises:
            Stopped: somebody has stopped it.
        """
        if self.stopped.is_set():
            raise Stopped("the run was stopped")

    def pause(self, seconds: float) -> None:
        """Wait.

        Raises:
            Stopped: somebody stopped the run meanwhile.
        """
        self.stopped.wait(seconds)
        self.check()
