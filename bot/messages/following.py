"""What people read when they ask on in a survey's thread."""

from bot.messages.words import Pair

STATUS: Pair = {"ja": "が回答を書いています…", "en": "is answering…"}
NOT_READY: Pair = {
    "ja": "サーベイができあがるか、比較の投票が締め切られてから、もう一度質問してください。",
    "en": "Please ask again when the survey is ready, or when the vote on the comparison has closed.",
}
CHANGED: Pair = {"ja": "サーベイを変更しました", "en": "The survey was changed"}
CHANGED_FILE: Pair = {"ja": "変更後のサーベイ全文", "en": "The complete changed survey"}
