"""The script behind ``make bench``: parts are replaced, ratios held to bounds."""

import tomllib
from pathlib import Path

import pytest

from scripts.bench import BENCHES, check, compose, replace_part, run

ROOT = Path(__file__).parent.parent
PRINTED = "| a | b |\n|--|--|\n| 1 | 2 |\n\nratio: repeat.some 0.5\nratio: repeat.other 1e+03\n"


def test_a_ratio_is_held_to_its_bounds() -> None:
    assert check(PRINTED, {"repeat.some": [0, 1], "repeat.other": [10, 2_000]}) == []
    assert check(PRINTED, {"repeat.some": [0.6, 1], "repeat.other": [10, 2_000]}) == [
        "repeat.some is 0.5, not between 0.6 and 1"
    ]
    assert check(PRINTED, {"repeat.some": [0, 1]}) == [
        "repeat.other has no bounds in benchmarks/ratios.toml"
    ]


def test_a_part_takes_the_place_of_its_predecessor_alone() -> None:
    repeat = next(bench for bench in BENCHES if bench.name == "repeat")
    one = replace_part("# Benchmarks\n", "repeat", compose(repeat, PRINTED))
    two = replace_part(one, "acks", "acks\n")
    three = replace_part(two, "repeat", "anew \\1\n")

    assert "| `repeat.other` | 1e+03 |" in one
    assert "ratio:" not in one
    assert "benchmarks/repeat.py" in one
    assert "anew \\1" in three
    assert three.endswith("<!-- acks -->\nacks\n<!-- /acks -->\n")
    assert three.count("<!-- repeat -->") == 1


def test_repeated_work_saves_what_it_is_held_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "tests/support")
    bounds = tomllib.loads((ROOT / "benchmarks" / "ratios.toml").read_text(encoding="utf-8"))
    repeat = next(bench for bench in BENCHES if bench.name == "repeat")

    printed = run(repeat, "")

    assert printed.count("ratio: ") == 2
    assert check(printed, bounds) == []


def test_each_benchmark_is_a_file_that_says_how_it_is_run() -> None:
    for bench in BENCHES:
        code = (ROOT / "benchmarks" / f"{bench.name}.py").read_text(encoding="utf-8")
        assert f"python benchmarks/{bench.name}.py" in code
