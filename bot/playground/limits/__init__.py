"""What Slack refuses of messages, views, blocks and metadata, under Slack's own error names."""

from bot.playground.limits.messages import check_chunks, check_markdown, check_message
from bot.playground.limits.metadata import check_metadata
from bot.playground.limits.text import texts_of
from bot.playground.limits.views import check_view
from bot.playground.refusal import Refusal

__all__ = [
    "Refusal",
    "check_chunks",
    "check_markdown",
    "check_message",
    "check_metadata",
    "check_view",
    "texts_of",
]
