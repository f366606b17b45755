"""Anthropic's message batches."""

import json
from collections.abc import Mapping
from typing import cast

from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from anthropic.types.messages import MessageBatchIndividualResponse

from pipeline.errors import Overloaded, PaperwalkError
from pipeline.providers import Access
from pipeline.providers.anthropic import completion_of, open_client, request_of, translated
from pipeline.providers.base import Completion, Prompt
from pipeline.providers.batches import PRICE, Replies
from pipeline.providers.wire import read_failure

_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "overloaded_error": 529,
}
"""Of an error inside a batch, which bears its kind alone."""


class AnthropicBatches:
    """Message batches for one model."""

    def __init__(self, model: str, access: Access) -> None:
        self.name = f"anthropic:{model}"
        self._model = model
        self._access = access
        self._client = open_client(access, self)

    def draft(self, prompt: Prompt) -> str:
        """Give a request as JSON text."""
        return json.dumps(request_of(self._model, prompt), ensure_ascii=False)

    def send(self, batch_id: str, drafts: Mapping[str, str]) -> str:  # noqa: ARG002 - a batch cannot bear our name here
        """Hand the requests in.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        with translated(self.name):
            batch = self._client.messages.batches.create(
                requests=[
                    {
                        "custom_id": key,
                        "params": cast("MessageCreateParamsNonStreaming", json.loads(draft)),
                    }
                    for key, draft in drafts.items()
                ]
            )
        return batch.id

    def find(self, batch_id: str, drafts: Mapping[str, str], sent_at: float) -> str | None:  # noqa: ARG002
        """Give the batch whose replies bear our keys, or null.

        Raises:
            Overloaded: one that may be it is still under way, and shows no keys before its end.
            the errors of ``ChatModel.complete``.
        """
        hidden = False
        with translated(self.name):
            for batch in self._client.messages.batches.list(limit=100):
                if batch.created_at.timestamp() < sent_at - 3_600:  # newest first
                    break
                counts = batch.request_counts
                total = counts.processing + counts.succeeded + counts.errored
                if total + counts.canceled + counts.expired != len(drafts):
                    continue
                if batch.processing_status != "ended":
                    hidden = True
                    continue
                first = next(iter(self._client.messages.batches.results(batch.id)), None)
                if first is not None and first.custom_id in drafts:
                    return batch.id
        if hidden:
            raise Overloaded(f"{self.name}: a batch that may be ours is still under way")
        return None

    def collect(self, name: str) -> Replies | None:
        """Give the replies, or null as long as the batch is under way.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        with translated(self.name):
            if self._client.messages.batches.retrieve(name).processing_status != "ended":
                return None
            answers = list(self._client.messages.batches.results(name))
        return {one.custom_id: reply for one in answers if (reply := self._read(one)) is not None}

    def _read(self, answer: MessageBatchIndividualResponse) -> Completion | PaperwalkError | None:
        """Give a reply; null where the batch ended before its request was taken up."""
        try:
            if answer.result.type == "succeeded":
                message = answer.result.message
                return completion_of(message, self.name, self._access.prices, 0.0, PRICE)
            if answer.result.type == "errored":
                error = answer.result.error.error
                return read_failure(self.name, _STATUS.get(error.type, 500), error.message)
        except PaperwalkError as error:
            return error
        return None
