"""Measure the mirror's index of meaning: making it, its size, and how much it misses.

    uv run python benchmarks/meaning.py --sizes 50000,200000,500000

The rows are drawn, 384 numbers each as the local model gives: a paper lies around one of 5,000
topics, with as much of its own as of the topic. Times are CPU times. Found: of the 60 papers that
are truly nearest, how many search gives.
"""

import argparse
import json
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from pipeline.sources.mirror_file import read_mirror, write_mirror
from pipeline.sources.nearest import Space, build_index, index_file, propose, read_index
from pipeline.sources.vectors import write_note

DIMENSIONS = 384
LIMIT = 60
QUESTIONS = 30
CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What one size gave."""

    rows: int
    build_seconds: float
    peak_mb: float
    index_bytes_per_row: float
    load_ms: float
    search_ms_median: float
    found: float


def draw(size: int) -> Iterator[NDArray[np.float32]]:
    """Give so many rows of length 1, in chunks."""
    rng = np.random.default_rng(1)
    topics = rng.normal(size=(5_000, DIMENSIONS)).astype(np.float32)
    for start in range(0, size, CHUNK):
        count = min(CHUNK, size - start)
        own = rng.normal(size=(count, DIMENSIONS)).astype(np.float32)
        rows = topics[rng.integers(0, len(topics), count)] + own
        yield rows / np.linalg.norm(rows, axis=1, keepdims=True)


def fill(mirror: Path, size: int) -> None:
    with write_mirror(mirror) as database, database.atomic():
        write_note(database.conn, "model", "drawn")
        write_note(database.conn, "dimensions", DIMENSIONS)
        for place, rows in enumerate(draw(size)):
            database.conn.executemany(
                "INSERT INTO vectors (number, row) VALUES (?, ?)",
                (
                    (place * CHUNK + number, row.astype(np.float16).tobytes())
                    for number, row in enumerate(rows)
                ),
            )


def build(mirror: Path) -> tuple[float, float]:
    """Make the index in a process of its own: CPU seconds and peak MB (Linux)."""
    started = time.process_time()
    with write_mirror(mirror) as database:
        build_index(database, mirror)
    seconds = time.process_time() - started
    peak = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return seconds, int(peak[0]) / 1024


def truth(space: Space, questions: NDArray[np.float32], size: int) -> list[set[int]]:
    """Compare every row with every question."""
    scores = np.full((len(questions), 0), 0, dtype=np.float32)
    numbers = np.zeros((len(questions), 0), dtype=np.int64)
    for place, rows in enumerate(draw(size)):
        new = questions @ space.place(rows.astype(np.float16).astype(np.float32)).T
        scores = np.concatenate([scores, new], axis=1)
        here = np.tile(np.arange(len(rows)) + place * CHUNK, (len(questions), 1))
        numbers = np.concatenate([numbers, here], axis=1)
        best = np.argsort(-scores, axis=1)[:, :LIMIT]
        scores = np.take_along_axis(scores, best, axis=1)
        numbers = np.take_along_axis(numbers, best, axis=1)
    return [set(row.tolist()) for row in numbers]


def measure(size: int, folder: Path) -> Measured:
    mirror = folder / "mirror.sqlite"
    fill(mirror, size)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        seconds, peak = pool.submit(build, mirror).result()
    started = time.process_time()
    index = read_index(index_file(mirror))
    load = time.process_time() - started
    assert index is not None
    times: list[float] = []
    found: list[float] = []
    with read_mirror(mirror) as connection:
        space = Space.of(connection)
        questions = space.place(next(draw(QUESTIONS)))
        for question, best in zip(questions, truth(space, questions, size), strict=True):
            started = time.process_time()
            candidates = propose(index, question, (0, 2**62), 4 * LIMIT)
            similar = space.compare(connection, candidates, question)
            given = sorted(similar, key=lambda number: -similar[number])[:LIMIT]
            times.append((time.process_time() - started) * 1000)
            found.append(len(best & set(given)) / LIMIT)
    return Measured(
        rows=size,
        build_seconds=seconds,
        peak_mb=peak,
        index_bytes_per_row=index_file(mirror).stat().st_size / size,
        load_ms=load * 1000,
        search_ms_median=statistics.median(times),
        found=statistics.mean(found),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="50000,200000", help="comma-separated")
    parser.add_argument("--folder", type=Path, help="for the temporary files; 1 kB a row")
    chosen = parser.parse_args()
    print("| rows | making, s | peak, MB | bytes a row | loading, ms | search, ms | found |")
    print("|--|--|--|--|--|--|--|")
    measured: list[Measured] = []
    for size in sorted(int(one) for one in chosen.sizes.split(",")):
        with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
            one = measure(size, Path(folder))
        measured.append(one)
        print(
            f"| {size:,} | {one.build_seconds:.0f} | {one.peak_mb:.0f} |"
            f" {one.index_bytes_per_row:.0f} | {one.load_ms:.0f} | {one.search_ms_median:.1f} |"
            f" {one.found:.1%} |"
        )
        sys.stdout.flush()
    report = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "faiss": faiss.__version__,
        "sizes": [asdict(one) for one in measured],
    }
    print(f"\n{json.dumps(report)}")


if __name__ == "__main__":
    main()
