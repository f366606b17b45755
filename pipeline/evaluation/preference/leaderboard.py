"""Which model writes the better survey, and how sure we are: everything in one value."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.evaluation.preference.covariates import STYLES, Admitted, Effect, admit, read_effects
from pipeline.evaluation.preference.entries import (
    NOT_RATED,
    Entry,
    Rated,
    make_entries,
    read_ratings,
)
from pipeline.evaluation.preference.groups import FEWEST_LEANING, Group, Standing, assess_groups
from pipeline.evaluation.preference.intervals import REPLICATES
from pipeline.evaluation.preference.pairs import Pair, compare_pairs, find_enough
from pipeline.evaluation.preference.ratings import find_groups, rate, tabulate
from pipeline.evaluation.preference.sequential import SETTLE_SECONDS
from pipeline.evaluation.preference.votes import (
    VOTES_PER_DAY,
    Battle,
    Counted,
    Measures,
    SetAside,
    Thumb,
    count_battles,
    count_thumbs,
)

Note = Literal["few_questions", "several_groups", "one_person_dominates"]
"""What a reader must be told: intervals rest on few questions, which may be unlike the next ones;
ratings of different groups cannot be compared; more than half of the votes are one person's."""

MANY_QUESTIONS = 20
"""With fewer the usual bootstrap's intervals are too short and even ours are only roughly right;
``benchmarks/preference.py`` measures both."""

_STANDINGS: tuple[Standing, ...] = ("no_votes", "too_few", "undecided", "ranked")
_NO_VOTES = Group((), 0, 0, "no_votes", FEWEST_LEANING)


@dataclass(frozen=True, slots=True)
class Turnout:
    """Who voted on what.

    Attributes:
        votes, questions, people: that count.
        busiest_share: share of these votes that the most eager person cast.
        set_aside: votes that do not count.
    """

    votes: int
    questions: int
    people: int
    busiest_share: float
    set_aside: SetAside


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """All models, best first within each group.

    Attributes:
        standing, votes_needed: those of the group that may say most.
        enough: the e-value that decides a pair.
        style: what length and markup do to a vote, or why that is not known.
    """

    standing: Standing
    votes_needed: int | None
    entries: tuple[Entry, ...]
    pairs: tuple[Pair, ...]
    groups: tuple[Group, ...]
    enough: float
    style: tuple[Effect, ...]
    turnout: Turnout
    notes: tuple[Note, ...]


def make_leaderboard(
    battles: Sequence[Battle],
    thumbs: Sequence[Thumb],
    measures: Sequence[Measures],
    *,
    now: float,
    seed: int,
    replicates: int = REPLICATES,
    votes_per_day: int = VOTES_PER_DAY,
    settle_seconds: float = SETTLE_SECONDS,
) -> Leaderboard:
    """Put together what people's votes say of the models.

    Args:
        battles: all votes; those that do not count are set aside here.
        measures: of all surveys that were voted on or shall show in the models' means.
        now: epoch seconds; a question counts for ``is_decided`` once it has settled.
        seed: of the bootstrap; the same input and seed give the same leaderboard.
    """
    counted = count_battles(battles, votes_per_day=votes_per_day)
    votes = counted.battles
    liked = count_thumbs(thumbs, votes_per_day=votes_per_day)
    pairs = compare_pairs(votes, now=now, settle_seconds=settle_seconds)
    groups = assess_groups(votes, pairs)
    raw = NOT_RATED
    if votes:
        ratings = rate(tabulate(votes), seed=seed, replicates=replicates)
        raw = read_ratings(ratings, groups, votes)
    admitted = admit(STYLES, votes, {each.survey: each for each in measures})
    controlled, style = _hold_style(admitted, groups, seed, replicates)
    best = max(groups, key=lambda g: (_STANDINGS.index(g.standing), g.votes), default=_NO_VOTES)
    turnout = _count_turnout(counted)
    return Leaderboard(
        standing=best.standing,
        votes_needed=best.votes_needed,
        entries=make_entries(votes, liked, measures, groups, raw=raw, controlled=controlled),
        pairs=pairs,
        groups=groups,
        enough=find_enough(len(pairs)),
        style=style,
        turnout=turnout,
        notes=_note(groups, turnout),
    )


def _count_turnout(counted: Counted) -> Turnout:
    people = Counter(battle.person for battle in counted.battles)
    return Turnout(
        votes=len(counted.battles),
        questions=len({battle.question for battle in counted.battles}),
        people=len(people),
        busiest_share=max(people.values(), default=0) / max(1, len(counted.battles)),
        set_aside=counted.set_aside,
    )


def _hold_style(
    admitted: Admitted, groups: Sequence[Group], seed: int, replicates: int
) -> tuple[Rated, tuple[Effect, ...]]:
    """Rate with style held equal, where the surveys whose style is known connect the models."""
    met = find_groups((battle.model_a, battle.model_b) for battle in admitted.battles)
    if not admitted.names or met != tuple(group.models for group in groups):
        return NOT_RATED, read_effects(STYLES, admitted, None)
    columns = tabulate(admitted.battles)
    ratings = rate(columns, admitted.values, seed=seed, replicates=replicates)
    controlled = read_ratings(ratings, groups, admitted.battles)
    return controlled, read_effects(STYLES, admitted, ratings.effects)


def _note(groups: Sequence[Group], turnout: Turnout) -> tuple[Note, ...]:
    notes: list[Note] = []
    if 0 < turnout.questions < MANY_QUESTIONS:
        notes.append("few_questions")
    if len(groups) > 1:
        notes.append("several_groups")
    if turnout.busiest_share > 0.5:
        notes.append("one_person_dominates")
    return tuple(notes)
