"""Draw threads, modals and home tabs of the loopback Slack in the terminal."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.style import Style
from rich.text import Text

from bot.playground.figures import set_chart, set_plan, set_rich_text, set_rows, set_task
from bot.playground.mrkdwn import read_mrkdwn, show_emoji, with_emoji
from bot.playground.prose import set_markdown, wrap
from bot.playground.records import Json, Message, View

_APP = "Paperwalk"
_STYLES = {
    "bold": Style(bold=True),
    "code": Style(color="magenta"),
    "italic": Style(italic=True),
    "mention": Style(color="cyan"),
    "strike": Style(strike=True),
}
_BUTTON = {"danger": "red", "primary": "green"}
_BLANK = "▁" * 24


def draw_thread(
    console: Console,
    messages: Sequence[Message],
    *,
    person: str,
    command: str,
    names: Mapping[str, str] | None = None,
) -> None:
    """Print a thread: the command, the root, the replies indented.

    Args:
        messages: root first.
        person: the user who typed the command.
        command: what was typed.
        names: of people, by their ids.
    """
    console.print(Text.assemble(("#general", "bold"), "  ", (command, "cyan")))
    for message in messages:
        indent = 0 if message.thread_ts is None else 4
        drawn = _message(message, {**(names or {}), person: "you"}, console.width - indent)
        console.print(Padding(drawn, (1, 0, 0, indent)))


def draw_view(console: Console, view: View, *, person: str = "") -> None:
    """Print a modal or a home tab."""
    width = console.width - 4
    body = _blocks(view.blocks, {person: "you"}, width)
    names = [view.shown.get(name) for name in ("close", "submit")]
    feet = [_button(str(name["text"]), "") for name in names if isinstance(name, dict)]
    if feet:
        body = [*body, Text(), Text("  ").join(feet)]
    title = view.title or f"{_APP} · Home"
    console.print(Panel(Group(*body), title=title, title_align="left", width=console.width))


def _message(message: Message, names: Mapping[str, str], width: int) -> RenderableType:
    when = datetime.fromtimestamp(float(message.ts), UTC).astimezone().strftime("%H:%M")
    name, badge = (
        (message.username or _APP, " APP ") if message.bot_id else (_name(message, names), " ")
    )
    head = Text.assemble((name, "bold green"), badge, (when, "dim"))
    if message.ephemeral_for:
        head.append("  Only visible to you", "dim italic")
    if message.edits:
        head.append("  (edited)", "dim")
    if message.is_streaming:
        head.append("  …", "dim")
    body: list[RenderableType] = [head]
    body.extend(_blocks(message.blocks, names, width))
    if not message.blocks and message.text:
        body.extend(_mrkdwn(message.text, names, width))
    body.extend(
        Text(f"📎 {file.name}  ({len(file.content):,} bytes)", "bold") for file in message.files
    )
    if message.reactions:
        shown = (f"{show_emoji(one.name)} {len(one.users)}" for one in message.reactions)
        body.append(Text("  ".join(shown), "dim"))
    return Group(*body)


def _name(message: Message, names: Mapping[str, str]) -> str:
    name = names.get(message.user, message.user)
    return "You" if name == "you" else name


def _blocks(blocks: Sequence[Json], names: Mapping[str, str], width: int) -> list[RenderableType]:
    return [drawn for block in blocks for drawn in _block(block, names, width)]


def _block(block: Json, names: Mapping[str, str], width: int) -> Iterable[RenderableType]:
    return _DRAW[str(block["type"])](block, names, width)


def _section(block: Json, names: Mapping[str, str], width: int) -> Iterator[RenderableType]:
    yield from _text(block.get("text"), names, width)
    yield from _list(block.get("fields") or [], names, width)
    accessory = block.get("accessory")
    if isinstance(accessory, dict):
        yield from _row([accessory], width)


def _list(
    texts: object, names: Mapping[str, str], width: int, style: str = ""
) -> Iterator[RenderableType]:
    assert isinstance(texts, list)
    for text in texts:
        if text["type"] == "image":
            yield Text(f"🖼  {text.get('alt_text')}", style)
        else:
            yield from _text(text, names, width, style)


def _input(block: Json, names: Mapping[str, str], width: int) -> Iterator[RenderableType]:
    yield from _text(block["label"], names, width, "bold")
    yield from _row([block["element"]], width)
    if block.get("hint"):
        yield from _text(block["hint"], names, width, "dim")


def _row(elements: object, width: int) -> Iterator[Text]:
    """Set what can be touched in rows."""
    assert isinstance(elements, list)
    line = Text()
    for shown in (one for element in elements for one in _touchable(element)):
        if line and line.cell_len + shown.cell_len + 2 > width:
            yield line
            line = Text()
        line = Text("  ").join([line, shown]) if line else shown
    yield line


def _touchable(element: Json) -> Iterator[Text]:
    match element["type"]:
        case "button" | "icon_button":
            yield _button(_label(element["text"]), _BUTTON.get(str(element.get("style")), ""))
        case "feedback_buttons":
            for name in ("positive_button", "negative_button"):
                side = element[name]
                assert isinstance(side, dict)
                yield _button(_label(side["text"]), "")
        case "overflow":
            yield _button("⋯", "")
        case "checkboxes" | "radio_buttons":
            options = element["options"]
            chosen = element.get("initial_options") or [element.get("initial_option")]
            assert isinstance(options, list)
            assert isinstance(chosen, list)
            on, off = ("☑", "☐") if element["type"] == "checkboxes" else ("●", "○")
            for option in options:
                yield Text(f"{on if option in chosen else off} {_label(option['text'])}")
        case "plain_text_input":
            yield Text(str(element.get("initial_value") or _BLANK), "dim")
        case "image":
            yield Text(f"🖼  {element.get('alt_text')}", "dim")
        case _:
            yield _button(f"{_chosen(element)} ▾", "")


def _button(label: str, style: str) -> Text:
    return Text(f"[ {label} ]", f"bold {style}".strip())


def _chosen(element: Json) -> str:
    option = element.get("initial_option")
    if isinstance(option, dict):
        return _label(option["text"])
    date = element.get("initial_date")
    return str(date) if date else _label(element.get("placeholder")) or "…"


def _label(text: object) -> str:
    return with_emoji(str(text.get("text", ""))) if isinstance(text, dict) else ""


def _text(text: object, names: Mapping[str, str], width: int, style: str = "") -> list[Text]:
    if not isinstance(text, dict):
        return []
    shown = str(text.get("text", ""))
    if text.get("type") == "mrkdwn":
        return _mrkdwn(shown, names, width, style)
    lines = with_emoji(shown).split("\n")
    return [line for one in lines for line in wrap(Text(one, style), width)]


def _mrkdwn(text: str, names: Mapping[str, str], width: int, style: str = "") -> list[Text]:
    """Give Slack's own markup as it reads."""
    lines: list[Text] = []
    for one in text.split("\n"):
        line = Text(style=style)
        for span in read_mrkdwn(one, names):
            look = Style.combine([Style(), *(_STYLES[name] for name in sorted(span.styles))])
            link = Style(color="blue", link=span.url) if span.url else Style()
            line.append(span.text, look + link)
        lines.extend(wrap(line, width))
    return lines


_DRAW: Mapping[str, Callable[[Json, Mapping[str, str], int], Iterable[RenderableType]]] = {
    "actions": lambda block, _, width: _row(block["elements"], width),
    "context": lambda block, names, width: _list(block["elements"], names, width, "dim"),
    "context_actions": lambda block, _, width: _row(block["elements"], width),
    "data_table": lambda block, names, _: [set_rows(block, names)],
    "data_visualization": lambda block, _, __: set_chart(block),
    "divider": lambda _, __, ___: [Rule(style="dim")],
    "header": lambda block, names, width: _text(block["text"], names, width, "bold"),
    "image": lambda block, _, __: [Text(f"🖼  {block.get('alt_text')}", "dim")],
    "input": _input,
    "markdown": lambda block, _, width: set_markdown(str(block["text"]), width),
    "plan": lambda block, names, _: set_plan(block, names),
    "rich_text": lambda block, names, width: [
        one for line in set_rich_text(block, names) for one in wrap(line, width)
    ],
    "section": _section,
    "table": lambda block, names, _: [set_rows(block, names)],
    "task_card": lambda block, names, _: set_task(block, names),
}
