"""What stands in Slack: each message posted once, however often a job is resumed."""

from bot.delivery.calls import open_client
from bot.delivery.progress import RootMessage
from bot.delivery.thread import Thread

__all__ = ["RootMessage", "Thread", "open_client"]
