"""Many surveys while Slack fails and the bot is killed: nothing twice, nothing lost.

    PYTHONPATH=tests/support uv run python benchmarks/soak.py

Every delivery comes twice, a tenth of Slack's answers fail (429, 500, 503, dropped connections,
before or after the call was carried out), and the bot is killed and started again and again.
``--surveys 16 --kills 2`` is a short one; the tests run one that is shorter still.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from soaking import soak


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--surveys", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=8, help="people who ask at the same time")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--share", type=float, default=0.1, help="of Slack's answers that fail")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = soak(
            Path(folder),
            surveys=options.surveys,
            at_once=options.at_once,
            kills=options.kills,
            share=options.share,
            seed=options.seed,
        )
    print(
        f"{report.surveys} surveys, {report.votes} votes, {report.calls} calls of which"
        f" {options.share:.0%} failed, {report.deliveries} deliveries, {report.kills} kills,"
        f" {report.seconds:.0f} s: {len(report.wrong)} wrong"
    )
    for sentence in report.wrong:
        print(f"- {sentence}")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
