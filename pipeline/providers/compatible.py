"""Your own server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp."""

import time

from openai import omit
from openai.types.chat import completion_create_params

from pipeline.errors import Refused, Truncated, Unavailable
from pipeline.providers import Access
from pipeline.providers.base import Completion, OnText, Prompt
from pipeline.providers.openai import OpenAIEmbedding, open_client, translated
from pipeline.providers.prices import price
from pipeline.providers.retry import with_retries
from pipeline.providers.wire import wire_schema
from pipeline.types import Usage


class CompatibleChat:
    """A model behind ``/chat/completions``, streamed."""

    def __init__(self, model: str, access: Access) -> None:
        self.name = f"openai_compatible:{model}"
        self._model = model
        self._access = access
        self._client = open_client(access, self)

    def complete(self, prompt: Prompt, on_text: OnText | None = None) -> Completion:
        """Answer one prompt.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        started = time.monotonic()
        text, usage = with_retries(
            lambda: self._call(prompt, on_text), self._access.retries, prompt.admit
        )
        return Completion(
            text=text,
            model=self.name,
            usage=usage,
            usd=price(self.name, usage, self._access.prices),
            seconds=time.monotonic() - started,
        )

    def _call(self, prompt: Prompt, on_text: OnText | None) -> tuple[str, Usage]:
        response_format: completion_create_params.ResponseFormat | None = None
        if prompt.schema is not None:
            response_format = {
                "type": "json_schema",
                "json_schema": {
                    "name": prompt.schema.__name__,
                    "schema": wire_schema(prompt.schema),
                    "strict": True,
                },
            }
        said = ""
        finish: str | None = None
        usage = Usage()
        with translated(self.name):
            stream = self._client.chat.completions.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": prompt.system},
                    {"role": "user", "content": prompt.message},
                ],
                max_tokens=prompt.max_output_tokens,
                response_format=response_format or omit,
                stream=True,
                stream_options={"include_usage": True},
            )
            with stream:
                for chunk in stream:
                    if chunk.usage:
                        usage = Usage(
                            input_tokens=chunk.usage.prompt_tokens,
                            output_tokens=chunk.usage.completion_tokens,
                        )
                    for choice in chunk.choices:
                        finish = choice.finish_reason or finish
                        said += choice.delta.content or ""
                        if on_text and choice.delta.content:
                            on_text(said)
        if finish == "length":
            raise Truncated(f"{self.name} reached the output limit")
        if finish == "content_filter":
            raise Refused(f"{self.name}: the server's filter stopped the reply")
        if finish is None:
            raise Unavailable(f"{self.name} broke off its reply")
        return said, usage


class CompatibleEmbedding(OpenAIEmbedding):
    """An embedding model behind ``/embeddings``; not every server knows base64."""

    encoding = "float"

    def __init__(self, model: str, access: Access) -> None:
        super().__init__(model, access, provider="openai_compatible")
