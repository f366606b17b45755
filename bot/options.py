"""Read the text behind ``/survey``: options in words or flags, the rest is the question."""

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from bot.errors import BadOption
from bot.requests import SurveyRequest
from pipeline.queries import FIRST_DAY
from pipeline.question import ask
from pipeline.sources.syntax import is_category
from pipeline.types import Arm, DateRange, Language, Mode

T = TypeVar("T")

MOST_PAPERS = 300
"""What one query may ask arXiv for; no context is larger than a model can be expected to read."""

OPTIONS = ("since", "until", "lang", "mode", "models", "top", "categories", "ab")
"""The options in the order in which help names them."""

_ALIASES = {"model": "models", "category": "categories", "cat": "categories", "language": "lang"}
_WORD = re.compile(r"(--)?([a-z][a-z_-]{1,15})([:：=])(.*)", re.DOTALL)
_FLAG = re.compile(r"--([a-z][a-z_-]{1,15})")
_TEXT = frozenset({"arxiv", "doi", "http", "https", "isbn"})
"""Words that stand before a colon in ordinary text."""

_LANGUAGES: Mapping[str, Language] = {
    "ja": "ja",
    "japanese": "ja",
    "日本語": "ja",
    "en": "en",
    "english": "en",
    "英語": "en",
}
_MODES: Mapping[str, Mode] = {"sections": "sections", "single": "single"}


@dataclass(frozen=True, slots=True)
class Offer:
    """What people may choose between.

    Attributes:
        usual: who writes where nothing is asked for.
        models: that may be named, ``provider:model`` each.
        pair: what is compared where a comparison names no models; null: two must be named.
    """

    usual: Arm
    models: tuple[str, ...]
    pair: tuple[Arm, Arm] | None = None


@dataclass(slots=True)
class _Read:
    """The options as they are read; a later one of the same name stands."""

    values: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


def read_request(
    text: str, offer: Offer, today: date, *, language: Language | None = None
) -> SurveyRequest:
    """Read a request for a survey.

    ``since:2024``, ``--since=2024`` and ``--since 2024`` are the same; ``ab:`` or ``--ab`` asks for
    a blind comparison, as does naming two models. A year stands for its first or last day.

    Args:
        today: the open end of ``since``.
        language: of the survey where no option names one; null for the question's own.

    Raises:
        BadOption: an option is unknown or does not take its value.
        BadQuestion: no question is left, or it is too long.
    """
    read = _split(text)
    return build_request(" ".join(read.words), read.values, offer, today, language=language)


def build_request(
    text: str,
    values: Mapping[str, str],
    offer: Offer,
    today: date,
    *,
    language: Language | None = None,
) -> SurveyRequest:
    """Build a request of a question and options, as text or a form gives them.

    Args:
        values: by the names of ``OPTIONS``; what is missing is not asked for.

    Raises:
        BadOption, BadQuestion: as ``read_request``.
    """
    dates = _dates(values, today)
    question = ask(
        text,
        language=_choose("lang", values, _LANGUAGES) or language,
        dates=dates,
        categories=_categories(values),
    )
    mode = _choose("mode", values, _MODES) or offer.usual.mode
    return SurveyRequest(question, choose_arms(values, offer, mode), _top(values))


def choose_arms(values: Mapping[str, str], offer: Offer, mode: Mode) -> tuple[Arm, ...]:
    """Give the arms that ``models`` and ``ab`` ask for; empty for the usual one.

    Raises:
        BadOption: a model is not on offer, there are more than two, or two are needed.
    """
    named = [find_arm(one, offer, mode) for one in split_list(values.get("models", ""))]
    if len(named) > 2 or len(set(named)) < len(named):
        raise BadOption("models", "models", values["models"])
    if len(named) == 2 or (len(named) == 1 and "ab" not in values):
        return tuple(named)
    if "ab" not in values:
        return (Arm(offer.usual.model, mode),) if "mode" in values else ()
    if named or offer.pair is None:
        raise BadOption("models", "ab", values.get("models", ""))
    return offer.pair


