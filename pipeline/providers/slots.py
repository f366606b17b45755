"""Keep to so many calls at once, whoever makes them."""

from dataclasses import dataclass
from threading import BoundedSemaphore

from pipeline.providers.base import ChatModel, Completion, OnText, Prompt


@dataclass(frozen=True, slots=True)
class SlottedChatModel:
    """A language model whose calls wait for a free slot.

    Attributes:
        slots: shared by all models that count together.
    """

    inner: ChatModel
    slots: BoundedSemaphore

    @property
    def name(self) -> str:
        """``provider:model``."""
        return self.inner.name

    def complete(self, prompt: Prompt, on_text: OnText | None = None) -> Completion:
        """Wait for a slot, then ask.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        with self.slots:
            return self.inner.complete(prompt, on_text)
