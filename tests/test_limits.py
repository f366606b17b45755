"""Limits refuse by name and value; without any, everything goes through."""

from dataclasses import replace

import pytest

from bot.errors import OverLimit
from bot.limits import Limits, Load, check_channel, check_load

IDLE = Load(0, 0, 0, 0, 0, 0, 0.0)
BUSY = Load(99, 99, 99, 99, 99, 99, 99.0)


def test_without_limits_nothing_is_refused() -> None:
    check_load(Limits(), BUSY)
    check_channel(Limits(), "C1")


@pytest.mark.parametrize(
    "bound",
    [
        "person_at_once",
        "channel_at_once",
        "workspace_at_once",
        "person_per_day",
        "channel_per_day",
        "workspace_per_day",
        "usd_per_day",
    ],
)
def test_each_limit_refuses_when_it_is_reached(bound: str) -> None:
    limits = replace(Limits(), **{bound: 2})  # type: ignore[arg-type]  # numbers, as parametrized

    check_load(limits, replace(BUSY, **{bound: 1}))
    with pytest.raises(OverLimit) as caught:
        check_load(limits, replace(IDLE, **{bound: 2}))

    assert (caught.value.bound, caught.value.most) == (bound, 2)


def test_only_listed_channels_and_direct_messages_may_ask() -> None:
    limits = Limits(channels=frozenset({"C1"}))

    check_channel(limits, "C1")
    check_channel(limits, "D9")
    with pytest.raises(OverLimit):
        check_channel(limits, "C2")
