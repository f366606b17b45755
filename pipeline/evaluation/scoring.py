"""Score stored surveys: which scores are missing or old, what they will cost, one after another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from pipeline.errors import ModelDeclined
from pipeline.estimate import Call, guess_tokens
from pipeline.evaluation import language, recall, structure, support
from pipeline.evaluation.claims import draw_claims
from pipeline.evaluation.language import Consistency, measure_language
from pipeline.evaluation.recall import ArticleCount, count_by_model, measure, rate_count
from pipeline.evaluation.structure import Structure, measure_structure
from pipeline.evaluation.support import Support, measure_support
from pipeline.evaluation.support_judge import cut_batches
from pipeline.providers.base import ChatModel
from pipeline.store import Store
from pipeline.types import Context, Recall, Survey, Usage

MetricName = Literal["recall", "structure", "language", "support", "count"]
Score = Recall | Structure | Consistency | Support | ArticleCount

VERSIONS: Mapping[MetricName, int] = {
    "recall": recall.METRIC_VERSION,
    "structure": structure.METRIC_VERSION,
    "language": language.METRIC_VERSION,
    "support": support.METRIC_VERSION,
    "count": recall.COUNT_VERSION,
}
FREE: tuple[MetricName, ...] = ("recall", "structure", "language")
"""Metrics that ask no model."""

_TOKENS = 30
"""Of a reply on one paper or claim, by our own guess."""


@dataclass(frozen=True, slots=True)
class Judges:
    """The models that scores are asked of, and how much.

    Attributes:
        counter: gives the counting model for a survey's id; null where none is set.
        supporter: judges support; null where none is set.
        claims: of a survey that are judged at most.
        seed: of their choice.
        at_once: largest number of calls under way.
    """

    counter: Callable[[str], ChatModel | None] = lambda _: None
    supporter: ChatModel | None = None
    claims: int = support.SAMPLE
    seed: int = 0
    at_once: int = 8


@dataclass(frozen=True, slots=True)
class Due:
    """The scores that one survey lacks."""

    survey_id: str
    metrics: tuple[MetricName, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """The new scores of one survey.

    Attributes:
        scores: null for one that could not be had: unscored, which is not 0.
    """

    survey: Survey
    scores: Mapping[MetricName, Score | None]


def find_due(
    store: Store,
    metrics: Sequence[MetricName],
    *,
    survey_ids: Sequence[str] = (),
    since_version: int | None = None,
    is_all: bool = False,
) -> tuple[Due, ...]:
    """Find the surveys whose newest score of a metric is missing or of an older version.

    Args:
        survey_ids: look at these alone; empty for all.
        since_version: scores of this version or a newer one are new enough; null for the version
            that each metric has now.
        is_all: no score is new enough.
    """
    known = {name: store.list_scored(name) for name in metrics}
    wanted = {
        name: VERSIONS[name] if since_version is None else min(since_version, VERSIONS[name])
        for name in metrics
    }
    due = (
        Due(one, tuple(n for n in metrics if is_all or known[n].get(one, 0) < wanted[n]))
        for one in survey_ids or store.list_surveys()
    )
    return tuple(one for one in due if one.metrics)


def score_surveys(store: Store, due: Sequence[Due], judges: Judges) -> Iterator[Scored]:
    """Score surveys and keep each score at once, so that a run that ends early loses nothing.

    A score that a model will not give, or that the ceiling of cost forbids, stays missing.

    Raises:
        OperatorActs, TryAgain: as the models raise them.
    """
    for survey, context, metrics in _load(store, due):
        scores: dict[MetricName, Score | None] = {}
        for name in metrics:
            try:
                value = score_one(name, survey, context, judges)
            except ModelDeclined:
                value = None
            if isinstance(value, Recall):
                # The count is a model's and was paid for: it outlives our own counting.
                before = store.load_score(survey.id, name, Recall)
                value = replace(value, article_recall=before.article_recall if before else None)
            if value is not None:
                store.save_score(survey.id, name, VERSIONS[name], value)
            scores[name] = value
        yield Scored(survey, scores)


def score_one(name: MetricName, survey: Survey, context: Context, judges: Judges) -> Score | None:
    """Give one score of a survey, or null where it cannot be had.

    Raises:
        PaperwalkError: as the models raise it.
    """
    match name:
        case "recall":
            return measure(survey, context)
        case "structure":
            return measure_structure(survey.markdown)
        case "language":
            papers = [passage.paper for passage in (*context.passages, *context.off_topic)]
            return measure_language(survey.markdown, papers, context.question.language)
        case "support":
            if judges.supporter is None:
                return None
            sample = draw_claims(survey, context, most=judges.claims, seed=judges.seed)
            return measure_support(sample, judges.supporter, at_once=judges.at_once)
        case "count":
            count = count_by_model(survey, judges.counter(survey.id))
            return None if count is None else rate_count(count, context)
        case _:
            assert_never(name)


def expect_calls(store: Store, due: Sequence[Due], judges: Judges) -> tuple[Call, ...]:
    """Give the calls that scoring will make at most, before any is made.

    Replies that were paid for before are not taken off.
    """
    return tuple(
        call
        for survey, context, metrics in _load(store, due)
        for name in metrics
        for call in _expect(name, survey, context, judges)
    )


def _expect(name: MetricName, survey: Survey, context: Context, judges: Judges) -> Iterator[Call]:
    if name == "support" and judges.supporter is not None:
        sample = draw_claims(survey, context, most=judges.claims, seed=judges.seed)
        for batch in cut_batches(sample):
            prompt = batch.prompt()
            verdicts = sum(1 + len(papers) for _, papers in batch.asked.values())
            read = guess_tokens(prompt.system + prompt.user)
            yield Call("support", judges.supporter.name, Usage(read, 0, _TOKENS * verdicts))
    elif name == "count" and (counter := judges.counter(survey.id)) is not None:
        names = _TOKENS * len(context.passages)
        yield Call("count", counter.name, Usage(guess_tokens(survey.markdown), 0, names))
        yield Call("count", counter.name, Usage(names, 0, _TOKENS))


def _load(
    store: Store, due: Sequence[Due]
) -> Iterator[tuple[Survey, Context, tuple[MetricName, ...]]]:
    """Load what is due; a context that serves the next survey, too, is loaded once."""
    context: Context | None = None
    for one in due:
        survey = store.load_survey(one.survey_id)
        if survey is None:
            continue
        if context is None or context.id != survey.context_id:
            context = store.load_context(survey.context_id)
        if context is not None:
            yield survey, context, one.metrics
