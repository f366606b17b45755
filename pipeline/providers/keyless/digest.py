"""Write a survey without a model: sections from the tour, one key sentence per paper."""

import re
from collections.abc import Sequence

from pipeline.labels import Labels, labels
from pipeline.providers.keyless.extract import clean_text, key_sentence
from pipeline.providers.keyless.headings import distinctive_terms
from pipeline.types import Context, Language, Paper, Passage

_JAPANESE = re.compile(r"[\u3041-\u30ff]")


def write_digest(context: Context, sections: Sequence[range], *, note: str = "") -> str:
    """Give the digest as Markdown with anchors ``[P1]…[Pn]``, each passage named once.

    Everything that code says about the papers is computed from the context; what is said of one
    paper is a sentence of its abstract.

    Args:
        note: why this is a digest, where the reason is not that no model is configured.
    """
    language = context.question.language
    words = labels(language)
    headings = name_sections(context.passages, sections, language)
    introduction, conclusion = write_frame(context, headings, sections)
    parts = [
        f"# {write_title(context)}",
        f"> {note}" if note else write_note(context),
        f"## {words.introduction}",
        introduction,
    ]
    for heading, section in zip(headings, sections, strict=True):
        parts += [f"## {heading}", write_section(context, section)]
    parts += [f"## {words.conclusion}", conclusion]
    return "\n\n".join(parts) + "\n"


def write_title(context: Context) -> str:
    """Give a title that is the question."""
    words = labels(context.question.language)
    return words.title.format(question=clean_text(context.question.text))


def write_note(context: Context) -> str:
    """Say honestly what the digest is."""
    language = context.question.language
    words, passages = labels(language), context.passages
    own = passages[0].paper.abstract_by == "paperwalk"
    note = words.digest_note_catalogue if own else words.digest_note
    is_japanese = any(_JAPANESE.search(passage.paper.abstract) for passage in passages)
    return f"> {note}{words.digest_foreign if is_japanese != (language == 'ja') else ''}"


def write_frame(
    context: Context, headings: Sequence[str], sections: Sequence[Sequence[int]]
) -> tuple[str, str]:
    """Give introduction and conclusion: how many papers, in which sections, which is newest.

    Args:
        sections: places of the passages of each section, from 0, one for each heading.
    """
    words, passages = labels(context.question.language), context.passages
    opening = words.digest_opening.format(
        count=len(passages), sections=len(sections), years=_years(passages, words)
    )
    largest = max(range(len(sections)), key=lambda i: len(sections[i]))
    newest = max(range(len(passages)), key=lambda i: passages[i].paper.published)
    conclusion = words.digest_closing.format(
        largest=headings[largest],
        count=len(sections[largest]),
        newest=f"[P{newest + 1}]",
        day=passages[newest].paper.published.date().isoformat(),
    )
    return f"{opening}\n\n" + "\n".join(f"- {heading}" for heading in headings), conclusion


def write_section(context: Context, section: Sequence[int], *, is_brief: bool = False) -> str:
    """Give a section: how many papers of which years, then each with its sentence.

    Args:
        section: places of its passages, from 0.
        is_brief: titles alone.
    """
    inside = [context.passages[i] for i in section]
    words = labels(context.question.language)
    opening = words.digest_section.format(count=len(inside), years=_years(inside, words))
    return f"{opening}\n\n{write_bullets(context.passages, section, is_brief=is_brief)}"


def name_sections(
    passages: Sequence[Passage], sections: Sequence[Sequence[int]], language: Language
) -> tuple[str, ...]:
    """Give each section a heading of its distinctive terms."""
    words = labels(language)
    # Titles alone: abstracts share too much of the field's prose.
    texts = [[clean_text(passages[i].paper.title) for i in section] for section in sections]
    return tuple(
        words.digest_heading.format(
            terms=words.digest_joint.join(term[:1].upper() + term[1:] for term in terms)
        )
        if terms
        else words.part.format(number=number)
        for number, terms in enumerate(distinctive_terms(texts), start=1)
    )


def write_bullets(
    passages: Sequence[Passage], section: Sequence[int], *, is_brief: bool = False
) -> str:
    """Give a list with the title, year, anchor and key sentence of each passage of a section."""
    return "\n".join(
        f"- **{clean_text(passages[i].paper.title)}** ({passages[i].paper.published.year})"
        f" [P{i + 1}]" + ("" if is_brief else f"  \n  {_say(passages[i].paper)}")
        for i in section
    )


def _say(paper: Paper) -> str:
    """Give the abstract's key sentence; our own notes are short enough to be given whole."""
    if paper.abstract_by == "paperwalk":
        return clean_text(paper.abstract)
    return key_sentence(paper.title, paper.abstract)


def _years(passages: Sequence[Passage], words: Labels) -> str:
    years = {passage.paper.published.year for passage in passages}
    span = words.digest_span.format(first=min(years), last=max(years))
    return span if len(years) > 1 else str(min(years))
