"""Threads, modals and home tabs are drawn as a person sees them, in the terminal and as a page."""

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table
from rich.text import Text
from slack_sdk import WebClient

from bot.playground import EVERYTHING, Message, Playground, User, View
from bot.playground.page import draw_page
from bot.playground.prose import set_markdown, wrap
from bot.playground.render import draw_thread, draw_view

Json = dict[str, Any]
PNG = b"\x89PNG\r\n\x1a\n rest of a picture"


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(text: str, **more: Any) -> Json:
    return {"type": "button", "action_id": text, "text": plain(text)} | more


def option(text: str) -> Json:
    return {"text": plain(text), "value": text}


def rich(*leaves: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [*leaves]}]}


def cells(*texts: str) -> list[Json]:
    return [{"type": "raw_text", "text": text} for text in texts]


LIST = {
    "type": "rich_text_list",
    "style": "ordered",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "最初の項目"}]}
    ],
}
SURVEY = """## 見出し

- **太字** [名前](https://arxiv.org/abs/1)

| 手法 | 年 |
|--|--:|
| ガウシアン | 2023 |

```
code line
```
"""
BLOCKS: list[Json] = [
    {"type": "header", "text": plain("見出し行")},
    {"type": "section", "text": mrkdwn("*質問* <@U0PERSON> &amp; <https://a.example|リンク> `式`")},
    {
        "type": "section",
        "fields": [mrkdwn("左の欄"), plain("右の欄")],
        "accessory": {"type": "overflow", "action_id": "o", "options": [option("x")]},
    },
    {"type": "divider"},
    {
        "type": "context",
        "elements": [
            mrkdwn("小さな字 :tada:"),
            {"type": "image", "image_url": "https://a.example/i.png", "alt_text": "小さな絵"},
        ],
    },
    {
        "type": "plan",
        "title": "進み具合",
        "tasks": [
            {
                "type": "task_card",
                "task_id": "1",
                "title": "検索",
                "status": "complete",
                "output": rich({"type": "text", "text": "60 本"}),
            },
            {"type": "task_card", "task_id": "2", "title": "執筆", "status": "pending"},
        ],
    },
    {
        "type": "task_card",
        "task_id": "3",
        "title": "失敗した仕事",
        "status": "error",
        "sources": [{"type": "url", "url": "https://a.example", "text": "出典"}],
    },
    {
        "type": "actions",
        "elements": [
            button("A が良い", style="primary"),
            {
                "type": "static_select",
                "action_id": "s",
                "options": [option("節ごと")],
                "initial_option": option("節ごと"),
            },
        ],
    },
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "f",
                "positive_button": {"text": plain("役に立った"), "value": "+"},
                "negative_button": {"text": plain("役に立たない"), "value": "-"},
            },
            {"type": "icon_button", "action_id": "i", "icon": "trash", "text": plain("消す")},
        ],
    },
    rich(
        {"type": "text", "text": "太い字", "style": {"bold": True}},
        {"type": "link", "url": "https://b.example", "text": "飛び先"},
        {"type": "user", "user_id": "U2"},
        {"type": "emoji", "name": "eyes"},
    ),
    {"type": "rich_text", "elements": [LIST]},
    {"type": "table", "rows": [cells("手法", "年"), cells("放射輝度場", "2020")]},
    {
        "type": "data_visualization",
        "title": "勝率",
        "chart": {
            "type": "bar",
            "series": [{"name": "勝率", "data": [{"label": "甲", "value": 62}]}],
            "axis_config": {"categories": ["甲"], "y_label": "%"},
        },
    },
    {
        "type": "data_visualization",
        "title": "内訳",
        "chart": {"type": "pie", "segments": [{"label": "引き分け", "value": 3}]},
    },
]
SEEN = (
    "見出し行 質問 リンク 式 左の欄 右の欄 小さな字 🎉 小さな絵 進み具合 検索 60 執筆 失敗した仕事 出典 "
    "節ごと 役に立った 太い字 飛び先 👀 最初の項目 放射輝度場 2020 勝率 甲 62 内訳 引き分け"
).split()


@pytest.fixture(scope="module")
def slack() -> Iterator[Playground]:
    with Playground(manifest=EVERYTHING) as running:
        running.add_user(User("U0PERSON", "田中"))
        running.add_user(User("U2", "佐藤"))
        yield running


