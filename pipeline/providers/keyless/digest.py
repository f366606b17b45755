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
    words = labels(context.question.language)
    passages = context.passages
    headings = name_sections(passages, sections, context.question.language)
    parts = [
        f"# {words.title.format(question=clean_text(context.question.text))}",
        f"> {note}" if note else _note(passages, words, context.question.language),
        f"## {words.introduction}",
        words.digest_opening.format(
            count=len(passages), sections=len(sections), **_years(passages)
        ),
        "\n".join(f"- {heading}" for heading in headings),
    ]
    for heading, section in zip(headings, sections, strict=True):
        inside = [passages[i] for i in section]
        parts += [
            f"## {heading}",
            words.digest_section.format(count=len(inside), **_years(inside)),
            write_bullets(passages, section),
        ]
    largest = max(range(len(sections)), key=lambda i: len(sections[i]))
    newest = max(range(len(passages)), key=lambda i: passages[i].paper.published)
    parts += [
        f"## {words.conclusion}",
        words.digest_closing.format(
            largest=headings[largest],
            count=len(sections[largest]),
            newest=f"[P{newest + 1}]",
            day=passages[newest].paper.published.date().isoformat(),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def name_sections(
    passages: Sequence[Passage], sections: Sequence[range], language: Language
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


def write_bullets(passages: Sequence[Passage], section: range) -> str:
    """Give a list with the title, year, anchor and key sentence of each passage of a section."""
    return "\n".join(
        f"- **{clean_text(passages[i].paper.title)}** ({passages[i].paper.published.year})"
        f" [P{i + 1}]  \n  {_say(passages[i].paper)}"
        for i in section
    )


def _say(paper: Paper) -> str:
    """Give the abstract's key sentence; our own notes are short enough to be given whole."""
    if paper.abstract_by == "paperwalk":
        return clean_text(paper.abstract)
    return key_sentence(paper.title, paper.abstract)


def _note(passages: Sequence[Passage], words: Labels, language: Language) -> str:
    """Say honestly what this text is."""
    own = passages[0].paper.abstract_by == "paperwalk"
    note = words.digest_note_catalogue if own else words.digest_note
    foreign = language == "ja" and not any(_JAPANESE.search(p.paper.abstract) for p in passages)
    return f"> {note}{words.digest_foreign if foreign else ''}"


def _years(passages: Sequence[Passage]) -> dict[str, int]:
    years = [passage.paper.published.year for passage in passages]
    return {"first": min(years), "last": max(years)}
