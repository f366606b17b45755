"""Take in a survey that was written elsewhere, as one more arm."""

import hashlib
from collections.abc import Sequence

from pipeline.labels import labels
from pipeline.types import Context, Found, Paper, Passage, QueryPlan, Question, Survey

_MAKER = "import"


def make_context(question: Question, papers: Sequence[Paper]) -> Context:
    """Give a list of papers as the context of the surveys that were written from it.

    Nothing is known of embeddings, so all gaps are 0. The same question and list have the same id.
    """
    reason = labels(question.language).import_reason
    passages = tuple(
        Passage(paper, paper.abstract or paper.title, "related", reason, _MAKER) for paper in papers
    )
    told = [f"{paper.id}v{paper.version} {paper.title} {paper.abstract}" for paper in papers]
    return Context(
        id=_name("c", question.language, question.text, *told),
        question=question,
        plan=QueryPlan((), _MAKER),
        found=Found(tuple(papers), (), _MAKER, len(papers)),
        passages=passages,
        gaps=(0.0,) * max(len(passages) - 1, 0),
        off_topic=(),
        embedding_model="none",
        tour_length=0.0,
    )


def make_survey(markdown: str, context: Context, arm: str) -> Survey:
    """Give a text as a survey; the same text of the same arm and context has the same id.

    Args:
        arm: name of who wrote it; the survey's model is ``import:`` and this.
    """
    model = f"{_MAKER}:{arm}"
    survey_id = _name("s", context.id, model, markdown)
    return Survey(survey_id, context.id, model, "sections", markdown)


def _name(kind: str, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"{_MAKER}-{kind}-{digest[:16]}"
