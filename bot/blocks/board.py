"""The leaderboard, as text and as a chart."""

from collections.abc import Sequence

from bot.blocks.elements import Block, section
from bot.messages import board as say
from bot.messages.words import escape
from bot.messages.working import JOINT
from pipeline.evaluation.preference.entries import Entry
from pipeline.evaluation.preference.intervals import Estimate
from pipeline.evaluation.preference.leaderboard import Leaderboard
from pipeline.types import Language

_MOST = 20
_LABEL = 20
"""Characters of a label in a chart, and models that one shows."""


def board_text(board: Leaderboard, language: Language) -> str:
    """Give the leaderboard as lines of Slack's own markup."""
    return f"{_head(board, language)}\n{_lines(board, language)}".rstrip()


def board_blocks(board: Leaderboard, language: Language, *, chart: bool) -> list[Block]:
    """Give the leaderboard as blocks.

    Args:
        chart: with a chart, once there are votes enough to look at; a Slack that refuses it gets
            the text alone.
    """
    telling = board.standing in {"undecided", "ranked"}
    drawn = chart_block(board.entries, language) if chart and telling else []
    lines = _lines(board, language)
    return [section(_head(board, language)), *drawn, *([section(lines)] if lines else [])]


def chart_block(entries: Sequence[Entry], language: Language) -> list[Block]:
    """Give a bar for each model's win rate in percent; nothing where nobody has voted."""
    rated = [entry for entry in entries[:_MOST] if entry.tally.win_rate is not None]
    if not rated:
        return []
    labels = _labels([entry.model for entry in rated])
    rates = [round(100 * entry.tally.win_rate.value) for entry in rated if entry.tally.win_rate]
    data = [{"label": label, "value": value} for label, value in zip(labels, rates, strict=True)]
    chart = {
        "type": "bar",
        "axis_config": {"categories": labels},
        "series": [{"name": say.WIN_RATE[language][:_LABEL], "data": data}],
    }
    title = f"{say.WIN_RATE[language]} (%)"
    return [{"type": "data_visualization", "title": title, "chart": chart}]


def _head(board: Leaderboard, language: Language) -> str:
    return f"*{say.BOARD[language]}*\n{_standing(board, language)}"


def _lines(board: Leaderboard, language: Language) -> str:
    lines = [_line(entry, language) for entry in board.entries[:_MOST]]
    return "\n".join([*lines, *(f"_{say.NOTES[note][language]}_" for note in board.notes)])


def _standing(board: Leaderboard, language: Language) -> str:
    turnout = say.TURNOUT[language].format(
        votes=board.turnout.votes,
        people=board.turnout.people,
        questions=board.turnout.questions,
    )
    needed = board.votes_needed
    more = say.NEVER[language] if needed is None else say.NEEDED[language].format(needed=needed)
    return say.STANDINGS[board.standing][language].format(
        turnout=turnout, needed=needed, more=more, decided=_decided(board, language)
    )


def _decided(board: Leaderboard, language: Language) -> str:
    """Name the pairs that are decided, the better model first."""
    named: list[str] = []
    for pair in board.pairs:
        rate = pair.tally.win_rate
        if pair.is_decided and rate is not None:
            better, worse = (pair.model_a, pair.model_b)
            if rate.value < 0.5:
                better, worse = worse, better
            names = {"better": escape(better), "worse": escape(worse)}
            named.append(say.DECIDED[language].format(**names))
    return "; ".join(named)


def _line(entry: Entry, language: Language) -> str:
    """Give one model's figures, those that are known."""
    figures: list[str] = []
    tally = entry.tally
    if tally.win_rate is not None:
        votes = say.VOTES[language].format(votes=tally.votes)
        figures.append(f"{say.WIN_RATE[language]} {_share(tally.win_rate)} ({votes})")
    if entry.thumbs_share is not None:
        figures.append(f"👍 {_share(entry.thumbs_share)} ({entry.thumbs_up}/{entry.thumbs_down})")
    if entry.recall is not None:
        figures.append(f"{say.RECALL[language]} {entry.recall:.0%}")
    if entry.usd is not None:
        figures.append(f"${entry.usd:.3f}")
    if entry.seconds is not None:
        figures.append(say.SECONDS[language].format(seconds=entry.seconds))
    rank = f"{entry.rank}. " if entry.rank is not None else ""
    return f"• {rank}*{escape(entry.model)}*　{JOINT[language].join(figures)}"


def _share(estimate: Estimate) -> str:
    """Give a share with its interval, in percent."""
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.0%}"
    return f"{estimate.value:.0%} [{estimate.low:.0%}–{estimate.high:.0%}]"


def _labels(models: Sequence[str]) -> list[str]:
    """Give each model a label that fits and is like no other."""
    labels: list[str] = []
    for model in models:
        name = model.partition(":")[2] or model
        label = name[:_LABEL]
        number = 2
        while label in labels:
            label = f"{name[: _LABEL - 2]}~{number}"
            number += 1
        labels.append(label)
    return labels
