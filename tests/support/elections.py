"""Votes in a real database, cast through the code that the bot casts them through."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from papers import make_context
from pipeline.ballots import Ballots, Comparison
from pipeline.evaluation.preference import Battle
from pipeline.evaluation.recall import METRIC_VERSION, measure
from pipeline.store import Store
from pipeline.types import Choice, Context, Language, Question, Survey

TEAM = "T0PAPER"
FIRST, SECOND = "openai:gpt-6-luna", "openai:gpt-6.1-terra"


@dataclass(frozen=True, slots=True)
class Election:
    """A database in which people vote.

    Attributes:
        workspace: whose people these are.
    """

    engine: Engine
    workspace: str = TEAM

    @property
    def store(self) -> Store:
        return Store(self.engine)

    @property
    def ballots(self) -> Ballots:
        return Ballots(self.engine)

    def ask(self, number: int, *, text: str | None = None, language: Language = "en") -> Context:
        """Keep the context of a question of its own."""
        context = replace(
            make_context(4, language),
            id=f"context{number:03d}",
            question=Question(text or f"What is new in field {number}?", language),
        )
        self.store.save_context(context)
        return context

    def write(self, context: Context, model: str, *, cited: int = 4, filler: int = 0) -> Survey:
        """Keep a survey and its recall; its title repeats the question, as a digest's does."""
        lines = [
            f"- **{passage.paper.short_name}** [{passage.paper.short_name}]({passage.paper.url})"
            for passage in context.passages[:cited]
        ]
        survey = Survey(
            id=f"{context.id}-{model}",
            context_id=context.id,
            model=model,
            mode="sections",
            markdown="\n".join(
                [f"# Survey: {context.question.text}", "", "## Part", *lines, "word " * filler]
            ),
        )
        self.store.save_survey(survey, workspace=self.workspace)
        recall = measure(survey, context)
        self.store.save_score(survey.id, "recall", METRIC_VERSION, recall)
        return survey

    def open(self, first: Survey, second: Survey, *, at: float = 0.0) -> Comparison:
        """Show two surveys as A and B."""
        comparison = Comparison(
            id=f"{first.id}/{second.id}",
            workspace=self.workspace,
            context_id=first.context_id,
            survey_a=first.id,
            survey_b=second.id,
            opened_at=at,
            closes_at=at + 1,
            votes_wanted=99,
        )
        self.ballots.open(comparison)
        return comparison

    def compare(
        self, number: int, choices: Sequence[Choice], models: tuple[str, str] = (FIRST, SECOND)
    ) -> Comparison:
        """Hold a comparison on a question of its own, one person a choice, and close it."""
        context = self.ask(number)
        at = number * 86_400.0
        comparison = self.open(*[self.write(context, model) for model in models], at=at)
        for place, choice in enumerate(choices):
            self.ballots.choose(comparison, f"person{place}", choice, at + place)
        self.ballots.close(comparison.id, at + 100)
        return comparison

    def hold(self, battles: Sequence[Battle]) -> None:
        """Cast the votes of a population; each of its questions and comparisons is closed."""
        contexts: dict[str, Context] = {}
        surveys: dict[tuple[str, str], Survey] = {}
        comparisons: dict[tuple[str, str], Comparison] = {}
        for vote in battles:
            if vote.question not in contexts:
                contexts[vote.question] = self.ask(len(contexts))
            context = contexts[vote.question]
            for model in (vote.model_a, vote.model_b):
                if (context.id, model) not in surveys:
                    cited, filler = 1 + len(surveys) % 4, 100 * (len(surveys) % 7)
                    survey = self.write(context, model, cited=cited, filler=filler)
                    surveys[context.id, model] = survey
            sides = surveys[context.id, vote.model_a], surveys[context.id, vote.model_b]
            key = (sides[0].id, sides[1].id)
            if key not in comparisons:
                comparisons[key] = self.open(*sides, at=vote.at)
            self.ballots.choose(comparisons[key], vote.person, vote.choice, vote.at)
        for comparison in comparisons.values():
            self.ballots.close(comparison.id, comparison.opened_at + 100)
