"""What the pipeline asks of a model: two Protocols and the values that pass through them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from pipeline.types import Role, Usage


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request to a language model.

    Attributes:
        role: which stage asks; it is recorded with the cost.
        system: our instructions.
        user: the question and the papers: text from outside, marked as data.
        schema: the reply must be JSON of this shape; null asks for plain text.
        max_output_tokens: where the provider cuts the reply off.
        admit: is asked before each attempt, and raises where no call may be made any more.
        stable: what stands before ``user`` in the same message and is expected to begin further
            calls, too: the provider may keep it, and read it again at a tenth of the price.
    """

    role: Role
    system: str
    user: str
    schema: type[BaseModel] | None = None
    max_output_tokens: int = 8_000
    admit: Callable[[], object] = lambda: None
    stable: str = ""

    @property
    def message(self) -> str:
        """The whole message: what is stable, then the rest."""
        return self.stable + self.user


@dataclass(frozen=True, slots=True)
class Completion:
    """One reply of a language model.

    Attributes:
        text: the whole reply; JSON text where the prompt had a schema (not yet validated).
        model: ``provider:model``.
        usd: price of the call, null where it is not known.
        seconds: wall time of the call, retries and waits included.
    """

    text: str
    model: str
    usage: Usage
    usd: float | None
    seconds: float


OnText = Callable[[str], None]
"""Takes the whole text of a reply as far as it has come, each time that more of it came.

A call that breaks off and is tried again begins anew: the text is then shorter than before, and
may differ. It must be quick and must not raise.
"""


class ChatModel(Protocol):
    """A language model of one provider."""

    @property
    def name(self) -> str:
        """``provider:model``."""
        ...

    def complete(self, prompt: Prompt, on_text: OnText | None = None) -> Completion:
        """Answer one prompt; retries what waiting can heal.

        Args:
            on_text: listens while the reply comes; what counts is the completion.

        Raises:
            AuthFailed, QuotaSpent, ModelNotFound: the operator has to act.
            RateLimited, Overloaded, Unavailable: still so after the retries.
            ContextTooLong, Refused, Truncated: this prompt will not work with this model.
        """
        ...


@dataclass(frozen=True, slots=True)
class EmbeddingBatch:
    """Rows for the texts of one call.

    Attributes:
        rows: shape (n, d) float32, each row of length 1, in the order of the texts.
    """

    rows: NDArray[np.float32]
    usage: Usage
    usd: float | None
    seconds: float


class EmbeddingModel(Protocol):
    """A model that turns texts into directions."""

    @property
    def name(self) -> str:
        """``provider:model``, with the dimension where the model lets one choose it."""
        ...

    @property
    def scope(self) -> Literal["text", "context"]:
        """``context`` where a row depends on the other texts of its call (LSA), else ``text``."""
        ...

    @property
    def batch_size(self) -> int:
        """The largest number of texts in one call."""
        ...

    def embed(self, texts: Sequence[str]) -> EmbeddingBatch:
        """Give one unit row for each text, in order.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        ...
