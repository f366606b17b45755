"""How the loopback Slack says no: to the app by Slack's own error names, to a person by absence."""


class Refusal(Exception):
    """Slack says no.

    Attributes:
        error: Slack's name for it.
        messages: what is wrong, as in ``response_metadata``.
        more: further fields of the answer, such as ``needed`` and ``provided``.
    """

    def __init__(self, error: str, *messages: str, **more: str) -> None:
        super().__init__(error, *messages)
        self.error = error
        self.messages = messages
        self.more = more


class NotShown(LookupError):
    """A person cannot touch what does not stand before them."""
