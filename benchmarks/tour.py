"""The order of the papers: how near each method comes to the shortest tour, and what for.

    PYTHONPATH=tests/support uv run --group bench python benchmarks/tour.py --papers papers.jsonl.gz

FILE holds arXiv records as ``paperwalk mirror import`` reads them. Small instances are the
article's questions (but its third, which names no searchable field), searched in a mirror made of
the file; the large ones are papers drawn from it. Rows are embeddings of title and abstract by
``wordllama`` (256 numbers; its model comes inside the package). A gap is how much longer a tour is
than the best one that any method found (small instances), or than the Held-Karp bound, which no
tour can be shorter than (large ones). Seconds are wall time from the rows on, imports excluded, in
one process for the small instances, in a process for each method for the large ones. Memory is the
largest resident size of that process, with the rows and all imports.
"""

import argparse
import gzip
import json
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import faiss
import fast_tsp
import numpy as np
import wordllama
from numpy.typing import NDArray
from python_tsp.heuristics import solve_tsp_lin_kernighan, solve_tsp_local_search

from paces import be_quiet
from pipeline.providers.keyless.lsa import LsaEmbedding
from pipeline.queries import make_queries
from pipeline.question import ask
from pipeline.search import SearchRules, find_papers
from pipeline.sections import cut_tour
from pipeline.sources.mirror import MirrorSource, import_file
from pipeline.sources.records import read_record
from pipeline.tour import measure_gaps, order_rows, solve_tour
from pipeline.tour.baseline import solve_by_python_tsp
from pipeline.tour.bound import bound_below
from pipeline.tour.greedy import find_neighbours, join_greedily
from pipeline.tour.solve import measure_all
from pipeline.types import Order, Paper

Rows = NDArray[np.float32]
Method = Callable[[Rows], Sequence[int]]

QUESTIONS = {
    "q0": ("画像生成のLoRA周りの技術トレンドを網羅的に知りたいです", 46),
    "q1": ("動画生成の研究についてサーベイしてください", 66),
    "q2": ("人物トラッキングの研究について教えて", 61),
    "q4": ("NeRFの進化の研究について教えて", 64),
    "q5": ("Gaussian Splattingの最先端はどうなっている？", 77),
    "q6": ("画像系の基盤モデルはどんなのが出ている？", 158),
    "q7": ("LLMの量子化について研究を教えて", 136),
    "q8": ("Mambaモデルについてまとめて", 121),
    "q9": ("RAGの評価指標について網羅的に教えて", 52),
}
"""The article's questions, and how many papers it found for each."""

PATIENCE = 120
"""Seconds after which a method of python-tsp is given up."""

SEEDS = 3

AT_A_SHARE = {
    "ours, in a hundredth of 2-opt's time": ("python-tsp 2-opt", 100),
    "ours, in a tenth of Lin-Kernighan's time": ("python-tsp Lin-Kernighan", 10),
}
"""How near we come in a share of a peer's mean time: seconds would compare machines, too."""

OVERTIME = 0.0003
"""Seconds that are kept back for what a tour takes beyond its limit: the clock is looked at between
moves."""


@dataclass(frozen=True, slots=True)
class Instance:
    """Papers with their rows.

    Attributes:
        relevance: of each paper to its question; empty where there is none.
    """

    name: str
    papers: tuple[Paper, ...]
    rows: Rows
    relevance: tuple[float, ...] = ()


@dataclass
class Figures:
    """What a method did on some instances, one number an instance and seed.

    Attributes:
        gaps: shares, each against its instance's reference.
        megabytes: largest resident size, where it was measured.
        hung: runs that were given up.
    """

    seconds: list[float] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    megabytes: float = 0.0
    hung: int = 0


# --- methods --------------------------------------------------------------------------------------


def close(rows: Rows, scale: float) -> NDArray[np.float64]:
    """Give distances on a coarse grid, with one place more that is near to all.

    On plain floats python-tsp's Lin-Kernighan goes round for ever: its running sums of changes are
    exact only where the distances lie on a grid.
    """
    closed = np.zeros((len(rows) + 1,) * 2)
    closed[:-1, :-1] = np.rint(measure_all(rows) * scale)
    return closed


