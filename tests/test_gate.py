"""One request at a time, a fixed interval apart, over threads, processes and databases."""

import itertools
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pipeline.database import open_database
from pipeline.errors import SourceRefused
from pipeline.sources.gate import Gate

TURNS = """
import json, sys, time
from pipeline.database import open_database
from pipeline.sources.gate import Gate
engine = open_database(sys.argv[1])
gate = Gate(engine, interval_seconds=0.3)
seen = []
for _ in range(3):
    with gate.turn():
        begun = time.time()
        time.sleep(0.05)
        seen.append((begun, time.time()))
print(json.dumps(seen))
engine.dispose()
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_share_one_gate(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = (
        f"sqlite:///{tmp_path}/db.sqlite"
        if kind == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    open_database(url).dispose()

    processes = [
        subprocess.Popen([sys.executable, "-c", TURNS, url], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    turns = sorted(turn for process in processes for turn in json.loads(process.communicate()[0]))

    assert len(turns) == 6
    for before, after in itertools.pairwise(turns):
        assert after[0] - before[0] >= 0.25, (
            "the interval, less what passes before a turn's work begins"
        )
        assert after[0] >= before[1] - 0.01, "one at a time"


def test_threads_wait_for_the_one_inside(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/db.sqlite")
    gate = Gate(engine, interval_seconds=0.0)
    inside: list[int] = []
    most: list[int] = []

    def visit() -> None:
        with gate.turn():
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.05)
            inside.pop()

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()

    assert most == [1, 1, 1, 1]


def test_a_dead_holder_loses_its_lease(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/db.sqlite")
    now = [1000.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    gate = Gate(engine, lease_seconds=10.0, clock=lambda: now[0], sleep=sleep)
    dead = gate.turn()
    dead.__enter__()

    with gate.turn():
        taken_at = now[0]
    engine.dispose()

    assert taken_at == pytest.approx(1010.0, abs=0.2)
    assert slept


def test_a_shut_gate_lets_nobody_through_until_tomorrow(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/db.sqlite")
    now = [1000.0]
    gate = Gate(engine, clock=lambda: now[0])
    with gate.turn():
        gate.shut()

    with pytest.raises(SourceRefused), gate.turn():
        pass
    now[0] += 25 * 3600
    with gate.turn():
        passed = True
    engine.dispose()

    assert passed


def test_holding_back_delays_the_next_turn(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/db.sqlite")
    now = [1000.0]
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    gate = Gate(engine, clock=lambda: now[0], sleep=sleep)
    with gate.turn():
        gate.hold_back(50.0)

    with gate.turn():
        pass
    engine.dispose()

    assert sum(waited) == pytest.approx(50.0)
