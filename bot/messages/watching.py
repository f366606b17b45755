"""What people read when they watch a question."""

from collections.abc import Mapping

from bot.messages.words import Pair

EVERY: Mapping[int, Pair] = {
    1: {"ja": "毎日", "en": "daily"},
    7: {"ja": "毎週", "en": "weekly"},
    30: {"ja": "毎月", "en": "monthly"},
}
WATCHING: Pair = {
    "ja": "{every}見張ります。まずサーベイを書き、新しい論文が出たら、そのスレッドに知らせます。",
    "en": "Watching {every}. First comes a survey; new papers are told in its thread.",
}
TOO_MANY: Pair = {
    "ja": "見張れる質問は 1 人 {most} 件までです。`/survey watch list` で確認し、`/survey watch stop 番号` で減らしてください。",
    "en": "Questions that you can watch: {most}. See `/survey watch list`, and stop one with `/survey watch stop NUMBER`.",
}
USAGE: Pair = {
    "ja": (
        "使い方：`/survey watch 質問 weekly`（`daily`、`monthly` も使えます）、"
        "`/survey watch list`、`/survey watch stop 番号`"
    ),
    "en": (
        "Usage: `/survey watch QUESTION weekly` (or `daily`, `monthly`), `/survey watch list`,"
        " `/survey watch stop NUMBER`"
    ),
}
LIST: Pair = {"ja": "見張っている質問：", "en": "Questions that you watch:"}
LINE: Pair = {
    "ja": "{number}. {question}（{every}、次は {day}、<#{channel}>）",
    "en": "{number}. {question} ({every}, next on {day}, <#{channel}>)",
}
NONE: Pair = {"ja": "見張っている質問はありません。", "en": "You watch no question."}
STOPPED: Pair = {
    "ja": "「{question}」の見張りをやめました。",
    "en": "Stopped watching “{question}”.",
}
NO_SUCH: Pair = {
    "ja": "その番号の質問はありません。`/survey watch list` で確認してください。",
    "en": "There is no such number. See `/survey watch list`.",
}
NEWS: Pair = {
    "ja": "🔔 この質問の新しい論文が {number} 本あります",
    "en": "🔔 New papers on this question: {number}",
}
TOUCHES: Pair = {"ja": "「{section}」の節に関係", "en": "touches “{section}”"}
APART: Pair = {"ja": "どの節とも離れた論文", "en": "stands apart from all sections"}
