"""Print the figures that docs/evaluation.md states of the ledger of citations.

PYTHONPATH=tests/support uv run python benchmarks/citations.py [--papers FILE]

FILE holds arXiv metadata as JSON lines; without it the demonstration catalogue stands in. With
rapidfuzz installed (``uv run --with rapidfuzz``) its likeness is measured beside ours.
"""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from importlib import import_module, util
from itertools import combinations
from pathlib import Path

from papers import make_paper
from pipeline.evaluation.importing import make_context
from pipeline.evaluation.ledger import read_ledger
from pipeline.evaluation.titles import measure_likeness
from pipeline.question import ask
from pipeline.sources.files import read_list
from pipeline.types import Language, Paper
from pipeline.write import write_survey
from surveys import STYLES, Style, catalogue, rotate_ids, with_typos, without_links

TOPICS = (
    "lora",
    "video",
    "track",
    "nerf",
    "splatting",
    "foundation model",
    "quantiz",
    "mamba",
    "retrieval",
)
"""Words of the titles that make a list, near the article's ten questions."""

MOST = 160
"""Papers of a list; the article's largest context is 158."""

CHARS = 30_000


def lists(papers: Sequence[Paper]) -> Iterator[list[Paper]]:
    """Give lists of papers on one topic."""
    for topic in TOPICS:
        found = [paper for paper in papers if topic in paper.title.lower()]
        yield found[:MOST]


def digest(papers: Sequence[Paper], language: Language) -> str:
    question = "研究について教えて" if language == "ja" else "What is new?"
    return write_survey(make_context(ask(question), papers), None, survey_id="s").markdown


def show_styles(papers: Sequence[Paper]) -> None:
    """Print of each style of citing what is found, and what is said to be wrong."""
    print("style | papers | linked | false alarms | wrong links flagged | without links: titled,")
    print("mentioned, neither | others named | 15 % typos: titled, others titled")
    for style in (*STYLES, digest):
        counts = Counter[str]()
        for listed in lists(papers):
            for language in ("ja", "en"):
                counts += count(style, listed, language)
        total = counts["papers"]
        print(
            f"{style.__name__} | {total} | {counts['linked']} | {counts['alarms']} |"
            f" {counts['flagged'] / total:.3f} | {counts['titled'] / total:.3f},"
            f" {counts['mentioned'] / total:.3f}, {counts['gone'] / total:.3f} |"
            f" {counts['others']} | {counts['typos'] / total:.3f}, {counts['typos_others']}"
        )


def count(style: Style, listed: Sequence[Paper], language: Language) -> Counter[str]:
    """Count for a text that cites every other paper of a list."""
    cited = listed[::2]
    ids, others = {paper.id for paper in cited}, {paper.id for paper in listed[1::2]}
    text = style(cited, language)
    right = read_ledger(text, listed)
    wrong = read_ledger(rotate_ids(text, cited), listed)
    bare = read_ledger(without_links(text), listed)
    typos = read_ledger(with_typos(without_links(text), 0.15), listed)
    return Counter(
        papers=len(cited),
        linked=len(ids & set(right.linked)),
        alarms=len(right.misattributed) + len(right.outside) + len(right.malformed),
        flagged=len(wrong.misattributed),
        titled=len(ids & {*bare.titled, *bare.linked}),
        mentioned=len(ids & set(bare.mentioned)),
        gone=len(ids & set(bare.omitted)),
        others=len(others & {*bare.linked, *bare.titled, *bare.mentioned}),
        typos=len(ids & {*typos.titled, *typos.linked}),
        typos_others=len(others & {*typos.titled, *typos.linked}),
    )


def show_time(papers: Sequence[Paper]) -> None:
    """Print the CPU time of the ledger of a long survey of a long list."""
    invented = [make_paper(number) for number in range(1, MOST + 1)]
    listed = [*papers, *invented][:MOST]
    for name, make in (("digest", digest), *((style.__name__, style) for style in STYLES)):
        text = make(listed, "en")
        text = (text + "\n\nThis sentence of prose cites nobody." * CHARS)[:CHARS]
        seconds = [cpu(lambda text=text: read_ledger(text, listed)) for _ in range(15)]
        print(
            f"{name}: {len(listed)} papers, {len(text):,} characters:"
            f" {1000 * statistics.median(seconds):.0f} ms CPU"
        )


def show_likeness(papers: Sequence[Paper]) -> None:
    """Print how long it takes to compare titles, and how far others' figures are from ours."""
    titles = [paper.title.lower() for paper in papers[:60]]
    pairs = [*combinations(titles, 2), *((title, with_typos(title, 0.3)) for title in titles)]
    kinds: dict[str, Callable[[str, str], float]] = {
        "ours": measure_likeness,
        "difflib": lambda a, b: SequenceMatcher(None, a, b, autojunk=False).ratio(),
    }
    if util.find_spec("rapidfuzz"):
        ratio = import_module("rapidfuzz.fuzz").ratio
        kinds["rapidfuzz"] = lambda a, b: ratio(a, b) / 100
    ours = [measure_likeness(a, b) for a, b in pairs]
    for name, kind in kinds.items():
        seconds = min(cpu(lambda kind=kind: [kind(a, b) for a, b in pairs]) for _ in range(3))
        gap = max(abs(kind(a, b) - own) for (a, b), own in zip(pairs, ours, strict=True))
        print(f"{name}: {1e6 * seconds / len(pairs):.1f} µs a pair, at most {gap:.3f} from ours")


def cpu(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--papers", type=Path)
    file = parser.parse_args().papers
    papers = read_list(file) if file else catalogue("")
    show_styles(papers)
    show_time(papers)
    show_likeness(papers)


if __name__ == "__main__":
    main()
