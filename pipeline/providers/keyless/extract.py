"""Pick the sentences of an abstract that say what the paper does."""

import html
import re

from pipeline.providers.keyless.words import split_words

_NO_END = re.compile(
    r"\b(?:e\.g|i\.e|et al|etc|vs|cf|resp|approx|Fig|Figs|Eq|Eqs|Sec|Tab|Ref|No|Dr|Prof|St|w\.r\.t|"
    r"a\.k\.a|[A-Z])\.$"
)
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])|(?<=[。！？])")
_CUE = re.compile(
    r"\b(?:we|this (?:paper|work|article|survey|report)|the (?:paper|authors?))\b.{0,40}?"
    r"\b(?:propos|present|introduc|develop|describ|show|demonstrat|study|studies|investigat|survey|"
    r"review|provid|address|explor|design|build|releas)|提案|紹介|示す|示した|述べる|調べ|整理|まとめ",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:therefore|thus|hence|to this end|to address (?:this|these)[^,]*|in this (?:paper|work|"
    r"article|study|report)|in light of this|motivated by this|specifically|in particular|"
    r"moreover|furthermore|additionally|however|consequently|accordingly|here),?\s+",
    re.IGNORECASE,
)
_LATEX = (
    (re.compile(r"\$([^$]*)\$"), r"\1"),
    (re.compile(r"\\(?:times|cdot)\b\s*"), "×"),
    (re.compile(r"\\(?:sim|approx)\b\s*"), "~"),
    (re.compile(r"\\(?:%|&|#|_)"), lambda match: match[0][1]),
    (re.compile(r"\\(?:textbf|textit|emph|text|mathrm|mathbf|mathcal|url|href)\b"), ""),
    (re.compile(r"\\[A-Za-z]+\b\s*"), ""),
    (re.compile(r"[{}]|(?<=\w)\^(?=\w)"), ""),
)


def split_sentences(text: str) -> list[str]:
    """Split English or Japanese prose into sentences."""
    sentences: list[str] = []
    for piece in _END.split(" ".join(text.split())):
        if sentences and _NO_END.search(sentences[-1]):
            sentences[-1] = f"{sentences[-1]} {piece}"
        elif piece.strip():
            sentences.append(piece.strip())
    return sentences


def clean_text(text: str) -> str:
    """Give outside text as plain prose: no LaTeX, HTML, addresses, brackets or Markdown signs.

    Brackets become round ones, so that nothing in an abstract can pass for a citation anchor.
    """
    text = re.sub(r"<[^<>]*>", " ", html.unescape(text))
    text = re.sub(r"\(?\b(?:https?|ftp)://\S+|\bwww\.\S+", "", text)
    for pattern, replacement in _LATEX:
        text = pattern.sub(replacement, text)
    text = text.translate(str.maketrans("[]［］【】`*<>|", "()()()' ‹›/")).replace("_", " ")
    text = re.sub(r"\s+([,.;:!?)])", r"\1", re.sub(r"\(\s*\)", "", text))
    return " ".join(text.split())


def key_sentences(title: str, abstract: str, count: int) -> str:
    """Give the best sentences of an abstract in their own order; the title where there is none.

    Args:
        count: number of sentences, at least 1.
    """
    sentences = split_sentences(clean_text(abstract))
    if not sentences:
        return clean_text(title)
    topic = set(split_words(title))
    ranked = sorted(
        range(len(sentences)), key=lambda i: (-_score(sentences[i], i, len(sentences), topic), i)
    )
    chosen = sorted(ranked[:count])
    joint = "" if sentences[0].endswith(("。", "！", "？")) else " "
    return joint.join(_tidy(sentences[i]) for i in chosen)


def key_sentence(title: str, abstract: str) -> str:
    """Give the one sentence that says best what the paper does."""
    return key_sentences(title, abstract, 1)


def _score(sentence: str, place: int, count: int, topic: set[str]) -> float:
    words = split_words(sentence)
    overlap = len(topic & set(words)) / max(len(topic), 1)
    length = len(sentence)
    too_long = max(length - 260, 0) / 130
    too_short = max(60 - length, 0) / 30 if not re.search(r"[\u3041-\u9fff]", sentence) else 0.0
    last = 0.5 if count > 2 and place == count - 1 else 0.0
    return 1.5 * bool(_CUE.search(sentence)) + 2 * overlap - too_long - too_short - last


def _tidy(sentence: str) -> str:
    """Take connecting words off the front, which mean nothing outside the abstract."""
    short = _OPENING.sub("", sentence)
    return short[:1].upper() + short[1:]
