"""The contexts of an experiment: made once for each query run, and shared by all arms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import cast

from pipeline.bounds import Bounds
from pipeline.experiment.plan import Plan
from pipeline.question import ask
from pipeline.survey import gather
from pipeline.types import Arm, Checkpoint, Context, Order, P, T
from pipeline.wiring import Kit


@dataclass(frozen=True, slots=True)
class ContextKey:
    """Which context an arm writes from: arms with the same key share it."""

    question: int
    run: int
    order: Order
    is_shortened: bool
    embed_model: str

    def name(self, plan: Plan) -> str:
        """Give the context's id."""
        parts = [self.order, *([] if self.is_shortened else ["unshortened"])]
        parts += [self.embed_model] if self.embed_model else []
        return f"{plan.name}/{self.question}/{self.run}/{'+'.join(parts)}"


def key_of(arm: Arm, question: int, run: int) -> ContextKey:
    """Give the key of the context that an arm writes from."""
    return ContextKey(question, run, arm.order, arm.is_shortened, arm.embed_model)


def find_context(kit: Kit, plan: Plan, key: ContextKey) -> Context | None:
    """Give a context that was made before."""
    return kit.store.load_context(key.name(plan))


def make_context(
    kit: Kit, plan: Plan, key: ContextKey, siblings: Sequence[ContextKey], bounds: Bounds
) -> Context:
    """Make a context; queries and papers are those of its siblings, where one exists.

    Args:
        siblings: keys of the same question and run.

    Raises:
        NothingFound, OperatorActs, TryAgain, Stopped: as ``gather`` raises them.
    """
    made = (find_context(kit, plan, other) for other in siblings if other != key)
    sibling = next((one for one in made if one is not None), None)
    question = ask(plan.questions[key.question])
    run = f"{plan.name}/{key.question}/{key.run}"
    tools = replace(
        kit.tools(run, question.language, bounds=bounds),
        embedding_model=kit.embedder(run, key.embed_model or None),
        order=key.order,
        is_shortened=key.is_shortened,
        seed=key.run,
    )
    return gather(
        question,
        tools,
        context_id=key.name(plan),
        now=datetime.combine(plan.as_of, time.max, UTC),
        checkpoint=_reuse(sibling),
    )


def _reuse(sibling: Context | None) -> Checkpoint:
    """Give a checkpoint that takes queries and papers from another context."""

    def checkpoint(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if sibling is not None and name == "queries":
            return cast("T", sibling.plan)
        if sibling is not None and name == "search":
            return cast("T", sibling.found)
        return function(*args, **kwargs)

    return checkpoint
