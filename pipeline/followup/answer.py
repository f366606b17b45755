"""Answer a request from the saved context: by the writing model, or with extracts."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pipeline.cite import unresolve
from pipeline.errors import CeilingReached, ContextTooLong, ModelDeclined
from pipeline.followup.labels import labels
from pipeline.followup.plan import show_turns
from pipeline.followup.stream import ParagraphStream
from pipeline.followup.types import Answer, Thread
from pipeline.providers.base import ChatModel
from pipeline.providers.keyless.extract import clean_text, key_sentences
from pipeline.providers.keyless.lsa import weigh
from pipeline.providers.keyless.terms import Terms, extract_terms
from pipeline.question import detect_language
from pipeline.types import Language, Paper
from pipeline.write.replies import Writer, show_passages

_JAPANESE = re.compile(r"[\u30a1-\u30ff]{2,}|[\u3400-\u9fff々]{2,}")
"""Katakana or kanji, of which some are terms."""

_MOST_EXTRACTS = 5
_SENTENCES = 2
_ENGLISH_PROSE = 4
"""Words of a request without Japanese that make it English prose, not just a name or two."""


def answer(
    thread: Thread,
    language: Language | None,
    model: ChatModel | None,
    on_text: Callable[[str], None] | None = None,
) -> Answer:
    """Answer from the survey's papers; without a model, or where it declines, with extracts.

    Args:
        language: that was asked for; null takes the request's own.
        on_text: is given the answer paragraph by paragraph while it comes. What it was given is the
            beginning of ``Answer.markdown``, mostly all of it; where a broken call was begun anew
            and went on otherwise, or the model declined midway, only ``Answer.markdown`` counts.

    Raises:
        OperatorActs, TryAgain: as the model raises them.
    """
    language = language or _choose_language(thread)
    papers = [passage.paper for passage in thread.context.passages]
    stream = ParagraphStream(papers, on_text or _ignore)
    words = labels(language)
    note = words.extract_note
    if model:
        note = words.declined_note
        try:
            resolved = stream.end(_ask(thread, language, model, stream.hear if on_text else None))
            if resolved.markdown:
                return Answer(resolved.markdown, resolved.cited)
        except CeilingReached:
            note = words.ceiling_note
        except ModelDeclined:
            pass
    resolved = stream.end(_extract(thread, papers, language, note))
    return Answer(resolved.markdown, resolved.cited)


def _ignore(text: str) -> None:
    del text


def _choose_language(thread: Thread) -> Language:
    """Give the language of a request; a bare name takes that of the survey."""
    if detect_language(thread.text) == "ja":
        return "ja"
    words = re.findall(r"[A-Za-z]{2,}", thread.text)
    return "en" if len(words) >= _ENGLISH_PROSE else thread.context.question.language


def _ask(
    thread: Thread, language: Language, model: ChatModel, hear: Callable[[str], None] | None
) -> str:
    """Ask with the papers and the survey, or with the papers alone where that is too long."""
    context = thread.context
    papers = [passage.paper for passage in context.passages]
    writer = Writer(model, replace(context.question, language=language), len(papers))
    shown = {"papers": show_passages(enumerate(context.passages, start=1))}
    survey = {"survey": unresolve(thread.survey.markdown, papers)}
    asked = {"thread": show_turns(thread.turns, papers), "request": thread.text}
    try:
        return writer.ask_text("followup_answer", asked, hear, stable={**shown, **survey})
    except ContextTooLong:
        return writer.ask_text("followup_answer", asked, hear, stable=shown)


def _extract(thread: Thread, papers: list[Paper], language: Language, note: str) -> str:
    """Give the papers nearest to the words of a request, each with its best sentences."""
    words = " ".join(_name_topics(thread.text))
    nearness = _compare(words, papers)
    nearest = [i for i in np.argsort(-nearness, kind="stable")[:_MOST_EXTRACTS] if nearness[i] > 0]
    if not nearest:
        return labels(language).nothing_related
    bullets = "\n".join(
        f"- **{clean_text(papers[i].title)}** ({papers[i].published.year}) [P{i + 1}]  \n"
        f"  {key_sentences(words, papers[i].abstract, _SENTENCES)}"
        for i in nearest
    )
    return f"> {note}\n\n{bullets}"


def _name_topics(text: str) -> list[str]:
    """Give the words of a request that name something, in its own language and in English."""
    terms = extract_terms(text)
    own = [word for word in _JAPANESE.findall(text) if extract_terms(word) != Terms(())]
    return [*own, *(phrase for group in terms.alternatives for phrase in group)]


def _compare(words: str, papers: list[Paper]) -> np.ndarray:
    """Give the cosine of each paper's TF-IDF row to that of some words, in [0, 1]."""
    rows = weigh([*(f"{paper.title}\n{paper.abstract}" for paper in papers), words])
    return np.asarray(rows[:-1] @ rows[-1])
