"""A survey's Markdown comes apart into its sections and together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers import make_context
from pipeline.outline import Part, Parts, join_parts, read_parts
from pipeline.types import Language
from pipeline.write import write_survey

SURVEY = """# Survey: what is new?

> A note.

## Introduction

Two papers.

## Rendering

[NeRF](https://arxiv.org/abs/2003.08934) came first, then [Old](https://arxiv.org/abs/cs/9901001).

### Faster

[NeRF](https://arxiv.org/abs/2003.08934) again.
"""

LINES = st.sampled_from(
    [
        "# T",
        "## A",
        "##",
        "## ",
        "##\tB  ",
        "##C",
        "### D",
        " ## E",
        "```",
        "````md",
        "~~~",
        "x",
        "",
        " ",
    ]
)


def test_a_survey_comes_apart_into_title_opening_and_sections() -> None:
    parts = read_parts(SURVEY)

    assert (parts.title, parts.opening) == ("Survey: what is new?", "> A note.")
    assert [section.heading for section in parts.sections] == ["Introduction", "Rendering"]
    assert parts.sections[0].text == "Two papers."
    assert parts.sections[1].text.endswith(
        "### Faster\n\n[NeRF](https://arxiv.org/abs/2003.08934) again."
    )


def test_a_section_names_the_papers_that_it_links_each_once_and_in_order() -> None:
    introduction, rendering = read_parts(SURVEY).sections

    assert introduction.paper_ids == ()
    assert rendering.paper_ids == ("2003.08934", "cs/9901001")


@pytest.mark.parametrize(
    "text",
    [
        "```md\n## no heading\n```",
        "~~~\n```\n## no heading\n~~~~",
        "````\n```\n## no heading\n````",
        "| a |\n|--|\n| ## no heading |",
        "> ## no heading",
        "    ## no heading",
        "##no heading",
        "### no section",
        "```\n## a fence that stays open",
    ],
)
def test_what_only_looks_like_a_heading_belongs_to_the_text(text: str) -> None:
    parts = read_parts(f"# T\n\n## One\n\n{text}\n")

    assert parts.sections == (Part("One", text),)


def test_inline_code_opens_no_fence() -> None:
    parts = read_parts("## One\n\n``` code ```\n\n## Two\n")

    assert [section.heading for section in parts.sections] == ["One", "Two"]


@pytest.mark.parametrize("text", ["", "\n", " \n\n"])
def test_nothing_has_no_parts(text: str) -> None:
    assert read_parts(text) == Parts("", "", ())


def test_a_text_without_title_or_sections_is_an_opening() -> None:
    assert read_parts("Only prose.\n\n#hashtag") == Parts("", "Only prose.\n\n#hashtag", ())


def test_a_section_can_be_added() -> None:
    parts = read_parts(SURVEY)

    longer = join_parts(Parts(parts.title, parts.opening, (*parts.sections, Part("More", "Text."))))

    assert longer == f"{SURVEY}\n## More\n\nText.\n"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_survey_read_and_joined_is_the_same_text(language: Language) -> None:
    survey = write_survey(make_context(30, language), None, survey_id="s")

    parts = read_parts(survey.markdown)

    assert join_parts(parts) == survey.markdown
    assert len(parts.sections) == 5
    assert sum(len(section.paper_ids) for section in parts.sections) >= 30


@given(st.lists(LINES | st.text("# `~a\n", max_size=8), max_size=20))
def test_reading_and_joining_changes_nothing_but_space_around_headings(lines: list[str]) -> None:
    text = "\n".join(lines)

    joined = join_parts(read_parts(text))

    assert joined.split() == text.split()
    assert read_parts(joined) == read_parts(text)
    assert join_parts(read_parts(joined)) == joined
