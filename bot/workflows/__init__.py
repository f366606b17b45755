"""The durable jobs: a survey or comparison, a follow-up, a look for new papers, a closing."""

from bot.workflows.worker import Worker

__all__ = ["Worker"]
