"""References, BibTeX and the ledger say what became of each paper, and do no harm elsewhere."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers import make_context, make_paper
from pipeline.bibliography import left_out, list_references, to_bibtex, to_ledger_csv
from pipeline.evaluation.recall import measure
from pipeline.types import Context, Dropped, Omission, Recall, Survey
from pipeline.write import write_survey


def surveyed(context: Context) -> tuple[Survey, Recall]:
    survey = write_survey(context, None, survey_id="s")
    return survey, measure(survey, context)


def test_references_list_each_cited_paper_once_with_its_link() -> None:
    context = make_context(5, off_topic=1)
    _, recall = surveyed(context)

    lines = list_references(context, recall.cited).splitlines()

    assert len(lines) == 5
    assert lines[0] == (
        "- [Name1](https://arxiv.org/abs/2301.00001)"
        " Name1: A Study of Person Tracking. Ada Author1, Bob Writer (2023-01)"
    )


def test_a_reference_with_a_hostile_title_neither_links_nor_pings() -> None:
    hostile = make_paper(
        1, title="X [y](https://evil.example) <!channel> @here", authors=("A",) * 9
    )
    context = make_context(1)
    passage = replace(context.passages[0], paper=hostile)
    context = replace(context, passages=(passage,))
    _, recall = surveyed(context)

    line = list_references(context, recall.cited)

    assert "evil.example" not in line
    assert "<!" not in line
    assert "@here" not in line
    assert "et al." in line


def test_bibtex_has_an_entry_for_each_paper_with_a_key_of_its_own() -> None:
    papers = [
        make_paper(1, authors=("Ada Lovelace",), title="Radiance fields"),
        make_paper(2, authors=("Ada Lovelace",), title="Radiance fields"),
        make_paper(3, authors=("José Núñez",), title="A Study of 50% & more_{x}", doi="10.1/x_y"),
        make_paper(4, authors=(), title="量子化"),
    ]

    text = to_bibtex(papers)

    keys = [line[6:-1] for line in text.splitlines() if line.startswith("@misc{")]
    assert keys == [
        "lovelace2023radiance:2301.00001",
        "lovelace2023radiance:2301.00002",
        "nunez2023study",
        "arxiv2023",
    ]
    assert r"title = {{A Study of 50\% \& more\_\{x\}}}" in text
    assert r"doi = {10.1/x\_y}" in text
    assert "eprint = {2301.00003}" in text
    assert "primaryClass = {cs.CV}" in text


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=3))
def test_bibtex_stays_balanced_whatever_a_record_holds(title: str, authors: list[str]) -> None:
    text = to_bibtex([make_paper(1, title=title, authors=tuple(authors))])

    bare = text.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
    assert text.count("@misc{") == text.count("\n}") == 1 + title.count("@misc{")


def test_the_ledger_holds_every_paper_with_what_became_of_it() -> None:
    context = make_context(4, off_topic=1)
    dropped = (Dropped("1901.00001", "Old one", "old"), Dropped("1901.00002", "Gone", "withdrawn"))
    context = replace(context, found=replace(context.found, dropped=dropped))
    survey, _ = surveyed(context)
    survey = replace(survey, omitted=(Omission("2301.00004", "no room"),))
    recall = measure(survey, context)

    rows = list(csv.DictReader(io.StringIO(to_ledger_csv(context, survey, recall))))

    assert {row["id"]: row["status"] for row in rows} == {
        "2301.00001": "cited",
        "2301.00002": "cited",
        "2301.00003": "cited",
        "2301.00004": "not_discussed",
        "2301.00005": "off_topic",
        "1901.00001": "old",
        "1901.00002": "withdrawn",
    }
    assert all(row["section"] for row in rows if row["status"] == "cited")
    assert [row["reason"] for row in rows if row["status"] == "not_discussed"] == ["no room"]
    assert [one[1] for one in left_out(context, survey)] == [
        "2301.00004",
        "2301.00005",
        "1901.00001",
        "1901.00002",
    ]


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)"])
def test_a_title_is_no_formula_in_a_spreadsheet(title: str) -> None:
    context = make_context(1)
    passage = replace(context.passages[0], paper=make_paper(1, title=title))
    context = replace(context, passages=(passage,))
    survey, recall = surveyed(context)

    row = next(csv.DictReader(io.StringIO(to_ledger_csv(context, survey, recall))))

    assert row["title"] == f"'{title}"
