"""Show files and pictures in a page that loads nothing."""

import base64

from bot.playground.html import Html, element, escape
from bot.playground.records import File

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
_PREVIEW_LINES = 5
_KINDS = {"md": "Markdown", "csv": "CSV", "bib": "BibTeX", "json": "JSON", "txt": "Text"}


def file_html(file: File) -> Html:
    """Give a file of a message: a picture as it is, text with its first lines."""
    ending = file.name.rpartition(".")[2].lower()
    name = element("div", "file-name", escape(file.title or file.name))
    if _picture_type(file):
        return element("div", "file picture", name, picture_html(file, file.alt_text))
    size = f"{_KINDS.get(ending, ending.upper())}・{_size(len(file.content))}"
    head = element(
        "div",
        "file-head",
        element("span", "file-icon", escape("📄")),
        element("div", "grow", name, element("div", "faint", escape(f"{file.name}・{size}"))),
    )
    return element("div", "file", head, _preview(file))


def picture_html(file: File | None, alt_text: str) -> Html:
    """Give a picture, its bytes in the page; a frame with its description where there are none."""
    kind = _picture_type(file) if file else ""
    if file is None or not kind:
        return element("span", "no-picture", escape(f"🖼 {alt_text}"))
    source = f"data:{kind};base64,{base64.b64encode(file.content).decode()}"
    return element("img", "", src=source, alt=alt_text)


def _picture_type(file: File) -> str:
    known = _SIGNATURES.items()
    return next((kind for lead, kind in known if file.content.startswith(lead)), "")


def _preview(file: File) -> Html:
    try:
        lines = file.content.decode().splitlines()
    except UnicodeDecodeError:
        return Html("")
    shown = "\n".join(lines[:_PREVIEW_LINES])
    more = "\n…" if len(lines) > _PREVIEW_LINES else ""
    return element("pre", "preview", escape(shown + more))


def _size(count: int) -> str:
    return f"{count / 1000:.1f} kB" if count >= 1000 else f"{count} B"
