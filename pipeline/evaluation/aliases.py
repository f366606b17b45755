"""The short names by which a text may speak of papers: "NeRF" for "NeRF: Representing …"."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.evaluation.folding import fold, name_key, read_names
from pipeline.types import Paper

_LONGEST_HEAD, _MOST_WORDS = 32, 3
"""Characters and words before a title's colon; the bounds of ``Paper.short_name``."""

_FEWEST_LETTERS = 3

_MADE_UP = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}|[A-Za-z]-?[0-9]|[0-9][A-Za-z]|\+")
"""A capital or a digit inside a word."""

_COIN = r"(?:propos|introduc|present|develop|dubb|term|call|nam|releas)(?:e|es|ed|ing)?\b"
_COINED = re.compile(
    rf"\b{_COIN} (?:[a-z-]+ ){{0,4}}?[\"']?(?P<after>[A-Za-z][\w+-]*)[\"']?(?=[\s,.;:)])"
    r"|\((?P<inside>[A-Za-z][\w+-]*(?: [A-Z0-9][\w+-]*)?)\)|\"(?P<quoted>[A-Za-z][\w+-]*)\"",
    re.ASCII,
)
_OWN_WORK = re.compile(rf"\b(?:we|our|this (?:paper|work|article)|{_COIN})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Aliases:
    """The short names of a list of papers.

    Attributes:
        exact: ids by ``name_key``.
        folded: ids by the same in lower case.
    """

    exact: Mapping[str, str]
    folded: Mapping[str, str]

    def find(self, key: str) -> str | None:
        """Give the paper of a name; capitals may differ ("RAGAS", "Ragas") if it looks coined."""
        if (one := self.exact.get(key)) is not None:
            return one
        one = self.folded.get(key.casefold())
        return one if one is not None and _MADE_UP.search(key) else None


def index_aliases(papers: Sequence[Paper], question: str = "") -> Aliases:
    """Give the papers of a list by the names that only they can mean.

    A name is what stands before a title's colon, else what an abstract coins for its own work. It
    must look coined, belong to one paper alone, and be no word of the question, which a survey
    uses without citing anybody. One from an abstract must stand in no other paper's text.
    """
    texts = {paper.id: fold(f"{paper.title}\n{paper.abstract}") for paper in papers}
    everything = "\n".join(texts.values())
    lower = everything.casefold()
    heads = {one: _head(text, everything, lower) for one, text in texts.items()}
    found: list[tuple[str, str]] = []
    for one, text in texts.items():
        alone = (name for name in _coined(text) if everything.count(name) == text.count(name))
        names = [heads[one]] if heads[one] else alone
        found.extend((key, one) for key in {name_key(name) for name in names})
    asked = {name.casefold() for name in read_names(fold(question))}
    owners = Counter(key for key, _ in {(key.casefold(), one) for key, one in found})
    exact = {
        key: one
        for key, one in found
        if owners[key.casefold()] == 1
        and len(key) >= _FEWEST_LETTERS
        and not all(word in asked for word in key.casefold().split())
    }
    return Aliases(exact, {key.casefold(): one for key, one in exact.items()})


def find_aliases(text: str, aliases: Aliases) -> Iterator[str]:
    """Give the papers that a folded text calls by a name, as often as it does."""
    names = read_names(text)
    for size in {key.count(" ") + 1 for key in aliases.exact}:
        for words in zip(*(names[start:] for start in range(size)), strict=False):
            if (one := aliases.find(" ".join(words))) is not None:
                yield one


def _head(text: str, everything: str, lower: str) -> str:
    """Give what stands before a title's colon if it looks coined, or nothing.

    A word looks coined with a capital or digit inside, or where no paper of the list writes it in
    lower case ("Precision:" is none); several words, where no other paper uses them.
    """
    head, colon, _ = text.partition("\n")[0].partition(":")
    head = head.strip()
    words = head.split()
    if not colon or len(head) > _LONGEST_HEAD or not 1 <= len(words) <= _MOST_WORDS:
        return ""
    if len(words) > 1:
        phrase = head.casefold()
        return head if lower.count(phrase) == text.casefold().count(phrase) else ""
    if _MADE_UP.search(head):
        return head
    return head if head[0].isupper() and head.lower() not in everything else ""


def _coined(text: str) -> Iterator[str]:
    """Give the names that an abstract seems to coin for its own work."""
    for match in _COINED.finditer(text, text.find("\n")):
        name = match[match.lastgroup or 0]
        if not _MADE_UP.search(name):
            continue
        sentence = max(text.rfind(". ", 0, match.start()), text.find("\n"))
        if match["after"] or _OWN_WORK.search(text, sentence, match.start()):
            yield name
