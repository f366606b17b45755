"""What a survey will cost is said before it is spent, or said to be unknown."""

import pytest

from pipeline.estimate import estimate_cost, expect_calls
from pipeline.types import Arm, Role

KEYLESS: dict[Role, str] = {
    "queries": "keyless",
    "shorten": "keyless",
    "count": "keyless",
    "embed": "keyless:lsa",
}
SMALL: dict[Role, str] = {
    "queries": "openai:gpt-6-luna",
    "shorten": "openai:gpt-6-luna",
    "count": "openai:gpt-6-luna",
    "embed": "openai:text-embedding-3-large@1024",
}
WRITER = Arm("openai:gpt-6.1-terra")


def test_a_survey_without_models_costs_nothing() -> None:
    calls = expect_calls(KEYLESS, [Arm("keyless")], 60, "en")

    assert calls == ()
    assert estimate_cost(calls, ()) == 0.0


def test_a_model_of_unknown_price_makes_the_estimate_unknown() -> None:
    calls = expect_calls(KEYLESS, [Arm("openai_compatible:mine")], 60, "en")

    assert estimate_cost(calls, ()) is None
    assert estimate_cost(calls, [("openai_compatible:mine", 1.0, 2.0)]) == pytest.approx(
        sum((c.usage.input_tokens + 2 * c.usage.output_tokens) / 1e6 for c in calls)
    )


def test_more_papers_and_more_arms_cost_more_and_one_call_costs_less() -> None:
    def cost(arms: list[Arm], papers: int) -> float:
        dollars = estimate_cost(expect_calls(SMALL, arms, papers, "ja"), ())
        assert dollars is not None
        return dollars

    assert 0 < cost([WRITER], 30) < cost([WRITER], 60) < cost([WRITER, WRITER], 60)
    assert cost([Arm(WRITER.model, "single")], 60) < cost([WRITER], 60)
    assert cost([WRITER, WRITER], 60) < 2 * cost([WRITER], 60), "papers are gathered once"
