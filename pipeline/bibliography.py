"""The papers of a survey as lists that people take elsewhere: references, BibTeX, the ledger."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from pipeline.cite import make_harmless, name_papers
from pipeline.labels import labels
from pipeline.outline import read_parts
from pipeline.types import Context, Paper, Recall, Survey

LedgerStatus = Literal["cited", "not_discussed", "off_topic", "old", "withdrawn", "beyond_top"]
"""What became of a paper that the searches gave."""

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_MOST_AUTHORS = 3
"""Authors named in a reference before "et al."."""


def list_references(context: Context, cited: Collection[str]) -> str:
    """Give cited papers as a Markdown list in tour order, each linked to its abstract page.

    Args:
        cited: arXiv ids.
    """
    papers = [passage.paper for passage in context.passages if passage.paper.id in cited]
    names = dict(zip((p.id for p in papers), name_papers(papers), strict=True))
    return "\n".join(f"- [{names[p.id]}]({p.url}) {_describe(p)}" for p in papers)


def to_bibtex(papers: Sequence[Paper]) -> str:
    """Give a BibTeX file; every key is unique, every value balanced and escaped.

    Source: https://info.arxiv.org/help/hypertex/bibstyles/index.html for the fields.
    """
    keys = _bibtex_keys(papers)
    return "\n\n".join(
        _bibtex_entry(key, paper) for key, paper in zip(keys, papers, strict=True)
    ) + ("\n" if papers else "")


def to_ledger_csv(context: Context, survey: Survey, recall: Recall) -> str:
    """Give the ledger of a survey: each paper that the searches gave, and what became of it.

    Returns:
        CSV with a header; a cell that a spreadsheet would take for a formula begins with ``'``.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["id", "title", "authors", "published", "categories", "status", "section", "reason", "url"]
    )
    for row in _ledger(context, survey, recall):
        writer.writerow([_inert(cell) for cell in row])
    return out.getvalue()


def left_out(context: Context, survey: Survey) -> tuple[tuple[LedgerStatus, str, str, str], ...]:
    """Give the papers that the searches gave and the survey does not discuss.

    Returns:
        status, arXiv id, title and reason of each; the nearest to the question first.
    """
    titles = {passage.paper.id: passage.paper.title for passage in context.passages}
    words = labels(context.question.language)
    rows: list[tuple[LedgerStatus, str, str, str]] = [
        ("not_discussed", one.paper_id, titles.get(one.paper_id, ""), one.reason)
        for one in survey.omitted
    ]
    rows += [("off_topic", p.paper.id, p.paper.title, p.reason) for p in context.off_topic]
    rows += [
        (one.reason, one.paper_id, one.title, words.dropped[one.reason])
        for one in context.found.dropped
    ]
    return tuple(rows)


def _ledger(context: Context, survey: Survey, recall: Recall) -> Iterator[tuple[str, ...]]:
    sections: dict[str, str] = {}
    for part in read_parts(survey.markdown).sections:
        for paper_id in part.paper_ids:
            sections.setdefault(paper_id, part.heading)
    papers = {p.paper.id: p.paper for p in (*context.passages, *context.off_topic)}
    for paper_id in recall.cited:
        paper = papers[paper_id]
        yield (*_facts(paper), "cited", sections.get(paper_id, ""), "", paper.url)
    for status, paper_id, title, reason in left_out(context, survey):
        if paper_id in recall.cited:
            continue
        known = papers.get(paper_id)
        facts = _facts(known) if known else (paper_id, title, "", "", "")
        yield (*facts, status, "", reason, f"https://arxiv.org/abs/{paper_id}")


def _facts(paper: Paper) -> tuple[str, str, str, str, str]:
    return (
        paper.id,
        paper.title,
        "; ".join(paper.authors),
        paper.published.date().isoformat(),
        " ".join(paper.categories),
    )


def _describe(paper: Paper) -> str:
    """Give title, authors and date of a paper as harmless text."""
    authors = ", ".join(paper.authors[:_MOST_AUTHORS])
    if len(paper.authors) > _MOST_AUTHORS:
        authors += " et al."
    title, authors = make_harmless(paper.title), make_harmless(authors)
    return f"{title}. {authors} ({paper.published:%Y-%m})"


def _inert(cell: str) -> str:
    """Keep a spreadsheet from running a title as a formula.

    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _bibtex_keys(papers: Sequence[Paper]) -> list[str]:
    """Give family name, year and first title word, told apart by letters where two are equal."""
    plain = [
        f"{_ascii(_family(paper)) or 'arxiv'}{paper.published.year}{_first_word(paper.title)}"
        for paper in papers
    ]
    repeated = Counter(plain)
    return [
        f"{key}:{paper.id}" if repeated[key] > 1 else key
        for key, paper in zip(plain, papers, strict=True)
    ]


def _bibtex_entry(key: str, paper: Paper) -> str:
    fields = {
        "title": f"{{{_latex(paper.title)}}}",
        "author": _latex(" and ".join(paper.authors)),
        "year": str(paper.published.year),
        "month": str(paper.published.month),
        "eprint": paper.id,
        "archivePrefix": "arXiv",
        "primaryClass": paper.primary_category,
        "doi": _latex(paper.doi or ""),
        "journal": _latex(paper.journal_ref or ""),
        "url": paper.url,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join((f"@misc{{{key},", *lines, "}"))


def _latex(text: str) -> str:
    return "".join(_LATEX.get(char, char) for char in " ".join(text.split()))


def _family(paper: Paper) -> str:
    words = paper.authors[0].split() if paper.authors else []
    return words[-1] if words else ""


def _first_word(title: str) -> str:
    words = (_ascii(word) for word in title.split())
    return next((word for word in words if len(word) > 3), "")


def _ascii(text: str) -> str:
    """Give the lower-case ASCII letters and digits of a text, accents taken off."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", bare.lower())
