"""The article's own figures, to stand beside ours, and what can be recomputed from them."""

import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class ArticleQuestion:
    """One of its ten questions, and the mean number of papers that it was answered from."""

    text: str
    mean_context: float


@dataclass(frozen=True, slots=True)
class ArticleModel:
    """A model's row of its table.

    Attributes:
        reported: mean over the questions as the article gives it.
        means, sds: of each question; the deviation over 15 surveys.
    """

    model: str
    reported: float
    means: tuple[float, ...]
    sds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Capped:
    """The model whose mean the article gives again with one cell above 1 taken as 1."""

    model: str
    question: int
    reported: float


@dataclass(frozen=True, slots=True)
class ArticleJudge:
    """How often a judge preferred which model; the article's text and table disagree on one."""

    judge: str
    wins: Mapping[str, int]
    pairs: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """All of it."""

    source: str
    questions: tuple[ArticleQuestion, ...]
    recall: tuple[ArticleModel, ...]
    capped: Capped
    judges: tuple[ArticleJudge, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """A figure of the article and the same recomputed from its cells."""

    what: str
    reported: float
    recomputed: float

    @property
    def holds(self) -> bool:
        """Tell whether the two agree as far as three digits of each cell allow."""
        return abs(self.reported - self.recomputed) <= 0.0005 + 1e-9


@cache
def read_baseline() -> Baseline:
    """Read the article's figures."""
    text = resources.files(__package__).joinpath("baseline.json").read_text("utf-8")
    return TypeAdapter(Baseline).validate_python(json.loads(text))


def check_identities() -> tuple[Identity, ...]:
    """Recompute each model's mean from its ten cells, and the one with its largest cell capped."""
    baseline = read_baseline()
    identities = [
        Identity(f"mean recall of {one.model}", one.reported, statistics.fmean(one.means))
        for one in baseline.recall
    ]
    capped = next(one for one in baseline.recall if one.model == baseline.capped.model)
    cells = list(capped.means)
    cells[baseline.capped.question] = min(cells[baseline.capped.question], 1.0)
    what = f"the same of {capped.model} with question {baseline.capped.question} capped at 1"
    identities.append(Identity(what, baseline.capped.reported, statistics.fmean(cells)))
    return tuple(identities)
