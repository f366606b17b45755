"""Let judge models compare two surveys of the same question, each pair in both orders."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from pydantic import BaseModel, ValidationError

from pipeline.errors import CeilingReached, ModelDeclined
from pipeline.evaluation.verdicts import Judgement, Side
from pipeline.prompts import fill, hash_prompt
from pipeline.providers.base import ChatModel, Prompt
from pipeline.write.replies import join_parts

ARTICLE = " (article)"
"""Follows a judge's name where it was asked as the article asked: once, in a drawn order."""

_REPLY_TOKENS = 2_000
"""A verdict has some ten; models that think first need room."""

Protocol = Literal["both_orders", "article"]

_PROMPTS: Mapping[Protocol, str] = {"both_orders": "judge", "article": "judge_article"}


class JudgeReply(BaseModel):
    """The judge's reply to ``judge.md``."""

    answer: Literal["A", "B", "tie"]


class ArticleReply(BaseModel):
    """The judge's reply to ``judge_article.md``."""

    answer: Literal["A", "B"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A survey that can be judged against others of its group.

    Attributes:
        group: question, query run and generation: what a pair has in common.
    """

    survey_id: str
    arm: str
    group: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two surveys of one question, in the alphabet's order of their ids."""

    survey_a: str
    survey_b: str


@dataclass(frozen=True, slots=True)
class Showing:
    """A pair as a judge is to see it."""

    pairing: Pairing
    first: Side


def draw_pairs(
    candidates: Iterable[Candidate], *, most: int | None, seed: int
) -> tuple[Pairing, ...]:
    """Pair surveys of different arms and the same group.

    Args:
        most: pairs of each two arms, drawn at random; null for all there are.
        seed: of the draw.
    """
    groups: dict[tuple[int, int, int], list[Candidate]] = defaultdict(list)
    for one in candidates:
        groups[one.group].append(one)
    pairs: dict[tuple[str, str], list[Pairing]] = defaultdict(list)
    for _, same in sorted(groups.items()):
        for one, other in combinations(sorted(same, key=lambda c: c.arm), 2):
            if one.arm != other.arm:
                first, second = sorted((one.survey_id, other.survey_id))
                pairs[one.arm, other.arm].append(Pairing(first, second))
    drawn: list[Pairing] = []
    for arms, listed in sorted(pairs.items()):
        dice = random.Random(f"{seed} {arms}")  # noqa: S311 - a reproducible draw, no secret
        few = listed if most is None else dice.sample(listed, min(most, len(listed)))
        drawn += sorted(few, key=listed.index)
    return tuple(drawn)


def show(
    pairs: Sequence[Pairing], judge: str, protocol: Protocol, *, seed: int
) -> tuple[Showing, ...]:
    """Say in which orders a judge sees the pairs: both, or the article's one, drawn by the seed."""
    if protocol == "both_orders":
        return tuple(Showing(pair, first) for pair in pairs for first in ("a", "b"))
    showings: list[Showing] = []
    for pair in pairs:
        dice = random.Random(f"{seed} {judge} {pair}")  # noqa: S311 - as above
        showings.append(Showing(pair, "a" if dice.random() < 0.5 else "b"))
    return tuple(showings)


def prompt_hash(protocol: Protocol) -> str:
    """Give the hash of a protocol's prompt."""
    return hash_prompt(_PROMPTS[protocol])


def compose(question: str, first: str, second: str, protocol: Protocol) -> Prompt:
    """Give the call about two surveys, in the order in which they are shown.

    Args:
        first: the Markdown of the survey that is called A.
    """
    parts = {"question": question, "survey_a": first, "survey_b": second}
    schema = JudgeReply if protocol == "both_orders" else ArticleReply
    return Prompt("judge", fill(_PROMPTS[protocol]), join_parts(parts), schema, _REPLY_TOKENS)


def ask_judge(model: ChatModel, prompt: Prompt, first: Side) -> Judgement | None:
    """Ask a judge, once more where the reply cannot be read.

    Args:
        first: which of the two was shown as A.

    Returns:
        the better survey by its name and not by its place; null where the judge gives no verdict.

    Raises:
        OperatorActs, TryAgain, CeilingReached: as the model raises them.
    """
    user = prompt.user
    for _ in range(2):
        asked = Prompt(prompt.role, prompt.system, user, prompt.schema, prompt.max_output_tokens)
        try:
            answer = _read_answer(model.complete(asked).text, prompt)
        except CeilingReached:
            raise
        except ModelDeclined:
            return None
        except ValidationError:
            user = f"{prompt.user}\n\nYour last reply was not the JSON object asked for."
            continue
        if answer == "tie":
            return "tie"
        other: Side = "b" if first == "a" else "a"
        return first if answer == "A" else other
    return None


def _read_answer(reply: str, prompt: Prompt) -> Literal["A", "B", "tie"]:
    """Read a reply; the article's judges had no tie to give."""
    if prompt.schema is ArticleReply:
        return ArticleReply.model_validate_json(reply).answer
    return JudgeReply.model_validate_json(reply).answer