@pytest.fixture(scope="module")
def thread(slack: Playground) -> list[Message]:
    """Give a thread with one of everything."""
    client = WebClient(slack.bot_token, base_url=slack.api_url)
    here: Json = {"channel": slack.channel, "text": "t"}
    root = client.chat_postMessage(**here, blocks=BLOCKS)["ts"]
    slack.say("人の言葉 &lt;b&gt;", thread_ts=root, user="U2")
    part = client.chat_postMessage(
        **here, thread_ts=root, blocks=[{"type": "markdown", "text": SURVEY}]
    )["ts"]
    client.files_upload_v2(
        channel=slack.channel,
        thread_ts=root,
        file_uploads=[
            {"filename": "survey.md", "content": "# 本文の一行目\n" * 9, "title": "全文"},
            {"filename": "map.png", "content": PNG, "alt_txt": "論文の地図"},
        ],
    )
    client.chat_postEphemeral(
        channel=slack.channel, user=slack.user, thread_ts=root, text="記録しました"
    )
    survey = slack.find(part)
    assert survey
    slack.react(survey, "+1")
    slack.react(survey, "+1", user="U2")
    return slack.thread(root)


@pytest.fixture(scope="module")
def modal(slack: Playground) -> View:
    client = WebClient(slack.bot_token, base_url=slack.api_url)

    def question(name: str, element: Json, **more: Any) -> Json:
        return {
            "type": "input",
            "label": plain(name),
            "element": element | {"action_id": name},
        } | more

    options = [option("通常"), option("比較")]
    view = {
        "type": "modal",
        "title": plain("新しいサーベイ"),
        "submit": plain("作成"),
        "close": plain("やめる"),
        "blocks": [
            question("質問", {"type": "plain_text_input", "multiline": True}, hint=plain("例")),
            question("仮題", {"type": "plain_text_input", "initial_value": "無題"}),
            question("種類", {"type": "radio_buttons", "options": options}),
            question(
                "条件",
                {"type": "checkboxes", "options": options, "initial_options": options[:1]},
                optional=True,
            ),
            question("会話", {"type": "conversations_select", "placeholder": plain("選ぶ")}),
            question("日付", {"type": "datepicker", "initial_date": "2026-01-01"}),
        ],
    }
    client.views_open(trigger_id=slack.command("").trigger_id, view=view)
    return slack.views()[-1]


def print_thread(thread: list[Message], names: dict[str, str]) -> str:
    out = StringIO()
    draw_thread(
        Console(file=out, width=72), thread, person="U0PERSON", command="/survey 質問", names=names
    )
    return out.getvalue()


# The terminal


def test_a_thread_is_printed_with_all_that_stands_in_it(
    slack: Playground, thread: list[Message]
) -> None:
    drawn = print_thread(thread, slack.names)

    for seen in (*SEEN, "/survey 質問", "@you", "[ A が良い ]", "[ 消す ]", "👍 2", "survey.md"):
        assert seen in drawn, seen
    for seen in ("佐藤", "人の言葉 <b>", "Only visible to you", "✓ 検索", "○ 執筆", "✗ 失敗"):
        assert seen in drawn, seen
    assert "**" not in drawn


def test_columns_stand_under_each_other_in_japanese(thread: list[Message]) -> None:
    lines = print_thread(thread, {}).splitlines()

    head = next(line for line in lines if "手法" in line)
    row = next(line for line in lines if "放射輝度場" in line)
    assert Text(head[: head.index("年")]).cell_len == Text(row[: row.index("2020")]).cell_len


def test_edited_and_unfinished_messages_say_so(thread: list[Message]) -> None:
    changed = replace(thread[1], edits=1, is_streaming=True)

    assert "(edited)  …" in print_thread([changed], {})


def test_a_modal_and_a_home_tab_are_printed(modal: View) -> None:
    out = StringIO()
    home = replace(modal, shown={"type": "home", "blocks": BLOCKS[:2]})

    draw_view(Console(file=out, width=60), modal)
    draw_view(Console(file=out, width=60), home, person="U0PERSON")

    drawn = out.getvalue()
    for seen in (
        "新しいサーベイ",
        "○ 通常",
        "☑ 通常",
        "☐ 比較",
        "[ 選ぶ ▾ ]",
        "無題",
        "2026-01-01",
    ):
        assert seen in drawn, seen
    assert "[ やめる ]  [ 作成 ]" in drawn
    assert "Paperwalk · Home" in drawn


@example(" 、、、、、、", 12)
@given(
    st.text(alphabet=st.sampled_from(list("あ漢ア。、」（「 abcNeRF1-")), max_size=200),
    st.integers(12, 60),
)
def test_lines_break_rightly_in_japanese_and_lose_nothing(text: str, width: int) -> None:
    lines = [line.plain for line in wrap(Text(text), width)]

    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert all(not re.match(r"[。、」]", line) for line in lines[1:])


def test_markdown_is_set_with_hanging_items_tables_code_and_quotes() -> None:
    markdown = (
        "# 題\n\n> 引用\n\n- 一つ目の項目はとても長いので折り返します\n1. 番号\n\n"
        "```\n**code**\n```\n*斜体* `code`\n\n| a | b |\n|--|--|\n| c | d |"
    )

    drawn = list(set_markdown(markdown, 24))
    lines = [line.plain for line in drawn if isinstance(line, Text)]

    assert lines[0] == "題"
    assert "▏ 引用" in lines
    assert lines[4].startswith("• ")
    assert lines[5].startswith("  ")
    assert "1. 番号" in lines
    assert "  **code**" in lines
    assert "斜体 code" in lines
    assert isinstance(drawn[-1], Table)
    assert drawn[-1].row_count == 1


