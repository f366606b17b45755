"""Print the figures that docs/evaluation.md states of the statistics of preference.

PYTHONPATH=tests/support uv run python benchmarks/preference.py
"""

import math
import time
from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
from scipy import special

from pipeline.evaluation.preference import make_leaderboard, plan_votes
from pipeline.evaluation.preference.correlate import kendall_needed
from pipeline.evaluation.preference.fit import Floats, fit
from pipeline.evaluation.preference.intervals import read_interval
from pipeline.evaluation.preference.ratings import Columns, rate
from pipeline.evaluation.preference.sequential import ENOUGH, log_e_value
from population import LATER, Population

RUNS = 300
REPLICATES = 400


def hold(
    strengths: Floats, pairs: Floats, shape: tuple[int, int], dice: np.random.Generator
) -> Columns:
    """Draw votes on random pairs; a question favours each model by a normal amount, sd 0.8."""
    questions, votes = shape
    question = np.repeat(np.arange(questions), votes)
    a, b = pairs[dice.integers(len(pairs), size=questions * votes)].T
    favour = strengths + dice.normal(0, 0.8, size=(questions, len(strengths)))
    won = dice.random(questions * votes) < special.expit(favour[question, a] - favour[question, b])
    names = tuple(f"m{i}" for i in range(len(strengths)))
    return Columns(names, a, b, question, won.astype(float), questions)


def true_ratings(strengths: Floats, pairs: Floats, dice: np.random.Generator) -> Floats:
    """Give the ratings that endless votes would give."""
    design = np.eye(len(strengths))[pairs[:, 0]] - np.eye(len(strengths))[pairs[:, 1]]
    odds = strengths + dice.normal(0, 0.8, size=(200_000, len(strengths)))
    won = special.expit(odds @ design.T).mean(axis=0)[None]
    free = fit(design[:, 1:], np.ones((1, 1)), lambda _: (won, 1 - won))[0]
    found = np.array([0.0, *free])
    return found - found.mean()


def usual_bootstrap(columns: Columns, *, all_pairs: bool, dice: np.random.Generator) -> Floats:
    """Resample questions, with pseudo-draws that are always halves; plain 95 % percentiles."""
    count = len(columns.models)
    pairs = np.array(list(combinations(range(count), 2)))
    place = {tuple(pair): row for row, pair in enumerate(pairs.tolist())}
    won, lost = np.zeros((2, columns.questions, len(pairs)))
    for a, b, q, s in zip(columns.a, columns.b, columns.question, columns.score, strict=True):
        row = place[min(a, b), max(a, b)]
        won[q, row] += s if a < b else 1 - s
        lost[q, row] += 1 - s if a < b else s
    half = 0.5 * ((won + lost).sum(axis=0) > 0) if not all_pairs else 0.5
    drawn = dice.multinomial(columns.questions, [1 / columns.questions] * columns.questions, 400)
    design = np.eye(count)[pairs[:, 0]] - np.eye(count)[pairs[:, 1]]
    found = fit(design[:, 1:], drawn.astype(float), lambda w: (w @ won + half, w @ lost + half))
    whole = np.hstack([np.zeros((len(found), 1)), found])
    return np.quantile(whole - whole.mean(axis=1, keepdims=True), [0.025, 0.975], axis=0)


def print_coverage() -> None:
    print("\nCoverage of 95 % intervals of ratings (share of intervals that hold the truth)")
    print("| models | questions × votes | strengths | usual | usual, draws for all pairs | ours |")
    print("|--|--|--|--|--|--|")
    for count, shape, spread, chain in (
        (3, (10, 15), 1.0, False),
        (3, (10, 3), 1.0, False),
        (3, (30, 5), 1.0, False),
        (3, (150, 1), 1.0, False),
        (2, (20, 1), 1.5, False),
        (3, (30, 1), 2.5, False),
        (9, (100, 1), 1.0, False),
        (6, (60, 1), 1.0, True),
    ):
        dice = np.random.default_rng(1)
        strengths = np.linspace(spread, -spread, count)
        every = list(combinations(range(count), 2))
        pairs = np.array(list(pairwise(range(count))) if chain else every)
        truth = true_ratings(strengths, np.array(every), dice)
        inside = np.zeros(3)
        for run in range(RUNS):
            columns = hold(strengths, pairs, shape, dice)
            if len(set(columns.a) | set(columns.b)) < count:
                continue
            ends = [
                usual_bootstrap(columns, all_pairs=False, dice=dice),
                usual_bootstrap(columns, all_pairs=True, dice=dice),
                np.array(list(read_ends(columns, run))).T,
            ]
            inside += [np.mean((low <= truth) & (truth <= high)) for low, high in ends]
        asked = f"{count}{' in a chain' if chain else ''} | {shape[0]} × {shape[1]} | ±{spread}"
        print(f"| {asked} | {' | '.join(f'{x:.2f}' for x in inside / RUNS)} |")


