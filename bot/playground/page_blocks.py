"""Draw blocks as HTML that looks like Slack's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.playground.charts import chart_html
from bot.playground.html import (
    Html,
    element,
    escape,
    join,
    label,
    markdown_html,
    rich_html,
    text_html,
)
from bot.playground.pictures import picture_html
from bot.playground.records import File, Json

_MARKS = {"complete": "✓", "error": "!", "in_progress": "", "pending": ""}
_ICONS = {"trash": "🗑"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What blocks are drawn with.

    Attributes:
        names: of people, by their ids.
        files: that images may show, by their ids.
        optional: what stands beside an input that may stay empty.
    """

    names: Mapping[str, str]
    files: Mapping[str, File]
    optional: str


def blocks_html(blocks: Sequence[Json], setting: Setting) -> Html:
    """Give blocks, one under the other."""
    return join([_DRAW[str(block["type"])](block, setting) for block in blocks])


def _section(block: Json, setting: Setting) -> Html:
    fields = block.get("fields")
    body = element("div", "text", text_html(block.get("text"), setting.names))
    if isinstance(fields, list):
        cells = [element("div", "", text_html(one, setting.names)) for one in fields]
        body = join([body if "text" in block else Html(""), element("div", "fields", *cells)])
    accessory = block.get("accessory")
    beside = touchable(accessory, setting) if isinstance(accessory, dict) else Html("")
    return element("div", "block section", element("div", "grow", body), beside)


def _header(block: Json, setting: Setting) -> Html:
    return element("h3", "block header", text_html(block["text"], setting.names))


def _context(block: Json, setting: Setting) -> Html:
    elements = block["elements"]
    assert isinstance(elements, list)
    shown = [
        _image_element(one, setting)
        if one["type"] == "image"
        else element("span", "", text_html(one, setting.names))
        for one in elements
    ]
    return element("div", "block context", *shown)


def _actions(block: Json, setting: Setting) -> Html:
    elements = block["elements"]
    assert isinstance(elements, list)
    return element("div", "block actions", *[touchable(one, setting) for one in elements])


def _divider(block: Json, setting: Setting) -> Html:
    del block, setting
    return Html("<hr>")


def _image(block: Json, setting: Setting) -> Html:
    title = text_html(block.get("title"), setting.names)
    head = element("div", "image-title", title) if title else Html("")
    return element("div", "block image", head, _image_element(block, setting))


def _image_element(image: Json, setting: Setting) -> Html:
    held = image.get("slack_file")
    file = setting.files.get(str(held.get("id"))) if isinstance(held, dict) else None
    return picture_html(file, str(image.get("alt_text") or ""))


def _markdown(block: Json, setting: Setting) -> Html:
    del setting
    return element("div", "block markdown", markdown_html(str(block["text"])))


def _rich(block: Json, setting: Setting) -> Html:
    return element("div", "block text", rich_html(block, setting.names))


def _table(block: Json, setting: Setting) -> Html:
    rows = block["rows"]
    assert isinstance(rows, list)
    lines = [
        element("tr", "", *[_cell(cell, "td" if place else "th", setting) for cell in row])
        for place, row in enumerate(rows)
    ]
    caption = block.get("caption")
    head = [element("caption", "", escape(caption))] if caption else []
    return element("div", "block scroll", element("table", "", *head, *lines))


def _cell(cell: Json, tag: str, setting: Setting) -> Html:
    match cell["type"]:
        case "rich_text":
            return element(tag, "", rich_html(cell, setting.names))
        case "raw_number":
            return element(tag, "number", escape(cell["value"]))
        case _:
            return element(tag, "", escape(cell["text"]))


def _chart(block: Json, setting: Setting) -> Html:
    del setting
    return element("div", "block", chart_html(block))


def _plan(block: Json, setting: Setting) -> Html:
    tasks = block.get("tasks") or []
    assert isinstance(tasks, list)
    title = element("div", "plan-title", escape(block["title"]))
    return element("div", "block plan", title, *[_task(task, setting) for task in tasks])


def _task(task: Json, setting: Setting) -> Html:
    status = str(task.get("status") or "pending")
    mark = element("span", f"mark {status}", escape(_MARKS[status]))
    said = [element("div", "task-title", escape(task["title"]))]
    for name in ("details", "output"):
        inner = task.get(name)
        if isinstance(inner, dict):
            said.append(element("div", "task-more", rich_html(inner, setting.names)))
    sources = task.get("sources") or []
    assert isinstance(sources, list)
    said.extend(element("div", "task-more", escape(f"↗ {source['text']}")) for source in sources)
    return element("div", "task", mark, element("div", "grow", *said))


def _input(block: Json, setting: Setting) -> Html:
    inner = block["element"]
    assert isinstance(inner, dict)
    optional = (
        element("span", "optional", escape(setting.optional)) if block.get("optional") else Html("")
    )
    name = element("div", "label", label(block["label"]), optional)
    hint = block.get("hint")
    foot = element("div", "hint", text_html(hint, setting.names)) if hint else Html("")
    return element("div", "block input", name, touchable(inner, setting), foot)


def touchable(inner: Json, setting: Setting) -> Html:
    """Give a button, a menu or an input."""
    match inner["type"]:
        case "button":
            return element(
                "span", f"button {inner.get('style') or ''}".strip(), label(inner["text"])
            )
        case "icon_button":
            icon = _ICONS.get(str(inner["icon"]), "•")
            return element("span", "button icon", escape(icon), title=str(label(inner["text"])))
        case "feedback_buttons":
            return join(
                [_feedback(inner[name], name) for name in ("positive_button", "negative_button")]
            )
        case "overflow":
            return element("span", "button icon", escape("⋯"))
        case "checkboxes" | "radio_buttons":
            return _choices(inner)
        case "plain_text_input":
            shown = inner.get("initial_value")
            said = (
                escape(shown)
                if shown
                else element("span", "faint", label(inner.get("placeholder")))
            )
            return element("div", "field tall" if inner.get("multiline") else "field", said)
        case "image":
            return _image_element(inner, setting)
        case _:
            return element("span", "button menu", _chosen(inner), element("span", "", escape(" ▾")))


def _feedback(side: object, name: str) -> Html:
    assert isinstance(side, dict)
    icon = "👍" if name == "positive_button" else "👎"
    return element("span", "button feedback", escape(f"{icon} "), label(side["text"]))


def _choices(inner: Json) -> Html:
    options = inner["options"]
    chosen = inner.get("initial_options") or [inner.get("initial_option")]
    assert isinstance(options, list)
    assert isinstance(chosen, list)
    kind = "box" if inner["type"] == "checkboxes" else "dot"
    lines = [
        element(
            "div",
            "choice",
            element("i", f"{kind} on" if option in chosen else kind),
            label(option["text"]),
        )
        for option in options
    ]
    return element("div", "choices", *lines)


def _chosen(inner: Json) -> Html:
    option = inner.get("initial_option")
    if isinstance(option, dict):
        return label(option["text"])
    date = inner.get("initial_date")
    return escape(date) if date else element("span", "faint", label(inner.get("placeholder")))


_DRAW: Mapping[str, Callable[[Json, Setting], Html]] = {
    "actions": _actions,
    "context": _context,
    "context_actions": _actions,
    "data_table": _table,
    "data_visualization": _chart,
    "divider": _divider,
    "header": _header,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "plan": _plan,
    "rich_text": _rich,
    "section": _section,
    "table": _table,
    "task_card": _task,
}
