"""The forms of voting: why a survey is good or bad, and which citation is wrong."""

from collections.abc import Sequence

from bot.blocks.elements import Block, option
from bot.blocks.modal import checkboxes, field, line, make_form, optional, select
from bot.messages import voting as say
from pipeline.types import Language, Paper

REASONS, CITATION = "form_reasons", "form_citation"
"""The callbacks of the forms."""

_LONGEST = 1_000
_MOST_PAPERS = 100
"""Options that Slack takes in a list."""


def reasons_form(survey_id: str, language: Language) -> Block:
    """Give the form for the reasons of a vote."""
    reasons = [option(words[language], reason) for reason, words in say.REASONS.items()]
    blocks = [
        optional("reasons", say.REASON_LABEL[language], checkboxes("reasons", reasons)),
        optional("words", say.REASON_WORDS[language], line("words", _LONGEST, multiline=True)),
    ]
    return make_form(
        REASONS,
        say.REASON_TITLE[language],
        say.SEND[language],
        blocks,
        language=language,
        memory={"survey": survey_id},
    )


def citation_form(survey_id: str, cited: Sequence[Paper], language: Language) -> Block:
    """Give the form for a wrong citation."""
    papers = [option(paper.title, paper.id) for paper in cited[:_MOST_PAPERS]]
    blocks = [
        field("paper", say.FLAG_PAPER[language], select("paper", papers)),
        optional("words", say.FLAG_WORDS[language], line("words", _LONGEST, multiline=True)),
    ]
    return make_form(
        CITATION,
        say.FLAG_TITLE[language],
        say.SEND[language],
        blocks,
        language=language,
        memory={"survey": survey_id},
    )
