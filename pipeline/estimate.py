"""What a survey will cost, before anybody has spent anything."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.providers.prices import Prices, price
from pipeline.types import Arm, Language, Role, Usage

_ABSTRACT = 264
"""Tokens of title and abstract: the mean over arXiv records in OpenAI's o200k vocabulary."""

_PROMPT = 350
"""Tokens of our own instructions in a call, the longest prompts first in mind."""

_SUMMARY: Mapping[Language, int] = {"en": 90, "ja": 170}
"""Tokens of a paper's summary, two or three sentences."""

_WRITTEN: Mapping[Language, int] = {"en": 80, "ja": 150}
"""Tokens that a survey spends on one paper."""

_PAPERS_PER_SECTION = 9

_LATIN_PER_TOKEN, _JAPANESE_PER_TOKEN = 5.3, 1.3
"""Characters of one token in the o200k vocabulary: means over abstracts and their translations."""


@dataclass(frozen=True, slots=True)
class Call:
    """Calls of one role that are to be expected, added up.

    Attributes:
        usage: of all of them.
        number: how many.
    """

    role: Role
    model: str
    usage: Usage
    number: int = 1


def expect_calls(
    models: Mapping[Role, str], arms: Sequence[Arm], papers: int, language: Language
) -> tuple[Call, ...]:
    """Give the calls of gathering once and writing with each arm, keyless ones left out.

    Args:
        models: the model of each role but writing.
        papers: how many the searches are expected to give.
    """
    calls = [*expect_gathering(models, papers, language)]
    for arm in arms:
        calls += expect_writing(models["count"], arm, papers, language)
    return tuple(call for call in calls if not call.model.startswith("keyless"))


def estimate_cost(calls: Sequence[Call], prices: Prices) -> float | None:
    """Give dollars for calls, or null where the price of one is not known."""
    dollars = [price(call.model, call.usage, prices) for call in calls]
    known = [one for one in dollars if one is not None]
    return sum(known) if len(known) == len(dollars) else None


def guess_tokens(text: str) -> int:
    """Guess the tokens of a text, a fifth more than the means of OpenAI's o200k vocabulary."""
    latin = sum(char.isascii() for char in text)
    return round(1.2 * (latin / _LATIN_PER_TOKEN + (len(text) - latin) / _JAPANESE_PER_TOKEN))


def expect_gathering(
    models: Mapping[Role, str], papers: int, language: Language, *, is_shortened: bool = True
) -> Iterator[Call]:
    """Give the calls that make a context, keyless ones included."""
    summary = _SUMMARY[language]
    yield Call("queries", models["queries"], Usage(2 * _PROMPT, 0, 300))
    yield Call("embed", models["embed"], Usage(papers * _ABSTRACT))
    if is_shortened:
        usage = Usage(papers * (_ABSTRACT + _PROMPT), 0, papers * (summary + 40))
        yield Call("shorten", models["shorten"], usage, papers)


def expect_writing(counter: str, arm: Arm, papers: int, language: Language) -> Iterator[Call]:
    """Give the calls that write a survey and count its papers, keyless ones included.

    Args:
        counter: the counting model.
    """
    context = papers * ((_SUMMARY[language] if arm.is_shortened else _ABSTRACT) + 30)
    text = papers * _WRITTEN[language] + 600
    sections = max(papers // _PAPERS_PER_SECTION, 1)
    if arm.mode == "single":
        yield Call("write", arm.model, Usage(context + _PROMPT, 0, text // 2))
    else:
        # The outline and the sections each read the whole context once, the frame the text.
        read = 2 * context + text + (sections + 2) * _PROMPT
        yield Call("write", arm.model, Usage(read, 0, text + 1_000), sections + 2)
    yield Call("count", counter, Usage(text + 2 * _PROMPT, 0, papers * 15), 2)
