"""How well do projections of a survey's papers keep neighbours together?

For several topics take the newest papers that name it, embed them without a model, order them, cut
the tour into sections, and lay them out in the plane. Printed are means over the topics:

kept     share of the five nearest papers (by cosine) that are among the five nearest in the plane
trust    trustworthiness with five neighbours (Venna & Kaski 2001), 1 is best
section  share of the five nearest in the plane that stand in the same section
seconds  of processor time
"""

import argparse
import gzip
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.picture.project import project
from pipeline.providers.keyless.lsa import LsaEmbedding
from pipeline.sections import cut_tour
from pipeline.sources.records import read_record
from pipeline.tour import measure_gaps, solve_tour
from pipeline.types import Paper

Rows = NDArray[np.float64]

TOPICS = (
    "radiance field",
    "tracking",
    "quantiz",
    "diffusion",
    "gaussian splat",
    "vision-language",
    "state space model|mamba",
    "graph neural network",
    "retrieval-augmented",
)
NEIGHBOURS = 5


def principal_components(rows: Rows) -> Rows:
    left, lengths, _ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    return left[:, :2] * lengths[:2]


def classical_scaling(rows: Rows) -> Rows:
    distances = 1 - rows @ rows.T
    centre = np.eye(len(rows)) - 1 / len(rows)
    values, vectors = np.linalg.eigh(-centre @ distances**2 @ centre / 2)
    return vectors[:, :-3:-1] * np.sqrt(np.clip(values[:-3:-1], 0, None))


def stress_majorisation(rows: Rows) -> Rows:
    """De Leeuw 1977, from the principal components, 200 steps."""
    wanted = np.sqrt(np.clip(2 - 2 * rows @ rows.T, 0, None))
    places = principal_components(rows)
    for _ in range(200):
        given = np.linalg.norm(places[:, None] - places[None], axis=2)
        ratio = -np.where(given > 1e-9, wanted / np.maximum(given, 1e-9), 0)
        np.fill_diagonal(ratio, 0)
        np.fill_diagonal(ratio, -ratio.sum(axis=1))
        places = ratio @ places / len(rows)
    return places


METHODS: dict[str, Callable[[Rows], Rows]] = {
    "principal components": principal_components,
    "classical scaling": classical_scaling,
    "stress majorisation": stress_majorisation,
    "project (t-SNE)": lambda rows: project(rows.astype(np.float32)),
}


def rank(distances: Rows) -> NDArray[np.intp]:
    """Give for each row the rank of each other one by distance, itself 0."""
    apart = distances.copy()
    np.fill_diagonal(apart, -1)
    return np.argsort(np.argsort(apart, axis=1, kind="stable"), axis=1)


def measure(rows: Rows, places: Rows, section: NDArray[np.intp]) -> tuple[float, float, float]:
    count = len(rows)
    before = rank(1 - rows @ rows.T)
    after = rank(np.linalg.norm(places[:, None] - places[None], axis=2))
    near = (after >= 1) & (after <= NEIGHBOURS)
    strange = near & (before > NEIGHBOURS)
    total = near.sum()
    worst = count * NEIGHBOURS * (2 * count - 3 * NEIGHBOURS - 1) / 2
    trust = 1 - float((before - NEIGHBOURS)[strange].sum()) / worst
    same = (section[:, None] == section[None]) & near
    return 1 - float(strange.sum() / total), trust, float(same.sum() / total)


def contexts(file: Path, count: int) -> Iterator[tuple[Rows, NDArray[np.intp]]]:
    papers: list[Paper] = []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            try:
                papers.append(read_record(line))
            except ValueError:
                continue
    papers.sort(key=lambda paper: paper.published, reverse=True)
    for topic in TOPICS:
        texts = [f"{paper.title}\n{paper.abstract}" for paper in papers]
        found = [text for text in texts if re.search(topic, text, re.IGNORECASE)][:count]
        rows = LsaEmbedding().embed(found).rows
        rows = rows[list(solve_tour(rows).order)]
        sections = cut_tour(measure_gaps(rows))
        yield rows.astype(np.float64), np.repeat(range(len(sections)), [len(s) for s in sections])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--papers", type=Path, required=True, help="arXiv metadata, JSON lines, gzip"
    )
    parser.add_argument("--count", type=int, default=158, help="papers of a topic")
    options = parser.parse_args()
    cases = list(contexts(options.papers, options.count))
    print(f"{len(cases)} topics of {', '.join(str(len(rows)) for rows, _ in cases)} papers")
    print(f"{'':22}{'kept':>9}{'trust':>9}{'section':>9}{'seconds':>9}")
    for name, method in METHODS.items():
        figures = []
        for rows, section in cases:
            started = time.process_time()
            places = method(rows)
            seconds = time.process_time() - started
            figures.append((*measure(rows, places, section), seconds))
        print(f"{name:22}" + "".join(f"{value:9.3f}" for value in np.mean(figures, axis=0)))


if __name__ == "__main__":
    main()
