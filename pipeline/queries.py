"""Make search queries of a question: by a model against a schema, or by keyless extraction."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from pipeline.errors import BadQuestion, ModelDeclined
from pipeline.prompts import fill
from pipeline.providers.base import ChatModel, Prompt
from pipeline.providers.keyless.terms import Terms, extract_terms
from pipeline.sources.syntax import clean_phrase, is_category
from pipeline.types import DateRange, Query, QueryPlan, Question

FIRST_DAY = date(1991, 8, 14)
"""ArXiv's first submission; the open end of "until 2020"."""

_FILLER = re.compile(
    r"\b((19|20)\d\d|recent(ly)?|latest|newest|trends?|trending|surveys?|reviews?|overviews?|"
    r"state[- ]of[- ]the[- ]art|sota|advances?|progress|research|stud(y|ies)|papers?|literature|"
    r"developments?|evolution|cutting[- ]edge|current|new)\b",
    re.IGNORECASE,
)
"""Words that describe the wish, not the topic: with "2023" one query of the article fell from 48
hits to 3."""

_YEAR = r"((?:19|20)\d\d)"
_SPAN = re.compile(rf"{_YEAR}\s*年?\s*(?:-|–|〜|~|から|to|and|と)\s*{_YEAR}", re.IGNORECASE)
_SINCE = re.compile(
    rf"{_YEAR}\s*年?\s*(?:以降|から|よりあと|以後)|(?:since|after|from)\s+{_YEAR}", re.IGNORECASE
)
_UNTIL = re.compile(
    rf"{_YEAR}\s*年?\s*(?:以前|まで|より前)|(?:until|before|up to)\s+{_YEAR}", re.IGNORECASE
)
_IN = re.compile(rf"{_YEAR}\s*年|\b(?:in|during)\s+{_YEAR}\b", re.IGNORECASE)
_PAST = re.compile(
    r"(?:過去|直近|ここ)\s*(\d{1,2})\s*年|(?:past|last)\s+(\d{1,2})\s+years?", re.IGNORECASE
)
_LIMIT = re.compile(
    r"(19|20)\d\d|以降|以前|以後|過去|直近|昨年|去年|今年|since|before|after|past|last|this year",
    re.IGNORECASE,
)
"""Words without which a question limits no time, whatever the model says."""


def _null_to_empty(value: object) -> object:
    return [] if value is None else value


_Phrases = Annotated[list[str], BeforeValidator(_null_to_empty)]


class _Tree(BaseModel):
    must: _Phrases
    any_of: _Phrases
    categories: _Phrases
    date_from: str | None
    date_to: str | None


class QueryTrees(BaseModel):
    """The query model's reply."""

    queries: list[_Tree] = Field(min_length=1)


def make_queries(question: Question, model: ChatModel | None, *, today: date) -> QueryPlan:
    """Make up to three query trees.

    A malformed reply is asked again once with the error; then, or without a model, the keyless
    extractor makes the queries.

    Args:
        today: the open end of "since 2024".

    Raises:
        BadQuestion: ``no_terms``: nobody found an English search word in the question.
        OperatorActs, TryAgain: as the model raises them.
    """
    dates = question.dates or read_dates(question.text, today)
    if model is not None:
        queries = _ask(question, model, dates, today)
        if queries:
            return QueryPlan(queries, model.name)
    queries = term_queries(question.text, dates)
    if not queries:
        raise BadQuestion("the question holds no term to search for", reason="no_terms")
    unknown = extract_terms(question.text).unknown
    return QueryPlan(queries, "keyless", unknown, fell_back=model is not None)


def phrase_queries(phrases: Sequence[str], dates: DateRange | None) -> tuple[Query, ...]:
    """Make a tree for each of up to three English phrases; without any, look the words up.

    Returns:
        nothing where nobody found an English search word in the phrases.
    """
    english = _phrases(list(phrases))[:3]
    if english:
        return tuple(Query((phrase,), dates=dates) for phrase in english)
    return term_queries(" ".join(phrases), dates)


