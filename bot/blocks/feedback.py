"""What people vote with: feedback under a survey, the vote of a comparison, its result."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.blocks.elements import Block, actions, button, context, plain_text, section
from bot.messages import voting as say
from bot.messages.words import escape
from pipeline.types import Choice, Language

FEEDBACK, GOOD, BAD = "survey_feedback", "survey_good", "survey_bad"
WHY, FLAG = "survey_why", "survey_flag"
CHOOSE = "choose_"
"""The actions of voting; ``CHOOSE`` is followed by the choice. Values are ids that tell nothing."""


def feedback_blocks(survey_id: str, language: Language) -> list[Block]:
    """Give Slack's own feedback buttons for a survey."""
    both = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": _feedback(say.GOOD[language], f"good:{survey_id}"),
        "negative_button": _feedback(say.BAD[language], f"bad:{survey_id}"),
    }
    return [
        {"type": "context_actions", "block_id": f"feedback:{survey_id}", "elements": [both]},
        _more(survey_id, language),
    ]


def plain_feedback_blocks(survey_id: str, language: Language) -> list[Block]:
    """Give the same with ordinary buttons, for a Slack that knows no feedback buttons."""
    row = actions(
        f"feedback:{survey_id}",
        button(GOOD, f"👍 {say.GOOD[language]}", f"good:{survey_id}"),
        button(BAD, f"👎 {say.BAD[language]}", f"bad:{survey_id}"),
    )
    return [row, _more(survey_id, language)]


def vote_blocks(
    comparison_id: str, language: Language, *, votes_wanted: int, closes_at: float
) -> list[Block]:
    """Give the vote of a comparison.

    Args:
        closes_at: epoch seconds.
    """
    moment = datetime.fromtimestamp(closes_at, UTC)
    closes = say.DAY[language].format(epoch=int(closes_at), utc=f"{moment:%Y-%m-%d %H:%M}")
    note = say.WHICH_NOTE[language].format(votes=votes_wanted, closes=closes)
    row = actions(
        f"vote:{comparison_id}",
        *(
            button(f"{CHOOSE}{choice}", words[language], comparison_id)
            for choice, words in say.CHOICES.items()
        ),
    )
    return [section(say.WHICH[language]), row, context(note)]


def result_blocks(
    sides: Sequence[str], counts: Mapping[Choice, int], late: int, language: Language
) -> list[Block]:
    """Give the result of a closed comparison.

    Args:
        sides: a line on each side; names of models in them are escaped already.
        counts: blind votes by choice.
        late: votes that came after their person had seen the names.
    """
    lines = [say.RESULT[language], *sides]
    if sum(counts.values()):
        lines.append(
            say.RESULT_REST[language].format(tie=counts["tie"], both_bad=counts["both_bad"])
        )
    else:
        lines.append(say.NO_VOTES[language])
    if late:
        lines.append(say.RESULT_LATE[language].format(late=late))
    return [section("\n".join(lines))]


def side_heading(side: str, language: Language) -> Block:
    """Give the line that tells side A from side B."""
    return section(say.SIDE[language].format(side=escape(side)))


def _feedback(label: str, value: str) -> Block:
    return {"text": plain_text(label, 75), "value": value, "accessibility_label": label}


def _more(survey_id: str, language: Language) -> Block:
    return actions(
        f"remark:{survey_id}",
        button(WHY, say.WHY[language], survey_id),
        button(FLAG, say.FLAG[language], survey_id),
    )
