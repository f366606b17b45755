"""How far a figure may be off, given that votes on one question go together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from pipeline.evaluation.preference.fit import Floats

REPLICATES = 1_000
"""Of a bootstrap; an interval's ends then move by some 2 % of its width from seed to seed."""

FEWEST_QUESTIONS = 5
"""With fewer, how questions differ cannot be seen, and a bootstrap over them gives no interval."""

_NORMAL = NormalDist()
_TAIL = 0.025
_Z = -_NORMAL.inv_cdf(_TAIL)
_LEAST_HALF = 1e-4
"""Keeps the algebra well-conditioned; an interval that reaches so far means "no upper end"."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; the ends are null where nothing can be said of them."""

    value: float
    low: float | None = None
    high: float | None = None


def wilson(share: float, votes: float) -> tuple[float, float]:
    """Give the 95 % interval of a share.

    Args:
        share: in [0, 1].
        votes: > 0; the effective number of independent votes need not be whole.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    part = _Z**2 / votes
    centre = (share + part / 2) / (1 + part)
    half = math.sqrt(share * (1 - share) * part + part**2 / 4) / (1 + part)
    return max(0.0, centre - half), min(1.0, centre + half)


def estimate_share(won: Sequence[float], votes: Sequence[float]) -> Estimate | None:
    """Give a share of votes with Wilson's interval for the effective number of votes.

    Votes on one question resemble each other. Their effective number is that of independent votes
    with the same variance as the share has over questions, at most the votes themselves. Where
    that variance cannot be seen, because every question says the same or there are fewer than
    ``FEWEST_QUESTIONS``, it is the number of questions.

    Args:
        won: of each question, the votes that count for the share; ties count ½.
        votes: of each question, all votes.

    Returns:
        null without votes.

    Source: Korn & Graubard 1998, "Confidence intervals for proportions with small expected number
        of positive counts estimated from survey data".
    """
    wins, counts = np.asarray(won, dtype=np.float64), np.asarray(votes, dtype=np.float64)
    wins, counts = wins[counts > 0], counts[counts > 0]
    if not len(counts):
        return None
    share, total, questions = float(wins.sum() / counts.sum()), counts.sum(), len(counts)
    spread = float(((wins - share * counts) ** 2).sum())
    effective = float(questions)
    if questions >= FEWEST_QUESTIONS and spread > 1e-12:
        variance = spread / total**2 * questions / (questions - 1)
        effective = float(min(total, share * (1 - share) / variance))
    low, high = wilson(share, effective)
    return Estimate(share, min(low, share), max(high, share))


def draw_weights(questions: int, replicates: int, dice: np.random.Generator) -> Floats:
    """Weigh the questions anew for each replicate of a Bayesian bootstrap.

    Returns:
        shape (1 + replicates, questions): exponential weights; row 0 is all ones, the sample.

    Source: Rubin 1981, "The Bayesian bootstrap".
    """
    drawn = dice.exponential(size=(replicates, questions))
    return np.concatenate([np.ones((1, questions)), drawn])


def draw_parts(means: Sequence[float], replicates: int, dice: np.random.Generator) -> Floats:
    """Weigh the parts of pseudo-draws anew for each replicate.

    With fixed halves an unbeaten model would come out the same in every replicate, as if we were
    certain. A half weighed by a gamma variable makes the replicates of wins and losses Jeffreys'
    posterior, Beta(wins + ½, losses + ½).

    Args:
        means: the parts; a pseudo-draw is two of ½.

    Returns:
        shape (1 + replicates, parts); row 0 is the means themselves.
    """
    drawn = dice.gamma(np.asarray(means), size=(replicates, len(means)))
    return np.concatenate([np.asarray(means)[None, :], np.maximum(drawn, _LEAST_HALF)])


def read_interval(samples: Floats, questions: int) -> Estimate | None:
    """Read a figure and its 95 % interval off a bootstrap over questions.

    Few questions spread the replicates too narrowly; the quantiles are taken further out by the
    ratio of Student's to the normal quantile and by that of the two variances.

    Args:
        samples: shape (1 + replicates,), the sample's own figure first; NaN where undefined.
        questions: that the figure rests on.

    Returns:
        null when the figure itself is undefined.

    Source: Hesterberg 2015, "What teachers should know about the bootstrap", for such quantiles.
    """
    value = float(samples[0])
    if math.isnan(value):
        return None
    finite = samples[1:][np.isfinite(samples[1:])]
    if questions < FEWEST_QUESTIONS or not len(finite):
        return Estimate(value)
    wider = student(questions - 1) * math.sqrt((questions + 1) / (questions - 1))
    tail = _NORMAL.cdf(-wider)
    low, high = np.quantile(finite, [tail, 1 - tail])
    return Estimate(value, min(float(low), value), max(float(high), value))


def student(freedom: int) -> float:
    """Give the 97.5 % quantile of Student's distribution, within 0.001 from 4 degrees on.

    Source: Abramowitz & Stegun 1964, 26.7.5.
    """
    z = _Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / freedom**power for power, term in enumerate(terms, start=1))
