"""A loopback Slack, as strict as the real one, that the demo and the tests speak to.

From the outside in: ``slack`` is the face; ``people`` and ``hands`` act, ``sights`` sees;
``workspace`` holds the servers; ``deliveries`` carries what happens to the app, over ``socket``
or ``post``; ``web`` answers the app, by ``methods`` and ``responses``; ``limits`` refuses;
``state`` and ``records`` remember. ``render`` and ``page`` draw.
"""

from bot.playground.deliveries import Delivery
from bot.playground.faults import SOAK_FAULTS, Fault
from bot.playground.manifest import EVERYTHING, Manifest
from bot.playground.receipts import CommandReceipt, Receipt, ViewReceipt
from bot.playground.records import Channel, File, Message, Reaction, Session, Team, User, View
from bot.playground.refusal import NotShown, Refusal
from bot.playground.slack import Playground

__all__ = [
    "EVERYTHING",
    "SOAK_FAULTS",
    "Channel",
    "CommandReceipt",
    "Delivery",
    "Fault",
    "File",
    "Manifest",
    "Message",
    "NotShown",
    "Playground",
    "Reaction",
    "Receipt",
    "Refusal",
    "Session",
    "Team",
    "User",
    "View",
    "ViewReceipt",
]
