"""Texts such as the models of the article write, with the papers that they cite kept apart."""

import random
import re
from collections.abc import Callable, Sequence

from pipeline.sources.demo import read_catalogue
from pipeline.types import Language, Paper

Style = Callable[[Sequence[Paper], Language], str]


def catalogue(topic: str, language: Language = "en") -> tuple[Paper, ...]:
    """Give the real papers of a topic of the demonstration catalogue."""
    return tuple(e.paper(language) for e in read_catalogue() if not topic or e.topic == topic)


def name(paper: Paper) -> str:
    """Give what people call a paper."""
    return paper.title.partition(":")[0]


def numbered(papers: Sequence[Paper], language: Language) -> str:
    say = {
        "ja": "NeRF や LoRA を改良し、効率と品質を両立させた手法です。",
        "en": "builds on NeRF and LoRA and is efficient.",
    }
    link = {"ja": "論文リンク", "en": "link"}
    items = (
        f"{n}. **{name(p)}** ({p.published.year}): {say[language]} [{link[language]}]({p.url})"
        for n, p in enumerate(papers, 1)
    )
    return "## 代表的な研究\n\n" + "\n".join(items)


def bold_titles(papers: Sequence[Paper], language: Language) -> str:
    says = {"ja": "では、新しい表現が提案されている。", "en": "proposes a new representation."}
    return "\n\n".join(f"**{p.title}** ([arXiv:{p.id}]({p.url})) {says[language]}" for p in papers)


def anchors(papers: Sequence[Paper], language: Language) -> str:
    says = {"ja": "詳しくは要旨を参照。", "en": "See the abstract."}
    return "\n".join(f"- [{p.title}]({p.url}): {says[language]}" for p in papers)


def keys(papers: Sequence[Paper], language: Language) -> str:
    says = {"ja": "を提案した。", "en": "is proposed."}
    return "\n".join(f"- {name(p)} (arXiv:{p.id}v1) {says[language]}" for p in papers)


def references(papers: Sequence[Paper], language: Language) -> str:
    heading = {"ja": "参考文献", "en": "References"}
    says = {"ja": "本文では番号で引用する [1], [2]。", "en": "The text cites by number [1], [2]."}
    items = "\n".join(
        f"[{n}] {', '.join(p.authors[:3])}. {p.title}. In CVPR, {p.published.year}."
        f" https://arxiv.org/abs/{p.id}"
        for n, p in enumerate(papers, 1)
    )
    return f"# Survey\n\n{says[language]}\n\n## {heading[language]}\n\n{items}"


def quoted(papers: Sequence[Paper], language: Language) -> str:
    del language
    return "\n".join(f"{n}. 「{p.title}」（{p.url}）" for n, p in enumerate(papers, 1))


def table(papers: Sequence[Paper], language: Language) -> str:
    del language
    rows = "\n".join(f"| {name(p)} | {p.published.year} | [arXiv]({p.url}) |" for p in papers)
    return f"| paper | year | link |\n|--|--|--|\n{rows}"


def slack(papers: Sequence[Paper], language: Language) -> str:
    del language
    return "\n".join(f"• <{p.url}|{p.title}>" for p in papers)


STYLES: tuple[Style, ...] = (
    numbered,
    bold_titles,
    anchors,
    keys,
    references,
    quoted,
    table,
    slack,
)


def without_links(text: str) -> str:
    """Leave the words of links, but no address and no id."""
    text = re.sub(r"\[([^\]]*)\]\(http[^)]*\)", r"\1", text)
    text = re.sub(r"<http[^|>]*\|([^>]*)>", r"\1", text)
    text = re.sub(r"https?://[\w./]+", "", text)
    return re.sub(r"arXiv:[\w.]+", "", text)


def with_typos(text: str, share: float, seed: int = 0) -> str:
    """Swap two letters in a share of the longer words."""
    chance = random.Random(seed)

    def swap(match: re.Match[str]) -> str:
        word = match[0]
        if chance.random() >= share:
            return word
        i = chance.randrange(len(word) - 1)
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]

    return re.sub(r"[A-Za-z]{4,}", swap, text)


def rotate_ids(text: str, papers: Sequence[Paper]) -> str:
    """Let every link lead to another paper, with the words around it as they were."""
    ids = [paper.id for paper in papers]
    step = len(ids) // 2
    other = dict(zip(ids, ids[step:] + ids[:step], strict=True))
    pattern = "|".join(re.escape(one) for one in ids)
    return re.sub(pattern, lambda match: other[match[0]], text)
