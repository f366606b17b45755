"""OpenAI's batch interface: a file of requests goes up, a file of responses comes down."""

import json
from collections.abc import Mapping

from openai.types import Batch
from openai.types.responses import Response

from pipeline.errors import Overloaded, PaperwalkError, RateLimited, RequestRejected
from pipeline.providers import Access
from pipeline.providers.base import Completion, Prompt
from pipeline.providers.batches import PRICE, Replies
from pipeline.providers.openai import (
    check_failure,
    completion_of,
    open_client,
    request_of,
    translated,
)
from pipeline.providers.wire import read_failure

_UNDER_WAY = {"validating", "in_progress", "finalizing", "cancelling"}
_LABEL = "paperwalk"


class OpenAIBatches:
    """Batches of the Responses API for one model."""

    def __init__(self, model: str, access: Access) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._access = access
        self._client = open_client(access, self)

    def draft(self, prompt: Prompt) -> str:
        """Give a request as JSON text."""
        return json.dumps(request_of(self._model, prompt), ensure_ascii=False)

    def send(self, batch_id: str, drafts: Mapping[str, str]) -> str:
        """Put up the file, then hand it in.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        lines = [
            json.dumps(
                {
                    "custom_id": key,
                    "method": "POST",
                    "url": "/v1/responses",
                    "body": json.loads(draft),
                }
            )
            for key, draft in drafts.items()
        ]
        content = "\n".join(lines).encode()
        with translated(self.name):
            file = self._client.files.create(file=(f"{batch_id}.jsonl", content), purpose="batch")
            batch = self._client.batches.create(
                input_file_id=file.id,
                endpoint="/v1/responses",
                completion_window="24h",
                metadata={_LABEL: batch_id},
            )
        return batch.id

    def find(self, batch_id: str, drafts: Mapping[str, str], sent_at: float) -> str | None:  # noqa: ARG002 - others need them
        """Give the batch that bears our name, or null.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        with translated(self.name):
            for batch in self._client.batches.list(limit=100):
                if (batch.metadata or {}).get(_LABEL) == batch_id:
                    return batch.id
                if batch.created_at < sent_at - 3_600:  # newest first
                    break
        return None

    def collect(self, name: str) -> Replies | PaperwalkError | None:
        """Give the replies, why it failed as a whole, or null: it is under way.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        with translated(self.name):
            batch = self._client.batches.retrieve(name)
            if batch.status in _UNDER_WAY:
                return None
            if batch.status == "failed":
                return _failure(batch, self.name)
            lines = [
                line
                for file in (batch.output_file_id, batch.error_file_id)
                if file
                for line in self._client.files.content(file).text.split(
                    "\n"
                )  # a reply may hold other line ends
            ]
        return dict(self._read(line) for line in lines if line.strip())

    def _read(self, line: str) -> tuple[str, Completion | PaperwalkError]:
        answer = json.loads(line)
        reply = answer.get("response") or {}
        try:
            if reply.get("status_code") == 200:
                response = Response.model_validate(reply["body"])
                check_failure(response, self.name)
                return answer["custom_id"], completion_of(
                    response, self.name, self._access.prices, 0.0, PRICE
                )
        except PaperwalkError as error:
            return answer["custom_id"], error
        said = json.dumps([reply.get("body"), answer.get("error")])
        return answer["custom_id"], read_failure(self.name, reply.get("status_code") or 500, said)


def _failure(batch: Batch, name: str) -> PaperwalkError:
    """Give why a batch was not taken up at all."""
    codes = {error.code for error in (batch.errors.data or [])} if batch.errors else set()
    if codes & {"token_limit_exceeded", "rate_limit_exceeded"}:
        return RateLimited(f"{name}: more tokens are waiting in batches than the account may have")
    if codes:
        return RequestRejected(
            f"{name} did not take the batch: {', '.join(sorted(map(str, codes)))}"
        )
    return Overloaded(f"{name}: the batch failed")