def open_at(tour: Sequence[int], dummy: int) -> list[int]:
    """Cut a closed tour at the place that is near to all."""
    cut = list(tour).index(dummy)
    return [*tour[cut + 1 :], *tour[:cut]]


def seed_path(rows: Rows) -> list[int]:
    near, cosines = find_neighbours(rows, 10)
    return join_greedily(rows, near, cosines)


def by_python_tsp(how: str, seed: int, *, is_seeded: bool = False) -> Method:
    """Give python-tsp's local search (2-opt) or Lin-Kernighan, from our seed or from anywhere."""

    def solve(rows: Rows) -> list[int]:
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002 - the library's own dice
        distances = close(rows, 1 << 20)
        start = [len(rows), *seed_path(rows)] if is_seeded else None
        with given_up_after(PATIENCE):
            if how == "2-opt":
                tour, _ = solve_tsp_local_search(distances, x0=start, perturbation_scheme="two_opt")
            else:
                tour, _ = solve_tsp_lin_kernighan(distances, x0=start)
        return open_at(tour, len(rows))

    return solve


def by_fast_tsp(seconds: float) -> Method:
    def solve(rows: Rows) -> list[int]:
        distances = close(rows, 32_000).astype(np.int64)  # it takes whole numbers up to 65,535
        return open_at(fast_tsp.find_tour(distances, duration_seconds=seconds), len(rows))

    return solve


def by_us(seconds: float | None, seed: int) -> Method:
    return lambda rows: solve_tour(rows, seed=seed, seconds=seconds, is_bounded=False).order


METHODS: dict[str, Callable[[int], Method]] = {
    "seed only (FAISS, greedy edges)": lambda _: seed_path,
    "ours, 10 ms": lambda seed: by_us(0.01, seed),
    "ours, 50 ms": lambda seed: by_us(0.05, seed),
    "ours, 250 ms": lambda seed: by_us(0.25, seed),
    "ours, as surveys use it": lambda seed: by_us(None, seed),
    "ours, 1 s": lambda seed: by_us(1, seed),
    "ours, 8 s": lambda seed: by_us(8, seed),
    "ours, 60 s": lambda seed: by_us(60, seed),
    "python-tsp 2-opt": lambda seed: by_python_tsp("2-opt", seed),
    "python-tsp 2-opt, our seed": lambda seed: lambda rows: solve_by_python_tsp(rows, seed=seed),
    "python-tsp Lin-Kernighan": lambda seed: by_python_tsp("LK", seed),
    "python-tsp Lin-Kernighan, our seed": lambda seed: by_python_tsp("LK", seed, is_seeded=True),
    "fast-tsp, 10 ms": lambda _: by_fast_tsp(0.01),
    "fast-tsp, 250 ms": lambda _: by_fast_tsp(0.25),
    "fast-tsp, 1 s": lambda _: by_fast_tsp(1),
    "fast-tsp, 8 s": lambda _: by_fast_tsp(8),
}

SMALL = (
    "seed only (FAISS, greedy edges)",
    "ours, 10 ms",
    "ours, 50 ms",
    "ours, 250 ms",
    "ours, as surveys use it",
    "fast-tsp, 10 ms",
    "fast-tsp, 250 ms",
    "python-tsp 2-opt",
    "python-tsp 2-opt, our seed",
    "python-tsp Lin-Kernighan",
    "python-tsp Lin-Kernighan, our seed",
)
LARGE = {
    1_000: (
        "seed only (FAISS, greedy edges)",
        "ours, 1 s",
        "ours, as surveys use it",
        "fast-tsp, 1 s",
        "python-tsp Lin-Kernighan, our seed",
    ),
    5_000: (
        "seed only (FAISS, greedy edges)",
        "ours, 8 s",
        "ours, as surveys use it",
        "fast-tsp, 8 s",
    ),
    20_000: ("seed only (FAISS, greedy edges)", "ours, 60 s"),
}


class GivenUp(Exception):
    """A method took too long."""


@contextmanager
def given_up_after(seconds: int) -> Iterator[None]:
    """Raise ``GivenUp`` in the main thread once the time is over."""

    def give_up(*_: object) -> None:
        raise GivenUp

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


# --- instances ------------------------------------------------------------------------------------


