"""Find English search words in an English or Japanese question, without a model.

Japanese terms are looked up in our glossary, longest match first; what it does not know is
reported, never guessed. Latin words are kept as they stand.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

_LATIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*(?: [A-Za-z0-9][A-Za-z0-9.+-]*)*")
_JAPANESE = re.compile(r"[\u3041-\u309f\u30a0-\u30ff\u3400-\u9fff々]+")
_CONTENT = re.compile(r"[\u30a1-\u30ff]{2,}|[\u3400-\u9fff々]{2,}")
"""What can be a term of its own: katakana or kanji; hiragana binds and bends."""

_BOILERPLATE = (
    "研究動向|技術動向|最新動向|技術トレンド|研究トレンド|最近の動向|先行研究|関連研究|既存研究|研究事例|研究|論文|文献|"
    "サーベイ|レビュー|トレンド|動向|最先端|最前線|最新|最近|近年|現状|現在|今後|歴史|進化|発展|進展|変遷|流れ|概要|全体像|"
    "網羅的|網羅|体系的|包括的|技術|手法|方法|方式|アプローチ|アルゴリズム|仕組|分野|領域|テーマ|課題|問題|応用|活用|事例|例|"
    "モデル|質問|比較|違|関係|関連|周辺|周|系|教示|説明|解説|紹介|調査|調|要点|詳細|種類|代表的|主要|有名|重要|以降|以前|以後|"
    "過去|直近|年間|年|月|融合|組合|利用|使用|導入|向上|改善|上|使|作|知|出|何|方|中|性能|精度|実現|可能|"
    "について|に関して|に関する|における|どのような|どんな|どうなって|どう|まとめて|教えて|ください|下さい|知りたい|したい"
)
_BOILERPLATE_ONLY = re.compile(rf"(?:{_BOILERPLATE})+")

_STOP = frozenset(
    """a about above across after all also among an and any are as at be been being between both but
    by can compare comparison could current cutting did different do does done during each edge
    every evolve evolved evolves evolving explain find for from give had has have help how i if in
    into is it its know latest like list literature make many me method methods more most much my
    new newest newer of on or our out over overview paper papers please progress recent recently
    research review show since so some state state-of-the-art study studies such summarise
    summarize survey tell than that the their them there these they this those through to topic
    topics trend trends until up us use used using want was we were what when where which while who
    why will with within work works would you your art approach approaches technique techniques
    development developments evolution advance advances advanced field area areas best good key
    main important years year quality improve improving improvement""".split()
)
_WEAK = frozenset(
    """model models system systems network networks data task tasks problem""".split()
)
"""Words that are no phrase by themselves, nor at the end of an unknown one."""

_YEAR = re.compile(r"(19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Terms:
    """The search words of a question, most specific first.

    Attributes:
        alternatives: for each term its spellings and synonyms, the term itself first.
        unknown: Japanese words that the glossary does not hold.
    """

    alternatives: tuple[tuple[str, ...], ...]
    unknown: tuple[str, ...] = ()

    @property
    def phrases(self) -> tuple[str, ...]:
        """The terms themselves."""
        return tuple(group[0] for group in self.alternatives)


def extract_terms(text: str) -> Terms:
    """Give the English search words of a question; years and filler never become one."""
    normal = unicodedata.normalize("NFKC", text)
    glossary = read_glossary()
    groups: list[tuple[str, ...]] = []
    unknown: list[str] = []
    for run in _LATIN.findall(normal):
        groups.extend(_latin(run, glossary))
    for run in _JAPANESE.findall(normal):
        known, rest = _japanese(run, glossary)
        groups.extend(known)
        unknown.extend(rest)
    return Terms(_most_specific_first(groups), tuple(dict.fromkeys(unknown)))


@cache
def read_glossary() -> Mapping[str, tuple[str, ...]]:
    """Give the glossary: a Japanese term, abbreviation or English phrase to its English phrases."""
    file = resources.files("pipeline.providers.keyless").joinpath("glossary.tsv")
    lines = file.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines)
    glossary = {term: tuple(phrases.split("|")) for term, phrases in pairs}
    for group in list(glossary.values()):
        for phrase in group:
            if " " in phrase:
                glossary.setdefault(phrase.lower(), (phrase, *(p for p in group if p != phrase)))
    return glossary


def _latin(run: str, glossary: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Cut known phrases out of a run of Latin words; split the rest at stop words."""
    words = run.split()
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            known = _lookup(" ".join(words[start : start + length]).lower(), glossary)
            if known:
                before, after = words[:start], words[start + length :]
                return [
                    *_latin(" ".join(before), glossary),
                    known,
                    *_latin(" ".join(after), glossary),
                ]
    groups: list[tuple[str, ...]] = []
    piece: list[str] = []
    for word in [*words, ""]:
        bare = word.strip(".+-")
        if bare and bare.lower() not in _STOP and not _YEAR.fullmatch(bare):
            piece.append(bare)
            continue
        groups.extend(_phrase(piece))
        piece = []
    return groups


