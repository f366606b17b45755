"""The article's count of a survey's papers, asked for while the survey is being posted."""

import contextvars
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from bot.workflows.run import Run
from pipeline.evaluation.recall import METRIC_VERSION, count_by_model, measure
from pipeline.types import Context, Recall, Survey

Measured = Callable[[Survey], Recall]
"""Waits for a survey's count, and keeps and gives its recall."""


def keep_recall(run: Run, context: Context, survey: Survey, count: int | None = None) -> Recall:
    """Measure a survey and keep its recall.

    Args:
        count: the article's; null as long as there is none.
    """
    recall = measure(survey, context, article_count=count)
    run.kit.store.save_score(survey.id, "recall", METRIC_VERSION, recall)
    return recall


@contextmanager
def count_ahead(run: Run, context: Context, surveys: Sequence[Survey]) -> Iterator[Measured]:
    """Have the papers of surveys counted in threads of their own while the block posts them."""
    pool = ThreadPoolExecutor(len(surveys), thread_name_prefix="count")
    counts = {
        survey.id: pool.submit(
            contextvars.copy_context().run,
            count_by_model,
            survey,
            run.kit.counter(survey.id, run.bounds),
        )
        for survey in surveys
    }

    def measured(survey: Survey) -> Recall:
        count = run.checkpoint(f"count {survey.id}", _wait, counts[survey.id])
        return keep_recall(run, context, survey, count)

    try:
        yield measured
    finally:
        pool.shutdown(wait=False)  # a failure is told without waiting for a count


def _wait(count: Future[int | None]) -> int | None:
    return count.result()
