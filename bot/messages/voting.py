"""What people read when they say what they think of surveys."""

from collections.abc import Mapping
from typing import Literal

from bot.messages.words import Pair
from pipeline.types import Choice

Reason = Literal["missing_papers", "wrong_claim", "hard_to_read", "off_topic"]

GOOD: Pair = {"ja": "役に立った", "en": "Helpful"}
BAD: Pair = {"ja": "いまひとつ", "en": "Not helpful"}
RATE: Pair = {
    "ja": "このサーベイはいかがでしたか。👍👎 のリアクションでも投票できます。",
    "en": "How was this survey? Reactions 👍👎 on any part count as well.",
}
VOTED: Pair = {
    "ja": "記録しました。変えるときは、もう一度押してください。",
    "en": "Recorded. Press again to change it.",
}
FLAG: Pair = {"ja": "引用の誤りを知らせる", "en": "Report a wrong citation"}
WHY: Pair = {"ja": "理由を選ぶ", "en": "Say why"}
REASON_TITLE: Pair = {"ja": "理由（任意）", "en": "Why (optional)"}
REASON_LABEL: Pair = {"ja": "当てはまるもの", "en": "What applies"}
REASON_WORDS: Pair = {"ja": "ひとこと", "en": "In a few words"}
REASONS: Mapping[Reason, Pair] = {
    "missing_papers": {"ja": "重要な論文が抜けている", "en": "Important papers are missing"},
    "wrong_claim": {"ja": "内容に誤りがある", "en": "A claim is wrong"},
    "hard_to_read": {"ja": "読みにくい", "en": "Hard to read"},
    "off_topic": {"ja": "質問からそれている", "en": "Off the question"},
}
FLAG_TITLE: Pair = {"ja": "引用の誤り", "en": "A wrong citation"}
FLAG_PAPER: Pair = {"ja": "どの論文ですか", "en": "Which paper?"}
FLAG_WORDS: Pair = {"ja": "どこが誤りですか", "en": "What is wrong?"}
SEND: Pair = {"ja": "送る", "en": "Send"}
CLOSE: Pair = {"ja": "閉じる", "en": "Close"}
THANKS: Pair = {"ja": "ありがとうございます。記録しました。", "en": "Thank you, recorded."}

SIDE: Pair = {"ja": "*サーベイ {side}*", "en": "*Survey {side}*"}
WHICH: Pair = {
    "ja": "*どちらのサーベイが役に立ちましたか。*",
    "en": "*Which survey helps you more?*",
}
WHICH_NOTE: Pair = {
    "ja": "モデルの名前は、投票した人にだけ示します。{votes} 票集まるか {closes} になると締め切り、結果を公開します。",
    "en": "Whoever has voted learns the models' names. The result is shown once this many people have voted: {votes}; or on {closes}.",
}
DAY: Pair = {
    "ja": "<!date^{epoch}^{{date_short_pretty}} {{time}}|{utc} (UTC)>",
    "en": "<!date^{epoch}^{{date_short_pretty}} {{time}}|{utc} UTC>",
}
CHOICES: Mapping[Choice, Pair] = {
    "a": {"ja": "A が良い", "en": "A is better"},
    "b": {"ja": "B が良い", "en": "B is better"},
    "tie": {"ja": "同じくらい", "en": "About equal"},
    "both_bad": {"ja": "どちらも悪い", "en": "Both are bad"},
}
CHOSEN: Pair = {
    "ja": "「{choice}」を記録しました。A は *{a}*、B は *{b}* です。",
    "en": "Recorded: {choice}. A is *{a}*, B is *{b}*.",
}
CHOSEN_AGAIN: Pair = {
    "ja": "「{choice}」に変えました。名前を見たあとの変更なので、集計では別に数えます。A は *{a}*、B は *{b}* です。",
    "en": "Changed to: {choice}. As you know the names, it is counted apart. A is *{a}*, B is *{b}*.",
}
CLOSED: Pair = {
    "ja": "この比較はもう締め切られています。",
    "en": "This comparison has been closed.",
}
RESULT: Pair = {"ja": "*比較の結果*", "en": "*The result of the comparison*"}
RESULT_SIDE: Pair = {
    "ja": "{side}：*{model}*　{votes} 票　引用 {recall}、{usd}、{seconds:.0f} 秒",
    "en": "{side}: *{model}* · votes: {votes} · {recall} cited, {usd}, {seconds:.0f} s",
}
RESULT_REST: Pair = {
    "ja": "同じくらい {tie} 票、どちらも悪い {both_bad} 票",
    "en": "About equal: {tie}, both bad: {both_bad}",
}
RESULT_LATE: Pair = {
    "ja": "名前を見たあとに変えた票が {late} 票あり、上の数には含めていません。",
    "en": "Votes changed after seeing the names: {late}; they do not count above.",
}
NO_VOTES: Pair = {"ja": "投票はありませんでした。", "en": "Nobody voted."}
ALONE: Pair = {
    "ja": "もう一方のサーベイを作れなかったため、比較はせず、1 本だけを載せます。",
    "en": "The other survey could not be made, so this one is posted without a comparison.",
}
