"""Sections are even where the gaps do not say otherwise."""

import pytest

from pipeline.sections import cut_tour


@pytest.mark.parametrize(("count", "sizes"), [(30, [10] * 3), (54, [9] * 6), (90, [10] * 9)])
def test_a_tour_without_marked_gaps_is_cut_evenly(count: int, sizes: list[int]) -> None:
    sections = cut_tour([0.25] * (count - 1))

    assert [len(section) for section in sections] == sizes


def test_a_gap_somewhat_larger_does_not_unbalance_the_sections() -> None:
    gaps = [0.2, 0.3] * 14 + [0.2]
    gaps[4] = 0.32

    assert [len(section) for section in cut_tour(gaps)] == [10, 10, 10]
