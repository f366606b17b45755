"""What a person sees after having done something."""

from dataclasses import dataclass, field

from bot.playground.records import Json, View


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of a click or a shortcut.

    Attributes:
        acked: false when Slack would show a warning sign.
        payload: what the app acknowledged with.
        seconds: until the acknowledgement.
    """

    acked: bool
    payload: Json
    seconds: float
    trigger_id: str


@dataclass(frozen=True, slots=True)
class CommandReceipt:
    """What the person sees at once after a command.

    Attributes:
        acked: false when Slack would show ``operation_timeout``.
        text: the app's private answer.
        seconds: until the acknowledgement.
        error: why the app's answer could not be shown, in Slack's words.
    """

    acked: bool
    text: str
    seconds: float
    trigger_id: str
    payload: Json = field(default_factory=dict)
    response_url: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class ViewReceipt:
    """What came of submitting a modal.

    Attributes:
        action: what the app asked for; empty where the modal simply closed.
        errors: what the person reads under which block.
        view: the modal that is on top afterwards, or null.
    """

    acked: bool
    action: str
    errors: dict[str, str]
    view: View | None
    seconds: float
