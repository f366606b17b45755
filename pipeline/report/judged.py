"""What judges said of the arms of an experiment."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from pipeline.evaluation.verdicts import join_orders
from pipeline.report.data import Findings


@dataclass(frozen=True, slots=True)
class Wins:
    """What judges said of two arms: a pair on which the two orders disagree is a tie."""

    first: str
    second: str
    won: int
    lost: int
    tied: int

    @property
    def share(self) -> float:
        """Wins of the first, ties half."""
        return (self.won + self.tied / 2) / (self.won + self.lost + self.tied)


def count_wins(findings: Findings) -> dict[str, tuple[Wins, ...]]:
    """Give for each judge what it said of every two arms that it compared."""
    arm_of = {one.survey_id: one.arm for one in findings.observations}
    said: dict[str, Counter[tuple[str, str, str]]] = defaultdict(Counter)
    for one in (*join_orders(findings.both_orders()), *findings.articles_verdicts()):
        said[one.judge][arm_of[one.survey_a], arm_of[one.survey_b], one.choice] += 1
    return {judge: _add_up(findings.arms, counts) for judge, counts in sorted(said.items())}


def _add_up(arms: Sequence[str], counts: Counter[tuple[str, str, str]]) -> tuple[Wins, ...]:
    rows: list[Wins] = []
    for first, second in combinations(arms, 2):
        won = counts[first, second, "a"] + counts[second, first, "b"]
        lost = counts[first, second, "b"] + counts[second, first, "a"]
        tied = counts[first, second, "tie"] + counts[second, first, "tie"]
        if won + lost + tied:
            rows.append(Wins(first, second, won, lost, tied))
    return tuple(rows)
