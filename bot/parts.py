"""Split a survey into messages that Slack accepts, at headings where possible."""

import re

LONGEST_PART = 9_000
"""Characters of one message. Slack takes 12,000 in a markdown block, refuses somewhat more in all
blocks together, and has refused less where there are many links."""

MOST_ITEMS = 40
"""Headings and rules in one message; Slack expands each to an item and takes 50."""

_ITEM = re.compile(r"^(?:#{1,6} |-{3,}\s*$|\*{3,}\s*$)", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+(?=[A-Z\[])")
_BOLD = re.compile(r"(?<!\*)\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*(?!\*)")
_WIDE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


def split_markdown(markdown: str, longest: int = LONGEST_PART) -> tuple[str, ...]:
    """Split Markdown into parts; joined by blank lines they hold every character of it.

    A part begins at a heading of level 1 or 2 where that is possible, else at a paragraph, a line,
    a sentence. A table that has to be split repeats its header. Links are never cut.

    Args:
        longest: characters of a part.
    """
    sections = re.split(r"\n+(?=#{1,2} )", markdown.strip())
    parts: list[str] = []
    for section in sections:
        pieces = [section] if _fits(section, longest) else _split_section(section, longest)
        for place, piece in enumerate(pieces):
            joined = f"{parts[-1]}\n\n{piece}" if parts else piece
            # Only whole sections share a message: the rest of a split one would read as theirs.
            if parts and place == 0 and len(pieces) == 1 and _fits(joined, longest):
                parts[-1] = joined
            else:
                parts.append(piece)
    return tuple(part for part in parts if part.strip())


def fix_emphasis(markdown: str) -> str:
    """Set zero-width spaces around bold text beside Japanese, where Slack would show the stars."""

    def mend(match: re.Match[str]) -> str:
        before = match.string[match.start() - 1 : match.start()]
        after = match.string[match.end() : match.end() + 1]
        left = "\u200b" if before and not before.isspace() else ""
        right = "\u200b" if after and not after.isspace() else ""
        wide = _WIDE.search(before + after + match[1][0] + match[1][-1])
        return f"{left}{match[0]}{right}" if wide else match[0]

    return _BOLD.sub(mend, markdown)


def _fits(text: str, longest: int) -> bool:
    return len(text) <= longest and len(_ITEM.findall(text)) <= MOST_ITEMS


def _split_section(section: str, longest: int) -> list[str]:
    """Split one section at paragraphs, and what is still too long ever finer."""
    units: list[str] = []
    for paragraph in re.split(r"\n{2,}", section):
        if len(paragraph) <= longest:
            units.append(paragraph)
        elif paragraph.startswith("|"):
            units.extend(_split_table(paragraph, longest))
        else:
            units.extend(_pack(_split_fine(paragraph, longest), longest, ""))
    return _pack(units, longest, "\n\n")


def _split_table(table: str, longest: int) -> list[str]:
    head, rule, *rows = table.split("\n")
    top = f"{head}\n{rule}\n"
    return [f"{top}{chunk}" for chunk in _pack(rows, longest - len(top), "\n")]


def _split_fine(paragraph: str, longest: int) -> list[str]:
    """Split at lines, then at sentences, then at spaces outside links, keeping every character."""
    pieces: list[str] = []
    for line in re.split(r"(?<=\n)", paragraph):
        if len(line) <= longest:
            pieces.append(line)
            continue
        for sentence in _SENTENCE_END.split(line):
            if len(sentence) <= longest:
                pieces.append(sentence)
            else:
                words = re.split(r"(?<= )(?![^\[\]]*\]\()(?![^()]*\))", sentence)
                pieces.extend(
                    word[i : i + longest] for word in words for i in range(0, len(word), longest)
                )
    return pieces


def _pack(units: list[str], longest: int, joint: str) -> list[str]:
    """Join neighbouring units as long as they fit."""
    packed: list[str] = []
    for unit in units:
        if packed and _fits(f"{packed[-1]}{joint}{unit}", longest):
            packed[-1] = f"{packed[-1]}{joint}{unit}"
        else:
            packed.append(unit)
    return packed
