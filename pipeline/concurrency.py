"""Several calls at once, results in order, the first error last."""

import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def map_at_once(function: Callable[[A], B], items: Sequence[A], *, at_once: int) -> list[B]:
    """Call a function for each item in threads; results stand in the order of the items.

    All calls run to their end even when one raises, so that paid replies reach the cache;
    then the error of the earliest item is raised. Context variables (the log's) are passed on.

    Args:
        at_once: largest number of calls under way, at least 1.
    """
    if not items:
        return []
    with ThreadPoolExecutor(max_workers=min(at_once, len(items))) as pool:
        futures: list[Future[B]] = [
            pool.submit(contextvars.copy_context().run, function, item) for item in items
        ]
    return [future.result() for future in futures]
