"""The fixed words of the picture, Japanese and English side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.types import Language


@dataclass(frozen=True, slots=True)
class Labels:
    """Words that stand in the picture; ``{…}`` are places for ``format``, ``{0}`` for a day."""

    papers: str
    span: str
    month: str
    year: str
    start: str
    end: str
    note: str
    count: str
    other: str
    by_month: str
    by_quarter: str
    by_year: str


_LABELS: Mapping[Language, Labels] = {
    "ja": Labels(
        papers="論文 {count} 本、{span}",
        span="{first}〜{last}",
        month="{0.year}年{0.month}月",
        year="{0.year}年",
        start="始点",
        end="終点",
        note="点は論文です。近い点ほど内容が似ています。線は似た論文をたどる道筋です。",
        count="{count} 本",
        other="どの節にも入らない論文",
        by_month="月ごとの論文数",
        by_quarter="四半期ごとの論文数",
        by_year="年ごとの論文数",
    ),
    "en": Labels(
        papers="Papers: {count}, {span}",
        span="{first} to {last}",
        month="{0:%b %Y}",
        year="{0.year}",
        start="start",
        end="end",
        note="Dots are papers; similar ones are near. The line is the walk through them.",
        count="{count}",
        other="Papers in no section",
        by_month="Papers by month",
        by_quarter="Papers by quarter",
        by_year="Papers by year",
    ),
}


def labels(language: Language) -> Labels:
    """Give the fixed words of a language."""
    return _LABELS[language]
