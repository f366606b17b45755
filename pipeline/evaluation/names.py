"""Everything by which a text can name a paper of a list without linking it."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.evaluation.aliases import Aliases, find_aliases, index_aliases
from pipeline.evaluation.folding import fold, is_only_latin, name_key, read_words
from pipeline.evaluation.ids import index_ids
from pipeline.evaluation.spans import blank, find_links, find_spans
from pipeline.evaluation.titles import Titles, find_titles, index_titles, recognise_title
from pipeline.types import Paper

_YEAR = r",? ?\(?(?:19|20)\d\d[a-z]?\)?"
_AUTHORS = re.compile(rf"(?P<first>[^,(]+?)(?:,? et al\.?(?:{_YEAR})?|(?: and [^,(]+)?{_YEAR})")
_LONGEST = 100
"""Characters of authors and a year."""

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|^\W*\d+[.)]\s")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a list of papers.

    Attributes:
        ids: of the list, by their normal form.
        families: ids by the first author's family name, in lower case.
    """

    ids: Mapping[str, str]
    titles: Titles
    aliases: Aliases
    families: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Named:
    """A title in a text: the papers that bear it, and where it stands."""

    ids: frozenset[str]
    start: int
    end: int


def index_names(papers: Sequence[Paper], question: str = "") -> Names:
    """Take in the names of a list.

    Args:
        question: its words are nobody's name.
    """
    families: defaultdict[str, set[str]] = defaultdict(set)
    for paper in papers:
        words = paper.authors[0].split() if paper.authors else []
        if words:
            families[fold(words[-1]).casefold()].add(paper.id)
    return Names(
        ids=index_ids(paper.id for paper in papers),
        titles=index_titles(papers),
        aliases=index_aliases(papers, question),
        families={family: frozenset(ids) for family, ids in families.items()},
    )


def find_named(text: str, titles: Titles) -> tuple[Named, ...]:
    """Find the titles in a folded text, in its order.

    Written out they count anywhere; broken off or misspelt only where the text sets them apart.
    """
    apart = (
        *((span.text, span.start, span.end) for span in find_spans(text)),
        *((link.anchor, link.start, link.end) for link in find_links(text)),
    )
    spans = [
        Named(ids, start, end)
        for words, start, end in apart
        if (ids := recognise_title(words, titles))
    ]
    rest = blank(text, [(one.start, one.end) for one in spans])
    whole = (Named(*found) for found in find_titles(read_words(rest), titles))
    return tuple(sorted((*spans, *whole), key=lambda one: one.start))


def find_mentioned(text: str, named: Sequence[Named], names: Names) -> frozenset[str]:
    """Give the papers that a folded text calls by a short name, outside of any title."""
    rest = blank(text, [(one.start, one.end) for one in named])
    return frozenset(find_aliases(rest, names.aliases))


def recognise(words: str, names: Names) -> frozenset[str]:
    """Give the papers that some folded words, as a whole, are the name of, or nothing.

    A title, a short name, or authors and a year, which stand for all papers of this first author.
    """
    if titled := recognise_title(words, names.titles):
        return titled
    plain = " ".join(_ASIDE.sub(" ", words).split()).strip("*_ ")
    alias = names.aliases.find(name_key(plain))
    if alias is not None and is_only_latin(plain):
        return frozenset({alias})
    if len(words) > _LONGEST:
        return frozenset()
    match = _AUTHORS.fullmatch(words.strip()) or _AUTHORS.fullmatch(plain)
    family = match["first"].split()[-1:] if match else []
    return names.families.get(family[0].casefold(), frozenset()) if family else frozenset()
