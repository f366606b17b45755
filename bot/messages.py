"""Every sentence that people read, Japanese and English side by side."""

from collections.abc import Mapping

from bot.errors import CannotPost
from pipeline import errors
from pipeline.progress import Stage
from pipeline.question import MAX_QUESTION_CHARACTERS
from pipeline.types import Language

Pair = Mapping[Language, str]

STAGES: Mapping[Stage, Pair] = {
    "queries": {"ja": "検索式を作る", "en": "Make queries"},
    "search": {"ja": "論文を検索する", "en": "Search papers"},
    "embed": {"ja": "論文を埋め込む", "en": "Embed papers"},
    "order": {"ja": "近い論文を並べる", "en": "Order papers"},
    "shorten": {"ja": "要約し、関連度を見る", "en": "Shorten and triage"},
    "write": {"ja": "サーベイを書く", "en": "Write the survey"},
    "measure": {"ja": "引用を数える", "en": "Count citations"},
}

ACCEPTED: Pair = {
    "ja": "受け付けました。できあがり次第、このチャンネルのスレッドに載せます。",
    "en": "On it. The survey will come as a thread in this channel.",
}
REPEATED: Pair = {
    "ja": "この依頼はすでに受け付けています。",
    "en": "This request is already being worked on.",
}
HELP: Pair = {
    "ja": (
        "使い方：`/survey 質問` と入力すると、arXiv の論文からサーベイを書いてスレッドに載せます。\n"
        "例：`/survey NeRFの進化の研究について教えて`\n"
        "「2024年以降の…」のように期間を書くと、その期間の論文に絞ります。"
    ),
    "en": (
        "Usage: `/survey QUESTION` writes a survey from arXiv papers and posts it in a thread.\n"
        "Example: `/survey What is new in Gaussian splatting?`\n"
        "Say “since 2024” to limit the papers to that time."
    ),
}
ASKED_BY: Pair = {"ja": "依頼：<@{person}>", "en": "Asked by <@{person}>"}
WORKING: Pair = {"ja": "サーベイを作成しています", "en": "Working on the survey"}
DONE: Pair = {"ja": "サーベイができました", "en": "The survey is ready"}
FAILED: Pair = {"ja": "サーベイを作れませんでした", "en": "The survey could not be made"}
PART: Pair = {"ja": "サーベイ（{number}/{total}）", "en": "Survey ({number}/{total})"}
COMPLETE_FILE: Pair = {"ja": "サーベイ全文", "en": "The complete survey"}
FOOTER: Pair = {"ja": "このサーベイについて", "en": "About this survey"}
HITS: Pair = {"ja": "{hits:,} 件", "en": "{hits:,} hits"}
JOB: Pair = {"ja": "（ジョブ {job}）", "en": " (job {job})"}
UNEXPECTED: Pair = {
    "ja": "予期しない問題が起きました。管理者にジョブの番号を伝えてください。",
    "en": "Something unexpected went wrong. Please give the job's number to your operator.",
}

_BAD_QUESTIONS: Mapping[str, Pair] = {
    "empty": {
        "ja": "質問が空です。`/survey 質問` のように書いてください。",
        "en": "The question is empty. Write it behind the command: `/survey QUESTION`.",
    },
    "too_long": {
        "ja": f"質問が長すぎます。{MAX_QUESTION_CHARACTERS:,} 文字以内で書いてください。",
        "en": f"The question is too long; {MAX_QUESTION_CHARACTERS:,} characters are the most.",
    },
    "no_terms": {
        "ja": "質問から検索に使える語を見つけられませんでした。論文のタイトルに出そうな英語の用語を加えてください。",
        "en": "No word to search papers for was found. Add terms that stand in their titles.",
    },
}

