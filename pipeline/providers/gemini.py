"""Google's Gemini models through google-genai."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import httpx2
import numpy as np
from google import genai
from google.genai import errors, types

from pipeline.errors import RateLimited, Refused, Truncated, Unavailable
from pipeline.providers import Access
from pipeline.providers.base import Completion, EmbeddingBatch, OnText, Prompt
from pipeline.providers.prices import Prices, price
from pipeline.providers.retry import with_retries
from pipeline.providers.wire import close_with, fail, wire_schema
from pipeline.types import Usage

_TEXTS_PER_CALL = 100
"""Gemini's bound for one batch."""

_FINISHED = {types.FinishReason.STOP}
_CUT = {types.FinishReason.MAX_TOKENS}


class GeminiChat:
    """A Gemini model, streamed."""

    def __init__(self, model: str, access: Access) -> None:
        self.name = f"gemini:{model}"
        self._model = model
        self._access = access
        self._client = open_client(access, self)

    def complete(self, prompt: Prompt, on_text: OnText | None = None) -> Completion:
        """Answer one prompt.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        started = time.monotonic()
        said = with_retries(lambda: self._call(prompt, on_text), self._access.retries, prompt.admit)
        return said.completion(self.name, self._access.prices, time.monotonic() - started)

    def _call(self, prompt: Prompt, on_text: OnText | None) -> "Said":
        said = Said()
        with translated(self.name):
            for chunk in self._client.models.generate_content_stream(
                model=self._model, contents=prompt.message, config=config_of(prompt)
            ):
                if said.hear(chunk, self.name) and on_text:
                    on_text(said.text)
        said.check(self.name)
        return said


@dataclass
class Said:
    """What a model has said so far; a reply comes in one piece or in many."""

    text: str = ""
    usage: Usage = field(default_factory=Usage)
    finish: types.FinishReason | None = None

    def hear(self, chunk: types.GenerateContentResponse, name: str) -> bool:
        """Take one piece, and tell whether it had text.

        Raises:
            Refused: a filter stopped the prompt.
        """
        if chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
            raise Refused(f"{name}: the provider's filter stopped the prompt")
        self.usage = _usage(chunk) or self.usage
        before = self.text
        for candidate in chunk.candidates or []:
            self.finish = candidate.finish_reason or self.finish
            parts = (candidate.content.parts if candidate.content else None) or []
            self.text += "".join(part.text or "" for part in parts if not part.thought)
        return self.text != before

    def check(self, name: str) -> None:
        """Let a whole reply pass.

        Raises:
            Unavailable, Truncated, Refused: it is none.
        """
        if self.finish is None:
            raise Unavailable(f"{name} broke off its reply")
        if self.finish in _CUT:
            raise Truncated(f"{name} reached the output limit")
        if self.finish not in _FINISHED:
            raise Refused(f"{name} stopped: {self.finish.value}")

    def completion(
        self, name: str, prices: Prices, seconds: float, share: float = 1.0
    ) -> Completion:
        """Give the reply.

        Args:
            share: of the usual price.
        """
        usd = price(name, self.usage, prices, share)
        return Completion(self.text, name, self.usage, usd, seconds)


class GeminiEmbedding:
    """A Gemini embedding model; ``model@dimension`` asks for shorter rows."""

    scope: Literal["text", "context"] = "text"
    batch_size = _TEXTS_PER_CALL

    def __init__(self, model: str, access: Access) -> None:
        self.name = f"gemini:{model}"
        self._model, _, dimension = model.partition("@")
        self._dimension = int(dimension) if dimension.isdigit() else None
        self._access = access
        self._client = open_client(access, self)

    def embed(self, texts: Sequence[str]) -> EmbeddingBatch:
        """Give one row for each text; Gemini's shorter rows are not of length 1 by themselves.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        started = time.monotonic()
        rows = with_retries(lambda: self._call(list(texts)), self._access.retries)
        matrix = np.asarray(rows, dtype=np.float32)
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
        # The reply holds no token count; four characters a token is the provider's own estimate.
        usage = Usage(input_tokens=sum(len(text) for text in texts) // 4)
        return EmbeddingBatch(
            rows=np.asarray(matrix / np.where(lengths > 0, lengths, 1.0), dtype=np.float32),
            usage=usage,
            usd=price(self.name, usage, self._access.prices),
            seconds=time.monotonic() - started,
        )

    def _call(self, texts: list[str]) -> list[list[float]]:
        with translated(self.name):
            reply = self._client.models.embed_content(
                model=self._model,
                contents=[types.Content(parts=[types.Part(text=text)]) for text in texts],
                config=types.EmbedContentConfig(
                    output_dimensionality=self._dimension, task_type="CLUSTERING"
                ),
            )
        rows = [embedding.values for embedding in reply.embeddings or [] if embedding.values]
        if len(rows) != len(texts):
            raise Unavailable(f"{self.name} gave {len(rows)} rows for {len(texts)} texts")
        return rows


def config_of(prompt: Prompt) -> types.GenerateContentConfig:
    """Give the settings of one request, for a call or for a batch."""
    return types.GenerateContentConfig(
        system_instruction=prompt.system,
        max_output_tokens=prompt.max_output_tokens,
        response_mime_type="application/json" if prompt.schema else None,
        response_json_schema=wire_schema(prompt.schema) if prompt.schema else None,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )


def open_client(access: Access, owner: object) -> genai.Client:
    """Open a client; it is closed with what holds it."""
    client = genai.Client(
        api_key=access.key.get_secret_value() if access.key else None,
        http_options=types.HttpOptions(
            base_url=access.base_url, timeout=int(access.timeout_seconds * 1000)
        ),
    )
    close_with(owner, client)
    return client


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise our errors for the SDK's, and for the transport's that it lets through."""
    try:
        yield
    except errors.APIError as error:
        headers = getattr(error.response, "headers", None) or {}
        said = f"{error.status} {error.message} {error.details}"
        delay = re.search(r"'retryDelay': '([\d.]+)s'", said)
        if error.code == 429 and delay and "retry-after" not in headers:
            raise RateLimited(
                f"{name} answered 429: too many requests", wait_seconds=float(delay[1])
            ) from error
        fail(name, error.code, said, headers, error)
    except httpx2.TimeoutException as error:
        raise Unavailable(f"{name} did not answer in time") from error
    except (
        httpx2.HTTPError,
        json.JSONDecodeError,
        errors.UnknownApiResponseError,
    ) as error:
        raise Unavailable(f"{name} cannot be reached, or broke off its reply") from error


def _usage(chunk: types.GenerateContentResponse) -> Usage | None:
    """Read the tokens so far; thinking is paid for as output."""
    counted = chunk.usage_metadata
    if counted is None:
        return None
    return Usage(
        input_tokens=counted.prompt_token_count or 0,
        cached_tokens=counted.cached_content_token_count or 0,
        output_tokens=(counted.candidates_token_count or 0) + (counted.thoughts_token_count or 0),
    )
