"""The fixed words of a survey and its footer, Japanese and English side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.types import Context, Cost, DropReason, Language, Recall, Search, Survey


@dataclass(frozen=True, slots=True)
class Labels:
    """Words that code, not a model, puts into a survey; ``{…}`` are places for ``format``."""

    language_name: str
    title: str
    introduction: str
    conclusion: str
    part: str
    related: str
    related_note: str
    set_aside: str
    set_aside_note: str
    paper: str
    reason: str
    not_discussed: str
    dropped: Mapping[DropReason, str]
    refused: str
    ceiling: str
    no_model_reason: str
    import_reason: str
    fallback_reason: str
    digest_note: str
    digest_note_catalogue: str
    digest_foreign: str
    digest_opening: str
    digest_section: str
    digest_heading: str
    digest_joint: str
    digest_span: str
    digest_closing: str


_LABELS: Mapping[Language, Labels] = {
    "ja": Labels(
        language_name="Japanese",
        title="サーベイ：{question}",
        introduction="はじめに",
        conclusion="おわりに",
        part="{number}",
        related="その他の関連論文",
        related_note="次の論文は見つかりましたが、本文では論じていません。",
        set_aside="主題外として除いた論文",
        set_aside_note="言語モデルが主題外と判定した論文です。`paperwalk survey … --bring-back ID` で戻せます。",
        paper="論文",
        reason="理由",
        not_discussed="執筆モデルが本文で取り上げなかった",
        dropped={
            "old": "年数の制限より古い",
            "withdrawn": "著者が取り下げた",
            "beyond_top": "検索での順位が低い",
        },
        refused="この節は執筆モデルが回答を控えたため、要旨からの抜粋を載せます。",
        ceiling="費用の上限に達したため、この部分は要旨からの抜粋です。",
        no_model_reason="言語モデルが設定されていないため、関連度は判定していません。",
        import_reason="外部で作られた論文一覧から取り込んだため、関連度は判定していません。",
        fallback_reason=(
            "言語モデルの回答が得られなかったため、要旨の文をそのまま使い、関連度は判定していません。"
        ),
        digest_note="抜粋ダイジェスト（言語モデル未設定）：各論文の説明は要旨からの抜粋です。",
        digest_note_catalogue=(
            "抜粋ダイジェスト（言語モデル未設定）：各論文の説明は、要旨の代わりに"
            " Paperwalk が書いた紹介文からの抜粋です。"
        ),
        digest_foreign="抜粋した文は要旨の言語（英語）のままです。",
        digest_opening=(
            "{years} 年の論文 {count} 本を、内容の近い順に並べ、{sections} 節に分けました。"
        ),
        digest_section="この節の論文は {count} 本（{years} 年）です。",
        digest_heading="{terms}",
        digest_joint="・",
        digest_span="{first}〜{last}",
        digest_closing=(
            "最も論文が多いのは「{largest}」の {count} 本です。"
            "最も新しいのは {newest}（{day}）です。"
        ),
    ),
    "en": Labels(
        language_name="English",
        title="Survey: {question}",
        introduction="Introduction",
        conclusion="Conclusion",
        part="{number}",
        related="Other related papers",
        related_note="These papers were found, but the text does not discuss them.",
        set_aside="Set aside as off topic",
        set_aside_note="`paperwalk survey … --bring-back ID` takes one of these back in.",
        paper="Paper",
        reason="Reason",
        not_discussed="the writing model did not take it up",
        dropped={
            "old": "older than the limit of years",
            "withdrawn": "withdrawn by its authors",
            "beyond_top": "ranked lower by the searches",
        },
        refused="The writing model declined this section; extracts of the abstracts stand here.",
        ceiling="The ceiling of cost was reached; extracts of the abstracts stand here.",
        no_model_reason="No language model is configured, so relevance was not judged.",
        import_reason="Imported with its list from elsewhere, so relevance was not judged.",
        fallback_reason=(
            "The language model gave no usable answer, so the abstract's own sentences stand here"
            " and relevance was not judged."
        ),
        digest_note=(
            "Extractive digest, no language model configured: what is said of each paper is taken"
            " from its abstract."
        ),
        digest_note_catalogue=(
            "Extractive digest, no language model configured: what is said of each paper is taken"
            " from Paperwalk's own note on it, not from its abstract."
        ),
        digest_foreign=" These sentences stay in their own language, Japanese.",
        digest_opening=(
            "Papers: {count} ({years}), ordered so that similar ones stand together. Sections:"
            " {sections}."
        ),
        digest_section="Papers in this section: {count} ({years}).",
        digest_heading="{terms}",
        digest_joint=", ",
        digest_span="{first}–{last}",
        digest_closing=(
            "The largest section, with {count} of the papers, is “{largest}”. The newest paper is"
            " {newest} ({day})."
        ),
    ),
}


def labels(language: Language) -> Labels:
    """Give the fixed words of a language."""
    return _LABELS[language]


def footer_lines(
    context: Context,
    survey: Survey,
    recall: Recall,
    cost: Cost,
    *,
    seconds: float,
) -> tuple[str, ...]:
    """Say how a survey came about, in its language, as plain lines.

    Args:
        seconds: wall time from the question to the survey.
    """
    ja = context.question.language == "ja"
    found = len(context.passages) + len(context.off_topic)
    on_topic = len(context.passages)
    cited = len(recall.cited)
    if ja:
        lines = [f"引用：見つかった論文 {found} 本のうち {cited} 本{_share(recall.recall)}"]
        if context.off_topic:
            lines.append(
                f"主題に合う {on_topic} 本に対する割合：{_percent(recall.recall_on_topic)}、"
                f"主題外として除いた論文：{len(context.off_topic)} 本"
            )
    else:
        lines = [f"Cited: {cited} of {found} papers found{_share(recall.recall)}"]
        if context.off_topic:
            lines.append(
                f"Of the {on_topic} on topic: {_percent(recall.recall_on_topic)};"
                f" set aside as off topic: {len(context.off_topic)}"
            )
    if recall.article_recall is not None:
        name = "言語モデルが数えた再現率：" if ja else "Recall as counted by a model: "
        lines.append(f"{name}{recall.article_recall:.3f}")
    lines.extend(context_lines(context))
    writer = survey.model if survey.model != "keyless" else _keyless(ja=ja)
    lines.append(
        f"執筆モデル：{writer}、埋め込み：{context.embedding_model}"
        if ja
        else f"Written by {writer}, embedded by {context.embedding_model}"
    )
    if survey.cut_short:
        lines.append(labels(context.question.language).ceiling)
    lines.append(_cost_line(cost, seconds, ja=ja))
    return tuple(lines)


def context_lines(context: Context) -> tuple[str, ...]:
    """Say where the papers of a context come from: what is the same for every survey of it."""
    ja = context.question.language == "ja"
    return (
        *_selection(context, ja=ja),
        *(_search_line(search, ja=ja) for search in context.found.searches),
        *_query_notes(context, ja=ja),
    )


def _keyless(*, ja: bool) -> str:
    return "なし（抜粋ダイジェスト）" if ja else "no language model (extractive digest)"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _share(share: float | None) -> str:
    return "" if share is None else f" ({share:.0%})"


def _selection(context: Context, *, ja: bool) -> list[str]:
    """Name the source, the recency rule and what was dropped."""
    found = context.found
    names = {
        "arxiv": "arXiv",
        "mirror": "ローカルミラー" if ja else "local mirror",
        "demo": "同梱カタログ" if ja else "demonstration catalogue",
    }
    source = names.get(found.source, found.source)
    lines = [
        f"情報源：{source}（計 {found.merged} 本）"
        if ja
        else f"Source: {source}, {found.merged} papers"
    ]
    old, withdrawn = found.count_dropped("old"), found.count_dropped("withdrawn")
    if found.recent_years is not None:
        years = f"{found.recent_years:g}"
        lines.append(
            f"{years} 年より古い論文 {old} 本を除外（PAPERWALK_RECENT_YEARS で変更可）"
            if ja
            else f"Dropped as older than {years} years: {old} (PAPERWALK_RECENT_YEARS changes it)"
        )
    if withdrawn:
        lines.append(
            f"取り下げ論文 {withdrawn} 本を除外" if ja else f"Dropped as withdrawn: {withdrawn}"
        )
    if beyond := found.count_dropped("beyond_top"):
        lines.append(
            f"検索での順位が低い論文 {beyond} 本を除外"
            if ja
            else f"Dropped as ranked lower by the searches: {beyond}"
        )
    return lines


def _search_line(search: Search, *, ja: bool) -> str:
    relaxed = ", ".join(_RELAXED_JA.get(one, one) if ja else one for one in search.relaxed)
    if ja:
        return f"検索式（{search.hits:,} 件{'、' + relaxed if relaxed else ''}）：{search.text}"
    return f"Query ({search.hits:,} hits{', ' + relaxed if relaxed else ''}): {search.text}"


_RELAXED_JA: Mapping[str, str] = {
    "dropped the weakest phrases": "弱い語句を外した",
    "dropped the categories": "分野の指定を外した",
    "matched words instead of phrases": "語句を単語に緩めた",
    "kept the first phrase alone": "最初の語句だけを残した",
}
"""What the search stage says of a relaxed query, in Japanese."""


def _query_notes(context: Context, *, ja: bool) -> list[str]:
    plan = context.plan
    lines: list[str] = []
    if plan.maker == "person":
        lines.append("検索式は依頼者が指定" if ja else "The queries are those of the person")
    if plan.fell_back:
        lines.append(
            "検索式はモデルの回答が使えなかったため、用語辞書から作りました"
            if ja
            else "The query model's reply was of no use; the queries come from the glossary"
        )
    if plan.unknown_terms:
        words = ("、" if ja else ", ").join(plan.unknown_terms)
        lines.append(f"検索に使えなかった語：{words}" if ja else f"Words not understood: {words}")
    return lines


def _cost_line(cost: Cost, seconds: float, *, ja: bool) -> str:
    if not cost.calls:
        price = "有料の呼び出しなし" if ja else "no paid calls"
    else:
        price = (
            f"${cost.usd:.4f}"
            if cost.unpriced_calls < cost.calls
            else ("不明" if ja else "unknown")
        )
        if 0 < cost.unpriced_calls < cost.calls:
            unknown = cost.unpriced_calls
            price += f" + 価格不明 {unknown} 回" if ja else f" + {unknown} calls of unknown price"
    return f"費用：{price}、所要時間：{seconds:.1f} 秒" if ja else f"Cost: {price}; {seconds:.1f} s"