def find_arm(name: str, offer: Offer, mode: Mode) -> Arm:
    """Give an arm by the name of a model on offer, with or without its provider.

    Args:
        name: the model, and behind a ``+`` another mode: ``gpt-6.1-terra+single``.
        mode: where the name holds none.

    Raises:
        BadOption: the model is not on offer, or there is no such mode.
    """
    wanted, plus, other = name.partition("+")
    if plus and other not in _MODES:
        raise BadOption("value", "models", name)
    for model in offer.models:
        if wanted in {model, model.partition(":")[2]}:
            return Arm(model, _MODES[other] if plus else mode)
    raise BadOption("value", "models", name)


def _split(text: str) -> _Read:
    """Take the options out of a text."""
    read = _Read()
    tokens = text.split()
    while tokens:
        token = tokens.pop(0)
        if token == "--ab":  # noqa: S105 - an option
            read.values["ab"] = ""
        elif flag := _FLAG.fullmatch(token):
            name = _name(flag[1])
            read.values[name] = _value(name, tokens)
        elif (word := _WORD.fullmatch(token)) and _is_option(word):
            name = _name(word[2])
            if name == "ab":
                read.values["ab"] = ""
                read.words.extend([word[4]] if word[4] else [])
            else:
                read.values[name] = word[4] or _value(name, tokens)
        else:
            read.words.append(token)
    return read


def _is_option(word: re.Match[str]) -> bool:
    """Tell an option from prose: "transformers: a survey" and addresses are prose."""
    dashes, name, sign, value = word.groups()
    if name in _TEXT or value.startswith("//"):
        return False
    if sign == "=" and not dashes:
        return False
    return bool(dashes or value or _ALIASES.get(name, name) in OPTIONS)


def _name(typed: str) -> str:
    name = _ALIASES.get(typed, typed)
    if name not in OPTIONS:
        raise BadOption("unknown", typed)
    return name


def _value(name: str, tokens: list[str]) -> str:
    if not tokens:
        raise BadOption("value", name)
    return tokens.pop(0)


def _choose(name: str, values: Mapping[str, str], known: Mapping[str, T]) -> T | None:
    if name not in values:
        return None
    chosen = known.get(values[name].lower())
    if chosen is None:
        raise BadOption("value", name, values[name])
    return chosen


def _dates(values: Mapping[str, str], today: date) -> DateRange | None:
    if "since" not in values and "until" not in values:
        return None
    since = read_day("since", values["since"]) if "since" in values else FIRST_DAY
    until = read_day("until", values["until"], last=True) if "until" in values else today
    if since > until:
        raise BadOption("value", "since", values.get("since", ""))
    return DateRange(since, until)


def read_day(name: str, text: str, *, last: bool = False) -> date:
    """Read ``2024``, ``2024-05`` or ``2024-05-31``.

    Args:
        last: a year or month stands for its last day instead of its first.

    Raises:
        BadOption: it is none of these.
    """
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", text, re.ASCII)
    if match is None:
        raise BadOption("value", name, text)
    year, month, day = (int(one) if one else None for one in match.groups())
    try:
        assert year is not None, "the pattern has it"
        month = month or (12 if last else 1)
        return date(year, month, day or (calendar.monthrange(year, month)[1] if last else 1))
    except ValueError as error:
        raise BadOption("value", name, text) from error


def _top(values: Mapping[str, str]) -> int | None:
    if "top" not in values:
        return None
    text = values["top"]
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_PAPERS):
        raise BadOption("value", "top", text)
    return int(text)


def _categories(values: Mapping[str, str]) -> tuple[str, ...]:
    named = split_list(values.get("categories", ""))
    wrong = next((one for one in named if not is_category(one)), None)
    if wrong is not None:
        raise BadOption("value", "categories", wrong)
    return tuple(named)


def split_list(listed: str) -> Sequence[str]:
    """Give the items of a list as people write it."""
    return [one for one in re.split(r"[,、，]", listed) if one]
