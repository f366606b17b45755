"""The lines of the leaderboard, one a model."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.evaluation.preference.groups import Group
from pipeline.evaluation.preference.intervals import Estimate, estimate_share, read_interval
from pipeline.evaluation.preference.means import average_by_model
from pipeline.evaluation.preference.pairs import Tally, tally_votes
from pipeline.evaluation.preference.ratings import Ratings
from pipeline.evaluation.preference.votes import Battle, Measures, Thumb


@dataclass(frozen=True, slots=True)
class Entry:
    """One model's line.

    Attributes:
        group: number of its group, from 0; null before its first vote.
        thumbs_share: 👍 ÷ (👍 + 👎).
        rating: Elo scale, 1000 on average within the group; null while the group has too few votes.
        rank: 1 + number of models of the group whose interval lies wholly above this one's.
        controlled, controlled_rank: the same with style held equal; null where style cannot be.
        recall, usd, seconds: means over questions of its surveys; null where unmeasured.
    """

    model: str
    group: int | None
    tally: Tally
    thumbs_up: int
    thumbs_down: int
    thumbs_share: Estimate | None
    rating: Estimate | None
    rank: int | None
    controlled: Estimate | None
    controlled_rank: int | None
    recall: float | None
    usd: float | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Rated:
    """Each rated model's Elo and rank."""

    elo: Mapping[str, Estimate]
    rank: Mapping[str, int]


NOT_RATED = Rated({}, {})


def read_ratings(ratings: Ratings, groups: Iterable[Group], battles: Sequence[Battle]) -> Rated:
    """Read Elo and ranks off the bootstrap, for the groups that have votes enough.

    Args:
        battles: those that the ratings rest on.
    """
    elo: dict[str, Estimate] = {}
    rank: dict[str, int] = {}
    for group in groups:
        questions = len({b.question for b in battles if b.model_a in group.models})
        found = {
            model: estimate
            for model in group.models
            if group.is_rated and (estimate := read_interval(ratings.elo(model), questions))
        }
        elo |= found
        rank |= rank_by_intervals(found)
    return Rated(elo, rank)


def rank_by_intervals(estimates: Mapping[str, Estimate]) -> dict[str, int]:
    """Rank each model behind those only whose interval lies wholly above its own."""
    ends = {
        model: (each.low, each.high)
        for model, each in estimates.items()
        if each.low is not None and each.high is not None
    }
    return {
        model: 1 + sum(low > high for low, _ in ends.values()) for model, (_, high) in ends.items()
    }


def make_entries(
    battles: Sequence[Battle],
    thumbs: Sequence[Thumb],
    measures: Sequence[Measures],
    groups: Sequence[Group],
    *,
    raw: Rated,
    controlled: Rated,
) -> tuple[Entry, ...]:
    """Write a line for each model that was voted on, thumbed or measured, best first in its group.

    Args:
        battles, thumbs: those that count.
    """
    place = {model: number for number, group in enumerate(groups) for model in group.models}
    names = sorted({*place, *(thumb.model for thumb in thumbs), *(m.model for m in measures)})
    recall = average_by_model((m.model, m.question, m.recall) for m in measures)
    usd = average_by_model((m.model, m.question, m.usd) for m in measures)
    seconds = average_by_model((m.model, m.question, m.seconds) for m in measures)
    entries = []
    for name in names:
        up, down, share = _share_thumbs([thumb for thumb in thumbs if thumb.model == name])
        entries.append(
            Entry(
                model=name,
                group=place.get(name),
                tally=tally_votes([b for b in battles if name in {b.model_a, b.model_b}], name),
                thumbs_up=up,
                thumbs_down=down,
                thumbs_share=share,
                rating=raw.elo.get(name),
                rank=raw.rank.get(name),
                controlled=controlled.elo.get(name),
                controlled_rank=controlled.rank.get(name),
                recall=recall.get(name),
                usd=usd.get(name),
                seconds=seconds.get(name),
            )
        )
    return tuple(sorted(entries, key=lambda entry: _place(entry, len(groups))))


def _place(entry: Entry, last: int) -> tuple[int, float, str]:
    rating = entry.rating.value if entry.rating else 0.0
    return (last if entry.group is None else entry.group, -rating, entry.model)


def _share_thumbs(thumbs: Sequence[Thumb]) -> tuple[int, int, Estimate | None]:
    up: dict[str, int] = defaultdict(int)
    votes: dict[str, int] = defaultdict(int)
    for thumb in thumbs:
        up[thumb.question] += thumb.value == 1
        votes[thumb.question] += 1
    likes, total = sum(up.values()), sum(votes.values())
    return likes, total - likes, estimate_share(list(up.values()), list(votes.values()))