def embed(texts: Sequence[str]) -> Rows:
    """Give rows of length 1, shape (n, 256)."""
    folder = Path(wordllama.__file__).parent  # the model lies in the package: nothing is fetched
    model = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
    rows = np.asarray(model.embed(list(texts), norm=True), dtype=np.float32)
    return np.ascontiguousarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def text_of(paper: Paper) -> str:
    return f"{paper.title}\n\n{paper.abstract}"


def ask_questions(mirror: Path) -> list[Instance]:
    source = MirrorSource(mirror, None)
    now = datetime(2025, 1, 1, tzinfo=UTC)
    made = []
    for name, (words, size) in QUESTIONS.items():
        plan = make_queries(ask(words), None, today=now.date())
        rules = SearchRules(per_query=100, recent_years=None, top=size)
        found = find_papers(plan.queries, source, now, rules)
        rows = embed([text_of(paper) for paper in found.papers])
        made.append(Instance(name, found.papers, rows, found.relevance))
    return made


# --- measuring ------------------------------------------------------------------------------------


def measure(name: str, method: Method, rows: Rows, figures: Figures) -> None:
    """Run a method on one instance and keep time and length."""
    started = time.perf_counter()
    try:
        order = method(rows)
    except GivenUp:
        figures.hung += 1
        figures.lengths.append(float("nan"))
        return
    figures.seconds.append(time.perf_counter() - started)
    if sorted(order) != list(range(len(rows))):
        raise SystemExit(f"{name} gave no permutation")
    figures.lengths.append(sum(measure_gaps(rows[list(order)])))


def run_small(instances: Sequence[Instance], seeds: int) -> tuple[dict[str, Figures], list[float]]:
    """Run all methods side by side; give their figures, and the bound's gap on each instance."""
    figures = {name: Figures() for name in SMALL}
    slack, shortest = [], []
    for instance in instances:
        rows = instance.rows
        before = {name: len(one.lengths) for name, one in figures.items()}
        for seed in range(seeds):
            for name in SMALL:
                measure(name, METHODS[name](seed), rows, figures[name])
        longer = by_us(3, 99)(rows), by_fast_tsp(1)(rows)
        lengths = [x for n, one in figures.items() for x in one.lengths[before[n] :]]
        lengths += [sum(measure_gaps(rows[list(order)])) for order in longer]
        best = float(np.nanmin(lengths))
        for name, one in figures.items():
            one.gaps += [length / best - 1 for length in one.lengths[before[name] :]]
        slack.append(1 - bound_below(measure_all(rows), best) / best)
        shortest.append(best)
        print(f"{instance.name}: {len(rows)} papers, best {best:.4f}", file=sys.stderr)
    for name, (peer, times) in AT_A_SHARE.items():
        figures[name] = one = Figures()
        seconds = float(np.mean(figures[peer].seconds)) / times - OVERTIME
        for instance, best in zip(instances, shortest, strict=True):
            for seed in range(seeds):
                measure(name, by_us(seconds, seed), instance.rows, one)
                one.gaps.append(one.lengths[-1] / best - 1)
    return figures, slack


def run_large(rows: Rows, folder: Path, seeds: int) -> tuple[dict[str, Figures], float]:
    """Run the methods for a size, each in a process of its own; give the bound, too."""
    file = folder / f"{len(rows)}.npy"
    np.save(file, rows)
    figures = {}
    for name in LARGE[len(rows)]:
        figures[name] = one = Figures()
        for seed in range(seeds):
            said = run_alone(file, name, seed)
            if said is None:
                one.hung += 1
                continue
            one.seconds.append(said["seconds"])
            one.lengths.append(said["length"])
            one.megabytes = max(one.megabytes, said["megabytes"])
            print(f"{len(rows)} {name}: {said}", file=sys.stderr)
    best = min(length for one in figures.values() for length in one.lengths)
    bound = run_alone(file, "bound", seed=0, length=best)
    assert bound is not None
    for one in figures.values():
        one.gaps = [length / bound["length"] - 1 for length in one.lengths]
    return figures, bound["length"]


