"""Recall: the papers of the context that a survey cites, counted by code."""

import re
import unicodedata

from pydantic import BaseModel, Field, ValidationError

from pipeline.errors import PaperwalkError
from pipeline.prompts import fill
from pipeline.providers.base import ChatModel, Prompt
from pipeline.types import Checkpoint, Context, Recall, Survey, run_now

METRIC_VERSION = 1
"""Raised whenever the same survey would get another figure."""

_LINKED = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html|format|e-print)/|arxiv:\s?)"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})",
    re.IGNORECASE,
)
_SHORTEST_TITLE = 15
"""Characters; a shorter title ("Mamba") may be a word of the text and no citation."""


class CountReply(BaseModel):
    """The counting model's second reply."""

    count: int = Field(ge=0)


def measure(survey: Survey, context: Context, *, article_count: int | None = None) -> Recall:
    """Count the papers that a survey cites: by link, or by exact normalised title.

    Papers that stand only in the closing table (``survey.omitted``) are not cited: a table can list
    anything. An empty context has no recall.

    Args:
        article_count: number of papers that a model counted in the survey.
    """
    omitted = {omission.paper_id for omission in survey.omitted}
    on_topic = [passage.paper for passage in context.passages]
    papers = [*on_topic, *(passage.paper for passage in context.off_topic)]
    text = _normalise(survey.markdown)
    links = tuple(dict.fromkeys(_LINKED.findall(unicodedata.normalize("NFKC", survey.markdown))))
    ids = {paper.id for paper in papers}
    linked = tuple(p.id for p in papers if p.id in links and p.id not in omitted)
    titled = {p.id for p in papers if p.id not in omitted and _is_named(p.title, text)}
    cited = tuple(p.id for p in papers if p.id in titled or p.id in linked)
    outside = tuple(link for link in links if link not in ids)
    known = len(linked)
    return Recall(
        cited=cited,
        linked=linked,
        omitted=tuple(p.id for p in papers if p.id not in cited),
        outside=outside,
        recall=len(cited) / len(papers) if papers else None,
        recall_on_topic=(
            sum(p.id in cited for p in on_topic) / len(on_topic) if on_topic else None
        ),
        precision=known / (known + len(outside)) if known + len(outside) else None,
        article_recall=(
            article_count / len(papers) if article_count is not None and papers else None
        ),
    )


def count_by_model(survey: Survey, model: ChatModel | None) -> int | None:
    """Count the papers that a survey names as the article did: list them, then count the list.

    Returns:
        the number, or null: no model is set, or it gave no readable count. This second figure
        never costs the survey.
    """
    if model is None:
        return None
    try:
        listed = model.complete(Prompt("count", fill("count_list"), survey.markdown))
        counted = model.complete(
            Prompt("count", fill("count_number"), listed.text, CountReply, 1_000)
        )
        return CountReply.model_validate_json(counted.text).count
    except (PaperwalkError, ValidationError):
        return None


def score(
    survey: Survey,
    context: Context,
    count_model: ChatModel | None,
    *,
    checkpoint: Checkpoint = run_now,
) -> Recall:
    """Measure a survey; with a counting model, the article's figure beside ours."""
    count = checkpoint(f"count {survey.id}", count_by_model, survey, count_model)
    return measure(survey, context, article_count=count)


def _is_named(title: str, text: str) -> bool:
    normal = _normalise(title)
    return len(normal) >= _SHORTEST_TITLE and normal in text


def _normalise(text: str) -> str:
    """Give letters and digits alone, lower case, words apart by one space, padded by spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = " ".join(re.findall(r"[^\W_]+", folded))
    return f" {words} "
