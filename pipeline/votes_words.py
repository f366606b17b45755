"""The sentences of `paperwalk votes`, made of what is known and silent on the rest."""

from collections.abc import Iterator, Mapping

from pipeline.evaluation.preference.agreement import Agreements
from pipeline.evaluation.preference.correlate import Correlation
from pipeline.evaluation.preference.covariates import Covariate, Reason
from pipeline.evaluation.preference.leaderboard import Leaderboard, Note
from pipeline.evaluation.preference.pairs import Pair

PAIRS = "Pairs, from the first model's side; an e-value of {enough:.0f} or more decides one:"
CEILING = "  people, on the same"
EVERYBODY = "people, on all"
CONSISTENCY = "Each judge with the two surveys shown in either order:"
PLAN = (
    "To find a win rate of {win_rate:.0%} with a chance of {power:.0%}, at one look when all votes"
    " are in, plan for:"
)

_NOTES: Mapping[Note, str] = {
    "few_questions": "There are few questions, so the intervals are rough.",
    "several_groups": (
        "Some models were never compared with the others; nothing is known between the groups."
    ),
    "one_person_dominates": "More than half of the votes are one person's.",
}

MEASURES: Mapping[Covariate, str] = {
    "recall": "recall",
    "precision": "precision",
    "support": "support",
    "chars": "length",
    "headers": "headings",
    "lists": "list items",
    "bold": "bold spans",
}

_REASONS: Mapping[Reason, str] = {
    "missing": "not measured for half of the votes or more",
    "constant": "never differs",
    "collinear": "cannot be told from the others",
    "too_few_votes": "too few votes to tell",
}


def standing(board: Leaderboard) -> str:
    """Say how much the votes allow to say: the first line of the leaderboard."""
    needed = board.votes_needed
    match board.standing:
        case "no_votes":
            return (
                "Nobody has voted on a comparison yet; a ranking needs votes on about"
                f" {needed} questions."
            )
        case "too_few":
            return (
                f"Too few votes for a ranking ({_turnout(board)}); votes on about"
                f" {_number(needed or 0, 'more question')} are needed."
            )
        case "undecided" if needed is None:
            return (
                f"No difference is certain yet ({_turnout(board)}). If there is one, it is too"
                " small to show by votes."
            )
        case "undecided":
            return (
                f"No difference is certain yet ({_turnout(board)}). Votes on about"
                f" {_number(needed or 0, 'more question')} would show one."
            )
        case "ranked":
            decided = "; ".join(_name_better(pair) for pair in board.pairs if pair.is_decided)
            return f"A difference is certain ({_turnout(board)}): {decided}."


def notes(board: Leaderboard, votes_per_day: int) -> Iterator[str]:
    """Say what a reader has to know of the figures, and which votes they leave out."""
    yield from (_NOTES[note] for note in board.notes)
    is_rated = any(entry.rating for entry in board.entries)
    if is_rated and not any(entry.controlled for entry in board.entries):
        reasons = {_REASONS[effect.excluded] for effect in board.style if effect.excluded}
        yield f"No Elo with style held equal: {', '.join(sorted(reasons))}."
    aside = board.turnout.set_aside
    parts = [
        f"{count} {what}"
        for count, what in (
            (aside.not_blind, "cast after the names were shown"),
            (aside.same_model, "between surveys of one model"),
            (aside.repeated, "by a person who had voted on that comparison"),
            (aside.over_cap, f"beyond a person's {votes_per_day} of one day"),
        )
        if count
    ]
    if parts:
        yield f"Votes that do not count: {', '.join(parts)}."


def agreement(found: Agreements) -> str:
    """Say whether judges and people can be compared at all."""
    if not found.judges:
        first = "No judge has given a verdict yet."
    elif not any(judge.with_people.comparisons for judge in found.judges):
        first = "No judge's verdict is on a comparison that people have voted on."
    else:
        first = "How often a judge says what a person says; the ceiling is how often people agree."
    if found.people.comparisons:
        return first
    return f"{first} No two people have voted on the same comparison yet."


def correlation(found: Correlation) -> str:
    """Say what the figures rest on."""
    if not found.votes:
        return "No vote that counts compares surveys that were measured, so no effect is known yet."
    tau = (
        f"with {_number(found.models, 'model')} no tau is beyond chance"
        if found.kendall_needed is None
        else f"a tau below {found.kendall_needed:.2f} may be chance"
    )
    return (
        f"From {_number(found.votes, 'vote')} on {_number(found.questions, 'question')};"
        f" effects are log-odds per typical difference, other measures held; {tau}."
    )


def left_out(found: Correlation) -> Iterator[str]:
    """Say which measures have no effect shown, and why."""
    if found.votes:
        for predictor in found.predictors:
            if predictor.effect.excluded:
                why = _REASONS[predictor.effect.excluded]
                yield f"No effect of {MEASURES[predictor.effect.name]}: {why}."


def _turnout(board: Leaderboard) -> str:
    turnout = board.turnout
    people = "1 person" if turnout.people == 1 else f"{turnout.people:,} people"
    questions = _number(turnout.questions, "question")
    return f"{_number(turnout.votes, 'vote')} of {people} on {questions}"


def _name_better(pair: Pair) -> str:
    rate = pair.tally.win_rate
    if rate is not None and rate.value < 0.5:
        return f"{pair.model_b} over {pair.model_a}"
    return f"{pair.model_a} over {pair.model_b}"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
