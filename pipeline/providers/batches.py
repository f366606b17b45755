"""The providers' batch interfaces: many requests at once, answered within a day at half the price.

A batch outlives the process that sent it: what it is known by is kept, and whoever comes later
collects the replies.
"""

from collections.abc import Mapping
from typing import Protocol

from pipeline.errors import PaperwalkError
from pipeline.providers.base import Completion, Prompt

PRICE = 0.5
"""Of a request in a batch, against the same request alone, at all three providers.

Source: https://developers.openai.com/api/docs/guides/batch,
https://platform.claude.com/docs/en/build-with-claude/batch-processing,
https://ai.google.dev/gemini-api/docs/batch-api
"""

Replies = Mapping[str, Completion | PaperwalkError]
"""Key of a request → its reply, or why it has none; seconds are 0. A key may be missing."""


class Batches(Protocol):
    """The batch interface for one model."""

    def draft(self, prompt: Prompt) -> str:
        """Give a request as the JSON text that ``send`` takes, so that it can be kept."""
        ...

    def send(self, batch_id: str, drafts: Mapping[str, str]) -> str:
        """Hand in a batch and give the provider's name for it.

        Args:
            batch_id: our own name, under which ``find`` knows it again.
            drafts: key (at most 64 characters) → what ``draft`` gave.

        Raises:
            the errors of ``ChatModel.complete``. After ``Unavailable`` or ``Overloaded`` it may
            have been taken all the same.
        """
        ...

    def find(self, batch_id: str, drafts: Mapping[str, str], sent_at: float) -> str | None:
        """Give the provider's name for a batch whose handing in broke off; null: it has none.

        Args:
            drafts: as they were sent.
            sent_at: when, in seconds since the epoch.

        Raises:
            TryAgain: that cannot be told yet.
        """
        ...

    def collect(self, name: str) -> Replies | PaperwalkError | None:
        """Give the replies of a batch, why it failed as a whole, or null: it is under way.

        Args:
            name: as ``send`` gave it.

        Raises:
            the errors of ``ChatModel.complete``: that cannot be told now.
        """
        ...
