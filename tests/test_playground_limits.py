"""The loopback Slack refuses the blocks, views and metadata that Slack refuses."""

from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.playground import Message
from bot.playground.limits import Refusal, check_message, check_metadata, check_view
from bot.playground.page import draw_page
from bot.playground.render import draw_thread

Json = dict[str, Any]


def plain(text: str = "t") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "t") -> Json:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn()} | more


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain()} | more


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def option(text: str = "t", value: str = "v") -> Json:
    return {"text": plain(text), "value": value}


def select(**more: Any) -> Json:
    return {"type": "static_select", "options": [option()]} | more


def feedback(**more: Any) -> Json:
    side = {"text": plain(), "value": "v"}
    return {"type": "feedback_buttons", "positive_button": side, "negative_button": side} | more


def context_actions(*elements: Json) -> Json:
    return {"type": "context_actions", "elements": list(elements)}


def rich_text(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [*parts]}]}


LINE = {"type": "rich_text_section", "elements": [{"type": "text", "text": "t"}]}


def words(text: str = "t") -> Json:
    return {"type": "text", "text": text}


def cell(text: str = "t") -> Json:
    return {"type": "raw_text", "text": text}


def table(height: int = 1, width: int = 1, **more: Any) -> Json:
    return {"type": "table", "rows": [[cell()] * width] * height} | more


def data_table(height: int = 2, width: int = 1, **more: Any) -> Json:
    return table(height, width, type="data_table", caption="c") | more


def chart(**chart_fields: Any) -> Json:
    return {"type": "data_visualization", "title": "t", "chart": chart_fields}


def pie(segments: int, **more: Any) -> Json:
    one = {"label": "l", "value": 1} | more
    return chart(type="pie", segments=[one] * segments)


def bars(names: list[str], label: str = "a") -> Json:
    data = [{"label": label, "value": 1.5}]
    series = [{"name": name, "data": data} for name in names]
    return chart(type="bar", series=series, axis_config={"categories": ["a"]})


def task(name: str = "1", **more: Any) -> Json:
    return {"type": "task_card", "task_id": name, "title": "t"} | more


def plan(*tasks: Json) -> Json:
    return {"type": "plan", "title": "t", "tasks": list(tasks)}


TAKEN: list[Json] = [
    section(text=mrkdwn("x" * 3000), block_id="x" * 255, expand=True),
    {"type": "section", "fields": [mrkdwn("x" * 1000)] * 10},
    section(accessory=select(placeholder=plain(), initial_option=option())),
    section(accessory={"type": "image", "image_url": "https://a.example/i.png", "alt_text": ""}),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn()] * 10},
    {
        "type": "image",
        "slack_file": {"id": "F1"},
        "alt_text": "a map",
        "title": plain(),
    },
    actions(*[button(action_id=str(n), value="x" * 2000, style="danger") for n in range(25)]),
    actions(
        {"type": "overflow", "options": [option()] * 5},
        {"type": "checkboxes", "options": [{"text": mrkdwn(), "value": "v"}]},
        {"type": "datepicker", "initial_date": "2026-01-31"},
        {"type": "conversations_select"},
        {
            "type": "multi_static_select",
            "option_groups": [{"label": plain(), "options": [option()]}],
        },
        button(confirm={"title": plain(), "text": mrkdwn(), "confirm": plain(), "deny": plain()}),
    ),
    context_actions(
        feedback(action_id="f"), {"type": "icon_button", "icon": "trash", "text": plain()}
    ),
    rich_text(words(), {"type": "link", "url": "https://a.example"}),
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [LINE],
            }
        ],
    },
    {"type": "markdown", "text": "x" * 12_000},
    table(100, 20),
    data_table(101, 20, page_size=100),
    pie(6),
    bars(["A", "B"]),
    plan(task("1", status="complete"), task("2", details=rich_text(words()))),
    task(sources=[{"type": "url", "url": "https://a.example", "text": "a"}]),
]


@pytest.mark.parametrize("block", TAKEN)
def test_what_slack_takes_is_taken(block: Json) -> None:
    check_message("t", [block])


