"""Name groups of texts by the terms that set each apart from the others."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from pipeline.providers.keyless.words import STOP_WORDS, stem

_WORD = re.compile(r"[A-Za-z0-9]+(?:[-+][A-Za-z0-9]+)*")

_LENGTH_BONUS = {1: 1.0, 2: 1.5, 3: 1.8}
"""Longer terms say more: "neural radiance field" rather than "radiance"."""

_COMMON_WORTH = 0.05
"""What a term that all groups share is still worth: it names a group when nothing else does."""


def distinctive_terms(
    groups: Sequence[Sequence[str]], count: int = 3
) -> tuple[tuple[str, ...], ...]:
    """Give each group its distinctive terms, best first, written as the texts write them most.

    Args:
        groups: the texts of each group.
        count: terms for each group, fewer where its texts hold no more.

    Returns:
        one tuple per group; no term serves two groups. May be empty for texts without words.

    Source: class-based TF-IDF, Grootendorst 2022, arXiv:2203.05794.
    """
    spellings: dict[str, Counter[str]] = {}
    papers = [
        Counter(term for text in group for term in _terms(text, spellings)) for group in groups
    ]
    spread = Counter(term for counter in papers for term in counter)
    total = Counter[str]()
    for counter in papers:
        total.update(counter)
    chosen: list[tuple[str, ...]] = []
    taken: set[str] = set()
    for group, counter in zip(groups, papers, strict=True):

        def weight(term: str, counter: Counter[str] = counter, size: int = len(group)) -> float:
            share = counter[term] / max(size, 1)
            rarity = math.log(len(groups) / spread[term]) + _COMMON_WORTH
            own = counter[term] / total[term]
            return share * rarity * own * _LENGTH_BONUS[len(term.split())]

        least = 2 if len(group) > 2 else 1
        usual = [term for term in counter if counter[term] >= least] or list(counter)
        names: list[str] = []
        for term in sorted(usual, key=lambda term: (-weight(term), term)):
            if len(names) == count:
                break
            if term not in taken and not any(_overlap(term, name) for name in names):
                names.append(term)
        taken.update(names)
        chosen.append(tuple(spellings[name].most_common(1)[0][0] for name in names))
    return tuple(chosen)


def _terms(text: str, spellings: dict[str, Counter[str]]) -> set[str]:
    """Give runs of one to three words of a text, each once, and note how they were written."""
    found: set[str] = set()
    for sentence in re.split(r"[.,:;!?]\s|[()]", text):
        words = _WORD.findall(sentence)
        for start in range(len(words)):
            for length in _LENGTH_BONUS:
                run = words[start : start + length]
                if len(run) < length or any(_is_empty(word) for word in run):
                    break
                term = " ".join(stem(word.lower()) for word in run)
                found.add(term)
                written = " ".join(
                    word if start + i > 0 or _is_name(word) else stem(word.lower())
                    for i, word in enumerate(run)
                )
                spellings.setdefault(term, Counter())[written] += 1
    return found


def _is_empty(word: str) -> bool:
    return len(word) < 2 or word.isdigit() or word.lower() in STOP_WORDS


def _is_name(word: str) -> bool:
    """Tell whether a word's capitals belong to it wherever it stands: NeRF, 3D, LoRA."""
    return sum(char.isupper() for char in word) > 1 or (word[:1].isdigit() and not word.isdigit())


def _overlap(term: str, other: str) -> bool:
    return bool(set(term.split()) & set(other.split()))
