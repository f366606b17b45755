"""What people and judges said of surveys, and which of it counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Choice = Literal["a", "b", "tie", "both_bad"]
"""The survey that is better, as shown: the left one is ``a``."""

VOTES_PER_DAY = 20
"""Votes of one person that count within a day: more than anybody reads with care."""

_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Battle:
    """One person's vote on one comparison of two surveys.

    Attributes:
        question: id of the question that both surveys answer; votes on one question go together.
        model_a, model_b: what is compared (``provider:model``, or any name of an arm), as shown.
        survey_a, survey_b: ids by which ``Measures`` are found.
        person: keyed hash of who voted.
        at: epoch seconds.
        blind: cast before the models' names were revealed to this person.
    """

    comparison: str
    question: str
    model_a: str
    model_b: str
    survey_a: str
    survey_b: str
    choice: Choice
    person: str
    at: float
    blind: bool


@dataclass(frozen=True, slots=True)
class Thumb:
    """One person's 👍 (1) or 👎 (-1) for one survey."""

    survey: str
    question: str
    model: str
    person: str
    value: Literal[1, -1]
    at: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judge model's choice in one comparison, both orders of showing it taken together.

    Attributes:
        survey_a, survey_b: ids; which of them ``choice`` calls a.
    """

    comparison: str
    question: str
    survey_a: str
    survey_b: str
    judge: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Style:
    """What a survey looks like: characters, headings, list items, bold spans."""

    chars: int
    headers: int
    lists: int
    bold: int


@dataclass(frozen=True, slots=True)
class Measures:
    """What is known of one survey; null where it was not measured.

    Attributes:
        recall, precision, support: in [0, 1].
        usd, seconds: what writing it took.
    """

    survey: str
    question: str
    model: str
    recall: float | None = None
    precision: float | None = None
    support: float | None = None
    usd: float | None = None
    seconds: float | None = None
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """Votes that do not count, each by the first reason that applies.

    Attributes:
        not_blind: the person knew the models' names.
        same_model: both surveys are of one model.
        repeated: the person had voted on this comparison before.
        over_cap: beyond the person's votes for that day.
    """

    not_blind: int = 0
    same_model: int = 0
    repeated: int = 0
    over_cap: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """The battles that count, oldest first, and how many do not."""

    battles: tuple[Battle, ...]
    set_aside: SetAside


def count_battles(battles: Sequence[Battle], *, votes_per_day: int = VOTES_PER_DAY) -> Counted:
    """Choose the votes that count: blind, the first on a comparison, the first few of a day.

    Whether a vote counts never depends on a later one, which the sequential test relies on.

    Args:
        votes_per_day: of one person, by UTC days; at least 1.
    """
    kept: list[Battle] = []
    aside: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    days: Counter[tuple[str, int]] = Counter()
    for battle in sorted(battles, key=lambda b: (b.at, b.comparison, b.person)):
        day = (battle.person, int(battle.at // _DAY_SECONDS))
        if not battle.blind:
            aside["not_blind"] += 1
        elif battle.model_a == battle.model_b:
            aside["same_model"] += 1
        elif (battle.comparison, battle.person) in seen:
            aside["repeated"] += 1
        elif days[day] >= votes_per_day:
            aside["over_cap"] += 1
        else:
            kept.append(battle)
            seen.add((battle.comparison, battle.person))
            days[day] += 1
    return Counted(tuple(kept), SetAside(**aside))


def count_thumbs(
    thumbs: Sequence[Thumb], *, votes_per_day: int = VOTES_PER_DAY
) -> tuple[Thumb, ...]:
    """Choose the thumbs that count: a person's last one on a survey, the first few of a day."""
    latest: dict[tuple[str, str], Thumb] = {}
    for thumb in sorted(thumbs, key=lambda t: t.at):
        latest[thumb.survey, thumb.person] = thumb
    kept: list[Thumb] = []
    days: Counter[tuple[str, int]] = Counter()
    for thumb in sorted(latest.values(), key=lambda t: (t.at, t.survey, t.person)):
        day = (thumb.person, int(thumb.at // _DAY_SECONDS))
        if days[day] < votes_per_day:
            kept.append(thumb)
            days[day] += 1
    return tuple(kept)


def swap(choice: Choice) -> Choice:
    """Give the same choice with the sides changed over."""
    match choice:
        case "a":
            return "b"
        case "b":
            return "a"
        case "tie" | "both_bad":
            return choice


def score(choice: Choice) -> float:
    """Give what side a gets: 1 for a win, 0 for a loss, ½ for a tie or two bad surveys."""
    match choice:
        case "a":
            return 1.0
        case "b":
            return 0.0
        case "tie" | "both_bad":
            return 0.5
