"""Anthropic's language models through its own SDK."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import anthropic
import httpx2
from anthropic.types import Message, TextBlockParam
from anthropic.types.message_create_params import MessageCreateParamsBase

from pipeline.errors import ContextTooLong, Refused, Truncated, Unavailable
from pipeline.providers import Access
from pipeline.providers.base import Completion, OnText, Prompt
from pipeline.providers.prices import Prices, price
from pipeline.providers.retry import with_retries
from pipeline.providers.wire import close_with, fail, wire_schema
from pipeline.types import Usage


class AnthropicChat:
    """A model of the Messages API, streamed: the SDK refuses long calls that are not."""

    def __init__(self, model: str, access: Access) -> None:
        self.name = f"anthropic:{model}"
        self._model = model
        self._access = access
        self._client = open_client(access, self)

    def complete(self, prompt: Prompt, on_text: OnText | None = None) -> Completion:
        """Answer one prompt.

        Raises:
            the errors of ``ChatModel.complete``.
        """
        started = time.monotonic()
        message = with_retries(
            lambda: self._call(prompt, on_text), self._access.retries, prompt.admit
        )
        return completion_of(message, self.name, self._access.prices, time.monotonic() - started)

    def _call(self, prompt: Prompt, on_text: OnText | None) -> Message:
        with (
            translated(self.name),
            self._client.messages.stream(**request_of(self._model, prompt)) as stream,
        ):
            said = ""
            for piece in stream.text_stream:
                said += piece
                if on_text:
                    on_text(said)
            message = stream.get_final_message()
        if message.stop_reason is None:
            raise Unavailable(f"{self.name} broke off its reply")
        return message


def open_client(access: Access, owner: object) -> anthropic.Anthropic:
    """Open a client whose retries are ours; it is closed with what holds it."""
    client = anthropic.Anthropic(
        api_key=access.key.get_secret_value() if access.key else None,
        base_url=access.base_url,
        timeout=access.timeout_seconds,
        max_retries=0,
    )
    close_with(owner, client)
    return client


def request_of(model: str, prompt: Prompt) -> MessageCreateParamsBase:
    """Give the parameters of one request, for a call or for a batch."""
    content: str | list[TextBlockParam] = prompt.user
    if prompt.stable:
        kept: TextBlockParam = {
            "type": "text",
            "text": prompt.stable,
            "cache_control": {"type": "ephemeral"},
        }
        content = [kept, {"type": "text", "text": prompt.user}]
    request: MessageCreateParamsBase = {
        "model": model,
        "max_tokens": prompt.max_output_tokens,
        "system": prompt.system,
        "messages": [{"role": "user", "content": content}],
    }
    if prompt.schema:
        schema = wire_schema(prompt.schema)
        request["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return request


def completion_of(
    message: Message, name: str, prices: Prices, seconds: float, share: float = 1.0
) -> Completion:
    """Give the reply of a message.

    Args:
        share: of the usual price.

    Raises:
        Refused, Truncated, ContextTooLong: it is refused or unfinished.
    """
    usage = _usage(message)
    text = _text(message, name)
    return Completion(text, name, usage, price(name, usage, prices, share), seconds)


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise our errors for the SDK's, and for the transport's that it lets through."""
    try:
        yield
    except anthropic.APIStatusError as error:
        fail(name, error.status_code, str(error.body), error.response.headers, error)
    except anthropic.APITimeoutError as error:
        raise Unavailable(f"{name} did not answer in time") from error
    except (
        anthropic.AnthropicError,
        httpx2.HTTPError,
        json.JSONDecodeError,
        AssertionError,
    ) as error:
        # The SDK asserts that a message has begun; a stream cut before that fails there.
        raise Unavailable(f"{name} cannot be reached, or broke off its reply") from error


def _text(message: Message, name: str) -> str:
    """Give the reply's text; an unfinished or refused reply is an error."""
    match message.stop_reason:
        case "refusal":
            raise Refused(f"{name} refused")
        case "max_tokens":
            raise Truncated(f"{name} reached the output limit")
        case "model_context_window_exceeded":
            raise ContextTooLong(f"{name}: the prompt is longer than the model reads")
        case _:
            return "".join(block.text for block in message.content if block.type == "text")


def _usage(message: Message) -> Usage:
    """Add up the input: Anthropic counts what it read from, and wrote to, its cache apart."""
    usage = message.usage
    cached = usage.cache_read_input_tokens or 0
    written = usage.cache_creation_input_tokens or 0
    return Usage(usage.input_tokens + cached + written, cached, usage.output_tokens)
