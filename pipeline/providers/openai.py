"""OpenAI's language and embedding models through its own SDK."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import httpx2
import numpy as np
import openai
from numpy.typing import NDArray
from openai.types.responses import Response, ResponseTextConfigParam
from openai.types.responses.response_create_params import ResponseCreateParamsBase
from pydantic import BaseModel

from pipeline.errors import Overloaded, RateLimited, Refused, Truncated, Unavailable
from pipeline.providers import Access
from pipeline.providers.base import Completion, EmbeddingBatch, OnText, Prompt
from pipeline.providers.prices import Prices, price
from pipeline.providers.retry import with_retries
from pipeline.providers.wire import close_with, fail, wire_schema
from pipeline.types import Usage

_TEXTS_PER_CALL = 128
"""Far below OpenAI's bounds (2,048 texts, 300,000 tokens), so that little is lost by a failure."""


class OpenAIChat:
    """A model of the Responses API; replies are streamed, so a timeout bounds a pause."""

    def __init__(self, model: str, access: Access) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._access = access
        self._client = open_client(access, self)

    def complete(self, prompt: Prompt, on_text: OnText | None = None) -> Completion:
        """Answer one prompt.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        started = time.monotonic()
        response = with_retries(
            lambda: self._call(prompt, on_text), self._access.retries, prompt.admit
        )
        return completion_of(response, self.name, self._access.prices, time.monotonic() - started)

    def _call(self, prompt: Prompt, on_text: OnText | None) -> Response:
        final: Response | None = None
        said = ""
        with translated(self.name):
            stream = self._client.responses.create(**request_of(self._model, prompt), stream=True)
            with stream:
                for event in stream:
                    if on_text and event.type == "response.output_text.delta":
                        said += event.delta
                        on_text(said)
                    if event.type in {
                        "response.completed",
                        "response.incomplete",
                        "response.failed",
                    }:
                        final = getattr(event, "response", None)
        if final is None:
            raise Unavailable(f"{self.name} broke off its reply")
        check_failure(final, self.name)
        return final


class _Row(BaseModel):
    """One row: numbers, or their bytes as base64 of little-endian float32."""

    index: int
    embedding: list[float] | str

    def numbers(self) -> NDArray[np.float32]:
        """Give the row."""
        if isinstance(self.embedding, str):
            return np.frombuffer(base64.b64decode(self.embedding), dtype="<f4")
        return np.asarray(self.embedding, dtype=np.float32)


class _Tokens(BaseModel):
    prompt_tokens: int = 0


class _Embeddings(BaseModel):
    data: list[_Row]
    usage: _Tokens = _Tokens()


class OpenAIEmbedding:
    """An embedding model of OpenAI; ``model@dimension`` asks for shorter rows."""

    scope: Literal["text", "context"] = "text"
    batch_size = _TEXTS_PER_CALL
    encoding: Literal["base64", "float"] = "base64"

    def __init__(self, model: str, access: Access, provider: str = "openai") -> None:
        self.name = f"{provider}:{model}"
        self._model, _, dimension = model.partition("@")
        self._dimension = int(dimension) if dimension.isdigit() else None
        self._access = access
        self._client = open_client(access, self)

    def embed(self, texts: Sequence[str]) -> EmbeddingBatch:
        """Give one unit row for each text.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        started = time.monotonic()
        rows, tokens = with_retries(lambda: self._call(list(texts)), self._access.retries)
        usage = Usage(input_tokens=tokens)
        return EmbeddingBatch(
            rows=np.asarray(rows, dtype=np.float32),
            usage=usage,
            usd=price(self.name, usage, self._access.prices),
            seconds=time.monotonic() - started,
        )

    def _call(self, texts: list[str]) -> tuple[list[NDArray[np.float32]], int]:
        with translated(self.name):
            # The SDK's own reading looks at each number by itself.
            raw = self._client.embeddings.with_raw_response.create(
                model=self._model,
                input=texts,
                dimensions=self._dimension or openai.omit,
                encoding_format=self.encoding,
            )
            try:
                reply = _Embeddings.model_validate_json(raw.http_response.content)
                by_index = {item.index: item.numbers() for item in reply.data}
            except ValueError as error:
                raise Unavailable(f"{self.name} gave no readable rows") from error
        if set(by_index) != set(range(len(texts))):
            raise Unavailable(f"{self.name} gave {len(reply.data)} rows for {len(texts)} texts")
        return [by_index[i] for i in range(len(texts))], reply.usage.prompt_tokens


