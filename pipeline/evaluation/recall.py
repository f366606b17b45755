"""Recall: the papers of the context that a survey cites, counted by code."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field, ValidationError

from pipeline.document import read_body
from pipeline.errors import PaperwalkError, Parked
from pipeline.evaluation.ledger import read_ledger
from pipeline.prompts import fill
from pipeline.providers.base import ChatModel, Prompt
from pipeline.types import Context, Recall, Survey, Tally

METRIC_VERSION = 2
"""Raised whenever the same survey would get another figure."""

COUNT_VERSION = 1
"""Likewise of the article's count."""

_BINS = 10


class CountReply(BaseModel):
    """The counting model's second reply."""

    count: int = Field(ge=0)


@dataclass(frozen=True, slots=True)
class ArticleCount:
    """The article's recall: papers that a language model counts in a survey ÷ papers found.

    Attributes:
        recall: may exceed 1, where the model names papers from memory; null for none found.
        recall_capped: at most 1.
    """

    count: int
    recall: float | None
    recall_capped: float | None


def measure(survey: Survey, context: Context, *, article_count: int | None = None) -> Recall:
    """Count the papers that a survey cites: by link or id, or by title.

    Papers that stand only in the closing table (``survey.omitted``) are not cited: a table can list
    anything. An empty context has no recall.

    Args:
        article_count: number of papers that a model counted in the survey.
    """
    on_topic = [passage.paper for passage in context.passages]
    papers = [*on_topic, *(passage.paper for passage in context.off_topic)]
    ledger = read_ledger(survey.markdown, papers, context.question.text)
    in_table = {omission.paper_id for omission in survey.omitted}
    linked = tuple(one for one in ledger.linked if one not in in_table)
    cited = {*linked, *ledger.titled} - in_table
    return Recall(
        cited=tuple(paper.id for paper in papers if paper.id in cited),
        linked=linked,
        omitted=tuple(paper.id for paper in papers if paper.id not in cited),
        outside=ledger.outside,
        recall=_share(len(cited), len(papers)),
        recall_on_topic=_share(sum(paper.id in cited for paper in on_topic), len(on_topic)),
        precision=ledger.precision,
        article_recall=(
            None if article_count is None else rate_count(article_count, context).recall
        ),
        recall_linked=_share(len(linked), len(papers)),
        mentioned=tuple(one for one in ledger.mentioned if one not in in_table),
        malformed=ledger.malformed,
        misattributed=ledger.misattributed,
        link_rate=ledger.link_rate,
        by_position=count_by_position([paper.id for paper in on_topic], cited),
    )


def count_by_position(ids: Sequence[str], cited: Collection[str]) -> tuple[Tally, ...]:
    """Count cited papers in each tenth of the context's order; one by one for fewer than ten."""
    bins = min(_BINS, len(ids))
    parts = [ids[len(ids) * i // bins : len(ids) * (i + 1) // bins] for i in range(bins)]
    return tuple(Tally(sum(one in cited for one in part), len(part)) for part in parts)


def pool_positions(surveys: Iterable[Sequence[Tally]]) -> tuple[Tally, ...]:
    """Add up the tenths of several surveys; those with fewer than ten papers have none."""
    tenths = [parts for parts in surveys if len(parts) == _BINS]
    return tuple(
        Tally(sum(part.cited for part in same), sum(part.papers for part in same))
        for same in zip(*tenths, strict=True)
    )


def count_by_model(survey: Survey, model: ChatModel | None) -> int | None:
    """Count the papers that a survey names as the article did: list them, then count the list.

    The model does not see the closing table, which names all papers that the text leaves out.

    Returns:
        the number, or null: no model is set, or it gave no readable count. This second figure
        never costs the survey.

    Raises:
        Parked: the reply comes later.
    """
    if model is None:
        return None
    try:
        text = read_body(survey.markdown)
        listed = model.complete(Prompt("count", fill("count_list"), text))
        counted = model.complete(
            Prompt("count", fill("count_number"), listed.text, CountReply, 1_000)
        )
        return CountReply.model_validate_json(counted.text).count
    except Parked:
        raise
    except (PaperwalkError, ValidationError):
        return None


def rate_count(count: int, context: Context) -> ArticleCount:
    """Give the article's recall for a count."""
    recall = _share(count, len(context.passages) + len(context.off_topic))
    return ArticleCount(count, recall, None if recall is None else min(recall, 1.0))


def score(survey: Survey, context: Context, count_model: ChatModel | None) -> Recall:
    """Measure a survey; with a counting model, the article's figure beside ours."""
    return measure(survey, context, article_count=count_by_model(survey, count_model))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
