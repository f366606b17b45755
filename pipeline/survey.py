"""One survey, top to bottom: ``gather`` the context, then ``write`` from it.

Each stage runs through ``checkpoint(name, function, *arguments)``: on the command line that calls
it, in the bot it is the engine's durable step. Stages exchange plain values; vectors stay in the
cache that ``Tools`` holds.
"""

import contextvars
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import Embedded, VectorCache, embed_papers, read_rows
from pipeline.progress import OnProgress, Progress, say_nothing
from pipeline.providers.base import ChatModel, EmbeddingModel
from pipeline.queries import make_queries
from pipeline.search import SearchRules, find_papers
from pipeline.shorten import keep_abstracts, shorten
from pipeline.sources.base import PaperSource
from pipeline.tour import measure_gaps, order_rows
from pipeline.types import (
    Checkpoint,
    Context,
    Found,
    Mode,
    Order,
    Passage,
    Query,
    QueryPlan,
    Question,
    Survey,
    Tour,
    run_now,
)
from pipeline.write import write_survey


@dataclass(frozen=True, slots=True)
class Tools:
    """What the stages work with; a role without a model is done by keyless code.

    Attributes:
        given: queries made by the person; with them no model is asked for any.
        bring_back: ids of papers that stay in the context whatever triage says of them.
        at_once: largest number of model calls under way in one stage.
        seed: of the tour.
        order: in which the writing model meets the papers.
        is_shortened: abstracts are shortened and judged; else they stay whole, and so does the
            list of papers.
    """

    source: PaperSource
    embedding_model: EmbeddingModel
    vectors: VectorCache
    query_model: ChatModel | None = None
    shorten_model: ChatModel | None = None
    rules: SearchRules = field(default_factory=SearchRules)
    given: tuple[Query, ...] = ()
    bring_back: frozenset[str] = frozenset()
    on_progress: OnProgress = say_nothing
    at_once: int = 8
    seed: int = 0
    order: Order = "tour"
    is_shortened: bool = True


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the stages gave, in their order.

    Attributes:
        embedded: the papers in the order in which the tour numbers them.
        passages: in the order of the tour.
        order: what took the tour's place, if anything did.
    """

    question: Question
    plan: QueryPlan
    found: Found
    embedded: Embedded
    tour: Tour
    passages: tuple[Passage, ...]
    order: Order = "tour"


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the papers gave.

    Attributes:
        tour: numbers the papers as they were found.
        passages: in that order, too.
    """

    embedded: Embedded
    tour: Tour
    passages: tuple[Passage, ...]


def gather(
    question: Question,
    tools: Tools,
    *,
    context_id: str,
    now: datetime,
    checkpoint: Checkpoint = run_now,
) -> Context:
    """Find, order and shorten the papers that a survey is written from.

    Args:
        context_id: id of the context, chosen by the caller so that a resumed run keeps it.
        now: end of the recency window, timezone-aware; the same on every resumption.

    Raises:
        NothingFound: no paper answers the searches, even relaxed.
        OperatorActs, TryAgain: as the models and the source raise them.
    """
    if tools.given:
        plan = QueryPlan(tools.given, "person")
    else:
        plan = checkpoint("queries", make_queries, question, tools.query_model, today=now.date())
    tools.on_progress(Progress("queries", 1, 1))
    rules = replace(tools.rules, categories=question.categories)
    found = checkpoint("search", find_papers, plan.queries, tools.source, now, rules)
    tools.on_progress(Progress("search", 1, 1, searches=found.searches, papers=len(found.papers)))
    reading = checkpoint("read", read_papers, found, question, tools)
    passages = tuple(reading.passages[i] for i in reading.tour.order)
    passages = tuple(
        replace(passage, relevance="related") if passage.paper.id in tools.bring_back else passage
        for passage in passages
    )
    gathered = Gathered(
        question, plan, found, reading.embedded, reading.tour, passages, tools.order
    )
    return checkpoint("context", freeze, gathered, context_id, tools.vectors)