def _phrase(words: list[str]) -> list[tuple[str, ...]]:
    """Give words that nobody knows as one phrase, without weak words at its end."""
    while words and words[-1].lower() in _WEAK:
        words = words[:-1]
    phrase = " ".join(words)
    return [(phrase,)] if len(phrase) > 1 else []


def _lookup(phrase: str, glossary: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return glossary.get(phrase) or glossary.get(phrase.removesuffix("s")) or ()


def _japanese(
    run: str, glossary: Mapping[str, tuple[str, ...]]
) -> tuple[list[tuple[str, ...]], list[str]]:
    """Look a run up from left to right, longest match first.

    Returns:
        the known terms, and the katakana or kanji words in between that are no boilerplate.
    """
    known: list[tuple[str, ...]] = []
    gaps: list[str] = []
    longest = max(map(len, glossary))
    start = gap = 0
    while start < len(run):
        for end in range(min(len(run), start + longest), start, -1):
            if (phrases := glossary.get(run[start:end])) and not _inside_word(run, start, end):
                known.append(phrases)
                gaps.append(run[gap:start])
                start = gap = end
                break
        else:
            start += 1
    gaps.append(run[gap:])
    words = (word for piece in gaps for word in _CONTENT.findall(piece))
    return known, [word for word in words if not _BOILERPLATE_ONLY.fullmatch(word)]


def _inside_word(run: str, start: int, end: int) -> bool:
    """Tell whether a match is only a part of a longer katakana word, or one kanji of several."""
    katakana = re.compile(r"[\u30a1-\u30ff]")
    kanji = re.compile(r"[\u3400-\u9fff]")
    before, after = run[start - 1 : start], run[end : end + 1]
    cut_katakana = (katakana.match(run[start]) and katakana.match(before)) or (
        katakana.match(run[end - 1]) and katakana.match(after)
    )
    lonely = end - start == 1 and (kanji.match(before) or kanji.match(after))
    return bool(cut_katakana or lonely)


_GENERAL = frozenset(
    (
        "quality|image|video|person|evaluation|vision|inference|prediction|robust|efficient"
        "|speech|optimization|dataset|material|agent|graph|medical|3D|neural network"
        "|deep learning|machine learning|prompt|real-time"
    ).split("|")
)
"""Phrases that match a large part of arXiv alone; they only narrow others."""


def _most_specific_first(groups: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Order terms: names as typed first, general words last, and drop repetitions.

    "Quality" is dropped beside any other term: nearly every abstract claims it.
    """
    unique = list(dict.fromkeys(groups))
    seen: set[str] = set()
    kept: list[tuple[str, ...]] = []
    for group in unique:
        if group[0].lower() not in seen:
            kept.append(group)
            seen.update(phrase.lower() for phrase in group)
    if len(kept) > 1:
        kept = [group for group in kept if group[0] != "quality"]

    def rank(group: tuple[str, ...]) -> int:
        name = group[0]
        if name in _GENERAL:
            return 2
        return 0 if any(char.isupper() for char in name) and name.upper() != "LLM" else 1

    return tuple(sorted(kept, key=rank))
