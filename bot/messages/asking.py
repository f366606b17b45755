"""What people read when they ask for something: help, receipts, lists."""

from bot.messages.failures import OPTIONS
from bot.messages.words import Pair

ACCEPTED: Pair = {
    "ja": "受け付けました。できあがり次第、このチャンネルのスレッドに載せます。",
    "en": "On it. The survey will come as a thread in this channel.",
}
QUEUED: Pair = {
    "ja": "受け付けました。先に {ahead} 件を作成しているため、順番が来たら始めます。",
    "en": "On it. Surveys ahead of yours: {ahead}; it starts when its turn comes.",
}
REPEATED: Pair = {
    "ja": "この依頼はすでに受け付けています。",
    "en": "This request is already being worked on.",
}
HELP: Pair = {
    "ja": (
        "*質問する*\n"
        "`/survey 質問` と入力すると、arXiv の論文からサーベイを書いてスレッドに載せます。\n"
        "例：`/survey NeRFの進化の研究について教えて`\n"
        "`/survey` だけなら入力欄が開きます。スレッドの中では、アプリをメンションして質問してください。\n"
        "*指定*\n"
        f"{OPTIONS['ja']}\n"
        "*ほかのコマンド*\n"
        "• `/survey stats`：投票の集計\n"
        "• `/survey models`：選べるモデル\n"
        "• `/survey cancel`：自分のサーベイを中止\n"
        "• `/survey watch 質問 weekly`：新しい論文を見張る（`watch list`、`watch stop 番号`）\n"
        "• `/survey forget-me`：自分の投票と質問を削除"
    ),
    "en": (
        "*Ask*\n"
        "`/survey QUESTION` writes a survey from arXiv papers and posts it in a thread.\n"
        "Example: `/survey What is new in Gaussian splatting?`\n"
        "`/survey` alone opens a form. In a thread, mention the app with your question.\n"
        "*Options*\n"
        f"{OPTIONS['en']}\n"
        "*Other commands*\n"
        "• `/survey stats`: how people voted\n"
        "• `/survey models`: the models to choose from\n"
        "• `/survey cancel`: stop your surveys\n"
        "• `/survey watch QUESTION weekly`: look for new papers (`watch list`, `watch stop NUMBER`)\n"
        "• `/survey forget-me`: delete your votes and questions"
    ),
}
MODELS: Pair = {"ja": "選べるモデル：", "en": "Models to choose from:"}
USUAL: Pair = {"ja": "（指定がないとき）", "en": " (where none is named)"}
COMPARED_PAIR: Pair = {"ja": "（`ab:` で比べる）", "en": " (compared by `ab:`)"}
STOPPING: Pair = {
    "ja": "{number} 件のサーベイを中止します。",
    "en": "Stopping {number} of your surveys.",
}
NOTHING_TO_STOP: Pair = {
    "ja": "作成中のあなたのサーベイはありません。",
    "en": "None of your surveys is under way.",
}
FORGOTTEN: Pair = {
    "ja": "あなたの投票 {votes} 件と質問 {questions} 件を削除しました。Slack に投稿済みのメッセージは残ります。",
    "en": "Deleted {votes} of your votes and {questions} of your questions. Messages in Slack stay.",
}

MENTION_HELP: Pair = {
    "ja": "メンションのあとに質問を書いてください。例：`@paperwalk NeRFの進化の研究について教えて`",
    "en": "Write your question behind the mention, such as `@paperwalk What is new in Gaussian splatting?`",
}

FORM_TITLE: Pair = {"ja": "サーベイを依頼", "en": "Ask for a survey"}
FORM_SUBMIT: Pair = {"ja": "依頼する", "en": "Ask"}
FORM_CANCEL: Pair = {"ja": "やめる", "en": "Cancel"}
FORM_QUESTION: Pair = {"ja": "質問", "en": "Question"}
FORM_QUESTION_HINT: Pair = {
    "ja": "例：NeRFの進化の研究について教えて",
    "en": "For example: What is new in Gaussian splatting?",
}
FORM_WAY: Pair = {"ja": "書きかた", "en": "How"}
FORM_ONE: Pair = {"ja": "1 つのモデルが書く", "en": "One model writes"}
FORM_COMPARE: Pair = {
    "ja": "2 つのモデルを名前を伏せて比べる",
    "en": "Compare two models without showing their names",
}
FORM_MODELS: Pair = {"ja": "モデル（空欄なら既定のもの）", "en": "Models (empty: the usual)"}
FORM_LANGUAGE: Pair = {"ja": "言語", "en": "Language"}
FORM_LANGUAGE_AUTO: Pair = {"ja": "質問と同じ", "en": "As the question"}
FORM_SINCE: Pair = {"ja": "この日以降の論文", "en": "Papers from this day on"}
FORM_UNTIL: Pair = {"ja": "この日までの論文", "en": "Papers up to this day"}
FORM_CATEGORIES: Pair = {
    "ja": "arXiv の分野（例：cs.CV, cs.CL）",
    "en": "arXiv categories (such as cs.CV, cs.CL)",
}
FORM_CHANNEL: Pair = {"ja": "投稿先", "en": "Where to post"}
FORM_ACCEPTED: Pair = {
    "ja": "受け付けました。できあがり次第、<#{channel}> のスレッドに載せます。",
    "en": "On it. The survey will come as a thread in <#{channel}>.",
}
LANGUAGES: Pair = {"ja": "日本語", "en": "English"}
