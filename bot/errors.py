"""What can go wrong in Slack itself, and what a person may not ask for."""

from typing import Literal

from pipeline.errors import OperatorActs, PersonRephrases

OptionFault = Literal["unknown", "value", "models"]
"""No such option; a value that it does not take; more than two models, or none to compare."""

Bound = Literal[
    "person_at_once",
    "channel_at_once",
    "workspace_at_once",
    "person_per_day",
    "channel_per_day",
    "workspace_per_day",
    "usd_per_day",
    "channels",
]
"""The limits that an operator sets, by the names of their settings."""


class CannotPost(OperatorActs):
    """The app may not write in this conversation: somebody has to invite it."""


class SurveyGone(PersonRephrases):
    """What a request builds on was deleted, by its retention or for somebody's privacy."""


class BadOption(PersonRephrases):
    """An option of a request is unknown, or does not take this value.

    Attributes:
        name: of the option, as typed.
        value: as typed.
    """

    def __init__(self, fault: OptionFault, name: str, value: str = "") -> None:
        super().__init__(f"option {name!r} ({fault})")
        self.fault: OptionFault = fault
        self.name = name
        self.value = value


class OverLimit(PersonRephrases):
    """The request would pass a limit that the operator has set.

    Attributes:
        most: the limit's value, in its own unit; 0 for ``channels``.
    """

    def __init__(self, bound: Bound, most: float) -> None:
        super().__init__(f"limit {bound} of {most:g}")
        self.bound: Bound = bound
        self.most = most
