"""The loopback Slack fails when told to, before or after taking a call, and keeps Slack's pace."""

import threading
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.playground import EVERYTHING, Channel, Fault, Playground
from slack_app import wait_for


@pytest.fixture
def slack() -> Iterator[Playground]:
    with Playground(manifest=EVERYTHING) as empty:
        yield empty


@pytest.fixture
def client(slack: Playground) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


def test_faults_are_played_once(slack: Playground, client: WebClient) -> None:
    slack.fail_next("auth.test", Fault(429, retry_after=0), Fault(200, error="team_is_sad"))
    patient = WebClient(
        slack.bot_token, base_url=slack.api_url, retry_handlers=[RateLimitErrorRetryHandler(1)]
    )

    with pytest.raises(SlackApiError) as refused:
        patient.auth_test()

    assert refused.value.response["error"] == "team_is_sad"
    assert client.auth_test()["ok"]


@pytest.mark.parametrize("fault", [Fault(accepted=True), Fault(503, accepted=True)])
def test_a_fault_after_acceptance_loses_the_answer_only(
    slack: Playground, client: WebClient, fault: Fault
) -> None:
    before = len(slack.messages())
    slack.fail_next("chat.postMessage", fault)

    with pytest.raises((SlackApiError, OSError)):
        client.chat_postMessage(channel=slack.channel, text="t")

    assert len(slack.messages()) == before + 1


def test_an_answer_may_be_kept_back_after_acceptance(slack: Playground, client: WebClient) -> None:
    slack.hold_after_accepting("chat.postMessage")
    call = threading.Thread(target=lambda: client.chat_postMessage(channel=slack.channel, text="t"))

    call.start()
    wait_for(lambda: slack.holding)
    stood = [message.text for message in slack.messages()]
    client.auth_test()
    slack.release()
    call.join()

    assert stood == ["t"]


def test_a_share_of_calls_fails_alike_for_one_seed(slack: Playground, client: WebClient) -> None:
    def outcomes(seed: int) -> list[str]:
        slack.fault_rate(seed, 0.5)
        said: list[str] = []
        for _ in range(40):
            try:
                client.auth_test()
                said.append("ok")
            except SlackApiError as error:
                said.append(str(error.response.status_code))
            except OSError:
                said.append("dropped")
        slack.fault_rate(seed, 0.0)
        return said

    first = outcomes(1)

    assert first == outcomes(1) != outcomes(2)
    assert set(first) == {"ok", "429", "500", "503", "dropped"}
    assert 8 < first.count("ok") < 32


def test_a_channel_takes_about_one_message_a_second(slack: Playground, client: WebClient) -> None:
    slack.add_channel(Channel("C7", "seven"))
    slack.pace = True
    for _ in range(5):
        client.chat_postMessage(channel="C7", text="t")

    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="C7", text="t")
    slack.pass_time(1)
    client.chat_postMessage(channel="C7", text="t")
    slack.pace = False

    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "1"
    assert len(slack.messages("C7")) == 6
