"""Lay embeddings out in the plane so that papers that are near stay near."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape (n, 2)."""

_PERPLEXITY = 15.0
"""Neighbours that a paper keeps near it, about; 10 to 20 kept as many of the nearest five."""

_STEPS = 400
_MOMENTUM = 0.8
_PULL = 0.125
"""Step length for each paper; longer ones tore neighbours apart."""

_SHARPEST = 1e4
"""Bound of the precision of a paper's neighbourhood: beyond it float32 rows differ by rounding."""


def project(rows: NDArray[np.float32]) -> Points:
    """Give each row a place; only who is near whom has a meaning, not axes or units.

    t-SNE from the principal components: it keeps at least twice as many of the five nearest papers
    together as the components alone (benchmarks/projection.py). The same rows give the same
    places; the first row's is left of and above the middle.

    Args:
        rows: shape (n, d), each of length 1; n ≥ 0.

    Returns:
        shape (n, 2), the middle at 0, the longer axis first.

    Source: van der Maaten & Hinton 2008, Visualizing data using t-SNE.
    """
    wide = rows.astype(np.float64)
    start = _principal(wide)
    if len(rows) < 4 or not start.any():
        return _stand(start)
    affinity = _affinity(2 - 2 * np.clip(wide @ wide.T, -1, 1))
    places = start / start.std() / 100
    speed = np.zeros_like(places)
    for _ in range(_STEPS):
        squares = (places**2).sum(axis=1)
        kernel = 1 / (1 + squares[:, None] + squares - 2 * places @ places.T)
        np.fill_diagonal(kernel, 0)
        force = (affinity - kernel / kernel.sum()) * kernel
        slope = 4 * (force.sum(axis=1)[:, None] * places - force @ places)
        speed = _MOMENTUM * speed - _PULL * len(rows) * slope
        places = places + speed
    return _stand(_principal(places))


def _affinity(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share out to each pair how near it is, from squared distances; sums to 1.

    Each paper's neighbourhood is made as sharp as gives it the wanted number of neighbours.
    """
    count = len(distances)
    wanted = np.log(min(_PERPLEXITY, (count - 1) / 3))
    others = distances + np.diag(np.full(count, np.inf))
    others -= others.min(axis=1, keepdims=True)
    low, high = np.full(count, 1 / _SHARPEST), np.full(count, _SHARPEST)
    for _ in range(40):
        precision = np.sqrt(low * high)
        wide = _entropy(_share(others, precision)) > wanted
        low = np.where(wide, precision, low)
        high = np.where(wide, high, precision)
    share = _share(others, np.sqrt(low * high))
    return np.asarray((share + share.T) / (2 * count))


def _share(distances: NDArray[np.float64], precision: NDArray[np.float64]) -> NDArray[np.float64]:
    near = np.exp(-precision[:, None] * distances)
    return np.asarray(near / near.sum(axis=1, keepdims=True))


def _entropy(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-(share * np.log(np.where(share > 0, share, 1))).sum(axis=1))


def _principal(rows: NDArray[np.float64]) -> Points:
    """Give the two directions in which rows differ most, zero where there is none."""
    places = np.zeros((len(rows), 2))
    if not len(rows):
        return places
    left, lengths, _ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    kept = int((lengths[:2] > 1e-6).sum())
    places[:, :kept] = left[:, :kept] * lengths[:kept]
    return places


def _stand(places: Points) -> Points:
    """Turn the first place to the left and up: a direction's sign is arbitrary."""
    return places * np.where(places[:1] > 0, -1.0, 1.0) if len(places) else places
