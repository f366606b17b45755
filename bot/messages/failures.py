"""What people read when something went wrong: a sentence for every class of error."""

from collections.abc import Mapping

from bot.errors import BadOption, Bound, CannotPost, OptionFault, OverLimit, SurveyGone
from bot.messages.words import Pair, clip
from bot.options import MOST_PAPERS
from pipeline import errors
from pipeline.question import MAX_QUESTION_CHARACTERS
from pipeline.types import Language

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

_BAD_OPTIONS: Mapping[OptionFault, Pair] = {
    "unknown": {
        "ja": "「{name}」という指定はありません。何も始めていません。使える指定は次のとおりです。",
        "en": "There is no option “{name}”, so nothing was started. These are the options:",
    },
    "value": {
        "ja": "「{name}」に「{value}」は指定できません。何も始めていません。指定のしかたは次のとおりです。",
        "en": "“{name}” does not take “{value}”, so nothing was started. These are the options:",
    },
    "models": {
        "ja": "比較するモデルを 2 つ指定してください。何も始めていません。指定のしかたは次のとおりです。",
        "en": "A comparison takes two models, so nothing was started. These are the options:",
    },
}

OPTIONS: Pair = {
    "ja": (
        "• `since:2024`、`until:2025-06`：論文の投稿日\n"
        "• `lang:ja`、`lang:en`：サーベイの言語\n"
        "• `categories:cs.CV,cs.CL`：arXiv の分野\n"
        f"• `top:60`：使う論文の上限（{MOST_PAPERS} まで）\n"
        "• `mode:sections`、`mode:single`：節ごとに書くか、1 回で書くか\n"
        "• `models:名前`：執筆モデル（`/survey models` で一覧、`名前+single` で書きかたも指定）\n"
        "• `ab:`、`models:名前,名前`：2 つのモデルを名前を伏せて比べる\n"
        "`--since 2024` のような書き方もできます。"
    ),
    "en": (
        "• `since:2024`, `until:2025-06`: when papers were submitted\n"
        "• `lang:ja`, `lang:en`: the survey's language\n"
        "• `categories:cs.CV,cs.CL`: arXiv categories\n"
        f"• `top:60`: most papers to use, up to {MOST_PAPERS}\n"
        "• `mode:sections`, `mode:single`: write section by section, or in one call\n"
        "• `models:NAME`: who writes (`/survey models` lists them; `NAME+single` names the mode too)\n"
        "• `ab:`, `models:NAME,NAME`: compare two models without showing their names\n"
        "`--since 2024` works as well."
    ),
}

_OVER_LIMITS: Mapping[Bound, Pair] = {
    "person_at_once": {
        "ja": "同時に依頼できるサーベイは 1 人 {most:g} 件までです。終わるのを待つか、`/survey cancel` で中止してください。",
        "en": "Surveys that you can have under way at once: {most:g}. Wait for one, or stop one with `/survey cancel`.",
    },
    "channel_at_once": {
        "ja": "このチャンネルで同時に作れるサーベイは {most:g} 件までです。終わってからもう一度お試しください。",
        "en": "Surveys that this channel can have under way at once: {most:g}. Try again when one has ended.",
    },
    "workspace_at_once": {
        "ja": "このワークスペースで同時に作れるサーベイは {most:g} 件までです。終わってからもう一度お試しください。",
        "en": "Surveys that this workspace can have under way at once: {most:g}. Try again when one has ended.",
    },
    "person_per_day": {
        "ja": "依頼できるサーベイは 24 時間に 1 人 {most:g} 件までです。時間をおいてお試しください。",
        "en": "Surveys that you can ask for in 24 hours: {most:g}. Try again later.",
    },
    "channel_per_day": {
        "ja": "このチャンネルで作れるサーベイは 24 時間に {most:g} 件までです。時間をおいてお試しください。",
        "en": "Surveys that this channel can ask for in 24 hours: {most:g}. Try again later.",
    },
    "workspace_per_day": {
        "ja": "このワークスペースで作れるサーベイは 24 時間に {most:g} 件までです。時間をおいてお試しください。",
        "en": "Surveys that this workspace can ask for in 24 hours: {most:g}. Try again later.",
    },
    "usd_per_day": {
        "ja": "このワークスペースの 24 時間の予算（${most:g}）を使い切りました。時間をおいてお試しください。",
        "en": "This workspace has spent its budget of ${most:g} for 24 hours. Try again later.",
    },
    "channels": {
        "ja": "このチャンネルではサーベイを依頼できません。許可されたチャンネルか、アプリとのダイレクトメッセージでお試しください。",
        "en": "Surveys cannot be asked for in this channel. Use an allowed channel, or a direct message with the app.",
    },
}

_EXPLANATIONS: Mapping[type[errors.PaperwalkError], Pair] = {
    CannotPost: {
        "ja": "このチャンネルには書き込めません。アプリをチャンネルに招待してから、もう一度お試しください。",
        "en": "I may not write in this channel. Invite the app, then ask again.",
    },
    SurveyGone: {
        "ja": "もとのサーベイの論文はすでに削除されています。もう一度 `/survey` で依頼してください。",
        "en": "The papers of that survey have been deleted. Please ask again with `/survey`.",
    },
    errors.BadFile: {
        "ja": "ファイルを読み込めません。論文一覧は JSON Lines 形式、サーベイは UTF-8 のテキスト（いずれも gzip 可）にしてください。",
        "en": "The file cannot be read. Papers must be JSON lines, a survey UTF-8 text, plain or gzip.",
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
    errors.CeilingReached: {
        "ja": "サーベイ 1 件あたりの費用の上限に達しました。",
        "en": "The survey has reached its ceiling of cost.",
    },
    errors.Stopped: {
        "ja": "中止しました。",
        "en": "Stopped.",
    },
}


def explain(error: errors.PaperwalkError, language: Language) -> str:
    """Say what went wrong and what to do, never with the error's own text."""
    if isinstance(error, errors.BadQuestion):
        return _BAD_QUESTIONS[error.reason][language]
    if isinstance(error, BadOption):
        typed = {"name": clip(error.name), "value": clip(error.value)}
        return f"{_BAD_OPTIONS[error.fault][language].format(**typed)}\n{OPTIONS[language]}"
    if isinstance(error, OverLimit):
        return _OVER_LIMITS[error.bound][language].format(most=error.most)
    for kind in type(error).__mro__:
        if kind in _EXPLANATIONS:
            return _EXPLANATIONS[kind][language]
    return UNEXPECTED[language]
