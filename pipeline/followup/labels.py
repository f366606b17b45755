"""The fixed sentences of follow-ups, Japanese and English side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.types import Language


@dataclass(frozen=True, slots=True)
class Labels:
    """Words that code, not a model, says in a follow-up; ``{…}`` are places for ``format``."""

    extract_note: str
    declined_note: str
    ceiling_note: str
    nothing_related: str
    nothing_left: str
    nothing_new: str
    nothing_to_change: str
    needs_model: str
    part_note: str
    revised: str
    papers_added: str
    papers_removed: str
    rewritten: str
    extended: str
    added: str
    dropped: str
    kept: str
    not_found: str
    quote: str
    joint: str


_LABELS: Mapping[Language, Labels] = {
    "ja": Labels(
        extract_note="言語モデルが設定されていないため、お尋ねに近い論文の要旨から抜粋します。",
        declined_note="言語モデルが回答を控えたため、お尋ねに近い論文の要旨から抜粋します。",
        ceiling_note="費用の上限に達したため、お尋ねに近い論文の要旨から抜粋します。",
        nothing_related="このサーベイの論文には、お尋ねの語が見当たりませんでした。別の言葉でお試しください。",
        nothing_left="ご指定に合う論文が 1 本も残らないため、サーベイは変えていません。",
        nothing_new="{sought}に当たる新しい論文は見つかりませんでした。サーベイは変えていません。",
        nothing_to_change="ご指定の内容では変わるところがないため、サーベイはそのままです。",
        needs_model="文章を短くしたり訳したりするには言語モデルが必要です。サーベイは変えていません。",
        part_note="言語モデルが設定されていないため、要旨からの抜粋を載せます。",
        revised="サーベイを改訂しました（論文は計 {total} 本）。",
        papers_added="加えた論文：{count} 本",
        papers_removed="外した論文：{count} 本",
        rewritten="書き直した節：{headings}",
        extended="書き足した節：{headings}",
        added="新しい節：{headings}",
        dropped="外した節：{headings}",
        kept="そのままの節：{headings}",
        not_found="{sought}に当たる新しい論文は見つかりませんでした。",
        quote="「{words}」",
        joint="",
    ),
    "en": Labels(
        extract_note="No language model is configured; these are extracts from the papers nearest to your words.",
        declined_note="The language model declined; these are extracts from the papers nearest to your words.",
        ceiling_note="The ceiling of cost was reached; these are extracts from the papers nearest to your words.",
        nothing_related="The papers of this survey do not mention these words. Please try others.",
        nothing_left="No paper would be left, so the survey stays as it is.",
        nothing_new="No new paper was found for {sought}, so the survey stays as it is.",
        nothing_to_change="This would change nothing, so the survey stays as it is.",
        needs_model="Shortening or translating prose needs a language model, so the survey stays as it is.",
        part_note="No language model is configured; extracts of the abstracts stand here.",
        revised="The survey has been revised; it now has {total} papers.",
        papers_added="Papers added: {count}",
        papers_removed="Papers taken out: {count}",
        rewritten="Rewritten: {headings}",
        extended="Extended: {headings}",
        added="New: {headings}",
        dropped="Dropped: {headings}",
        kept="Kept as they were: {headings}",
        not_found="No new paper was found for {sought}.",
        quote="“{words}”",
        joint=", ",
    ),
}


def labels(language: Language) -> Labels:
    """Give the fixed sentences of a language."""
    return _LABELS[language]


def quote(words: tuple[str, ...], language: Language) -> str:
    """Give words in quotation marks, one after the other; they must be harmless already."""
    said = labels(language)
    return said.joint.join(said.quote.format(words=word) for word in words)
