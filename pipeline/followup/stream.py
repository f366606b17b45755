"""Pass a growing reply on, paragraph by paragraph, with its anchors resolved."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from pipeline.cite import Resolved, resolve
from pipeline.types import Paper
from pipeline.write.sections import demote_headings


def split_paragraphs(text: str) -> list[str]:
    """Split at blank lines; all but the last stay the same however the text goes on."""
    return re.split(r"\n(?:[ \t]*\n)+", text.replace("\r\n", "\n"))


def resolve_paragraphs(text: str, papers: Sequence[Paper]) -> Resolved:
    """Resolve each paragraph alone and join them by blank lines.

    Nothing that links or pings can be put together from two paragraphs, and whoever hears them one
    by one reads the same text in the end.
    """
    resolved = [_resolve(paragraph, papers) for paragraph in split_paragraphs(text)]
    return Resolved(
        markdown="\n\n".join(one.markdown for one in resolved if one.markdown),
        cited=tuple(dict.fromkeys(paper_id for one in resolved for paper_id in one.cited)),
        unknown=tuple(dict.fromkeys(anchor for one in resolved for anchor in one.unknown)),
    )


class ParagraphStream:
    """Hears a reply while it comes, and passes each paragraph on once it is complete.

    The pieces that were passed on are the beginning of the whole text. Where a call broke off and
    was begun anew, what is equal is not passed on again; from the first difference on nothing is,
    and the whole text stands for what was heard.
    """

    def __init__(self, papers: Sequence[Paper], on_text: Callable[[str], None]) -> None:
        self._papers = papers
        self._on_text = on_text
        self._passed: list[str] = []
        self._is_broken = False
        self._is_empty = True

    def hear(self, text: str) -> None:
        """Take the reply as far as it has come."""
        self._pass_on(split_paragraphs(text)[:-1])

    def end(self, text: str) -> Resolved:
        """Take the whole reply, and give it resolved."""
        self._pass_on(split_paragraphs(text))
        return resolve_paragraphs(text, self._papers)

    def _pass_on(self, paragraphs: list[str]) -> None:
        known = min(len(paragraphs), len(self._passed))
        self._is_broken |= paragraphs[:known] != self._passed[:known]
        if self._is_broken:
            return
        for paragraph in paragraphs[known:]:
            self._passed.append(paragraph)
            if markdown := _resolve(paragraph, self._papers).markdown:
                self._on_text(markdown if self._is_empty else f"\n\n{markdown}")
                self._is_empty = False


def _resolve(paragraph: str, papers: Sequence[Paper]) -> Resolved:
    resolved = resolve(paragraph, papers)
    # Entities can turn into signs only while they are resolved, so headings are lowered after.
    return replace(resolved, markdown=demote_headings(resolved.markdown))