def term_queries(text: str, dates: DateRange | None) -> tuple[Query, ...]:
    """Make up to three trees of the terms of a text, without a model; nothing where it has none."""
    terms = extract_terms(text)
    return _trees(terms, dates) if terms.phrases else ()


def read_dates(text: str, today: date) -> DateRange | None:
    """Read a limit of time that the question states; null where it states none."""
    if span := _SPAN.search(text):
        years = sorted((int(span[1]), int(span[2])))
        return _years(years[0], years[1])
    if past := _PAST.search(text):
        years_back = int(past[1] or past[2])
        return DateRange(date(today.year - years_back, today.month, min(today.day, 28)), today)
    since, until = _SINCE.search(text), _UNTIL.search(text)
    if since or until:
        first = date(int(since[1] or since[2]), 1, 1) if since else FIRST_DAY
        last = date(int(until[1] or until[2]), 12, 31) if until else today
        return DateRange(first, last) if first <= last else None
    if year := _IN.search(text):
        return _years(int(year[1] or year[2]), int(year[1] or year[2]))
    return None


def _years(first: int, last: int) -> DateRange:
    return DateRange(date(first, 1, 1), date(last, 12, 31))


def _ask(
    question: Question, model: ChatModel, dates: DateRange | None, today: date
) -> tuple[Query, ...]:
    """Ask up to twice; an empty result means that the replies were of no use."""
    limited = dates is None and _LIMIT.search(question.text) is not None
    user = f"<question>\n{question.text.replace('<', '＜')}\n</question>"
    error = ""
    for _ in range(2):
        prompt = Prompt("queries", fill("queries"), user + error, QueryTrees, 2_000)
        try:
            reply = QueryTrees.model_validate_json(model.complete(prompt).text)
        except ValidationError as wrong:
            said = "; ".join(
                f"{'.'.join(map(str, one['loc'])) or 'reply'}: {one['msg']}"
                for one in wrong.errors(include_input=False, include_url=False)[:5]
            )
            error = f"\n\nYour last reply did not follow the schema: {said}"
            continue
        except ModelDeclined:
            return ()
        queries = tuple(
            dict.fromkeys(
                query
                for tree in reply.queries[:3]
                if (query := _clean(tree, _dates(tree, today) if limited else dates))
            )
        )
        if queries:
            return queries
        error = "\n\nYour last reply held no usable English phrase."
    return ()


def _clean(tree: _Tree, dates: DateRange | None) -> Query | None:
    """Strip what must not be searched for; null where no phrase is left."""
    must = _phrases(tree.must)[:3]
    any_of = tuple(phrase for phrase in _phrases(tree.any_of) if phrase not in must)[:6]
    if not must and not any_of:
        return None
    categories = tuple(dict.fromkeys(one for one in tree.categories if is_category(one)))[:4]
    return Query(must, any_of, categories, dates)


def _dates(tree: _Tree, today: date) -> DateRange | None:
    """Read the model's dates, for a question whose limit code could not read itself."""
    try:
        first = date.fromisoformat(tree.date_from) if tree.date_from else FIRST_DAY
        last = date.fromisoformat(tree.date_to) if tree.date_to else today
    except ValueError:
        return None
    unlimited = not tree.date_from and not tree.date_to
    return None if unlimited or first > last else DateRange(first, last)


def _phrases(phrases: list[str]) -> tuple[str, ...]:
    cleaned = (" ".join(_FILLER.sub(" ", clean_phrase(phrase)).split()) for phrase in phrases)
    return tuple(dict.fromkeys(phrase for phrase in cleaned if len(phrase) > 1))


def _trees(terms: Terms, dates: DateRange | None) -> tuple[Query, ...]:
    """Make a tree for each synonym of the first term, bound to the other terms.

    The last term, the least specific, is satisfied by any of its synonyms.
    """
    first, *others = terms.alternatives
    must = tuple(group[0] for group in others[:-1])
    any_of = others[-1] if others else ()
    trees = (Query((synonym, *must), any_of, dates=dates) for synonym in first)
    return tuple(dict.fromkeys(trees))[:3]
