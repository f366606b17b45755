"""A workspace on this machine: people type and click, the app answers, everything is kept."""

from bot.playground.sights import Sights


class Playground(Sights):
    """A loopback Slack; a context manager.

    It speaks Slack's own protocols on loopback ports, refuses what Slack refuses under Slack's
    names, and delivers what its people do to the app, over Socket Mode or signed HTTP. What the
    app may do and hears is what its manifest declares. What a test may turn stands in ``Knobs``.
    """
