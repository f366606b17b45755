"""Measure the local mirror: import, size and query times by number of records.

    uv run python benchmarks/mirror.py --papers papers.jsonl.gz --sizes 10000,50000,200000

FILE holds arXiv records as ``paperwalk mirror import`` reads them in our own fields. Where a size
is larger than the file, further records are made of it: each keeps the title, day and categories
of a real one and takes its sentences from all abstracts, so that phrases are as common as they
are, and one word in 200 is new, so that the vocabulary grows.

Times are CPU times: other programs disturb them least. "From disk" is wall time with the file
dropped from the page cache before each query.
"""

import argparse
import gzip
import json
import math
import os
import platform
import random
import re
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from pipeline.queries import make_queries
from pipeline.question import ask
from pipeline.sources.mirror import MirrorSource, import_file
from pipeline.types import DateRange, Query

LIMIT = 60
ROUNDS = 5
ALL_OF_ARXIV = 2_500_000
QUESTIONS = (
    "画像生成のLoRA周りの技術トレンドを網羅的に知りたいです",
    "動画生成の研究についてサーベイしてください",
    "人物トラッキングの研究について教えて",
    "LoRAとVLMを融合して画像生成のクォリティを上げる研究はありますか？",
    "NeRFの進化の研究について教えて",
    "Gaussian Splattingの最先端はどうなっている？",
    "画像系の基盤モデルはどんなのが出ている？",
    "LLMの量子化について研究を教えて",
    "Mambaモデルについてまとめて",
    "RAGの評価指標について網羅的に教えて",
)
_YEARS = DateRange(date(2023, 1, 1), date(2024, 12, 31))
BROAD = (
    Query(("deep learning",)),
    Query(("image generation",)),
    Query(("large language model",)),
    Query(("neural network",)),
    Query(("diffusion model",)),
    Query(("model",)),
    Query(("method",)),
    Query(("image",)),
    Query(("deep learning",), words=True),
    Query(("neural network",), words=True),
    Query(("large language model",), words=True),
    Query(("model", "method"), ("image", "language"), words=True),
    Query(("deep learning",), categories=("cs",)),
    Query(("model",), categories=("cs.CV", "cs.LG", "cs.CL")),
    Query(("image",), dates=_YEARS),
    Query(("large language model",), categories=("cs.CL",), dates=_YEARS),
    Query(("learning model",), categories=("cs", "stat"), dates=_YEARS, words=True),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one size gave; times in seconds and milliseconds of CPU, unless named otherwise."""

    records: int
    import_seconds: float
    import_wall_seconds: float
    peak_mb: float
    bytes_per_record: float
    query_ms_median: float
    query_ms_p95: float
    query_ms_worst: float
    three_worst_ms: float
    worst: str
    disk_ms_median: float
    disk_ms_worst: float


def trees() -> list[Query]:
    """The keyless queries of the ten questions, what they are relaxed to, and the broad ones."""
    made = [
        query
        for question in QUESTIONS
        for query in make_queries(ask(question), None, today=date(2024, 8, 18)).queries
    ]
    loose = [replace(query, words=True, any_of=()) for query in made if query.any_of]
    return list(dict.fromkeys((*made, *loose, *BROAD)))


def records(file: Path, wanted: int) -> Iterator[str]:
    """Give so many lines, real ones first."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        real = [json.loads(line) for _, line in zip(range(wanted), lines, strict=False)]
    for record in real:
        yield json.dumps(record, ensure_ascii=False)
    split = [re.split(r"(?<=[.!?]) +", record["abstract"]) for record in real]
    sentences = [sentence for some in split for sentence in some]
    rng = random.Random(1)  # noqa: S311 - the same records each time, no secret
    for number in range(len(real), wanted):
        record = real[number % len(real)]
        words = " ".join(rng.choices(sentences, k=len(split[number % len(real)]))).split()
        for _ in range(max(1, len(words) // 200)):
            words[rng.randrange(len(words))] += f"{rng.randrange(10**6):x}"
        new_id = f"{1000 + number // 90_000:04d}.{10_000 + number % 90_000:05d}v1"
        title = rng.choice(real)["title"]
        made = record | {"id": new_id, "title": title, "abstract": " ".join(words)}
        yield json.dumps(made, ensure_ascii=False)


def import_once(file: Path, database: Path) -> tuple[float, float, float]:
    """Import in a process of its own: CPU seconds, wall seconds, peak MB."""
    cpu, wall = time.process_time(), time.monotonic()
    import_file(file, database)
    return time.process_time() - cpu, time.monotonic() - wall, peak_mb()


def peak_mb() -> float:
    """Give the largest memory of this process; Linux counts its parent's in ``ru_maxrss``, too."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure(papers: Path, size: int, folder: Path) -> Measured:
    """Import so many records and ask all trees."""
    file, database = folder / "records.jsonl", folder / "mirror.sqlite"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in records(papers, size))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        cpu, wall, peak = pool.submit(import_once, file, database).result()
    file.unlink()
    source = MirrorSource(database)
    warm: list[tuple[float, str]] = []
    cold: list[float] = []
    for tree in trees():
        drop_from_cache(database)
        cold.append(milliseconds(time.monotonic, source, tree))
        times = [milliseconds(time.process_time, source, tree) for _ in range(ROUNDS)]
        warm.append((statistics.median(times), source.search(tree, 1).text))
    bytes_per_record = database.stat().st_size / size
    database.unlink()
    warm.sort(reverse=True)
    ms = [one for one, _ in warm]
    return Measured(
        records=size,
        import_seconds=cpu,
        import_wall_seconds=wall,
        peak_mb=peak,
        bytes_per_record=bytes_per_record,
        query_ms_median=statistics.median(ms),
        query_ms_p95=ms[len(ms) // 20],
        query_ms_worst=ms[0],
        three_worst_ms=sum(ms[:3]),
        worst=warm[0][1],
        disk_ms_median=statistics.median(cold),
        disk_ms_worst=max(cold),
    )


def milliseconds(clock: Callable[[], float], source: MirrorSource, tree: Query) -> float:
    started = clock()
    source.search(tree, LIMIT)
    return (clock() - started) * 1000


def drop_from_cache(file: Path) -> None:
    """Make the next reads come from the disk (Linux alone can)."""
    if hasattr(os, "posix_fadvise"):
        handle = os.open(file, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def growth(sizes: list[int], values: list[float]) -> tuple[float, float]:
    """Fit ``value = factor × size ** exponent``; give the exponent and the value for all arXiv."""
    fit = statistics.linear_regression([math.log(n) for n in sizes], [math.log(v) for v in values])
    return fit.slope, math.exp(fit.intercept + fit.slope * math.log(ALL_OF_ARXIV))


ROWS: tuple[tuple[str, str, str], ...] = (
    ("import, s CPU", "import_seconds", ".1f"),
    ("import, s wall", "import_wall_seconds", ".1f"),
    ("peak memory, MB", "peak_mb", ".0f"),
    ("bytes a record", "bytes_per_record", ",.0f"),
    ("query, ms, median", "query_ms_median", ".1f"),
    ("query, ms, 95 %", "query_ms_p95", ".1f"),
    ("query, ms, worst", "query_ms_worst", ".1f"),
    ("three worst together, ms", "three_worst_ms", ".1f"),
    ("from disk, ms wall, median", "disk_ms_median", ".0f"),
    ("from disk, ms wall, worst", "disk_ms_worst", ".0f"),
)


def table(measured: list[Measured]) -> str:
    """The figures as Markdown, with the growth where there are three sizes or more."""
    sizes = [one.records for one in measured]
    fitted = len(sizes) >= 3
    last = [" growth", f" at {ALL_OF_ARXIV:,}"] if fitted else []
    lines = [
        "| records |" + "".join(f" {n:,} |" for n in sizes) + "".join(f"{one} |" for one in last),
        "|--|" + "--|" * (len(sizes) + len(last)),
    ]
    for name, field, style in ROWS:
        values = [float(getattr(one, field)) for one in measured]
        line = f"| {name} |" + "".join(f" {value:{style}} |" for value in values)
        if fitted:
            exponent, all_of_it = growth(sizes[-3:], values[-3:])
            line += f" n^{exponent:.2f} | {all_of_it:{style}} |"
        lines.append(line)
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=Path, required=True, help="gzipped JSON lines")
    parser.add_argument("--sizes", default="10000,50000", help="comma-separated")
    parser.add_argument("--folder", type=Path, help="for the temporary files; 4 kB a record")
    parser.add_argument("--json", type=Path, help="write all figures here")
    chosen = parser.parse_args()
    measured: list[Measured] = []
    for size in sorted(int(one) for one in chosen.sizes.split(",")):
        with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
            measured.append(measure(chosen.papers, size, Path(folder)))
        print(f"{size:,} done; the worst query was {measured[-1].worst}", file=sys.stderr)
    report = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "trees": len(trees()),
        "papers_per_query": LIMIT,
        "sizes": [asdict(one) for one in measured],
    }
    print(table(measured))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(report, indent=2, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
