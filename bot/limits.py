"""How much a person, a channel and a workspace may ask for."""

from dataclasses import dataclass

from bot.errors import Bound, OverLimit


@dataclass(frozen=True, slots=True)
class Limits:
    """The operator's limits; 0 means no limit.

    Attributes:
        per_day: counted over the last 24 hours.
        usd_per_day: dollars of a workspace; a job is refused once they are spent.
        channels: ids of the channels where surveys may be asked for; empty allows all.
    """

    person_at_once: int = 0
    channel_at_once: int = 0
    workspace_at_once: int = 0
    person_per_day: int = 0
    channel_per_day: int = 0
    workspace_per_day: int = 0
    usd_per_day: float = 0.0
    channels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Load:
    """What is under way and what was done in the last 24 hours, the new job not counted."""

    person_at_once: int
    channel_at_once: int
    workspace_at_once: int
    person_per_day: int
    channel_per_day: int
    workspace_per_day: int
    usd_per_day: float


_COUNTED: tuple[Bound, ...] = (
    "usd_per_day",
    "person_at_once",
    "channel_at_once",
    "workspace_at_once",
    "person_per_day",
    "channel_per_day",
    "workspace_per_day",
)


def check_channel(limits: Limits, channel: str) -> None:
    """Let a request through where surveys may be asked for; direct messages always are.

    Raises:
        OverLimit: the channel is not on the operator's list.
    """
    if limits.channels and channel not in limits.channels and not channel.startswith("D"):
        raise OverLimit("channels", 0)


def check_budget(limits: Limits, load: Load) -> None:
    """Let something through that costs money but is no survey.

    Raises:
        OverLimit: the day's dollars are spent.
    """
    if limits.usd_per_day and load.usd_per_day >= limits.usd_per_day:
        raise OverLimit("usd_per_day", limits.usd_per_day)


def check_load(limits: Limits, load: Load) -> None:
    """Let one more job through.

    Raises:
        OverLimit: a limit is reached.
    """
    for bound in _COUNTED:
        most: float = getattr(limits, bound)
        if most and getattr(load, bound) >= most:
            raise OverLimit(bound, most)
