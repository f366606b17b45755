"""Compile a query tree to arXiv's search syntax.

arXiv's parser reads a missing operator as OR, has no precedence, splits phrases without quotes,
and answers 400 to odd brackets. So every operator is written, in upper case, every group stands in
parentheses, every phrase in quotes, and nothing but ASCII letters, digits and ``-.+`` is let in.
"""

import re
import unicodedata

from pipeline.types import Query

_CATEGORY = re.compile(r"[a-z][a-z-]*(\.[A-Za-z-]{2,17})?")


def clean_phrase(phrase: str) -> str:
    """Give a phrase as arXiv can read it: ASCII words with single spaces, or an empty string."""
    ascii_only = unicodedata.normalize("NFKD", phrase).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9.+-]+", " ", ascii_only).split()
    return " ".join(word.strip(".+-") for word in words if word.strip(".+-"))


def is_category(text: str) -> bool:
    """Tell whether a text has the shape of an arXiv category or archive (``cs.CV``, ``hep-th``)."""
    return _CATEGORY.fullmatch(text) is not None


def compile_arxiv(query: Query) -> str:
    """Give a query in arXiv's syntax, fully parenthesised, ASCII only.

    Raises:
        ValueError: no phrase of the query has a letter or digit that arXiv can read.
    """
    must = [_phrase(phrase, words=query.words) for phrase in _clean(query.must)]
    any_of = [_phrase(phrase, words=query.words) for phrase in _clean(query.any_of)]
    if not must and not any_of:
        raise ValueError("the query has no phrase to search for")
    parts = must
    if any_of:
        parts = [*parts, _join(any_of, "OR")]
    categories = [f"cat:{_category(one)}" for one in query.categories if is_category(one)]
    if categories:
        parts = [*parts, _join(categories, "OR")]
    if query.dates:
        since, until = query.dates.since, query.dates.until
        parts = [*parts, f"submittedDate:[{since:%Y%m%d}0000 TO {until:%Y%m%d}2359]"]
    return _join(parts, "AND")


def _clean(phrases: tuple[str, ...]) -> list[str]:
    cleaned = (clean_phrase(phrase) for phrase in phrases)
    return list(dict.fromkeys(phrase for phrase in cleaned if phrase))


def _phrase(phrase: str, *, words: bool) -> str:
    if words and " " in phrase:
        return _join([_phrase(word, words=False) for word in phrase.split()], "AND")
    return f'(ti:"{phrase}" OR abs:"{phrase}")'


def _category(category: str) -> str:
    """Give the category, or all of an archive that has sub-categories (``cs`` → ``cs.*``)."""
    return f"{category}.*" if category in _ARCHIVES else category


def _join(parts: list[str], operator: str) -> str:
    return parts[0] if len(parts) == 1 else f"({f' {operator} '.join(parts)})"


_ARCHIVES = frozenset({"astro-ph", "cond-mat", "cs", "econ", "eess", "math", "nlin", "physics"}) | {
    "q-bio",
    "q-fin",
    "stat",
}
"""Archives whose papers all stand in a sub-category."""