def read_ends(columns: Columns, seed: int) -> Iterator[tuple[float, float]]:
    ratings = rate(columns, seed=seed, replicates=REPLICATES)
    for samples in ratings.log_odds.T:
        found = read_interval(samples, columns.questions)
        assert found
        assert found.low is not None
        assert found.high is not None
        yield found.low, found.high


def print_peeking() -> None:
    print(
        "\nEqual models wrongly told apart, looking after each vote (ours: each settled question)"
    )
    print("| questions × votes | sd of a question's favour | p < 0.05 | e-value of votes | ours |")
    print("|--|--|--|--|--|")
    dice = np.random.default_rng(2)
    for questions, votes, favour in (
        (400, 1, 0.0),
        (133, 3, 0.8),
        (40, 10, 0.0),
        (40, 10, 0.8),
        (40, 10, 1.5),
    ):
        likely = special.expit(dice.normal(0, favour, size=(1000, questions)))
        cast = dice.random((1000, questions, votes)) < likely[:, :, None]
        wins = cast.reshape(1000, -1).cumsum(axis=1)
        seen = np.arange(1, questions * votes + 1)
        late = np.abs(2 * wins - seen) > 1.96 * np.sqrt(seen)
        logs = (
            special.gammaln(seen + 2) - special.gammaln(wins + 1) - special.gammaln(seen - wins + 1)
        )
        by_votes = seen * math.log(2) - logs > math.log(ENOUGH)
        leans = 2 * cast.mean(axis=2) - 1
        ours = [
            any(log_e_value(row[:n]) >= math.log(ENOUGH) for n in range(8, questions + 1))
            for row in leans[:300]
        ]
        shares = (late[:, 19:].any(axis=1).mean(), by_votes.any(axis=1).mean(), np.mean(ours))
        print(f"| {questions} × {votes} | {favour} | {' | '.join(f'{x:.3f}' for x in shares)} |")


def print_votes() -> None:
    print("\nDecided votes to plan for, one look at the end; and when the e-value decides (median)")
    print("| win rate | 80 % | 90 % | e-value |")
    print("|--|--|--|--|")
    dice = np.random.default_rng(3)
    for win_rate in (0.55, 0.60, 0.65, 0.70):
        seen = np.arange(1, 2001)
        wins = (dice.random((1000, 2000)) < win_rate).cumsum(axis=1)
        logs = (
            special.gammaln(seen + 2) - special.gammaln(wins + 1) - special.gammaln(seen - wins + 1)
        )
        crossed = seen * math.log(2) - logs > math.log(ENOUGH)
        first = np.where(crossed.any(axis=1), crossed.argmax(axis=1) + 1.0, np.inf)
        plans = [plan_votes(win_rate, power).decided for power in (0.8, 0.9)]
        print(f"| {win_rate:.2f} | {plans[0]} | {plans[1]} | {np.median(first):.0f} |")
    print("\nLeast |tau| that is no chance:", {n: kendall_needed(n) for n in (4, 5, 6, 9)})


def print_speed() -> None:
    print("\nCPU seconds of a leaderboard, 1,000 replicates")
    for models, questions, votes in ((3, 100, 3), (9, 150, 10)):
        strengths = {f"m{i}": i / models for i in range(models)}
        battles, measures = Population(strengths).vote(questions, votes, seed=0)
        for name, known in (("raw", []), ("raw and style-controlled", measures)):
            begun = time.process_time()
            make_leaderboard(battles, [], known, now=LATER, seed=0)
            taken = time.process_time() - begun
            print(f"{models} models, {len(battles)} votes, {name}: {taken:.2f}")


if __name__ == "__main__":
    print_coverage()
    print_peeking()
    print_votes()
    print_speed()
