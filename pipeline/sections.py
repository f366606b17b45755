"""Cut the tour into sections: at its largest gaps, with balanced sizes."""

from collections.abc import Sequence
from math import log2

import numpy as np

_FEWEST, _MOST = 3, 9
"""Sections of a survey with nine papers or more; fewer read as one block, more as a list."""

_PAPERS_PER_SECTION = 9
"""Sections of about this many papers; the bounds are met at 27 and 81 papers."""

_BALANCE = 0.5
"""What a section twice or half the mean size costs, in gaps of average size (one deviation)."""


def cut_tour(gaps: Sequence[float]) -> tuple[range, ...]:
    """Cut n = len(gaps) + 1 passages into contiguous sections.

    A dynamic programme takes the cuts whose gaps are largest, less a penalty for sizes far from
    the mean; no section has fewer than half or more than twice the mean size.

    Args:
        gaps: distance between neighbours in tour order, each ≥ 0.

    Returns:
        ranges that cover 0 … n - 1 in order: one for n ≤ 3, two for n ≤ 8, else 3 to 9.
    """
    count = len(gaps) + 1
    parts = _number_of_sections(count)
    if parts == 1:
        return (range(count),)
    mean = count / parts
    least, most = max(int(mean / 2), 1), int(np.ceil(mean * 2))
    spread = float(np.std(gaps)) or 1.0
    worth = (np.asarray(gaps, dtype=np.float64) - float(np.mean(gaps))) / spread
    uneven = [_BALANCE * log2(size / mean) ** 2 for size in range(1, most + 1)]
    # best[k][end]: the largest worth of cutting the first ``end`` passages into k sections.
    best = np.full((parts + 1, count + 1), -np.inf)
    start_of = np.zeros((parts + 1, count + 1), dtype=np.intp)
    best[0, 0] = 0.0
    for part in range(1, parts + 1):
        for end in range(1, count + 1):
            for start in range(max(end - most, 0), end - least + 1):
                cut = worth[start - 1] if start else 0.0
                value = best[part - 1, start] + cut - uneven[end - start - 1]
                if value > best[part, end]:
                    best[part, end], start_of[part, end] = value, start
    sections: list[range] = []
    end = count
    for part in range(parts, 0, -1):
        start = int(start_of[part, end])
        sections.append(range(start, end))
        end = start
    return tuple(reversed(sections))


def _number_of_sections(count: int) -> int:
    if count <= 3:
        return 1
    if count <= 8:
        return 2
    return min(max(round(count / _PAPERS_PER_SECTION), _FEWEST), _MOST)
