"""Speak FTS5: what a paper is searched by, and a query tree as an expression.

A category is one word of a column of its own, so that the index itself combines phrases and
categories. An archive (``cs``) is a word too, and finds all its categories.
"""

import re

from pipeline.sources.syntax import clean_phrase, is_category
from pipeline.types import Paper, Query

COLUMNS = "title, abstract, categories"
RANK = "bm25(texts, 3.0, 1.0, 0.0)"
"""A hit in the title weighs as much as three in the abstract."""

TOKENIZE = "porter unicode61"
"""Stems words and drops accents, as arXiv's own search does."""


def searched_text(paper: Paper) -> tuple[str, str, str]:
    """Give what stands in each column for a paper."""
    archives = (category.partition(".")[0] for category in paper.categories)
    words = dict.fromkeys(map(_word, (*archives, *paper.categories)))
    return paper.title, paper.abstract, " ".join(words)


def compile_fts(query: Query) -> str:
    """Give a query as an FTS5 expression; dates are for the caller.

    Phrases hold ASCII words only and stand in quotes, so nothing of them is syntax.

    Raises:
        ValueError: no phrase has a letter or digit.
    """
    groups = [_phrase(phrase, words=query.words) for phrase in query.must]
    any_of = [_phrase(phrase, words=query.words) for phrase in query.any_of]
    groups.append(" OR ".join(f"({one})" for one in any_of if one))
    parts = [f"({group})" for group in groups if group]
    if not parts:
        raise ValueError("the query has no phrase to search for")
    categories = [_word(one) for one in query.categories if is_category(one)]
    if categories:
        parts.append(f"categories : ({' OR '.join(categories)})")
    return " AND ".join(parts)


def _phrase(phrase: str, *, words: bool) -> str:
    clean = clean_phrase(phrase)
    if not clean:
        return ""
    return " AND ".join(f'"{word}"' for word in clean.split()) if words else f'"{clean}"'


def _word(category: str) -> str:
    """Give a category as a word that no text holds and the stemmer leaves alone (``cs0cv0``)."""
    return re.sub(r"[^a-z]", "0", category.lower()) + "0"
