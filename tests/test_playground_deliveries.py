"""Deliveries come twice, late, in another order and again, over Socket Mode and over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.playground import EVERYTHING, Playground
from slack_app import Recorder, connected, reachable, wait_for

Transport = Callable[[Playground], AbstractContextManager[Recorder]]


@pytest.fixture
def slack() -> Iterator[Playground]:
    with Playground(manifest=EVERYTHING) as empty:
        yield empty


@pytest.fixture(scope="module", params=[connected, reachable], ids=["socket", "http"])
def office(request: pytest.FixtureRequest) -> Iterator[Recorder]:
    transport: Transport = request.param
    with Playground(manifest=EVERYTHING) as slack, transport(slack) as recorder:
        yield recorder


@pytest.fixture
def app(office: Recorder) -> Recorder:
    office.reset()
    return office


def post_button(slack: Playground) -> Any:
    client = WebClient(slack.bot_token, base_url=slack.api_url)
    shown = {"type": "plain_text", "text": "Go"}
    button = {"type": "button", "action_id": "go", "text": shown}
    blocks = [{"type": "actions", "elements": [button]}]
    ts = client.chat_postMessage(channel=slack.channel, text="t", blocks=blocks)["ts"]
    return slack.find(ts)


def test_all_kinds_arrive_and_are_answered(app: Recorder) -> None:
    slack = app.slack
    app.acks["command"] = {"text": "受け付けました"}

    receipt = slack.command("NeRFの進化")
    slack.say("あ & い")
    clicked = slack.click(post_button(slack), "go")

    assert (receipt.acked, receipt.text) == (True, "受け付けました")
    assert app.bodies[0]["text"] == "NeRFの進化"
    assert app.events("message")[0]["text"] == "あ & い"
    assert clicked.acked
    assert [delivery.kind for delivery in app.deliveries] == [
        "slash_commands",
        "events_api",
        "interactive",
    ]


def test_everything_may_come_twice(app: Recorder) -> None:
    slack = app.slack
    slack.deliver_twice = True

    slack.say("hello")
    slack.command("NeRF")
    slack.click(post_button(slack), "go")

    ids = [body.get("event_id") or body["trigger_id"] for body in app.bodies]
    assert ids[0::2] == ids[1::2]
    assert [delivery.attempt for delivery in app.deliveries] == [0, 1, 0, 0, 0, 0]
    if app.retries:
        assert app.retries == ["1 http_timeout"]


def test_events_may_come_in_another_order(app: Recorder) -> None:
    slack = app.slack
    slack.hold_events()
    for text in ("one", "two", "three"):
        slack.say(text)
    held = list(app.bodies)

    released = slack.release_events(reverse=True)
    slack.say("four")

    texts = [event["text"] for event in app.events("message")]
    assert (held, released) == ([], 3)
    assert texts == ["three", "two", "one", "four"]


def test_an_event_that_is_not_acknowledged_comes_again(app: Recorder) -> None:
    slack = app.slack
    slack.ack_seconds = 0.2
    slack.retry_seconds = (0.0, 0.01, 0.01)
    app.silent.add("message")

    slack.say("hello")
    wait_for(lambda: len(app.bodies) >= 2)
    app.silent.clear()
    wait_for(lambda: app.deliveries[-1].acked)

    assert slack.settle()
    assert len({body["event_id"] for body in app.bodies}) == 1
    assert app.deliveries[0].acked is False
    assert app.deliveries[-1].acked is True
    assert app.deliveries[1].reason in {"timeout", "http_timeout"}


def test_a_command_that_is_not_acknowledged_does_not_come_again(app: Recorder) -> None:
    slack = app.slack
    slack.ack_seconds = 0.2
    app.silent.add("command")

    receipt = slack.command("NeRF")

    assert (receipt.acked, receipt.error) == (False, "operation_timeout")
    assert len(app.bodies) == 1


# Socket Mode


def test_envelopes_go_to_the_connections_in_turn_and_outlive_a_refresh(slack: Playground) -> None:
    with connected(slack, connections=2) as app:
        wait_for(lambda: slack.connections == 2)
        for number in range(4):
            slack.say(str(number))

        slack.refresh()
        wait_for(lambda: slack.connections == 2)
        receipt = slack.command("still there?")

    assert receipt.acked
    assert [event["text"] for event in app.events("message")] == ["0", "1", "2", "3"]


def test_an_app_that_never_came_is_not_waited_for(slack: Playground) -> None:
    slack.say("hello")
    receipt = slack.command("NeRF")

    assert receipt.acked is False
    assert receipt.seconds < 1


# HTTP


def test_requests_are_signed_and_forged_ones_refused(slack: Playground) -> None:
    event: dict[str, Any] = {"type": "app_home_opened", "user": "U1", "tab": "home"}
    with reachable(slack) as app:
        assert slack.verify_url()
        assert slack.send_signed(event) == 200
        assert slack.send_signed(event, secret="another") == 401
        assert slack.send_signed(event, age_seconds=600) == 401

    assert len(app.bodies) == 1


def test_an_address_where_nobody_is_is_tried_again(slack: Playground) -> None:
    slack.ack_seconds = 0.5
    slack.retry_seconds = (0.0,)
    slack.deliver_over_http("http://127.0.0.1:9/nobody")
    slack.say("hello")
    assert slack.settle()

    reasons = [(delivery.attempt, delivery.reason) for delivery in slack.deliveries]
    assert reasons == [(0, ""), (1, "connection_failed")]
    assert [delivery.answer.reason for delivery in slack.deliveries] == ["connection_failed"] * 2


def test_an_app_that_fails_is_tried_again_with_the_reason(slack: Playground) -> None:
    slack.retry_seconds = (0.0, 0.0)
    with reachable(slack) as app:
        app.broken.add("message")
        slack.say("hello")
        assert slack.settle()

    assert app.retries == ["1 http_error", "2 http_error"]


# What the app is told of itself


def test_the_app_may_be_told_of_its_own_messages(slack: Playground) -> None:
    client = WebClient(slack.bot_token, base_url=slack.api_url)
    with connected(slack):
        slack.echo = True
        ts = client.chat_postMessage(channel=slack.channel, text="one")["ts"]
        client.chat_update(channel=slack.channel, ts=ts, text="two")
        client.chat_delete(channel=slack.channel, ts=ts)
        wait_for(lambda: len(slack.deliveries) == 3)
        assert slack.settle()

    events: list[Any] = [delivery.payload["event"] for delivery in slack.deliveries]
    assert {event.get("subtype") for event in events} == {
        None,
        "message_changed",
        "message_deleted",
    }
    assert all(delivery.acked for delivery in slack.deliveries)
