"""What people read when they make another survey of one that they have."""

from collections.abc import Mapping

from bot.messages.words import Pair
from pipeline.bibliography import LedgerStatus
from pipeline.types import Mode

WRITE: Pair = {"ja": "書き直す", "en": "Write it"}
SEARCH: Pair = {"ja": "検索して書く", "en": "Search and write"}
SEND: Pair = {"ja": "送る", "en": "Send"}

MODEL_TITLE: Pair = {"ja": "別のモデルで書く", "en": "Another model"}
MODEL_NOTE: Pair = {
    "ja": "同じ論文から、選んだモデルで書き直します。検索はやり直しません。",
    "en": "Writes from the very same papers; nothing is searched again.",
}
MODEL_LABEL: Pair = {"ja": "モデル", "en": "Model"}
MODE_LABEL: Pair = {"ja": "書きかた", "en": "How"}
MODES: Mapping[Mode, Pair] = {
    "sections": {"ja": "節ごとに書く", "en": "Section by section"},
    "single": {"ja": "1 回で書く", "en": "In one call"},
}

QUERIES_TITLE: Pair = {"ja": "検索式を直す", "en": "Edit the queries"}
QUERIES_NOTE: Pair = {
    "ja": "英語の語句をセミコロン（;）で区切ってください。直した検索式で、検索からやり直します。",
    "en": "English phrases, apart by semicolons. The survey is made anew from these queries.",
}
MUST: Pair = {"ja": "検索式 {number}：すべて含む", "en": "Query {number}: all of these"}
ANY_OF: Pair = {"ja": "検索式 {number}：どれかを含む", "en": "Query {number}: any of these"}
CATEGORIES: Pair = {
    "ja": "検索式 {number}：arXiv の分野（例：cs.CV）",
    "en": "Query {number}: arXiv categories (such as cs.CV)",
}
NO_QUERY: Pair = {
    "ja": "検索式を 1 つ以上、英語で入力してください。",
    "en": "Enter at least one query, in English.",
}
BAD_CATEGORY: Pair = {
    "ja": "「{name}」は arXiv の分野ではありません。",
    "en": "“{name}” is no arXiv category.",
}

LEFT_OUT_TITLE: Pair = {"ja": "除いた論文と理由", "en": "Papers left out"}
NOTHING_LEFT_OUT: Pair = {
    "ja": "見つかった論文は、すべて本文で取り上げています。",
    "en": "Every paper that was found is discussed.",
}
BRING_BACK: Pair = {
    "ja": "主題外とした論文のうち、戻して書き直すもの",
    "en": "Off topic, but to be taken back in",
}
MORE: Pair = {
    "ja": "ほかに {number} 本あります。CSV の書き出しで全部を見られます。",
    "en": "{number} more; the CSV export has them all.",
}
STATUSES: Mapping[LedgerStatus, Pair] = {
    "cited": {"ja": "引用した", "en": "Cited"},
    "not_discussed": {"ja": "本文で論じていない", "en": "Not discussed"},
    "off_topic": {"ja": "主題外", "en": "Off topic"},
    "old": {"ja": "古い", "en": "Too old"},
    "withdrawn": {"ja": "取り下げ", "en": "Withdrawn"},
    "beyond_top": {"ja": "順位が低い", "en": "Ranked low"},
}
ALREADY_THERE: Pair = {
    "ja": "このファイルは、もうスレッドに添付してあります。",
    "en": "This file is in the thread already.",
}
GONE: Pair = {
    "ja": "このサーベイの論文は、まだできていないか、すでに削除されています。",
    "en": "The papers of this survey are not ready yet, or have been deleted.",
}
