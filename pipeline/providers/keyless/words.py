"""Words of a text, for counting: lower-case English stems, and pairs of Japanese characters."""

import re
import unicodedata

_TOKEN = re.compile(r"[a-z0-9]+(?:[-+.][a-z0-9]+)*|[\u3041-\u30ff\u3400-\u9fff]+")

STOP_WORDS = frozenset(
    """a about above across after again against all also although among an and any approach are
    as at based be because been before being between both but by can could demonstrate
    demonstrates did do does each either et existing experiment experiments extensive first
    for framework from further given has have having here how however i if improve improved
    improves in into introduce is it its itself large last leverage like make many may
    method methods model models more most much namely new no nor not novel now of on one
    only or other our out over paper per perform performance present problem propose
    proposed proposes provide provides recent recently result results second several show
    shown shows significant significantly since so some state state-of-the-art still such
    task tasks than that the their them then there these they this those three through thus
    to two under up upon us use used uses using various very via was we well were what when
    where whether which while who why will with within without work works would yet
    you your""".split()
)


def stem(word: str) -> str:
    """Take the plural off an English word, lightly: ``fields`` and ``field`` count as one."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def split_words(text: str) -> list[str]:
    """Give the counted words of a text, stop words left out, in order."""
    words: list[str] = []
    for token in _TOKEN.findall(unicodedata.normalize("NFKC", text).lower()):
        if token[0] >= "\u3041":
            words.extend(token[i : i + 2] for i in range(max(len(token) - 1, 1)))
        elif token not in STOP_WORDS and len(token) > 1:
            words.append(stem(token))
    return words
