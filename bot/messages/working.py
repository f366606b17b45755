"""What people read in a survey's thread while it is made, and on the root message afterwards."""

from collections.abc import Mapping

from bot.messages.words import Pair
from pipeline.progress import Stage

STAGES: Mapping[Stage, Pair] = {
    "queries": {"ja": "検索式を作る", "en": "Make queries"},
    "search": {"ja": "論文を検索する", "en": "Search papers"},
    "embed": {"ja": "論文を埋め込む", "en": "Embed papers"},
    "order": {"ja": "近い論文を並べる", "en": "Order papers"},
    "shorten": {"ja": "要約し、関連度を見る", "en": "Shorten and triage"},
    "write": {"ja": "サーベイを書く", "en": "Write the survey"},
    "measure": {"ja": "引用を数える", "en": "Count citations"},
}

ASKED_BY: Pair = {"ja": "依頼：<@{person}>", "en": "Asked by <@{person}>"}
PLAN: Pair = {"ja": "サーベイの進み具合", "en": "Progress of the survey"}
WORKING: Pair = {"ja": "サーベイを作成しています", "en": "Working on the survey"}
COMPARING: Pair = {
    "ja": "比較する 2 本のサーベイを作成しています",
    "en": "Working on two surveys to compare",
}
WAITING: Pair = {
    "ja": "⏳ arXiv の利用制限のため待っています。{when} に再開します",
    "en": "⏳ arXiv limits our requests; going on at {when}",
}
CLOCK: Pair = {
    "ja": "<!date^{epoch}^{{time}}|{utc} (UTC)>",
    "en": "<!date^{epoch}^{{time}}|{utc} UTC>",
}
"""A moment that Slack shows in the reader's own time zone."""

HITS: Pair = {"ja": "{hits:,} 件", "en": "{hits:,} hits"}
ESTIMATE: Pair = {"ja": "費用の見込み：約 ${usd:.2f}", "en": "Estimated cost: about ${usd:.2f}"}
ESTIMATE_UNKNOWN: Pair = {
    "ja": "費用の見込み：不明（価格の分からないモデルを使います）",
    "en": "Estimated cost: unknown (a model's price is not known)",
}
ESTIMATE_FREE: Pair = {"ja": "有料の呼び出しなし", "en": "No paid calls"}

DONE: Pair = {
    "ja": "✅ サーベイができました（引用 {cited}/{found} 本、{seconds:.0f} 秒）",
    "en": "✅ The survey is ready ({cited} of {found} papers cited, {seconds:.0f} s)",
}
COMPARED: Pair = {
    "ja": "✅ 2 本のサーベイができました。スレッドの投票で比べてください",
    "en": "✅ Two surveys are ready. Compare them by the vote in the thread",
}
FAILED: Pair = {"ja": "⚠️ サーベイを作れませんでした", "en": "⚠️ The survey could not be made"}
STOPPED: Pair = {"ja": "⏹️ 中止しました。{kept}", "en": "⏹️ Stopped. {kept}"}
KEPT: Pair = {
    "ja": "ここまでの結果（{parts}）は残してあり、続きから再開できます。",
    "en": "What was done so far ({parts}) is kept, and the survey can go on from there.",
}
KEPT_NOTHING: Pair = {
    "ja": "まだ何も作っていませんでした。",
    "en": "Nothing had been made yet.",
}
KEPT_QUERIES: Pair = {"ja": "検索式", "en": "queries"}
KEPT_PAPERS: Pair = {"ja": "論文 {number} 本", "en": "papers ({number})"}
KEPT_SUMMARIES: Pair = {"ja": "要約 {number} 本", "en": "summaries ({number})"}
KEPT_PARTS: Pair = {"ja": "書き終えた部分 {number}", "en": "written parts ({number})"}
JOINT: Pair = {"ja": "、", "en": ", "}

PART: Pair = {"ja": "サーベイ（{number}/{total}）", "en": "Survey ({number}/{total})"}
SIDE_PART: Pair = {
    "ja": "サーベイ {side}（{number}/{total}）",
    "en": "Survey {side} ({number}/{total})",
}
REFERENCES: Pair = {"ja": "参考文献", "en": "References"}
COMPLETE_FILE: Pair = {"ja": "サーベイ全文", "en": "The complete survey"}
BIBTEX_FILE: Pair = {"ja": "引用した論文（BibTeX）", "en": "The papers cited (BibTeX)"}
LEDGER_FILE: Pair = {
    "ja": "見つかった論文とその扱い（CSV）",
    "en": "All papers found and what became of them (CSV)",
}
PICTURE_FILE: Pair = {"ja": "論文の地図と年表", "en": "Map and timeline of the papers"}
FOOTER: Pair = {"ja": "このサーベイについて", "en": "About this survey"}
JOB: Pair = {"ja": "（ジョブ {job}）", "en": " (job {job})"}
STATUS: Pair = {"ja": "がサーベイを作成しています…", "en": "is writing a survey…"}

STOP: Pair = {"ja": "中止", "en": "Stop"}
GO_ON: Pair = {"ja": "続きから再開", "en": "Go on"}
AGAIN: Pair = {"ja": "もう一度", "en": "Again"}
OTHER_MODEL: Pair = {"ja": "別のモデルで", "en": "Other model"}
EDIT_QUERIES: Pair = {"ja": "検索式を直す", "en": "Edit queries"}
LEFT_OUT: Pair = {"ja": "除いた論文", "en": "Papers left out"}
EXPORT: Pair = {"ja": "書き出す", "en": "Export"}
TO_DIRECT_MESSAGE: Pair = {"ja": "DM で受け取る", "en": "Send it to me directly"}
ONLY_THE_ASKER_STOPS: Pair = {
    "ja": "中止できるのは依頼した人だけです。",
    "en": "Only the person who asked can stop this survey.",
}
TOO_LATE_TO_STOP: Pair = {
    "ja": "このサーベイはもう終わっているか、投稿しているところです。",
    "en": "This survey has ended, or is being posted already.",
}
