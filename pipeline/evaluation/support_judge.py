"""Ask a judge model about several claims at a time, and read its verdicts by their labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from pipeline.errors import CeilingReached, ModelDeclined
from pipeline.evaluation.citations import find_citations
from pipeline.evaluation.claims import Claim, Sample
from pipeline.evaluation.ids import index_ids
from pipeline.prompts import fill
from pipeline.providers.base import ChatModel, Prompt
from pipeline.write.replies import join_parts

_CLAIMS_PER_CALL, _PAPERS_PER_CALL = 8, 20
"""Some 6,000 tokens of abstracts: the instructions are paid for once for several claims, and a
small model still keeps them apart."""


class PaperReply(BaseModel):
    """What the judge says of one paper that a claim cites."""

    paper: str
    alone: bool
    needed: bool


class ClaimReply(BaseModel):
    """What the judge says of one claim."""

    claim: str
    together: bool
    papers: list[PaperReply]


class SupportReply(BaseModel):
    """The judge's reply to ``support.md``."""

    claims: list[ClaimReply]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one claim.

    Attributes:
        is_supported: its papers together say all that it says.
        needed: how many of its citations support it alone, or are missed by the others; 0 for a
            claim that is not supported.
    """

    is_supported: bool = False
    needed: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """The claims of one call.

    Attributes:
        asked: the label of each claim → its number in the sample and the labels of its papers.
        user: the call's user message.
    """

    asked: Mapping[str, tuple[int, frozenset[str]]]
    user: str

    def prompt(self, error: str = "") -> Prompt:
        """Give the call.

        Args:
            error: what was wrong with the reply before.
        """
        return Prompt("support", fill("support"), self.user + error, SupportReply)


def cut_batches(sample: Sample) -> tuple[Batch, ...]:
    """Share out the claims that can be judged, a few to a call.

    A claim without a paper of the context needs no judge, and one that cites a paper without an
    abstract cannot have one.
    """
    batches: list[list[int]] = []
    shown: set[str] = set()
    for number, claim in enumerate(sample.claims):
        if not claim.cited or not all(sample.papers[one].abstract for one in claim.cited):
            continue
        both = shown.union(claim.cited)
        if batches and len(batches[-1]) < _CLAIMS_PER_CALL and len(both) <= _PAPERS_PER_CALL:
            batches[-1].append(number)
            shown = both
        else:
            batches.append([number])
            shown = set(claim.cited)
    return tuple(_compose(sample, numbers) for numbers in batches)


def judge(batch: Batch, model: ChatModel) -> dict[int, Verdict]:
    """Ask about the claims of a batch, once more where a verdict is missing.

    Returns:
        verdicts by the claim's number in the sample; none where the reply does not hold one.

    Raises:
        OperatorActs, TryAgain, CeilingReached: as the model raises them.
    """
    verdicts: dict[int, Verdict] = {}
    error = ""
    for _ in range(2):
        try:
            reply = model.complete(batch.prompt(error))
        except CeilingReached:
            raise
        except ModelDeclined:
            break
        verdicts |= read_verdicts(reply.text, batch)
        missing = [label for label, (n, _) in batch.asked.items() if n not in verdicts]
        if not missing:
            break
        error = f"\n\nYour last reply lacked a valid verdict on: {', '.join(missing)}."
    return verdicts


def read_verdicts(text: str, batch: Batch) -> dict[int, Verdict]:
    """Read a reply.

    Returns:
        verdicts by the claim's number in the sample, without those that are given twice or not of
        exactly the papers that the claim cites; empty where the reply cannot be read.
    """
    try:
        replies = SupportReply.model_validate_json(text).claims
    except ValidationError:
        return {}
    labels = [reply.claim.strip("[] ") for reply in replies]
    verdicts: dict[int, Verdict] = {}
    for label, reply in zip(labels, replies, strict=True):
        number, papers = batch.asked.get(label, (-1, frozenset()))
        said = sorted(one.paper.strip("[] ") for one in reply.papers)
        if number < 0 or labels.count(label) > 1 or said != sorted(papers):
            continue
        # The only paper of a supported claim is needed, whatever the reply says of it.
        needed = sum(one.alone or one.needed or len(papers) == 1 for one in reply.papers)
        verdicts[number] = Verdict(reply.together, needed if reply.together else 0)
    return verdicts


def _compose(sample: Sample, numbers: Sequence[int]) -> Batch:
    cited = dict.fromkeys(one for number in numbers for one in sample.claims[number].cited)
    labels = {one: f"S{place}" for place, one in enumerate(cited, start=1)}
    asked: dict[str, tuple[int, frozenset[str]]] = {}
    lines: list[str] = []
    for place, number in enumerate(numbers, start=1):
        claim = sample.claims[number]
        asked[f"C{place}"] = (number, frozenset(labels[one] for one in claim.cited))
        lines.append(f"[C{place}] {_show(claim, labels)}")
    papers = "\n\n".join(
        f"[{label}] {sample.papers[one].title}\n{sample.papers[one].abstract}"
        for one, label in labels.items()
    )
    return Batch(asked, join_parts({"papers": papers, "claims": "\n\n".join(lines)}))


def _show(claim: Claim, labels: Mapping[str, str]) -> str:
    """Give a claim's text with labels for its citations."""
    text = claim.text
    for one in reversed(find_citations(text, index_ids(claim.cited))):
        label = f"[{labels[one.id]}]" if one.kind == "listed" else ""
        text = f"{text[: one.start]}{f'{one.anchor} {label}'.strip()}{text[one.end :]}"
    return text
