"""Mean measures of the models, each question weighing the same."""

import math
from collections import defaultdict
from collections.abc import Iterable


def average_by_model(levels: Iterable[tuple[str, str, float | None]]) -> dict[str, float]:
    """Give each model's mean over questions of its mean over the surveys of a question.

    Args:
        levels: model, question and value of each survey; null and NaN are unmeasured, not 0.

    Returns:
        models with at least one value.
    """
    surveys: dict[tuple[str, str], list[float]] = defaultdict(list)
    for model, question, level in levels:
        if level is not None and not math.isnan(level):
            surveys[model, question].append(level)
    questions: dict[str, list[float]] = defaultdict(list)
    for (model, _), values in sorted(surveys.items()):
        questions[model].append(math.fsum(values) / len(values))
    return {model: math.fsum(means) / len(means) for model, means in questions.items()}
