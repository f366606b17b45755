"""Run the benchmarks and write ``benchmarks/README.md``; hold their ratios to bounds.

    make bench                                        # those that need nothing but this repository
    make bench PAPERS=papers.jsonl.gz                 # also those that need arXiv's abstracts
    make bench ONLY=repeat,critical_path              # some; the others' parts stay as they are

A benchmark prints its tables, and lines ``ratio: NAME VALUE``: what was measured side by side in
one run, so that it means the same on a slow machine and on a fast one. ``benchmarks/ratios.toml``
says between what each must lie. Seconds are shown and never compared.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "benchmarks"
_RATIO = re.compile(r"^ratio: (\S+) (\S+)$", re.MULTILINE)
_PACKAGES = ("numpy", "faiss-cpu", "openai", "httpx2", "dbos", "slack-bolt", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Bench:
    """One benchmark.

    Attributes:
        words: of its command line, after the file.
        needs_papers: it takes ``--papers``.
    """

    name: str
    title: str
    words: tuple[str, ...] = ()
    needs_papers: bool = False

    def command(self, papers: str) -> str:
        """Give the command line, for a reader's shell."""
        words = [*self.words, *(["--papers", papers] if self.needs_papers else [])]
        return " ".join(
            [
                "PYTHONPATH=tests/support uv run --group bench python",
                f"benchmarks/{self.name}.py",
                *words,
            ]
        )


BENCHES = (
    Bench("tour", "The order of the papers", needs_papers=True),
    Bench("critical_path", "One survey against the critical path"),
    Bench("repeat", "Work that repeats"),
    Bench("throughput", "Throughput and memory", ("--plot", "docs/pictures/throughput.svg")),
    Bench("acks", "Acknowledgements while surveys run"),
    Bench("mirror", "The local mirror", ("--sizes", "10000,50000"), needs_papers=True),
)


def run(bench: Bench, papers: str) -> str:
    """Run one and give what it printed."""
    words = [*bench.words, *(["--papers", papers] if bench.needs_papers else [])]
    return subprocess.run(
        [sys.executable, str(FOLDER / f"{bench.name}.py"), *words],
        cwd=FOLDER.parent,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def check(printed: str, bounds: Mapping[str, Sequence[float]]) -> list[str]:
    """Give a sentence for each ratio that is out of its bounds, or has none."""
    wrong = []
    for name, said in _RATIO.findall(printed):
        if name not in bounds:
            wrong.append(f"{name} has no bounds in benchmarks/ratios.toml")
            continue
        low, high = bounds[name]
        if not low <= float(said) <= high:
            wrong.append(f"{name} is {said}, not between {low:g} and {high:g}")
    return wrong


def compose(bench: Bench, printed: str) -> str:
    """Give the part of one benchmark."""
    table = re.sub(r"\n{3,}", "\n\n", _RATIO.sub("", printed)).strip()
    ratios = "\n".join(f"| `{name}` | {said} |" for name, said in _RATIO.findall(printed))
    held = f"\n\n| held to bounds | |\n|--|--|\n{ratios}" if ratios else ""
    return (
        f"## {bench.title}\n\n    {bench.command('papers.jsonl.gz')}\n\n{describe()}\n\n"
        f"{table}{held}\n"
    )


def describe() -> str:
    """Say when, on what and with what it was measured."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{time.strftime('%Y-%m-%d')}, {platform.system()} on {os.cpu_count()} cores of"
        f" {_processor()}, Python {platform.python_version()}, {packages}."
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8") if info.exists() else ""
    found = re.search(r"model name\s*: (.+)", text)
    return found[1] if found else platform.machine()


def replace_part(text: str, name: str, part: str) -> str:
    """Put a part in the place of its predecessor, or at the end."""
    marked = f"<!-- {name} -->\n{part}<!-- /{name} -->\n"
    found = re.compile(rf"<!-- {name} -->\n.*?<!-- /{name} -->\n", re.DOTALL)
    if found.search(text):
        return found.sub(lambda _: marked, text)
    return f"{text}\n{marked}"


HEAD = """# Benchmarks

Written by `make bench`; every part says when it was measured, on what, and by which command.
Ratios come from one run side by side and are held to the bounds in `ratios.toml`; seconds are
shown, not compared. `papers.jsonl.gz` is any file of arXiv records that `paperwalk mirror import`
reads; these figures come from 50,060 of them. What they mean:
[docs/performance.md](../docs/performance.md), [docs/ordering.md](../docs/ordering.md),
[docs/mirror.md](../docs/mirror.md).
"""


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", default="", help="arXiv records, gzipped JSON lines")
    parser.add_argument("--only", default="", help="names, with commas")
    options = parser.parse_args()
    wanted = [name for name in options.only.split(",") if name]
    if unknown := set(wanted) - {bench.name for bench in BENCHES}:
        parser.error(f"there is no benchmark {min(unknown)!r}")
    bounds = tomllib.loads((FOLDER / "ratios.toml").read_text(encoding="utf-8"))
    readme = FOLDER / "README.md"
    wrong = []
    for bench in BENCHES:
        if wanted and bench.name not in wanted:
            continue
        if bench.needs_papers and not options.papers:
            print(f"{bench.name}: left out, it needs PAPERS=FILE", file=sys.stderr)
            continue
        print(f"{bench.name} …", file=sys.stderr)
        printed = run(bench, options.papers)
        wrong += check(printed, bounds)
        text = readme.read_text(encoding="utf-8") if readme.exists() else HEAD
        readme.write_text(replace_part(text, bench.name, compose(bench, printed)), encoding="utf-8")
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
