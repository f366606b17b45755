"""What can go wrong in Slack itself."""

from pipeline.errors import OperatorActs


class CannotPost(OperatorActs):
    """The app may not write in this conversation: somebody has to invite it."""
