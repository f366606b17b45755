"""Gemini's batches, with the requests inside the call that hands them in."""

import json
from collections.abc import Mapping

from google.genai import types

from pipeline.errors import Overloaded, PaperwalkError
from pipeline.providers import Access
from pipeline.providers.base import Completion, Prompt
from pipeline.providers.batches import PRICE, Replies
from pipeline.providers.gemini import Said, config_of, open_client, translated
from pipeline.providers.wire import read_failure

_OVER = {
    types.JobState.JOB_STATE_SUCCEEDED,
    types.JobState.JOB_STATE_PARTIALLY_SUCCEEDED,
    types.JobState.JOB_STATE_CANCELLED,
    types.JobState.JOB_STATE_EXPIRED,
}
_STATUS = {3: 400, 5: 404, 7: 403, 8: 429, 16: 401}
"""HTTP's status for the gRPC code that an error inside a batch bears."""


class GeminiBatches:
    """Batch jobs for one model."""

    def __init__(self, model: str, access: Access) -> None:
        self.name = f"gemini:{model}"
        self._model = model
        self._access = access
        self._client = open_client(access, self)

    def draft(self, prompt: Prompt) -> str:
        """Give a request as JSON text."""
        request = types.InlinedRequest(contents=prompt.message, config=config_of(prompt))
        return request.model_dump_json(exclude_none=True)

    def send(self, batch_id: str, drafts: Mapping[str, str]) -> str:
        """Hand the requests in.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        requests = [
            types.InlinedRequest.model_validate({**json.loads(draft), "metadata": {"key": key}})
            for key, draft in drafts.items()
        ]
        with translated(self.name):
            job = self._client.batches.create(
                model=self._model,
                src=requests,
                config=types.CreateBatchJobConfig(display_name=batch_id),
            )
        return _name(job, self.name)

    def find(self, batch_id: str, drafts: Mapping[str, str], sent_at: float) -> str | None:  # noqa: ARG002 - others need them
        """Give the job that bears our name, or null.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        with translated(self.name):
            for job in self._client.batches.list(config=types.ListBatchJobsConfig(page_size=100)):
                if job.display_name == batch_id:
                    return _name(job, self.name)
        return None

    def collect(self, name: str) -> Replies | PaperwalkError | None:
        """Give the replies, why it failed as a whole, or null: it is under way.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        with translated(self.name):
            job = self._client.batches.get(name=name)
        if job.state == types.JobState.JOB_STATE_FAILED:
            return self._failure(job.error)
        if job.state not in _OVER:
            return None
        answers = (job.dest.inlined_responses if job.dest else None) or []
        return {(one.metadata or {}).get("key", ""): self._read(one) for one in answers}

    def _read(self, answer: types.InlinedResponse) -> Completion | PaperwalkError:
        try:
            if answer.response is None:
                return self._failure(answer.error)
            said = Said()
            said.hear(answer.response, self.name)
            said.check(self.name)
            return said.completion(self.name, self._access.prices, 0.0, PRICE)
        except PaperwalkError as error:
            return error

    def _failure(self, error: types.JobError | None) -> PaperwalkError:
        code, said = (error.code or 0, error.message or "") if error else (0, "")
        return read_failure(self.name, _STATUS.get(code, 500), said)


def _name(job: types.BatchJob, name: str) -> str:
    if not job.name:
        raise Overloaded(f"{name} gave its batch no name")
    return job.name