def read_papers(found: Found, question: Question, tools: Tools) -> Reading:
    """Shorten the papers while they are embedded and ordered: neither needs the other.

    Both run to their end even when one fails, so that what was paid for is kept.

    Raises:
        OperatorActs, TryAgain: as the models raise them.
    """

    def read() -> tuple[Passage, ...]:
        if not tools.is_shortened:
            return keep_abstracts(found.papers, question)
        return shorten(
            found.papers,
            question,
            tools.shorten_model,
            at_once=tools.at_once,
            on_progress=tools.on_progress,
        )

    with ThreadPoolExecutor(1, thread_name_prefix="shorten") as pool:
        passages = pool.submit(contextvars.copy_context().run, read)
        embedded = embed_papers(found.papers, tools.embedding_model, tools.vectors)
        tools.on_progress(Progress("embed", 1, 1))
        tour = order_papers(embedded, tools.vectors, tools.seed, tools.order, found.relevance)
        tools.on_progress(Progress("order", 1, 1))
    reading = Reading(embedded, tour, passages.result())
    tools.on_progress(Progress("shorten", 1, 1))
    return reading


def write(
    context: Context,
    writer: ChatModel | None,
    tools: Tools,
    *,
    survey_id: str,
    mode: Mode = "sections",
    is_repaired: bool = True,
    checkpoint: Checkpoint = run_now,
) -> Survey:
    """Write a survey from a context; without a writing model, the keyless digest.

    Args:
        is_repaired: papers that a section's first draft left out are asked for again.

    Raises:
        OperatorActs, TryAgain, ModelDeclined: as the model raises them.
    """
    survey = checkpoint(
        f"write {survey_id}",
        write_survey,
        context,
        writer,
        survey_id=survey_id,
        mode=mode,
        is_repaired=is_repaired,
        at_once=tools.at_once,
        on_progress=tools.on_progress,
    )
    tools.on_progress(Progress("write", 1, 1))
    return survey


def rows_of(context: Context, tools: Tools) -> NDArray[np.float32]:
    """Give the embeddings of a context's passages, shape (n, d), each of length 1.

    They come from the cache, as far as it still holds those of the run that made the context.

    Raises:
        OperatorActs, TryAgain: as ``embed_papers`` and ``read_rows`` raise them.
    """
    found = context.found.papers  # all of them, for some models a row depends on the other texts
    embedded = embed_papers(found, tools.embedding_model, tools.vectors)
    places = {paper.id: i for i, paper in enumerate(found)}
    kept = [places[passage.paper.id] for passage in context.passages]
    return read_rows(embedded, tools.vectors).rows[kept]


def order_papers(
    embedded: Embedded,
    vectors: VectorCache,
    seed: int,
    order: Order = "tour",
    relevance: tuple[float, ...] = (),
) -> Tour:
    """Order embedded papers, usually so that neighbours are alike; see ``order_rows``."""
    rows = read_rows(embedded, vectors).rows
    return order_rows(rows, order, seed=seed, relevance=relevance)


def freeze(gathered: Gathered, context_id: str, vectors: VectorCache) -> Context:
    """Set the off-topic papers aside and measure the gaps between those that stay."""
    rows = read_rows(gathered.embedded, vectors).rows[list(gathered.tour.order)]
    kept = [i for i, p in enumerate(gathered.passages) if p.relevance != "off_topic"]
    return Context(
        id=context_id,
        question=gathered.question,
        plan=gathered.plan,
        found=gathered.found,
        passages=tuple(gathered.passages[i] for i in kept),
        gaps=measure_gaps(rows[kept]),
        off_topic=tuple(p for p in gathered.passages if p.relevance == "off_topic"),
        embedding_model=gathered.embedded.model,
        tour_length=gathered.tour.length,
        order=gathered.order,
    )
