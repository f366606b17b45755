"""The claims of a survey: its sentences with a citation, and a sample of them."""

import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from pipeline.evaluation.citations import find_citations
from pipeline.evaluation.folding import fold
from pipeline.evaluation.ids import index_ids
from pipeline.evaluation.sentences import split_survey
from pipeline.types import Context, Paper, Survey


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that cites; one without a citation inherits none and is no claim.

    Attributes:
        text: folded, with its links.
        cited: ids of the papers of the context that it cites, each once.
        strays: how many others it cites besides, or what is no arXiv id.
    """

    text: str
    cited: tuple[str, ...]
    strays: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """The claims of a survey that are to be judged.

    Attributes:
        drawn_from: number of claims in the whole survey.
        papers: of the context, by id.
    """

    claims: tuple[Claim, ...]
    drawn_from: int
    papers: Mapping[str, Paper]


def draw_claims(survey: Survey, context: Context, *, most: int, seed: int = 0) -> Sample:
    """Draw the claims of a survey that are judged; the same ones for the same seed.

    Args:
        most: claims that are drawn; all of them where there are not more.
    """
    passages = (*context.passages, *context.off_topic)
    papers = {passage.paper.id: passage.paper for passage in passages}
    claims = tuple(find_claims(survey.markdown, papers))
    chance = random.Random(f"{seed} {survey.id}")  # noqa: S311 - a sample, no secret
    drawn = sorted(chance.sample(range(len(claims)), min(most, len(claims))))
    return Sample(tuple(claims[place] for place in drawn), len(claims), papers)


def find_claims(markdown: str, papers: Collection[str]) -> Iterator[Claim]:
    """Find the sentences of a survey that cite.

    Args:
        papers: ids of the context.
    """
    ids = index_ids(papers)
    for sentence in split_survey(markdown):
        text = fold(sentence)
        citations = find_citations(text, ids)
        if citations:
            cited = dict.fromkeys(one.id for one in citations if one.kind == "listed")
            strays = {one.id for one in citations if one.kind != "listed"}
            yield Claim(text, tuple(cited), len(strays))
