"""The home tab: a person's surveys, how models do, what is under way, the person's settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.blocks.board import board_blocks
from bot.blocks.elements import Block, actions, button, option, plain_text, section
from bot.messages import board as say
from bot.messages.asking import LANGUAGES
from bot.messages.words import plain
from bot.requests import SurveyRequest
from bot.store import Job, JobStatus, Preferences
from pipeline.evaluation.preference.leaderboard import Leaderboard
from pipeline.types import Language

NEW, LANGUAGE, MODEL = "home_new", "home_language", "home_model"
"""The actions of the home tab."""

USUAL = "usual"
"""The value of a setting that is left to the operator."""


@dataclass(frozen=True, slots=True)
class HomeState:
    """What the home tab shows one person.

    Attributes:
        surveys: the person's own, newest first, each with where it stands and its thread.
        running: surveys of the workspace that have not ended.
        running_own: those of them that are the person's.
        models: that may be chosen.
    """

    surveys: Sequence[tuple[Job, JobStatus, str | None]]
    running: int
    running_own: int
    board: Leaderboard
    preferences: Preferences
    models: Sequence[str]


def home_view(state: HomeState, language: Language, *, chart: bool) -> Block:
    """Give the home tab.

    Args:
        chart: with a chart; a Slack that refuses it gets a table of text.
    """
    new = actions("home", button(NEW, say.HOME_NEW[language], "new", "primary"))
    running = say.HOME_RUNNING[language].format(number=state.running, mine=state.running_own)
    blocks: list[Block] = [
        new,
        _header(say.HOME_MINE[language]),
        section(_list_surveys(state, language)),
        section(running),
        {"type": "divider"},
        *board_blocks(state.board, language, chart=chart),
        {"type": "divider"},
        _header(say.HOME_SETTINGS[language]),
        *_settings(state, language),
    ]
    return {"type": "home", "blocks": blocks}


def _list_surveys(state: HomeState, language: Language) -> str:
    lines = [_survey_line(job, status, root_ts, language) for job, status, root_ts in state.surveys]
    return "\n".join(lines) or say.HOME_NOTHING[language]


def _survey_line(job: Job, status: JobStatus, root_ts: str | None, language: Language) -> str:
    request = job.request
    assert isinstance(request, SurveyRequest), "the home tab lists surveys"
    question = plain(request.question.text, 80)
    if root_ts is not None:
        address = f"https://app.slack.com/client/{job.team}/{job.channel}/thread/"
        question = f"<{address}{job.channel}-{root_ts}|{question}>"
    return f"• {question}　_{say.STATES[status][language]}_"


def _settings(state: HomeState, language: Language) -> list[Block]:
    languages = {USUAL: say.AS_QUESTION[language]} | {str(k): v for k, v in LANGUAGES.items()}
    models = {USUAL: say.AS_USUAL[language]} | {model: model for model in state.models[:99]}
    return [
        _setting(
            LANGUAGE, say.HOME_LANGUAGE[language], languages, state.preferences.language or USUAL
        ),
        _setting(MODEL, say.HOME_MODEL[language], models, state.preferences.model or USUAL),
    ]


def _setting(action: str, label: str, choices: Mapping[str, str], chosen: str) -> Block:
    options = {value: option(name, value) for value, name in choices.items()}
    select: Block = {
        "type": "static_select",
        "action_id": action,
        "options": list(options.values()),
        "initial_option": options.get(chosen, options[USUAL]),
    }
    return {"type": "section", "text": plain_text(label), "accessory": select}


def _header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, 150)}
