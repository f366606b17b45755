"""Votes of a synthetic population whose preferences are known."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from pipeline.evaluation.preference import Battle, Measures, Style
from pipeline.evaluation.preference.votes import Choice

DAY = 86_400.0
LATER = 1e9
"""Long after every vote here, so that all questions have settled."""


@dataclass(frozen=True, slots=True)
class Population:
    """People who vote by P(a wins) = strengths + what the question favours + lure · differences.

    Attributes:
        strengths: log-odds of each model.
        question_sd: of what a question favours, per model; votes on one question share it.
        tie_rate: share of votes without a winner.
        lures: log-odds per unit of the difference in recall, and in ln(1 + chars).
        chars: mean length of each model's surveys.
    """

    strengths: Mapping[str, float]
    question_sd: float = 0.8
    tie_rate: float = 0.0
    recall_lure: float = 0.0
    length_lure: float = 0.0
    chars: Mapping[str, float] | None = None

    def vote(
        self, questions: int, votes_per_question: int, seed: int
    ) -> tuple[list[Battle], list[Measures]]:
        """Hold a vote; each question has one survey of each model, and random pairs of them."""
        dice = np.random.default_rng(seed)
        pairs = list(combinations(self.strengths, 2))
        battles: list[Battle] = []
        measures: list[Measures] = []
        for q in range(questions):
            favour = dict(zip(self.strengths, dice.normal(0, self.question_sd, 99), strict=False))
            surveys = {model: self._write(model, q, dice) for model in self.strengths}
            measures += surveys.values()
            for v in range(votes_per_question):
                a, b = dice.permutation(pairs[dice.integers(len(pairs))]).tolist()
                odds = self.strengths[a] + favour[a] + self._lure(surveys[a])
                odds -= self.strengths[b] + favour[b] + self._lure(surveys[b])
                battles.append(
                    battle(
                        a,
                        b,
                        self._choose(odds, dice),
                        question=f"q{q}",
                        comparison=f"c{q}-{min(a, b)}-{max(a, b)}",
                        person=f"p{v}",
                        at=q * DAY + v,
                    )
                )
        return battles, measures

    def _write(self, model: str, question: int, dice: np.random.Generator) -> Measures:
        mean = (self.chars or {}).get(model, 4000.0)
        style = Style(int(mean * math.exp(dice.normal(0, 0.4))), 5, 12, 8)
        return Measures(f"{model}@q{question}", f"q{question}", model, dice.random(), style=style)

    def _lure(self, survey: Measures) -> float:
        assert survey.style
        assert survey.recall is not None
        length = math.log1p(survey.style.chars)
        return self.recall_lure * survey.recall + self.length_lure * length

    def _choose(self, odds: float, dice: np.random.Generator) -> Choice:
        if dice.random() < self.tie_rate:
            return "tie"
        return "a" if dice.random() < 1 / (1 + math.exp(-odds)) else "b"


def battle(
    a: str,
    b: str,
    choice: Choice,
    *,
    question: str = "q0",
    comparison: str | None = None,
    person: str = "p0",
    at: float = 0.0,
) -> Battle:
    """Give one blind vote; every question is a comparison of its own unless said otherwise."""
    return Battle(
        comparison=comparison or f"{question}:{a}:{b}",
        question=question,
        model_a=a,
        model_b=b,
        survey_a=f"{a}@{question}",
        survey_b=f"{b}@{question}",
        choice=choice,
        person=person,
        at=at,
        blind=True,
    )


def series(a: str, b: str, choices: Sequence[Choice]) -> list[Battle]:
    """Give one vote a question and day, by as many people."""
    return [
        battle(a, b, choice, question=f"{a}-{b}-{i}", person=f"p{i}", at=i * DAY)
        for i, choice in enumerate(choices)
    ]


def swap(vote: Battle) -> Battle:
    """Show the same two surveys the other way round."""
    turned: dict[Choice, Choice] = {"a": "b", "b": "a", "tie": "tie", "both_bad": "both_bad"}
    return replace(
        vote,
        model_a=vote.model_b,
        model_b=vote.model_a,
        survey_a=vote.survey_b,
        survey_b=vote.survey_a,
        choice=turned[vote.choice],
    )
