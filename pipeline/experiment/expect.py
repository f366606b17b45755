"""What the rest of an experiment will ask of models, and about what that costs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pipeline.estimate import Call, estimate_cost, expect_gathering, expect_writing
from pipeline.experiment.cells import Cell
from pipeline.experiment.plan import Plan
from pipeline.providers import has_batches
from pipeline.providers.batches import PRICE
from pipeline.providers.prices import Prices
from pipeline.question import ask
from pipeline.types import Role, Usage

PAPERS = 78
"""In a context whose size is not known yet: the mean over the article's ten questions."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Calls of one role and model.

    Attributes:
        usd: null where the model's price is not known.
    """

    role: Role
    model: str
    calls: int
    usage: Usage
    usd: float | None


def expect_rest(
    plan: Plan,
    cells: Sequence[Cell],
    known: Mapping[tuple[int, int], int],
    prices: Prices,
    *,
    is_batched: bool = False,
) -> tuple[Expected, ...]:
    """Give the calls that cells will make, by role and model, keyless ones left out.

    Replies that the runs of a question share, and those that a broken-off run has paid for, are not
    taken off: it will rather be less.

    Args:
        cells: those that are still to be written.
        known: papers of the contexts that exist, by question and run.
        is_batched: language models answer by batches, where their providers have them.
    """
    sums: dict[tuple[Role, str], Call] = {}
    for call in _calls(plan, cells, known):
        if call.model.startswith("keyless"):
            continue
        before = sums.get((call.role, call.model), Call(call.role, call.model, Usage(), 0))
        usage = Usage(
            before.usage.input_tokens + call.usage.input_tokens,
            0,
            before.usage.output_tokens + call.usage.output_tokens,
        )
        number = before.number + call.number
        sums[call.role, call.model] = Call(call.role, call.model, usage, number)

    def expect(call: Call) -> Expected:
        usd = estimate_cost([call], prices)
        if usd is not None and is_batched and call.role != "embed" and has_batches(call.model):
            usd *= PRICE
        return Expected(call.role, call.model, call.number, call.usage, usd)

    return tuple(expect(call) for call in sums.values())


def _calls(
    plan: Plan, cells: Sequence[Cell], known: Mapping[tuple[int, int], int]
) -> Iterator[Call]:
    arms = {arm.label: arm for arm in plan.arms}
    models = cast("Mapping[Role, str]", plan.models)
    languages = [ask(question).language for question in plan.questions]
    for question, run in dict.fromkeys((cell.question, cell.run) for cell in cells):
        if (question, run) not in known:
            shortened = any(arm.is_shortened for arm in plan.arms)
            yield from expect_gathering(models, PAPERS, languages[question], is_shortened=shortened)
    for cell in cells:
        papers = known.get((cell.question, cell.run), PAPERS)
        yield from expect_writing(
            plan.models["count"], arms[cell.arm], papers, languages[cell.question]
        )