def without_one(value: Any) -> Iterator[Any]:
    """Give something with one of its fields left out, for each of them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield {other: kept for other, kept in value.items() if other != name}
            yield from (value | {name: fewer} for fewer in without_one(inner))
    elif isinstance(value, list) and value:
        yield from ([fewer, *value[1:]] for fewer in without_one(value[0]))


@pytest.mark.parametrize("block", TAKEN)
def test_what_is_taken_can_be_drawn_whatever_it_leaves_out(block: Json) -> None:
    console = Console(file=StringIO(), width=60)
    drawn = 0
    for fewer in (block, *without_one(block)):
        with suppress(Refusal):
            check_message("t", [fewer])
            message = Message("C1", "1.1", "U1", "t", blocks=(fewer,))
            draw_thread(console, [message], person="U1", command="")
            drawn += draw_page([message]).startswith("<!doctype html>")

    assert drawn


REFUSED: list[tuple[str, list[Json]]] = [
    ("no more than 50 items", [section()] * 51),
    ("unsupported type: sparkles", [{"type": "sparkles"}]),
    ("unsupported type: None", [{}]),
    ("unsupported type: input", [{"type": "input", "label": plain(), "element": select()}]),
    ("block_id already exists", [section(block_id="same")] * 2),
    ("block_id must be", [section(block_id="x" * 256)]),
    ("less than 3001", [section(text=mrkdwn("x" * 3001))]),
    ("more than 0", [section(text=mrkdwn(""))]),
    ("missing required field: text", [{"type": "section"}]),
    ("unsupported type: html", [section(text={"type": "html", "text": "x"})]),
    ("no more than 10", [{"type": "section", "fields": [mrkdwn()] * 11}]),
    ("less than 2001", [{"type": "section", "fields": [mrkdwn("x" * 2001)]}]),
    ("accessory must be", [section(accessory=[])]),
    ("unsupported type: feedback_buttons", [section(accessory=feedback())]),
    ("less than 151", [{"type": "header", "text": plain("x" * 151)}]),
    ("unsupported type: mrkdwn", [{"type": "header", "text": mrkdwn()}]),
    ("no more than 10", [{"type": "context", "elements": [mrkdwn()] * 11}]),
    ("at least 1", [{"type": "context", "elements": []}]),
    ("list of objects", [{"type": "context", "elements": ["x"]}]),
    ("missing required field: image_url", [{"type": "image", "alt_text": "a"}]),
    ("more than 0", [{"type": "image", "image_url": "https://a.example/i.png"}]),
    ("less than 2001", [{"type": "image", "image_url": "u", "alt_text": "x" * 2001}]),
    ("no more than 25", [actions(*[button()] * 26)]),
    ("action_id already exists", [actions(button(action_id="a"), button(action_id="a"))]),
    ("action_id must be", [actions(button(action_id="x" * 256))]),
    ("value must be", [actions(button(value="x" * 2001))]),
    ("value must be a string", [actions(button(value=1))]),
    ("url must be", [actions(button(url="x" * 3001))]),
    ("less than 76", [actions(button(text=plain("x" * 76)))]),
    ("unsupported type: mrkdwn", [actions(button(text=mrkdwn()))]),
    ("style must be", [actions(button(style="loud"))]),
    ("style must be", [actions(button(style=["danger"]))]),
    ("confirm must be", [actions(button(confirm="sure?"))]),
    ("less than 101", [actions(button(confirm={"title": plain("x" * 101), "text": mrkdwn()}))]),
    ("unsupported type: feedback_buttons", [actions(feedback())]),
    ("unsupported type: plain_text_input", [actions({"type": "plain_text_input"})]),
    ("unsupported type: multi_external_select", [actions({"type": "multi_external_select"})]),
    ("no more than 100", [actions(select(options=[option()] * 101))]),
    ("at least 1", [actions(select(options=[]))]),
    ("less than 76", [actions(select(options=[option("x" * 76)]))]),
    ("less than 151", [actions(select(options=[option(value="x" * 151)]))]),
    ("less than 151", [actions(select(placeholder=plain("x" * 151)))]),
    ("initial option", [actions(select(initial_option=option("other")))]),
    ("no more than 5", [actions({"type": "overflow", "options": [option()] * 6})]),
    ("no more than 10", [actions({"type": "radio_buttons", "options": [option()] * 11})]),
    (
        "at least 1",
        [actions({"type": "checkboxes", "options": [option()], "initial_options": []})],
    ),
    ("initial_date", [actions({"type": "datepicker", "initial_date": "tomorrow"})]),
    ("no more than 5", [context_actions(*[feedback()] * 6)]),
    ("unsupported type: button", [context_actions(button())]),
    ("missing required field: negative_button", [context_actions(feedback(negative_button=None))]),
    (
        "less than 2001",
        [context_actions(feedback(positive_button={"text": plain(), "value": "x" * 2001}))],
    ),
    ("more than 0", [context_actions({"type": "icon_button", "text": plain()})]),
    (
        "no more than 10 users",
        [
            context_actions(
                {
                    "type": "icon_button",
                    "icon": "trash",
                    "text": plain(),
                    "visible_to_user_ids": ["U1"] * 11,
                }
            )
        ],
    ),
    ("type must be", [rich_text({"type": "sparkle"})]),
    ("missing required field: text", [rich_text({"type": "text"})]),
    ("more than 0", [rich_text({"type": "link"})]),
    ("type must be", [{"type": "rich_text", "elements": [{"type": "section"}]}]),
    (
        "style must be",
        [{"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": [LINE]}]}],
    ),
    ("missing required field: text", [{"type": "markdown", "text": ""}]),
    ("less than 12001", [{"type": "markdown", "text": "x" * 6001}] * 2),
    ("more than 50 items", [{"type": "markdown", "text": "# h\n\n---\n\n" * 26}]),
    ("no more than 1 table", [table(1, 1)] * 2),
    ("between 1 and 100 rows", [table(101, 1)]),
    ("no more than 20 columns", [table(1, 21)]),
    ("no more than 20 items", [table(1, 1, column_settings=[{}] * 21)]),
    ("missing required field: rows", [table(1, 1, rows=[cell()])]),
    ("a cell must be", [table(1, 1, rows=[["x"]])]),
    ("type must be", [table(1, 1, rows=[[{"type": "button"}]])]),
    ("missing required field: text", [table(1, 1, rows=[[{"type": "raw_text"}]])]),
    ("missing required field: value", [table(1, 1, rows=[[{"type": "raw_number", "value": "1"}]])]),
    ("more than 0", [data_table(2, 1, caption="")]),
    ("between 2 and 101 rows", [data_table(1, 1)]),
    ("same number", [data_table(1, 1, rows=[[cell()], [cell(), cell()]])]),
    ("not allowed in the header", [data_table(1, 1, rows=[[rich_text(words())], [cell()]])]),
    ("page_size", [data_table(2, 1, page_size=101)]),
    ("less than 20001", [data_table(1, 1, rows=[[cell("x" * 10_001)]] * 2)]),
    ("no more than 2 data_visualization", [pie(1)] * 3),
    ("less than 51", [pie(1) | {"title": "x" * 51}]),
    ("type must be", [chart(type="radar")]),
    ("missing required field: chart", [pie(1) | {"chart": None}]),
    ("no more than 6", [pie(7)]),
    ("less than 21", [pie(1, label="x" * 21)]),
    ("missing required field: value", [pie(1, value="1")]),
    ("missing required field: axis_config", [chart(type="bar", series=[])]),
    ("categories must have", [chart(type="bar", axis_config={"categories": []})]),
    ("no more than 6", [bars(list("ABCDEFG"))]),
    ("must be unique", [bars(["A", "A"])]),
    ("one of the categories", [bars(["A"], label="b")]),
    ("less than 21", [bars(["x" * 21])]),
    ("status must be", [plan(task(status="done"))]),
    ("task_id already exists", [plan(task("1"), task("1"))]),
    ("task_id already exists", [plan(task("1")), task("1")]),
    ("more than 0", [task("")]),
    ("less than 151", [plan() | {"title": "x" * 151}]),
    ("details must be", [task(details="text")]),
    ("type must be", [task(sources=[{"type": "link"}])]),
    ("type must be", [plan(section())]),
]


@pytest.mark.parametrize(("why", "blocks"), REFUSED)
def test_blocks_that_slack_refuses_are_refused_with_the_reason(
    why: str, blocks: list[Json]
) -> None:
    with pytest.raises(Refusal) as refused:
        check_message("t", blocks)

    assert refused.value.error == "invalid_blocks"
    assert why in refused.value.messages[0]


def test_a_message_has_limits_as_a_whole() -> None:
    errors: list[str] = []
    for text, blocks in (
        ("", []),
        ("x" * 40_001, []),
        ("t", [section(text=mrkdwn("x" * 2_900))] * 5),
        ("t", [rich_text(words("x" * 13_201))]),
    ):
        with pytest.raises(Refusal) as refused:
            check_message(text, blocks)
        errors.append(refused.value.error)

    assert errors == ["no_text", "msg_too_long", "msg_blocks_too_long", "msg_blocks_too_long"]
    check_message("", [], has_files=True)


def test_an_older_slack_does_not_know_a_block_wherever_it_stands() -> None:
    for blocks in ([plan(task())], [task()]):
        check_message("t", blocks)
        with pytest.raises(Refusal, match="invalid_blocks"):
            check_message("t", blocks, unknown={"task_card"})


# Views


def modal(**more: Any) -> Json:
    return {"type": "modal", "title": plain(), "submit": plain(), "blocks": [question()]} | more


def question(element: Json | None = None, **more: Any) -> Json:
    element = element or {"type": "plain_text_input", "max_length": 3000, "multiline": True}
    return {"type": "input", "label": plain(), "element": element} | more


def home(*blocks: Json) -> Json:
    return {"type": "home", "blocks": list(blocks)}


INPUTS: list[Json] = [
    select(),
    {"type": "multi_static_select", "options": [option()], "initial_options": [option()]},
    {"type": "conversations_select", "default_to_current_conversation": True},
    {"type": "checkboxes", "options": [option()]},
    {"type": "radio_buttons", "options": [option()], "initial_option": option()},
    {"type": "datepicker"},
]


@pytest.mark.parametrize(
    "view",
    [
        modal(),
        modal(blocks=[section()] * 100, private_metadata="x" * 3000, callback_id="x" * 255),
        modal(blocks=[question(element, hint=plain(), optional=True) for element in INPUTS]),
        home(section(), pie(2), question(dispatch_action=True)),
    ],
)
def test_views_that_slack_takes_are_taken(view: Json) -> None:
    check_view(view)


VIEWS: list[tuple[str, object]] = [
    ("missing required field: view", None),
    ("unsupported type: None", {}),
    ("unsupported type: panel", modal(type="panel")),
    ("missing required field: blocks", {"type": "home"}),
    ("missing required field: text", {"type": "modal", "blocks": []}),
    ("less than 25", modal(title=plain("x" * 25))),
    ("less than 25", modal(submit=plain("x" * 25))),
    ("less than 25", modal(close=plain("x" * 25))),
    ("unsupported type: mrkdwn", modal(title=mrkdwn())),
    ("no more than 100", home(*[section()] * 101)),
    ("private_metadata must be", modal(private_metadata="x" * 3001)),
    ("callback_id must be", modal(callback_id="x" * 256)),
    ("submit is required", {"type": "modal", "title": plain(), "blocks": [question()]}),
    ("invalid additional property: title", home() | {"title": plain()}),
    ("unsupported type: markdown", home({"type": "markdown", "text": "x"})),
    ("unsupported type: context_actions", home(context_actions(feedback()))),
    ("unsupported type: plan", modal(blocks=[plan()])),
    ("less than 2001", modal(blocks=[question(label=plain("x" * 2001))])),
    ("less than 2001", modal(blocks=[question(hint=plain("x" * 2001))])),
    ("missing required field: element", modal(blocks=[question() | {"element": None}])),
    ("unsupported type: button", modal(blocks=[question(button())])),
    ("unsupported type: overflow", modal(blocks=[question({"type": "overflow"})])),
    (
        "max_length must be",
        modal(blocks=[question({"type": "plain_text_input", "max_length": 3001})]),
    ),
    (
        "initial_value must be",
        modal(blocks=[question({"type": "plain_text_input", "initial_value": "x" * 3001})]),
    ),
]


@pytest.mark.parametrize(("why", "view"), VIEWS)
def test_views_that_slack_refuses_are_refused_with_the_reason(why: str, view: object) -> None:
    with pytest.raises(Refusal) as refused:
        check_view(view)

    assert refused.value.error == "invalid_arguments"
    assert why in refused.value.messages[0]


def test_a_view_may_not_weigh_too_much() -> None:
    with pytest.raises(Refusal, match="view_too_large"):
        check_view(home(*[section(text=mrkdwn("あ" * 3000))] * 30))


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"event_type": "", "event_payload": {}},
        {"event_type": "e", "event_payload": []},
        {"event_type": "x" * 256, "event_payload": {}},
    ],
)
def test_metadata_needs_a_type_and_a_payload(metadata: object) -> None:
    with pytest.raises(Refusal, match="invalid_metadata_format"):
        check_metadata(metadata)


KINDS = sorted({str(block["type"]) for block in TAKEN} | {"input", "text", "bullet", "pie", "bar"})
FIELDS = (
    "type text blocks elements options option_groups rows title chart series segments data label "
    "value axis_config categories tasks details sources task_id status style element accessory "
    "fields initial_option confirm placeholder url positive_button caption page_size block_id"
).split()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([*KINDS, "", "plain_text"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6)
    ),
    max_leaves=20,
)
TYPED = st.builds(
    lambda kind, more: {**more, "type": kind},
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=6),
)


@given(st.lists(TYPED, max_size=3))
def test_blocks_of_any_shape_are_taken_or_refused_by_name(blocks: list[Json]) -> None:
    with suppress(Refusal):
        check_message("t", blocks)
    with suppress(Refusal):
        check_view({"type": "home", "blocks": blocks})
    with suppress(Refusal):
        check_view(modal(blocks=blocks))