_EXPLANATIONS: Mapping[type[errors.PaperwalkError], Pair] = {
    CannotPost: {
        "ja": "このチャンネルには書き込めません。アプリをチャンネルに招待してから、もう一度お試しください。",
        "en": "I may not write in this channel. Invite the app, then ask again.",
    },
    errors.BadFile: {
        "ja": "ファイルを読み込めません。JSON Lines 形式（gzip 可）か確かめてください。",
        "en": "The file cannot be read. It must be JSON lines, plain or gzip.",
    },
    errors.NothingFound: {
        "ja": "条件を緩めて探しても、該当する論文が見つかりませんでした。別の語や、より広い期間でお試しください。",
        "en": "No paper was found, even with relaxed queries. Try other words or a wider period.",
    },
    errors.NotConfigured: {
        "ja": "設定が足りません。管理者は `paperwalk doctor` で確認してください。",
        "en": "A setting is missing or wrong. `paperwalk doctor` tells the operator which.",
    },
    errors.AuthFailed: {
        "ja": "モデルの提供元に API キーを拒否されました。管理者に連絡してください。",
        "en": "The model's provider refused the API key. Please tell your operator.",
    },
    errors.QuotaSpent: {
        "ja": "モデルの提供元の利用枠または残高がありません。管理者に連絡してください。",
        "en": "The account at the model's provider has no quota left. Please tell your operator.",
    },
    errors.ModelNotFound: {
        "ja": "設定されたモデルが提供元にありません。管理者に連絡してください。",
        "en": "The provider does not offer the configured model. Please tell your operator.",
    },
    errors.SourceRefused: {
        "ja": "arXiv にアクセスを拒否されました。1 日は問い合わせません。管理者は arXiv に連絡してください。",
        "en": "arXiv refuses us. Nobody asks again for a day; the operator should write to arXiv.",
    },
    errors.RequestRejected: {
        "ja": "外部サービスが依頼を受け付けませんでした。Paperwalk の不具合として報告してください。",
        "en": "A service rejected our request. Please report this as a fault of Paperwalk.",
    },
    errors.RateLimited: {
        "ja": "外部サービスの利用制限に達しました。しばらく待ってからお試しください。",
        "en": "A service limits our requests (arXiv or a model). Try again in a while.",
    },
    errors.Overloaded: {
        "ja": "外部サービス（arXiv またはモデル）が混み合っています。しばらく待ってからお試しください。",
        "en": "A service (arXiv or a model) is overloaded. Try again in a while.",
    },
    errors.Unavailable: {
        "ja": "外部サービス（arXiv またはモデル）に接続できません。しばらく待ってからお試しください。",
        "en": "A service (arXiv or a model) cannot be reached. Try again in a while.",
    },
    errors.MalformedAnswer: {
        "ja": "arXiv から正しい応答が得られません。しばらく待ってからお試しください。",
        "en": "arXiv's answers are broken at the moment. Try again in a while.",
    },
    errors.ContextTooLong: {
        "ja": "モデルが一度に読める長さを超えました。論文の数を減らすか、別のモデルをお試しください。",
        "en": "The papers are more than the model reads. Use fewer papers or another model.",
    },
    errors.Refused: {
        "ja": "モデルが回答を控えました。別のモデルか、別の言い方でお試しください。",
        "en": "The model declined to answer. Try another model or other words.",
    },
    errors.Truncated: {
        "ja": "モデルの回答が長さの上限で途切れました。別のモデルをお試しください。",
        "en": "The model's answer hit its length limit. Try another model.",
    },
    errors.BadReply: {
        "ja": "モデルの回答が指定の形式に従いませんでした。もう一度か、別のモデルでお試しください。",
        "en": "The model's answer did not follow the format. Try again, or another model.",
    },
}


def explain(error: errors.PaperwalkError, language: Language) -> str:
    """Say what went wrong and what to do, never with the error's own text."""
    if isinstance(error, errors.BadQuestion):
        return _BAD_QUESTIONS[error.reason][language]
    for kind in type(error).__mro__:
        if kind in _EXPLANATIONS:
            return _EXPLANATIONS[kind][language]
    return UNEXPECTED[language]
