"""Cut a survey into sentences, Japanese or English, each with the citations that it makes."""

import re
from collections.abc import Iterator

from pipeline.document import read_body
from pipeline.evaluation.spans import find_links
from pipeline.outline import find_prose
from pipeline.providers.keyless.extract import split_sentences

_HEADING = re.compile(r"#{1,6}(?:[ \t]+(.*))?")
_MARKER = re.compile(r"[ \t]*(?:>[ \t]?|(?:[-*+•]|\d+[.)])[ \t]+)+")
_ROW_OR_RULE = re.compile(r"[ \t]*(?:\||(?:[-*_][ \t]*){3,}$)")
_REFERENCES = re.compile(
    r"[\W\d_]*(?:references|bibliography|参考文献|引用文献|文献一覧|出典)[\W_]*", re.IGNORECASE
)

_CITATION = re.compile(
    r"(?:https?://|arxiv\.org/|arxiv[:：] ?)[\w.~:/?#@$&*+=%-]*[\w/]|\[\d+(?:[,、\s–-]+\d+)*\]",
    re.ASCII | re.IGNORECASE,
)
_ASIDE = re.compile(r"`[^`\n]+`|「[^「」]*」|『[^『』]*』|（[^（）]*）|\([^()]*\)|\"[^\"\n]*\"")
_LINK_SIGN, _ASIDE_SIGN, _END_SIGN = "Q\ue000", "Q\ue001", "\ue002"
"""A citation, or an aside that may hold full stops, while a text is cut. The capital lets a
sentence begin with it."""

_PRIVATE = re.compile("[\ue000-\ue002]")
_HELD = re.compile("Q[\ue000\ue001](\\d+)\ue002")
_BEHIND = re.compile(
    r"(?<![.!?。！？])([.!?。！？]++[」』）)\"']*+)\s*+"
    r"((?:[（(]?Q\ue000\d+\ue002[\s,、;・]*[)）]?)++)"
    r"(?!\s*[a-zはがをもでとのにへや、，,:：;])"
)
"""Citations behind a full stop, unless the next words go on with them as their subject."""

_MIXED_END = re.compile(r"(?<=[.!?])\s+(?=[\u3041-\u9fff])")
_LETTER = re.compile(r"[^\W\d_]")


def split_survey(markdown: str) -> tuple[str, ...]:
    """Give the sentences of a survey's prose as Markdown, in order.

    Headings, tables, code, lists of references and the closing table are no prose. The item of a
    list is at least one sentence. A citation behind a full stop belongs to the sentence before it,
    unless it is the subject of the next.
    """
    blocks = _read_blocks(read_body(markdown))
    return tuple(sentence for block in blocks for sentence in split_block(block))


def split_block(text: str) -> Iterator[str]:
    """Give the sentences of one paragraph or list item."""
    held: list[str] = []
    text = re.sub(r"．(?!\d)", "。", _PRIVATE.sub("", text))
    for link in reversed(find_links(text)):
        sign = _hold(held, text[link.start : link.end], _LINK_SIGN)
        text = f"{text[: link.start]}{sign}{text[link.end :]}"
    text = _CITATION.sub(lambda match: _hold(held, match[0], _LINK_SIGN), text)
    text = _ASIDE.sub(
        lambda match: (
            _hold(held, match[0], _ASIDE_SIGN) if re.search(r"[.!?。！？]", match[0]) else match[0]
        ),
        text,
    )
    text = _BEHIND.sub(lambda match: f" {match[2].strip()}{match[1]} ", text)
    for piece in split_sentences(text):
        for sentence in _MIXED_END.split(piece):
            whole = _restore(sentence, held).strip()
            if _LETTER.search(whole):
                yield whole


def _hold(held: list[str], text: str, sign: str) -> str:
    held.append(text)
    return f"{sign}{len(held) - 1}{_END_SIGN}"


def _restore(text: str, held: list[str]) -> str:
    """Put back what was held; an aside may hold citations itself."""
    while _HELD.search(text):
        text = _HELD.sub(lambda match: held[int(match[1])], text)
    return text


def _read_blocks(markdown: str) -> Iterator[str]:
    """Give paragraphs and list items, without their marks, each on one or more lines."""
    block: list[str] = []
    last, is_references = -1, False
    for place, line in find_prose(markdown.split("\n")):
        heading = _HEADING.fullmatch(line)
        marker = _MARKER.match(line)
        if heading or marker or not line.strip() or _ROW_OR_RULE.match(line) or place > last + 1:
            yield "\n".join(block)
            block = []
        if heading:
            is_references = bool(_REFERENCES.fullmatch(heading[1] or ""))
        elif not is_references and not _ROW_OR_RULE.match(line):
            block.append(line[marker.end() :] if marker else line)
        last = place
    yield "\n".join(block)
