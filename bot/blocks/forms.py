"""The forms that open over Slack: ask for a survey, another model, other queries, papers back.

Source: https://docs.slack.dev/reference/views/modal-views for names and limits.
"""

from collections.abc import Sequence

from bot.blocks.elements import Block, context, option, plain_text, section
from bot.blocks.modal import day, field, line, make_form, optional, radio, select
from bot.messages import asking as say
from bot.messages import reworking as rework
from bot.messages.words import escape
from bot.options import Offer
from pipeline.bibliography import LedgerStatus
from pipeline.question import MAX_QUESTION_CHARACTERS
from pipeline.types import Language, Query

SURVEY, MODEL, QUERIES, LEFT_OUT = "form_survey", "form_model", "form_queries", "form_left_out"
"""The callbacks of the forms."""

_MOST_LISTED = 40
"""Papers listed in a form; a form takes 100 blocks and options."""


def survey_form(offer: Offer, language: Language, channel: str, question: str = "") -> Block:
    """Give the form that asks for a survey.

    Args:
        channel: where it posts if nothing else is chosen; empty where there is no such place.
    """
    ways = [
        option(say.FORM_ONE[language], "one"),
        option(say.FORM_COMPARE[language], "compare"),
    ]
    languages = [
        option(say.FORM_LANGUAGE_AUTO[language], "auto"),
        *(option(name, code) for code, name in say.LANGUAGES.items()),
    ]
    models = [option(model, model) for model in offer.models[:100]]
    where: Block = {
        "type": "conversations_select",
        "action_id": "channel",
        "response_url_enabled": True,
        "filter": {"include": ["public", "private", "im", "mpim"], "exclude_bot_users": False},
    }
    where |= (
        {"initial_conversation": channel} if channel else {"default_to_current_conversation": True}
    )
    blocks = [
        field("question", say.FORM_QUESTION[language], _question(language, question)),
        field("way", say.FORM_WAY[language], radio("way", ways)),
        optional(
            "models",
            say.FORM_MODELS[language],
            {
                "type": "multi_static_select",
                "action_id": "models",
                "options": models,
                "max_selected_items": 2,
            },
        ),
        field("language", say.FORM_LANGUAGE[language], select("language", languages)),
        optional("since", say.FORM_SINCE[language], day("since")),
        optional("until", say.FORM_UNTIL[language], day("until")),
        optional("categories", say.FORM_CATEGORIES[language], line("categories", 200)),
        field("channel", say.FORM_CHANNEL[language], where),
    ]
    return make_form(
        SURVEY, say.FORM_TITLE[language], say.FORM_SUBMIT[language], blocks, language=language
    )


def model_form(offer: Offer, language: Language, job_id: str) -> Block:
    """Give the form that asks which model writes from the papers of a survey."""
    models = [option(model, model) for model in offer.models[:100]]
    modes = [option(words[language], mode) for mode, words in rework.MODES.items()]
    blocks = [
        section(rework.MODEL_NOTE[language]),
        field("model", rework.MODEL_LABEL[language], select("model", models)),
        field("mode", rework.MODE_LABEL[language], select("mode", modes)),
    ]
    title, submit = rework.MODEL_TITLE[language], rework.WRITE[language]
    return make_form(MODEL, title, submit, blocks, language=language, memory={"job": job_id})


def queries_form(queries: Sequence[Query], language: Language, job_id: str) -> Block:
    """Give the form with the queries of a survey, three rows of three fields."""
    blocks: list[Block] = [section(rework.QUERIES_NOTE[language])]
    for number in range(1, 4):
        query = queries[number - 1] if number <= len(queries) else Query(())
        for name, label, phrases in (
            ("must", rework.MUST, query.must),
            ("any_of", rework.ANY_OF, query.any_of),
            ("categories", rework.CATEGORIES, query.categories),
        ):
            words = label[language].format(number=number)
            words_line = line(f"{name}{number}", 500, "; ".join(phrases))
            blocks.append(optional(f"{name}{number}", words, words_line))
    title, submit = rework.QUERIES_TITLE[language], rework.SEARCH[language]
    return make_form(QUERIES, title, submit, blocks, language=language, memory={"job": job_id})


def left_out_form(
    papers: Sequence[tuple[LedgerStatus, str, str, str]], language: Language, job_id: str
) -> Block:
    """Give the papers that a survey left out with the reasons; those off topic can come back.

    Args:
        papers: status, arXiv id, title and reason of each, as ``bibliography.left_out`` gives them.
    """
    title = rework.LEFT_OUT_TITLE[language]
    if not papers:
        blocks = [section(rework.NOTHING_LEFT_OUT[language])]
        return make_form(LEFT_OUT, title, "", blocks, language=language)
    blocks = [
        section(
            f"<https://arxiv.org/abs/{paper_id}|{escape(paper_id)}> {escape(name)[:300]}\n"
            f"_{rework.STATUSES[status][language]}_　{escape(reason)[:300]}"
        )
        for status, paper_id, name, reason in papers[:_MOST_LISTED]
    ]
    if len(papers) > _MOST_LISTED:
        blocks.append(context(rework.MORE[language].format(number=len(papers) - _MOST_LISTED)))
    off_topic = [one for one in papers if one[0] == "off_topic"][:_MOST_LISTED]
    if not off_topic:
        return make_form(LEFT_OUT, title, "", blocks, language=language)
    options = [option(f"{name}", paper_id) for _, paper_id, name, _ in off_topic]
    select: Block = {"type": "multi_static_select", "action_id": "papers", "options": options}
    blocks.insert(0, field("papers", rework.BRING_BACK[language], select))
    return make_form(
        LEFT_OUT, title, rework.WRITE[language], blocks, language=language, memory={"job": job_id}
    )


def _question(language: Language, question: str) -> Block:
    made: Block = {
        "type": "plain_text_input",
        "action_id": "question",
        "multiline": True,
        "max_length": MAX_QUESTION_CHARACTERS,
        "placeholder": plain_text(say.FORM_QUESTION_HINT[language], 150),
    }
    return made | ({"initial_value": question} if question else {})
