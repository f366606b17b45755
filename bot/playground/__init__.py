"""A loopback Slack, strict on limits, that the demo and the tests speak to."""

from bot.playground.slack import CommandReceipt, Playground
from bot.playground.state import Channel, Fault, Message

__all__ = ["Channel", "CommandReceipt", "Fault", "Message", "Playground"]