# The page


class Reader(HTMLParser):
    """Reads a page as a browser does, as far as its safety is concerned."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"href", "src", "action", "data"}:
                self.addresses.append(str(value))
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def test_a_page_shows_all_that_stands_in_a_thread(slack: Playground, thread: list[Message]) -> None:
    page = draw_page(thread, names=slack.names, status="が考えています")

    reader = read(page)
    for seen in (*SEEN, "@田中", "@佐藤", "人の言葉 <b>", "4 件の返信", "アプリ", "本文の一行目"):
        assert seen in reader.text, seen
    for seen in ("👍", "全文", "survey.md・Markdown", "あなただけに表示されています", "code line"):
        assert seen in reader.text, seen
    assert "Paperwalk が考えています" in reader.text
    assert "ガウシアン" in reader.text
    assert "Noto Sans JP" in page
    assert "light-dark(" in page


def test_a_page_counts_replies_in_words(thread: list[Message]) -> None:
    pages = [draw_page(thread[:count], language="en") for count in (1, 2, 3)]

    said = [re.findall(r"\d+ repl(?:y|ies)", page) for page in pages]
    assert said == [[], ["1 reply"], ["2 replies"]]


def test_a_page_loads_nothing_and_shows_pictures(thread: list[Message]) -> None:
    reader = read(draw_page(thread))

    loaded = [one for one in reader.addresses if not one.startswith("https://")]
    assert loaded == [f"data:image/png;base64,{base64.b64encode(PNG).decode()}"]
    assert not {"script", "link", "iframe", "object"} & set(reader.tags)


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>[x](javascript:alert(1))'


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "markdown", "text": f"{HOSTILE} [b](https://b.example)\n\n| {HOSTILE} |\n|--|"}],
        [{"type": "section", "text": mrkdwn(f"{HOSTILE} <javascript:alert(1)|x> *{HOSTILE}*")}],
        [{"type": "section", "text": mrkdwn(f"```{HOSTILE}``` <!date^1^{HOSTILE}|{HOSTILE}>")}],
        [{"type": "actions", "elements": [button(HOSTILE[:75])]}],
        [rich({"type": "link", "url": "javascript:alert(1)", "text": HOSTILE})],
        [{"type": "plan", "title": HOSTILE, "tasks": []}],
        [{"type": "image", "image_url": "javascript:alert(1)", "alt_text": HOSTILE}],
        [{"type": "table", "rows": [cells(HOSTILE)]}],
        [
            {
                "type": "data_visualization",
                "title": HOSTILE,
                "chart": {"type": "pie", "segments": [{"label": HOSTILE, "value": 1}]},
            }
        ],
    ],
)
def test_everything_from_outside_is_escaped(thread: list[Message], blocks: list[Json]) -> None:
    hostile = replace(thread[1], user=HOSTILE, text=HOSTILE, blocks=tuple(blocks))

    reader = read(draw_page([hostile], channel=HOSTILE, status=HOSTILE, names={}))

    assert not {"script", "img"} & set(reader.tags)
    assert not reader.handlers
    assert all(one.startswith("https://") for one in reader.addresses)
    assert "<script>alert(1)</script>" in reader.text


def test_views_become_pages_in_both_languages(modal: View) -> None:
    home = replace(modal, shown={"type": "home", "blocks": BLOCKS})

    form = read(draw_page(modal)).text
    tab = draw_page(home, language="en", theme="dark")

    for seen in (
        "新しいサーベイ",
        "作成",
        "やめる",
        "（任意）",
        "無題",
        "例",
        "選ぶ",
        "2026-01-01",
    ):
        assert seen in form, seen
    for seen in (*SEEN, "Home", "Messages"):
        assert seen in read(tab).text, seen
    assert 'style="color-scheme: dark"' in tab
    assert 'lang="en"' in tab


@pytest.mark.parametrize("kind", ["bar", "line", "area"])
def test_charts_show_every_series_and_category(thread: list[Message], kind: str) -> None:
    data = [{"label": "春", "value": 0.2}, {"label": "夏", "value": 0.7}]
    series = [{"name": "甲", "data": data}, {"name": "乙", "data": data[:1]}]
    axes = {"categories": ["春", "夏"]}
    chart = {"type": kind, "series": series, "axis_config": axes}
    block: Json = {"type": "data_visualization", "title": "季節", "chart": chart}

    page = draw_page([replace(thread[1], blocks=(block,))])

    text = read(page).text
    assert all(name in text for name in ("季節", "甲", "乙", "春", "夏", "0.8", "0.4"))
    assert page.count({"bar": "<rect", "line": "<polyline", "area": "<polygon"}[kind]) >= 2
