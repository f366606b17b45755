"""Shorten each abstract and judge its relevance: one call of a small model per paper."""

import re
import unicodedata
from itertools import count

from pydantic import BaseModel, Field, ValidationError

from pipeline.concurrency import map_at_once
from pipeline.errors import ModelDeclined, TryAgain
from pipeline.labels import labels
from pipeline.progress import OnProgress, Progress, say_nothing
from pipeline.prompts import fill
from pipeline.providers.base import ChatModel, Prompt
from pipeline.providers.keyless.extract import clean_text, key_sentences, split_sentences
from pipeline.types import Paper, Passage, Question, Relevance

_LONGEST = 700
"""Characters of a summary or reason; a model that writes on is cut at the end of a sentence."""


class PaperSummary(BaseModel):
    """The small model's reply about one paper."""

    summary: str = Field(min_length=1)
    relevance: Relevance
    reason: str = Field(min_length=1)


def shorten(
    papers: tuple[Paper, ...],
    question: Question,
    model: ChatModel | None,
    *,
    at_once: int = 8,
    on_progress: OnProgress = say_nothing,
) -> tuple[Passage, ...]:
    """Give each paper its summary and relevance, in the order of the papers.

    A paper whose call fails keeps its abstract's own sentences and counts as related: no paper is
    dropped here. When every paper is judged off topic, none is set aside, because a survey of the
    nearest papers serves the person better than none; the reasons stay.

    Args:
        model: null for the abstract's own sentences, unjudged.

    Raises:
        OperatorActs: the model cannot be used at all.
    """
    if model is None:
        reason = labels(question.language).no_model_reason
        return tuple(_extract(paper, reason) for paper in papers)
    done = count(1)

    def ask(paper: Paper) -> Passage:
        passage = _ask(paper, question, model)
        if (number := next(done)) < len(papers):
            on_progress(Progress("shorten", number, len(papers)))
        return passage

    passages = tuple(map_at_once(ask, papers, at_once=at_once))
    if all(passage.relevance == "off_topic" for passage in passages):
        return tuple(_keep(passage) for passage in passages)
    return passages


def keep_abstracts(papers: tuple[Paper, ...], question: Question) -> tuple[Passage, ...]:
    """Give each paper its whole abstract for a summary, unjudged."""
    reason = labels(question.language).no_model_reason
    return tuple(
        Passage(paper, clean_text(paper.abstract), "related", reason, "keyless") for paper in papers
    )


def _ask(paper: Paper, question: Question, model: ChatModel) -> Passage:
    """Ask up to twice, the second time with what was wrong; then fall back."""
    words = labels(question.language)
    system = fill("shorten", language=words.language_name)
    user = (
        f"<question>\n{_fence(question.text)}\n</question>\n\n"
        f"<paper>\narXiv:{paper.id}v{paper.version}\n{_fence(paper.title)}\n\n"
        f"{_fence(paper.abstract)}\n</paper>"
    )
    error = ""
    for _ in range(2):
        try:
            reply = model.complete(Prompt("shorten", system, user + error, PaperSummary, 2_000))
            read = PaperSummary.model_validate_json(reply.text)
        except ValidationError:
            error = "\n\nYour last reply was not the JSON object that the instructions describe."
            continue
        except (ModelDeclined, TryAgain):
            break
        summary, reason = _clean(read.summary), _clean(read.reason)
        if summary and reason:
            return Passage(paper, summary, read.relevance, reason, model.name)
        error = "\n\nYour last reply held no summary or no reason."
    return _extract(paper, words.fallback_reason)


def _extract(paper: Paper, reason: str) -> Passage:
    summary = key_sentences(paper.title, paper.abstract, 2)
    return Passage(paper, summary, "related", reason, "keyless")


def _keep(passage: Passage) -> Passage:
    return Passage(passage.paper, passage.summary, "related", passage.reason, passage.summarised_by)


def _fence(text: str) -> str:
    """Keep outside text from closing the tags that it stands in."""
    return text.replace("<", "‹").replace(">", "›")


def _clean(reply: str) -> str:
    """Give a model's text as plain prose without invisible characters, of bounded length."""
    visible = "".join(c for c in reply if c.isspace() or unicodedata.category(c)[0] != "C")
    return _cut(clean_text(visible))


def _cut(text: str) -> str:
    """Shorten a long text at the end of a sentence, or within one that is far too long."""
    kept = ""
    for sentence in split_sentences(text):
        if kept and len(kept) + len(sentence) > _LONGEST:
            break
        joint = " " if kept and re.match(r"[\x21-\x7e]", sentence) else ""
        kept += joint + sentence
    return kept[: 2 * _LONGEST]
