"""Decide what the picture shows: its sections, and the one that each paper stands in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pipeline.labels import labels
from pipeline.outline import read_parts
from pipeline.picture.lettering import clean
from pipeline.picture.palette import COLOURS
from pipeline.providers.keyless.extract import clean_text
from pipeline.types import Context, Language, Paper, Survey

_LANGUAGES: tuple[Language, ...] = ("ja", "en")


@dataclass(frozen=True, slots=True)
class Group:
    """A section of the survey as the map shows it.

    Attributes:
        members: places of its papers in tour order.
    """

    heading: str
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What every part of the picture is drawn from.

    Attributes:
        papers: in tour order.
        rows: their embeddings, shape (n, d), each of length 1.
        groups: those shown, in the order of the text, each with at least one member; no paper is in
            two.
        group_of: place in ``groups`` of each paper, -1 for none.
    """

    papers: Sequence[Paper]
    rows: NDArray[np.float32]
    groups: tuple[Group, ...]
    group_of: tuple[int, ...]

    @classmethod
    def make(
        cls, papers: Sequence[Paper], rows: NDArray[np.float32], groups: Sequence[Group]
    ) -> Self:
        """Give each paper to the first group that names it; there are colours for nine groups."""
        group_of = [-1] * len(papers)
        shown: list[Group] = []
        for group in groups:
            members = tuple(i for i in dict.fromkeys(group.members) if group_of[i] < 0)
            if members and len(shown) < len(COLOURS):
                for i in members:
                    group_of[i] = len(shown)
                shown.append(Group(plain(group.heading), members))
        return cls(papers, rows, tuple(shown), tuple(group_of))


def group_passages(context: Context, survey: Survey) -> tuple[Group, ...]:
    """Give the sections of a survey with the passages that each links.

    Introduction, conclusion and the closing table, in either language, are none of them.
    """
    frame = {
        heading
        for words in map(labels, _LANGUAGES)
        for heading in (words.introduction, words.conclusion, words.related)
    }
    places = {passage.paper.id: i for i, passage in enumerate(context.passages)}
    return tuple(
        Group(part.heading, tuple(places[one] for one in part.paper_ids if one in places))
        for part in read_parts(survey.markdown).sections
        if part.heading not in frame
    )


def plain(text: str) -> str:
    """Give outside text as one line without marks, in characters that can be drawn."""
    return clean(clean_text(text))
