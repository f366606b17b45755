"""Support: do the abstracts of the papers that a sentence cites say what the sentence says?

Source: Gao et al. 2023, "Enabling Large Language Models to Generate Text with Citations" (ALCE),
for recall and precision; Wang et al. 2024, "AutoSurvey", for a language model that reads abstracts.
"""

from dataclasses import dataclass

from pipeline.concurrency import map_at_once
from pipeline.evaluation.claims import Sample
from pipeline.evaluation.support_judge import Verdict, cut_batches, judge
from pipeline.providers.base import ChatModel

METRIC_VERSION = 1
"""Raised whenever the same survey would get another figure."""

SAMPLE = 20
"""Claims of one survey that are judged where nobody says how many."""


@dataclass(frozen=True, slots=True)
class Support:
    """How well the cited abstracts support a survey.

    Attributes:
        recall: supported ÷ judged, in [0, 1]; null for none.
        precision: needed ÷ citations, in [0, 1]; null for none.
        claims: sentences with a citation in the whole survey.
        judged: claims of the sample on which there is a verdict.
        unscored: claims of the sample on which there is none: the reply could not be read, or an
            abstract is missing.
        supported: judged claims that the papers they cite support together.
        citations: citations of judged claims.
        needed: citations of supported claims that support them alone, or without which the others
            do not.
        model: ``provider:model`` that judged.
    """

    recall: float | None
    precision: float | None
    claims: int
    judged: int
    unscored: int
    supported: int
    citations: int
    needed: int
    model: str


def measure_support(sample: Sample, model: ChatModel, *, at_once: int = 8) -> Support | None:
    """Have a model judge claims.

    A claim whose only citations are no papers of the context is not supported.

    Args:
        at_once: largest number of calls under way.

    Returns:
        null where there are claims and none could be judged: that is unscored, not zero.

    Raises:
        OperatorActs, TryAgain, CeilingReached: as the model raises them.
    """
    known = {n: Verdict() for n, claim in enumerate(sample.claims) if not claim.cited}
    for some in map_at_once(lambda one: judge(one, model), cut_batches(sample), at_once=at_once):
        known |= some
    if sample.claims and not known:
        return None
    judged = [sample.claims[number] for number in known]
    supported = sum(verdict.is_supported for verdict in known.values())
    needed = sum(verdict.needed for verdict in known.values())
    citations = sum(len(claim.cited) + claim.strays for claim in judged)
    return Support(
        recall=supported / len(judged) if judged else None,
        precision=needed / citations if citations else None,
        claims=sample.drawn_from,
        judged=len(judged),
        unscored=len(sample.claims) - len(judged),
        supported=supported,
        citations=citations,
        needed=needed,
        model=model.name,
    )