def run_alone(file: Path, name: str, seed: int, length: float = 0.0) -> "dict[str, float] | None":
    """Run one method in a process of its own; null where it was given up."""
    words = ("--rows", str(file), "--method", name, "--seed", str(seed), "--length", str(length))
    try:
        told = subprocess.run(
            [sys.executable, __file__, *words], check=True, capture_output=True, timeout=1_800
        ).stdout
    except subprocess.CalledProcessError as error:
        if b"GivenUp" in error.stderr:
            return None
        raise SystemExit(error.stderr.decode()) from error
    said: dict[str, float] = json.loads(told)
    return said


def be_alone(options: argparse.Namespace) -> None:
    """Run one method on rows from a file, and print its figures as JSON."""
    rows = np.load(options.rows)
    started = time.perf_counter()
    if options.method == "bound":
        length = bound_below(tabulate(rows), options.length, rounds=100)
    else:
        order = METHODS[options.method](options.seed)(rows)
        if sorted(order) != list(range(len(rows))):
            raise SystemExit("no permutation")
        length = 0.0
    seconds = time.perf_counter() - started
    if options.method != "bound":
        length = sum(measure_gaps(rows[list(order)]))
    print(json.dumps({"seconds": seconds, "length": length, "megabytes": read_peak()}))


def read_peak() -> float:
    """Give this process's largest resident size so far, in MB.

    ``getrusage`` would give the parent's where that was larger.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if "VmHWM" in line)


def tabulate(rows: Rows) -> NDArray[np.float32]:
    """Give 1 - cosine between all rows, in half the memory of ``measure_all``."""
    table = rows @ rows.T
    np.subtract(1.0, table, out=table)
    np.clip(table, 0.0, 2.0, out=table)
    return table


def time_ordering(rows: Rows, folder: Path) -> float:
    """Give the seconds that ordering, its imports included, adds to a process with the rows.

    The stage before it, and what that needs, is there already.
    """
    file = folder / "one.npy"
    np.save(file, rows)
    load = f"import numpy as np, pipeline.store, pipeline.embed; rows = np.load({str(file)!r})"
    order = "from pipeline.tour import order_rows; order_rows(rows, 'tour')"
    taken: dict[str, list[float]] = {load: [], f"{load}; {order}": []}
    for _ in range(7):
        for code, seconds in taken.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
            seconds.append(time.perf_counter() - began)
    without, with_ = (statistics.median(seconds) for seconds in taken.values())
    return with_ - without


def compare_orders(instances: Sequence[Instance], seeds: int) -> list[list[str]]:
    """Say what each order is for, in the rows that made it and in rows of another kind."""
    lines = []
    for order in get_args(Order):
        sums: dict[str, list[float]] = defaultdict(list)
        for instance in instances:
            lsa = LsaEmbedding().embed([text_of(paper) for paper in instance.papers]).rows
            topics = find_topics(lsa, len(cut_tour(measure_gaps(instance.rows))))
            for seed in range(seeds):
                started = time.perf_counter()
                tour = order_rows(instance.rows, order, seed=seed, relevance=instance.relevance)
                sums["seconds"].append(time.perf_counter() - started)
                path = list(tour.order)
                sums["neighbours"].append(likeness(instance.rows[path], 1))
                sums["windows"].append(likeness(instance.rows[path], 4))
                sums["other"].append(likeness(lsa[path], 4))
                sections = cut_tour(tour.gaps)
                pure = sum(
                    Counter(topics[path[r.start : r.stop]]).most_common(1)[0][1] for r in sections
                )
                sums["purity"].append(pure / len(path))
        mean = {name: float(np.mean(values)) for name, values in sums.items()}
        lines.append(
            [
                f"`{order}`",
                *(f"{mean[key]:.3f}" for key in ("neighbours", "windows", "other", "purity")),
                show_seconds(mean["seconds"]),
            ]
        )
    return lines


def likeness(rows: Rows, reach: int) -> float:
    """Give the mean cosine of rows that stand at most so many places apart."""
    values = [np.einsum("ij,ij->i", rows[lag:], rows[:-lag]).ravel() for lag in range(1, reach + 1)]
    return float(np.concatenate(values).mean())


def find_topics(rows: Rows, number: int) -> NDArray[np.int64]:
    """Give each row the nearest of some centres (k-means)."""
    means = faiss.Kmeans(
        rows.shape[1], number, niter=25, nredo=5, seed=1, min_points_per_centroid=1
    )
    means.train(rows)
    _, nearest = means.index.search(rows, 1)
    return nearest.ravel()


# --- output ---------------------------------------------------------------------------------------


def show_seconds(seconds: float) -> str:
    if seconds < 0.01:
        return f"{1000 * seconds:.1f} ms"
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [heads, ["--"] * len(heads), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in rows)


def line_of(name: str, one: Figures, *, is_large: bool) -> list[str]:
    hung = f" ({one.hung} given up)" if one.hung else ""
    if not one.seconds:
        return [name + hung, *["–"] * (4 if is_large else 3)]
    gaps = [gap for gap in one.gaps if not np.isnan(gap)]
    cells = [
        f"{100 * np.mean(gaps):.2f} %",
        f"{100 * max(gaps):.2f} %",
        show_seconds(float(np.mean(one.seconds))),
    ]
    return [name + hung, *cells, *([f"{one.megabytes:.0f} MB"] if is_large else [])]


def read_mirror_file(papers: Path, folder: Path, wanted: int) -> tuple[Path, list[Paper]]:
    """Import the file into a mirror, and draw papers from it."""
    mirror = folder / "mirror.sqlite"
    import_file(papers, mirror)
    with gzip.open(papers, "rt", encoding="utf-8") as lines:
        known = [read_record(line) for line in lines]
    drawn = random.Random(1).sample(known, min(wanted, len(known)))  # noqa: S311 - no secret
    return mirror, drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=Path, help="arXiv records, gzipped JSON lines")
    parser.add_argument("--sizes", default="1000,5000,20000", help="of the large instances")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--rows", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--method", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--length", type=float, default=0.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rows:
        be_alone(options)
        return
    be_quiet()
    if not options.papers:
        parser.error("--papers is needed")
    sizes = [int(size) for size in options.sizes.split(",") if size]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mirror, drawn = read_mirror_file(options.papers, folder, max(sizes, default=0))
        instances = ask_questions(mirror)
        solve_tour(instances[0].rows)  # imports, and the threads of the linear algebra
        figures, slack = run_small(instances, options.seeds)
        papers = ", ".join(str(len(one.rows)) for one in instances)
        print(f"\n### The article's nine questions ({papers} papers), {options.seeds} seeds\n")
        lines = [line_of(name, one, is_large=False) for name, one in figures.items()]
        print(table(("method", "mean gap", "largest gap", "time"), lines))
        print(f"\nBound below the best tour: {100 * max(slack):.3f} % at most.")
        one = instances[2]
        added = time_ordering(one.rows, folder)
        print(f"Ordering {len(one.rows)} papers adds {added:.2f} s to a process, imports and bound")
        print("included.")
        print("\n### What an order is for\n")
        heads = ("order", "neighbours", "windows of five", "… in LSA", "purity", "time")
        print(table(heads, compare_orders(instances, options.seeds)))
        for ratio, value in ratios(figures).items():
            print(f"ratio: {ratio} {value:.4g}")
        if sizes:
            rows = embed([text_of(paper) for paper in drawn])
        for size in sizes:
            large, bound = run_large(rows[:size], folder, 1)
            print(f"\n### {size:,} papers; the bound is {bound:.2f}\n")
            lines = [line_of(name, one, is_large=True) for name, one in large.items()]
            print(table(("method", "gap to the bound", "largest", "time", "memory"), lines))


def ratios(figures: dict[str, Figures]) -> dict[str, float]:
    """Give what is held against earlier runs: gaps and speeds relative to the peers'."""

    def gap(name: str) -> float:
        return float(np.nanmean(figures[name].gaps))

    def seconds(name: str) -> float:
        return float(np.mean(figures[name].seconds))

    made = {}
    for (ours, (peer, _)), short in zip(AT_A_SHARE.items(), ("2opt", "LK"), strict=True):
        made[f"tour.seconds.{short}_by_ours"] = seconds(peer) / seconds(ours)
        made[f"tour.gap.ours_by_{short}"] = gap(ours) / gap(peer)
    return made


if __name__ == "__main__":
    main()
