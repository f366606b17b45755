"""New papers go to the part that they are nearest to, or stand together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.followup.papers import find_homes
from pipeline.queries import phrase_queries


def unit_rows(angles: list[float]) -> np.ndarray:
    return np.array([[np.cos(a), np.sin(a)] for a in angles], dtype=np.float32)


def test_a_new_paper_goes_to_the_nearest_part() -> None:
    rows = unit_rows([0.0, 0.1, 1.5, 1.6, 0.05, 1.4])

    assert find_homes(rows, [[0, 1], [2, 3]], [4, 5]) == (0, 1)


def test_four_that_are_nearer_to_each_other_than_to_any_part_stand_alone() -> None:
    rows = unit_rows([0.0, 0.1, 3.0, 3.01, 3.02, 3.03, 0.05])

    assert find_homes(rows, [[0, 1]], [2, 3, 4, 5, 6]) == (None, None, None, None, 0)


def test_three_that_are_nearer_to_each_other_do_not() -> None:
    rows = unit_rows([0.0, 0.1, 3.0, 3.01, 3.02])

    assert find_homes(rows, [[0, 1]], [2, 3, 4]) == (0, 0, 0)


def test_without_parts_every_new_paper_is_homeless() -> None:
    assert find_homes(unit_rows([0.0, 1.0]), [], [0, 1]) == (None, None)


@given(
    angles=st.lists(st.floats(0, 6.3), min_size=2, max_size=14),
    cut=st.integers(1, 13),
    alone_from=st.integers(1, 15),
    parts=st.integers(1, 3),
)
def test_every_new_row_has_one_home_and_as_many_stand_alone_as_must(
    angles: list[float], cut: int, alone_from: int, parts: int
) -> None:
    cut = min(cut, len(angles) - 1)
    old = [list(range(start, cut, parts)) for start in range(min(parts, cut))]
    new = list(range(cut, len(angles)))

    homes = find_homes(unit_rows(angles), old, new, alone_from=alone_from)

    assert len(homes) == len(new)
    assert all(home is None or 0 <= home < len(old) for home in homes)
    alone = homes.count(None)
    assert alone == 0 or alone >= alone_from


@pytest.mark.parametrize(
    ("phrases", "must"),
    [
        (["parameter-efficient fine-tuning"], [("parameter-efficient fine-tuning",)]),
        (["LoRA", "lora survey 2024", "QLoRA", "DoRA"], [("LoRA",), ("lora",), ("QLoRA",)]),
        (["量子化"], [("quantization",)]),
        (["謎語"], []),
        (["", "survey"], []),
        ([], []),
    ],
)
def test_phrases_become_searches(phrases: list[str], must: list[tuple[str, ...]]) -> None:
    queries = phrase_queries(phrases, None)

    assert [query.must for query in queries][: len(must)] == must
    assert bool(queries) == bool(must)