def open_client(access: Access, owner: object) -> openai.OpenAI:
    """Open a client whose retries are ours; it is closed with what holds it.

    A server of one's own may need no key.
    """
    client = openai.OpenAI(
        api_key=access.key.get_secret_value() if access.key else "no-key",
        base_url=access.base_url,
        timeout=access.timeout_seconds,
        max_retries=0,
    )
    close_with(owner, client)
    return client


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise our errors for the SDK's, and for the transport's that it lets through."""
    try:
        yield
    except openai.APIStatusError as error:
        said = f"{error.code} {error.type} {error.message}"
        fail(name, error.status_code, said, error.response.headers, error)
    except openai.APITimeoutError as error:
        raise Unavailable(f"{name} did not answer in time") from error
    except (openai.APIError, httpx2.HTTPError, json.JSONDecodeError) as error:
        raise Unavailable(f"{name} cannot be reached, or broke off its reply") from error


def request_of(model: str, prompt: Prompt) -> ResponseCreateParamsBase:
    """Give the parameters of one request, for a call or for a batch."""
    text: ResponseTextConfigParam = {}
    if prompt.schema is not None:
        text = {
            "format": {
                "type": "json_schema",
                "name": prompt.schema.__name__,
                "schema": wire_schema(prompt.schema),
                "strict": True,
            }
        }
    request: ResponseCreateParamsBase = {
        "model": model,
        "instructions": prompt.system,
        "input": prompt.message,
        "max_output_tokens": prompt.max_output_tokens,
        "text": text,
        "store": False,
    }
    if prompt.stable:  # leads calls that begin alike to the machine that has read the beginning
        began = hashlib.sha256(f"{prompt.system}\x00{prompt.stable}".encode())
        request["prompt_cache_key"] = began.hexdigest()[:32]
    return request


def check_failure(response: Response, name: str) -> None:
    """Let a response pass that did not fail on the provider's side.

    Raises:
        RateLimited, Overloaded: it did.
    """
    if response.error is not None:
        if response.error.code == "rate_limit_exceeded":
            raise RateLimited(f"{name}: too many requests")
        raise Overloaded(f"{name} failed while answering")


def completion_of(
    response: Response, name: str, prices: Prices, seconds: float, share: float = 1.0
) -> Completion:
    """Give the reply of a response.

    Args:
        share: of the usual price.

    Raises:
        Refused, Truncated, Unavailable: it is refused or unfinished.
    """
    usage = _usage(response)
    text = _text(response, name)
    return Completion(text, name, usage, price(name, usage, prices, share), seconds)


def _text(response: Response, name: str) -> str:
    """Give the reply's text; an unfinished or refused reply is an error."""
    parts = [part for item in response.output if item.type == "message" for part in item.content]
    if any(part.type == "refusal" for part in parts):
        raise Refused(f"{name} refused")
    if response.status == "incomplete":
        why = response.incomplete_details.reason if response.incomplete_details else None
        if why == "content_filter":
            raise Refused(f"{name}: the provider's filter stopped the reply")
        raise Truncated(f"{name} reached the output limit")
    if response.status != "completed":
        raise Unavailable(f"{name} did not finish its reply")
    return "".join(part.text for part in parts if part.type == "output_text")


def _usage(response: Response) -> Usage:
    if response.usage is None:
        return Usage()
    return Usage(
        input_tokens=response.usage.input_tokens,
        cached_tokens=response.usage.input_tokens_details.cached_tokens,
        output_tokens=response.usage.output_tokens,
    )
