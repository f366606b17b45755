"""Draw a thread, a modal or a home tab as one HTML page that needs nothing else.

The pages are for the documentation: they look like Slack, on a phone too, in light and in dark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bot.playground.html import Html, element, escape, join, mrkdwn_html
from bot.playground.mrkdwn import show_emoji
from bot.playground.page_blocks import Setting, blocks_html
from bot.playground.pictures import file_html
from bot.playground.records import Message, View

_STYLE = Path(__file__).with_name("page.css")
_COLOURS = ("#2f7d6d", "#b4562f", "#5a4fa2", "#8a6d1f", "#2d6ea8", "#a23b6d")

Language = Literal["ja", "en"]
Theme = Literal["auto", "light", "dark"]


@dataclass(frozen=True, slots=True)
class _Words:
    """What Slack itself says."""

    app: str
    private: str
    edited: str
    reply: str
    replies: str
    home: str
    messages: str
    optional: str


_WORDS: Mapping[Language, _Words] = {
    "ja": _Words(
        "アプリ",
        "あなただけに表示されています",
        "（編集済み）",
        "{} 件の返信",
        "{} 件の返信",
        "ホーム",
        "メッセージ",
        "（任意）",
    ),
    "en": _Words(
        "APP",
        "Only visible to you",
        "(edited)",
        "{} reply",
        "{} replies",
        "Home",
        "Messages",
        " (optional)",
    ),
}


def draw_page(
    shown: Sequence[Message] | View,
    *,
    names: Mapping[str, str] | None = None,
    app: str = "Paperwalk",
    channel: str = "general",
    language: Language = "ja",
    theme: Theme = "auto",
    status: str = "",
) -> str:
    """Draw a page.

    Args:
        shown: a thread, root first; or any messages; or a modal or home tab.
        names: of people, by their ids.
        app: its name.
        status: what stands under a thread while the app works.

    Returns:
        HTML with style and pictures in it; everything from outside is escaped.
    """
    words = _WORDS[language]
    if isinstance(shown, View):
        setting = Setting(names or {}, {}, words.optional)
        draw = _modal if shown.type == "modal" else _home
        return _document(draw(shown, setting, words, app), shown.title or app, language, theme)
    files = {file.id: file for message in shown for file in message.files}
    setting = Setting(names or {}, files, words.optional)
    parts = [_message(message, setting, words, app) for message in shown]
    replies = len(shown) - 1
    if replies > 0 and all(message.thread_ts == shown[0].ts for message in shown[1:]):
        said = (words.reply if replies == 1 else words.replies).format(replies)
        parts.insert(1, element("div", "replies", element("span", "", escape(said))))
    if status:
        parts.append(element("div", "status", escape(f"{app} {status}")))
    head = element("header", "bar", escape(f"# {channel}"))
    body = element("main", "channel", head, element("section", "", *parts))
    return _document(body, f"#{channel}", language, theme)


def _document(body: Html, title: str, language: Language, theme: Theme) -> str:
    style = Html(_STYLE.read_text(encoding="utf-8"))
    scheme = "light dark" if theme == "auto" else theme
    head = element(
        "head",
        "",
        Html('<meta charset="utf-8">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", "", escape(title)),
        element("style", "", style),
    )
    page = element(
        "html", "", head, element("body", "", body), lang=language, style=f"color-scheme: {scheme}"
    )
    return f"<!doctype html>\n{page}\n"


def _message(message: Message, setting: Setting, words: _Words, app: str) -> Html:
    name = message.username or app if message.bot_id else _name(message, setting)
    when = datetime.fromtimestamp(float(message.ts), UTC).astimezone().strftime("%H:%M")
    head = [element("b", "", escape(name))]
    if message.bot_id:
        head.append(element("span", "badge", escape(words.app)))
    head.append(element("time", "", escape(when)))
    body = blocks_html(message.blocks, setting)
    if not message.blocks and message.text:
        body = element("div", "block text", mrkdwn_html(message.text, setting.names))
    if message.edits and not message.blocks:
        body = join([body, element("span", "faint", escape(words.edited))])
    parts = [element("div", "head", *head), body, *map(file_html, message.files)]
    if message.reactions:
        parts.append(element("div", "reactions", *map(_reaction, _counted(message))))
    if message.ephemeral_for:
        parts.insert(0, element("div", "private", escape(f"👁 {words.private}")))
    if message.is_streaming:
        parts.append(element("span", "cursor"))
    look = "message private-message" if message.ephemeral_for else "message"
    face = _face(name, is_app=bool(message.bot_id))
    return element("article", look, face, element("div", "grow", *parts))


def _name(message: Message, setting: Setting) -> str:
    return setting.names.get(message.user, message.user)


def _face(name: str, *, is_app: bool) -> Html:
    if is_app:
        return element("span", "face app", escape(name[:1]))
    colour = _COLOURS[sum(map(ord, name)) % len(_COLOURS)]
    return element("span", "face", escape(name[:1]), style=f"background: {colour}")


def _counted(message: Message) -> list[tuple[str, int]]:
    return [(show_emoji(one.name), len(one.users)) for one in message.reactions]


def _reaction(counted: tuple[str, int]) -> Html:
    return element("span", "reaction", escape(counted[0]), element("b", "", escape(counted[1])))


def _modal(view: View, setting: Setting, words: _Words, app: str) -> Html:
    del words
    head = element(
        "header",
        "modal-head",
        _face(app, is_app=True),
        element("b", "grow", escape(view.title)),
        element("span", "faint", escape("✕")),
    )
    feet = []
    for name, look in (("close", "button"), ("submit", "button primary")):
        said = view.shown.get(name)
        if isinstance(said, dict):
            feet.append(element("span", look, escape(said["text"])))
    body = element("div", "modal-body", blocks_html(view.blocks, setting))
    return element("main", "modal", head, body, element("footer", "", *feet))


def _home(view: View, setting: Setting, words: _Words, app: str) -> Html:
    tabs = [
        element("span", "tab on", escape(words.home)),
        element("span", "tab", escape(words.messages)),
    ]
    head = element("header", "bar", _face(app, is_app=True), element("b", "", escape(app)))
    body = element("section", "home", blocks_html(view.blocks, setting))
    return element("main", "channel", head, element("nav", "", *tabs), body)
