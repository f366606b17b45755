"""Write and score the survey of one cell."""

from pipeline.bounds import Bounds
from pipeline.errors import CeilingReached
from pipeline.evaluation.recall import count_by_model, measure, rate_count
from pipeline.evaluation.scoring import VERSIONS, Judges, MetricName, score_one
from pipeline.survey import write
from pipeline.types import Arm, Context, Survey
from pipeline.wiring import Kit


def write_kept(kit: Kit, arm: Arm, context: Context, survey_id: str, bounds: Bounds) -> Survey:
    """Give the survey of a cell as it was kept, or write and keep it.

    Raises:
        CeilingReached: the budget was spent before it was whole.
        PaperwalkError: as the model raises it.
    """
    known = kit.store.load_survey(survey_id)
    if known is not None:
        return known
    survey = write(
        context,
        kit.writer(survey_id, arm.model, bounds),
        kit.tools(survey_id, context.question.language, bounds=bounds),
        survey_id=survey_id,
        mode=arm.mode,
        is_repaired=arm.is_repaired,
    )
    if survey.cut_short:
        raise CeilingReached("the budget was spent while the survey was written")
    kit.store.save_survey(survey)
    return survey


def score_kept(kit: Kit, survey: Survey, context: Context, bounds: Bounds) -> None:
    """Keep the scores that ask no model, and the article's count.

    Raises:
        Stopped: somebody stopped the run before the count, or it is still to come.
    """
    count = count_by_model(survey, kit.counter(survey.id, bounds))
    bounds.check()  # a count that was not asked for because we stop is still to come
    scores: dict[MetricName, object] = {
        "recall": measure(survey, context, article_count=count),
        "structure": score_one("structure", survey, context, Judges()),
        "language": score_one("language", survey, context, Judges()),
    }
    if count is not None:
        scores["count"] = rate_count(count, context)
    for name, value in scores.items():
        kit.store.save_score(survey.id, name, VERSIONS[name], value)
