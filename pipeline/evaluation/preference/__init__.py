"""Which model writes the better survey, as people see it, and how sure we are."""

from pipeline.evaluation.preference.agreement import measure_agreement
from pipeline.evaluation.preference.correlate import correlate
from pipeline.evaluation.preference.leaderboard import make_leaderboard
from pipeline.evaluation.preference.power import plan_votes
from pipeline.evaluation.preference.votes import Battle, Measures, Style, Thumb, Verdict

__all__ = [
    "Battle",
    "Measures",
    "Style",
    "Thumb",
    "Verdict",
    "correlate",
    "make_leaderboard",
    "measure_agreement",
    "plan_votes",
]
