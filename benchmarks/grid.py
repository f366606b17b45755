"""The article's grid at full size against slow, failing models, broken off again and again.

    PYTHONPATH=tests/support uv run python benchmarks/grid.py

10 questions × 5 query runs × 3 generations × 9 models = 1,350 surveys and 2,700 calls that count
their papers, on loopback servers that speak the wires of OpenAI, Anthropic and Gemini. A reply
takes 0.5 to 4 seconds; one in twenty is an error, a 429, or breaks off. Processes are killed and
interrupted, and two work at once for a while. Ideal is the time that the replies take with all
slots busy, for the provider that has most to do.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from grids import MODELS, Wire, play_grid

SLOTS = {"openai": 24, "anthropic": 6, "gemini": 6}
BREAKS = ((0.05, "kill"), (0.2, "interrupt"), (0.4, "pair"), (0.6, "kill"), (0.8, "interrupt"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", default="5")
    parser.add_argument("--generations", default="3")
    parser.add_argument("--fastest", type=float, default=0.5)
    parser.add_argument("--slowest", type=float, default=4.0)
    parser.add_argument("--whole", action="store_true", help="break nothing off")
    options = parser.parse_args()
    words = ("--runs", options.runs, "--generations", options.generations)
    words += ("--models", ",".join(MODELS), "--mode", "single")
    with tempfile.TemporaryDirectory() as folder:
        played = play_grid(
            Path(folder),
            words=words,
            slots=SLOTS,
            breaks=() if options.whole else BREAKS,
            wire=Wire(seed=7, fastest=options.fastest, slowest=options.slowest, faulty=0.05),
        )
    print(
        f"{played.cells} surveys; {played.answered} replies, {played.recorded} of them recorded;"
        f" {played.kills} kills, {played.interrupts} interrupts; {played.seconds:.0f} s, ideal"
        f" {played.ideal:.0f} s, ratio {played.seconds / played.ideal:.2f};"
        f" {len(played.wrong)} wrong"
    )
    for sentence in played.wrong:
        print(f"- {sentence}")
    return 1 if played.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
