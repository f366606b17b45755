"""Read what a request wants without a model: a few plain wishes, in Japanese and English.

Whatever no rule fits is a question, and is answered from the papers.
"""

import re
import unicodedata
from datetime import date

from pipeline.followup.parts import number_parts
from pipeline.followup.types import PartWish, Plan, Thread
from pipeline.outline import read_parts
from pipeline.providers.keyless.terms import extract_terms
from pipeline.providers.keyless.words import split_words
from pipeline.queries import read_dates, term_queries
from pipeline.types import Language

_QUESTION = re.compile(r"[?？]\s*$|か[。\s]*$")
_POLITE_WISH = re.compile(
    r"^(?:could|can|would|will) you\b|(?:もらえ|いただけ|頂け|くれ|でき)(?:ます|ません|ない|る)"
    r"|可能です|お願い",
    re.IGNORECASE,
)
"""A wish that has the form of a question."""
_POLITE = r"(?:please |could you |can you |would you |will you |now |also )*"
_ADD = re.compile(
    rf"^{_POLITE}(?:add|include)\s+(?P<en>.+)"
    r"|^(?P<ja>.+?)(?:(?:も|を)\s*(?:追加|加え|足し|入れ|含め)|追加して)",
    re.IGNORECASE,
)
_DROP = re.compile(
    rf"^{_POLITE}(?:drop|remove|exclude|leave out)\s+(?P<en>.+)"
    r"|^(?P<ja>.+?)(?:を|は)\s*(?:除い|除外|外し|はずし|削除|消し|抜い|省い)",
    re.IGNORECASE,
)
_SHORTER = re.compile(
    r"\b(?:shorter|shorten|condense|(?:more )?concise(?:ly)?|briefer)\b"
    r"|短く|短め|短縮|簡潔に|縮めて",
    re.IGNORECASE,
)
_LANGUAGES: tuple[tuple[re.Pattern[str], Language], ...] = (
    (re.compile(r"\b(?:in|into|to) english\b|英語(?:で|に|版)|英訳", re.IGNORECASE), "en"),
    (re.compile(r"\b(?:in|into|to) japanese\b|日本語(?:で|に|版)|和訳", re.IGNORECASE), "ja"),
)
_ONLY = re.compile(
    r"\b(?:only|just|limit|restrict)\b|だけ|のみ|限定|限って|絞って|しぼって", re.IGNORECASE
)
_WISH = re.compile(
    r"\b(?:translate|rewrite|write|make|turn|survey|everything|whole|text)\b"
    r"|翻訳|訳して|全体|全部|全文|本文|本稿|お願い|限定",
    re.IGNORECASE,
)
"""Words of a wish that name no topic."""

_AROUND = re.compile(
    r"^(?:the|some|more|an?|papers?|works?|sections?|parts?|on|about|for|of)\s+"
    r"|\s+(?:sections?|parts?|papers?|too|as well|please|to the survey|from the survey)[.!?]*$"
    r"|(?:に関する|についての|の)?(?:論文|研究|話題|話|節|章|部分)$|[.!?。！]+$|の$",
    re.IGNORECASE,
)
"""What may stand around the name of a topic."""


def plan_by_rules(thread: Thread, today: date) -> Plan:
    """Give the plan of a request that a rule fits, else an answer.

    Args:
        today: the open end of "since 2025".
    """
    text = unicodedata.normalize("NFKC", thread.text)
    language, rest = _language(text)
    if _QUESTION.search(text) and not _POLITE_WISH.search(text):
        return Plan("answer", language=language)
    dates = read_dates(text, today)
    if added := _ADD.search(text):
        what = _name(added["en"] or added["ja"])
        queries = term_queries(what, dates or thread.context.question.dates)
        return Plan("change", queries=queries, sought=(what,))
    if dropped := _DROP.search(text):
        return _drop(_name(dropped["en"] or dropped["ja"]), thread)
    names_topic = bool(extract_terms(_WISH.sub(" ", rest)).phrases)
    plan = Plan(
        kind="change",
        dates=dates if dates and (_ONLY.search(text) or not names_topic) else None,
        language=None if names_topic else language,
        length="shorter" if _SHORTER.search(text) else None,
    )
    return Plan("answer", language=language) if plan == Plan("change") else plan


def _language(text: str) -> tuple[Language | None, str]:
    """Give the language that is asked for, and the rest of the text."""
    for words, language in _LANGUAGES:
        if words.search(text):
            return language, words.sub(" ", text)
    return None, text


def _name(text: str) -> str:
    """Take everything off a topic's name that is no part of it."""
    before = None
    while text != before:
        before = text
        text = _AROUND.sub("", text.strip())
    return text


def _drop(what: str, thread: Thread) -> Plan:
    """Drop the parts whose heading names a topic, or else the papers whose title does."""
    names = [what, *(phrase for group in extract_terms(what).alternatives for phrase in group)]
    wanted = [words for name in names if (words := set(split_words(name)))]
    parts = number_parts(read_parts(thread.survey.markdown))
    papers = [passage.paper for passage in thread.context.passages]
    # The topic's own name first: its synonyms may name other parts as well.
    for words in wanted:
        wishes = [PartWish(n, "drop") for n, one in parts if words <= set(split_words(one.heading))]
        if wishes:
            return Plan("change", parts=tuple(wishes))
    for words in wanted:
        ids = [paper.id for paper in papers if words <= set(split_words(paper.title))]
        if ids:
            return Plan("change", remove=tuple(ids))
    return Plan("change")
