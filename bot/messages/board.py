"""What people read about how models do, and on the home tab."""

from collections.abc import Mapping

from bot.messages.words import Pair
from pipeline.evaluation.preference.groups import Standing
from pipeline.evaluation.preference.leaderboard import Note

BOARD: Pair = {"ja": "どのモデルが選ばれているか", "en": "Which model people prefer"}
STANDINGS: Mapping[Standing, Pair] = {
    "no_votes": {
        "ja": "比較への投票がまだありません。`/survey ab: 質問` で 2 本のサーベイを比べられます。",
        "en": "Nobody has voted on a comparison yet. `/survey ab: QUESTION` makes two surveys to compare.",
    },
    "too_few": {
        "ja": "投票がまだ少ないため、順位は示しません（{turnout}）。あと {needed} 問ほどへの投票が必要です。",
        "en": "Too few votes for a ranking ({turnout}); further questions to vote on: about {needed}.",
    },
    "undecided": {
        "ja": "差はまだ確かではありません（{turnout}）。{more}",
        "en": "No difference is certain yet ({turnout}). {more}",
    },
    "ranked": {
        "ja": "確かな差があります（{turnout}）：{decided}",
        "en": "A difference is certain ({turnout}): {decided}",
    },
}
TURNOUT: Pair = {
    "ja": "{people} 人、{questions} 問、{votes} 票",
    "en": "people: {people}, questions: {questions}, votes: {votes}",
}
NEEDED: Pair = {
    "ja": "確かめるには、あと {needed} 問ほどへの投票が必要です。",
    "en": "Further questions to vote on, to show one: about {needed}.",
}
NEVER: Pair = {
    "ja": "差があるとしても、投票で確かめられないほど小さいようです。",
    "en": "If there is one, it is too small to show by votes.",
}
DECIDED: Pair = {"ja": "{better} ＞ {worse}", "en": "{better} over {worse}"}
NOTES: Mapping[Note, Pair] = {
    "few_questions": {
        "ja": "質問が少ないため、区間は目安です。",
        "en": "There are few questions, so the intervals are rough.",
    },
    "several_groups": {
        "ja": "互いに比べられていないモデルがあり、それらの間の優劣は分かりません。",
        "en": "Some models were never compared with the others; nothing is known between them.",
    },
    "one_person_dominates": {
        "ja": "票の半分以上が 1 人のものです。",
        "en": "More than half of the votes are one person's.",
    },
}
WIN_RATE: Pair = {"ja": "勝率", "en": "win rate"}
RECALL: Pair = {"ja": "再現率", "en": "recall"}
VOTES: Pair = {"ja": "{votes} 票", "en": "votes: {votes}"}
SECONDS: Pair = {"ja": "{seconds:.0f} 秒", "en": "{seconds:.0f} s"}

HOME_NEW: Pair = {"ja": "サーベイを依頼", "en": "New survey"}
HOME_MINE: Pair = {"ja": "あなたのサーベイ", "en": "Your surveys"}
HOME_NOTHING: Pair = {
    "ja": "まだありません。上のボタンか `/survey 質問` で依頼できます。",
    "en": "None yet. Use the button, or `/survey QUESTION`.",
}
HOME_RUNNING: Pair = {
    "ja": "このワークスペースで作成中のサーベイ：{number} 件（うちあなたのもの {mine} 件）",
    "en": "Surveys under way in this workspace: {number}, of them yours: {mine}",
}
HOME_SETTINGS: Pair = {"ja": "あなたの設定", "en": "Your settings"}
HOME_LANGUAGE: Pair = {"ja": "サーベイの言語", "en": "Language of surveys"}
HOME_MODEL: Pair = {"ja": "執筆モデル", "en": "Who writes"}
AS_QUESTION: Pair = {"ja": "質問と同じ", "en": "As the question"}
AS_USUAL: Pair = {"ja": "既定のもの", "en": "The usual"}
STATES: Mapping[str, Pair] = {
    "waiting": {"ja": "待機中", "en": "waiting"},
    "working": {"ja": "作成中", "en": "under way"},
    "delivering": {"ja": "投稿中", "en": "being posted"},
    "done": {"ja": "完了", "en": "done"},
    "failed": {"ja": "失敗", "en": "failed"},
    "stopped": {"ja": "中止", "en": "stopped"},
}
