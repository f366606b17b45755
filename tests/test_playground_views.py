"""Modals and home tabs of the loopback Slack open, fill, stack and close as Slack's do."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground import EVERYTHING, NotShown, Playground, Refusal, View
from slack_app import Recorder, connected

Json = dict[str, Any]


@pytest.fixture(scope="module")
def office() -> Iterator[tuple[Playground, Recorder]]:
    with Playground(manifest=EVERYTHING) as slack, connected(slack) as recorder:
        yield slack, recorder


@pytest.fixture
def slack(office: tuple[Playground, Recorder]) -> Playground:
    return office[0]


@pytest.fixture(autouse=True)
def app(office: tuple[Playground, Recorder]) -> Recorder:
    office[1].reset()
    return office[1]


@pytest.fixture
def client(slack: Playground) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    return {"text": plain(value.upper()), "value": value}


def question(block_id: str, element: Json, **more: Any) -> Json:
    named = {"action_id": f"{block_id}_input"} | element
    return {"type": "input", "block_id": block_id, "label": plain("?"), "element": named} | more


TEXT = {"type": "plain_text_input", "max_length": 20}
MODE = {
    "type": "static_select",
    "options": [option("a"), option("b")],
    "initial_option": option("a"),
}
FORM = [
    question("question", TEXT),
    question("mode", MODE),
    question("tags", {"type": "checkboxes", "options": [option("x"), option("y")]}, optional=True),
    question("place", {"type": "conversations_select"}, optional=True),
    question("since", {"type": "datepicker", "initial_date": "2026-01-01"}),
]


def modal(**more: Any) -> Json:
    view = {"type": "modal", "callback_id": "form", "title": plain("Survey")}
    return view | {"submit": plain("Go"), "blocks": FORM} | more


def home(*texts: str) -> Json:
    blocks = [{"type": "section", "text": plain(text)} for text in texts]
    return {"type": "home", "blocks": blocks}


def open_modal(slack: Playground, client: WebClient, **more: Any) -> View:
    trigger = slack.command("").trigger_id
    client.views_open(trigger_id=trigger, view=modal(**more))
    return slack.views()[-1]


def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call()
    return str(refused.value.response["error"])


def test_a_trigger_opens_one_view_within_three_seconds(
    slack: Playground, client: WebClient
) -> None:
    used, old = slack.command("").trigger_id, slack.command("").trigger_id

    opened = client.views_open(trigger_id=used, view=modal())["view"]
    again = error_of(lambda: client.views_open(trigger_id=used, view=modal()))
    slack.pass_time(3.1)
    late = error_of(lambda: client.views_open(trigger_id=old, view=modal()))
    unknown = error_of(lambda: client.views_open(trigger_id="1.2", view=modal()))

    assert (opened["callback_id"], slack.views()[0].title) == ("form", "Survey")
    assert (again, late) == ("exchanged_trigger_id", "expired_trigger_id")
    assert unknown == "invalid_trigger_id"


def test_what_a_view_may_not_be_is_refused(slack: Playground, client: WebClient) -> None:
    trigger = slack.command("").trigger_id

    wrong_type = error_of(lambda: client.views_open(trigger_id=trigger, view=home("x")))
    too_long = error_of(
        lambda: client.views_open(trigger_id=trigger, view=modal(title=plain("x" * 25)))
    )
    nobody = error_of(lambda: client.views_publish(user_id="U404", view=home("x")))

    assert wrong_type == too_long == nobody == "invalid_arguments"


def test_what_a_person_fills_in_is_told(
    slack: Playground, app: Recorder, client: WebClient
) -> None:
    view = open_modal(slack, client, private_metadata="secret")

    receipt = slack.submit(
        view,
        {"question": "NeRF?", "mode_input": "b", "tags": ["x", "y"], "place": slack.channel},
    )

    body = app.last
    values = body["view"]["state"]["values"]
    assert (receipt.acked, receipt.action, receipt.view) == (True, "", None)
    assert (body["type"], body["view"]["private_metadata"]) == ("view_submission", "secret")
    assert values["question"] == {"question_input": {"type": "plain_text_input", "value": "NeRF?"}}
    assert values["mode"]["mode_input"]["selected_option"] == option("b")
    assert values["tags"]["tags_input"]["selected_options"] == [option("x"), option("y")]
    assert values["place"]["place_input"]["selected_conversation"] == slack.channel
    assert values["since"]["since_input"]["selected_date"] == "2026-01-01"


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({}, Refusal),
        ({"question": "x" * 21}, Refusal),
        ({"question": "x", "mode": "c"}, NotShown),
        ({"question": "x", "colour": "red"}, NotShown),
    ],
)
def test_slack_sends_only_what_the_form_allows(
    slack: Playground,
    app: Recorder,
    client: WebClient,
    values: dict[str, object],
    error: type[Exception],
) -> None:
    view = open_modal(slack, client)
    app.bodies.clear()

    with pytest.raises(error):
        slack.submit(view, values)

    assert app.bodies == []


def test_the_answer_to_a_submission_is_played(
    slack: Playground, app: Recorder, client: WebClient
) -> None:
    view = open_modal(slack, client)
    answers: list[Json] = [
        {"response_action": "errors", "errors": {"question": "Too vague."}},
        {"response_action": "push", "view": modal(title=plain("Second"))},
        {"response_action": "update", "view": modal(title=plain("Third"))},
        {"response_action": "clear"},
    ]

    receipts = []
    for answer in answers:
        app.acks["view_submission"] = answer
        receipts.append(slack.submit(slack.views()[-1], {"question": "x"}))

    assert [receipt.action for receipt in receipts] == ["errors", "push", "update", "clear"]
    assert receipts[0].errors == {"question": "Too vague."}
    assert [receipt.view and receipt.view.title for receipt in receipts] == [
        "Survey",
        "Second",
        "Third",
        None,
    ]
    pushed = receipts[1].view
    assert pushed
    assert (pushed.previous_id, pushed.root_id) == (view.id, view.id)
    assert slack.views() == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "update", "view": {"type": "modal", "blocks": []}},
        {"response_action": "dance"},
    ],
)
def test_an_answer_that_cannot_be_played_is_refused(
    slack: Playground, app: Recorder, client: WebClient, answer: Json
) -> None:
    view = open_modal(slack, client)
    app.acks["view_submission"] = answer

    with pytest.raises(Refusal, match="invalid_arguments"):
        slack.submit(view, {"question": "x"})


def test_a_submission_closes_its_own_modal_and_not_one_that_opened_meanwhile(
    slack: Playground, app: Recorder, client: WebClient
) -> None:
    view = open_modal(slack, client)

    def open_another(body: Json, client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal(title=plain("Another")))

    app.before_ack = open_another
    receipt = slack.submit(view, {"question": "x"})

    assert receipt.view
    assert receipt.view.title == "Another"


def test_three_modals_lie_on_each_other_and_no_more(slack: Playground, client: WebClient) -> None:
    view = open_modal(slack, client)
    deeper = [client.views_push(trigger_id=trigger(slack), view=modal()) for _ in range(2)]

    limit = error_of(lambda: client.views_push(trigger_id=trigger(slack), view=modal()))
    with pytest.raises(NotShown):
        slack.submit(view, {"question": "x"})
    for _ in range(3):
        slack.close_view(slack.views()[-1])
    nothing = error_of(lambda: client.views_push(trigger_id=trigger(slack), view=modal()))

    assert deeper[1]["view"]["previous_view_id"] == deeper[0]["view"]["id"]
    assert (limit, nothing) == ("push_limit_reached", "not_found")


def trigger(slack: Playground) -> str:
    return slack.command("").trigger_id


def test_closing_a_modal_is_told_where_it_asks_for_that(
    slack: Playground, app: Recorder, client: WebClient
) -> None:
    quiet = slack.close_view(open_modal(slack, client))
    told = slack.close_view(open_modal(slack, client, notify_on_close=True))

    assert quiet is None
    assert told
    assert told.acked
    assert (app.last["type"], app.last["is_cleared"]) == ("view_closed", False)


def test_an_update_must_know_what_stands_there(slack: Playground, client: WebClient) -> None:
    view = open_modal(slack, client, external_id="the-form")

    new = modal(title=plain("New"))
    updated = client.views_update(external_id="the-form", view=new, hash=view.hash)["view"]
    stale = error_of(lambda: client.views_update(view_id=view.id, view=modal(), hash=view.hash))
    gone = error_of(lambda: client.views_update(view_id="V404", view=modal()))
    open_modal(slack, client, external_id="another")
    again = trigger(slack)
    twice = error_of(lambda: client.views_open(trigger_id=again, view=modal(external_id="another")))

    assert updated["title"]["text"] == "New"
    assert (stale, gone, twice) == ("hash_conflict", "not_found", "duplicate_external_id")


def test_the_home_tab_is_published_again_and_clicked(
    slack: Playground, app: Recorder, client: WebClient
) -> None:
    button = {"type": "button", "action_id": "new_survey", "text": plain("New survey")}
    first = client.views_publish(user_id=slack.user, view=home("one"))["view"]
    view = home("two") | {"blocks": [{"type": "actions", "elements": [button]}]}
    client.views_publish(user_id=slack.user, view=view, hash=first["hash"])
    stale = error_of(
        lambda: client.views_publish(user_id=slack.user, view=view, hash=first["hash"])
    )

    standing = slack.home()
    assert standing
    slack.click(standing, "new_survey")

    assert (standing.id, stale) == (first["id"], "hash_conflict")
    assert app.last["container"] == {"type": "view", "view_id": standing.id}
    assert app.last["view"]["type"] == "home"


def test_a_home_tab_needs_to_be_switched_on() -> None:
    with Playground(manifest=replace(EVERYTHING, home_tab=False)) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)

        said = error_of(lambda: client.views_publish(user_id=slack.user, view=home("x")))

    assert said == "not_enabled"
