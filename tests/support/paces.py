"""Loopback services in a process of their own, as slow as they are told to be."""

import json
import logging
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from os.path import commonprefix
from pathlib import Path

import structlog
from pydantic import SecretStr

from arxiv_server import ArxivServer, arxiv_server
from model_server import ModelRequest, ModelServer, model_server, play_survey
from pipeline.settings import PipelineSettings
from pipeline.types import Paper

PHRASES = ("radiance field", "gaussian splatting", "view synthesis")
_WORDS = (
    "scene camera method training sparse dense image loss feature pose depth surface render point"
    " network attention field geometry texture lighting motion prior sample quality speed memory"
    " baseline dataset benchmark neural volume grid hash encoding optimisation regularisation"
).split()

_STEPS = {
    frozenset({"queries"}): "queries",
    frozenset({"summary", "relevance", "reason"}): "shorten",
    frozenset({"title", "sections"}): "outline",
    frozenset({"markdown", "off_topic"}): "section",
    frozenset({"markdown"}): "repair",
    frozenset({"introduction", "conclusion"}): "frame",
    frozenset({"count"}): "count",
}


def be_quiet() -> None:
    """Keep our log out of a benchmark's output."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


@dataclass(frozen=True)
class Paces:
    """Seconds that services take.

    Attributes:
        steps: of a call by what it does: queries, shorten, outline, section, repair, frame, count.
        spread: each call takes up to so many times as long, drawn evenly from 1 on.
        forgets: the first section's first draft leaves a paper out, so that a repair is needed.
    """

    steps: Mapping[str, float]
    embed: float = 0.0
    arxiv: float = 0.0
    spread: float = 1.0
    forgets: bool = False


@dataclass(frozen=True)
class Asked:
    """What the services were asked so far.

    Attributes:
        calls: by step; ``arxiv`` and ``embed`` beside those of language models.
        tokens: about, that language models were sent (4 characters each).
        repeated: of them, those that stand at the beginning of an earlier request to the same
            model, too, 1,024 or more in a row: what a provider's prompt cache can serve.
        embedded: texts.
    """

    calls: Mapping[str, int]
    tokens: int
    repeated: int
    embedded: int


_LEAST_REPEATED = 1_024
"""Tokens that a beginning needs for a provider to keep it.

Source: https://developers.openai.com/api/docs/guides/prompt-caching
"""


@dataclass
class Services:
    """Where the services are, and what they were asked."""

    arxiv_url: str
    models_url: str
    pipe: Connection = field(repr=False)

    def base_url(self, provider: str) -> str:
        return self.models_url + ("/v1" if provider == "openai" else "")

    def settings(self, folder: Path) -> PipelineSettings:
        """Give settings that ask these services, with a database in a folder."""
        return PipelineSettings(
            _env_file=None,
            database_url=f"sqlite:///{folder}/paperwalk.sqlite",
            openai_api_key=SecretStr("sk-none"),
            openai_base_url=self.base_url("openai"),
            arxiv_url=self.arxiv_url,
            source="arxiv",
        )

    def count(self) -> Asked:
        """Give what was asked so far."""
        self.pipe.send("count")
        counted: Asked = self.pipe.recv()
        return counted


def step_of(request: ModelRequest) -> str:
    if "kind" in request.fields:
        return "plan"
    if not request.fields:
        return "answer" if "<request>" in request.user else "count"
    return _STEPS[frozenset(request.fields)]


def make_papers(count: int, seed: int = 1, phrases: Sequence[str] = PHRASES) -> tuple[Paper, ...]:
    """Make papers with abstracts as long as arXiv's, each with one of the phrases in turn."""
    dice = random.Random(seed)
    now = datetime.now(UTC)
    papers = []
    for number in range(count):
        words = [dice.choice(_WORDS) for _ in range(170)]
        lines = [" ".join(words[at : at + 17]).capitalize() + "." for at in range(0, 170, 17)]
        phrase = phrases[number % len(phrases)]
        moment = now - timedelta(days=1 + number * 600 / count)
        papers.append(
            Paper(
                id=f"{moment:%y%m}.{number:05d}",
                version=1,
                title=f"Name{number}: {phrase.title()} with {' '.join(dice.sample(_WORDS, 5))}",
                abstract=" ".join(lines),
                authors=("Ada Author", "Bob Writer"),
                published=moment,
                updated=moment,
                categories=("cs.CV",),
                primary_category="cs.CV",
            )
        )
    return tuple(papers)


def play(request: ModelRequest, paces: Paces, dice: random.Random) -> str:
    """Answer as ``play_survey`` does, for papers of ours, after the time that it takes."""
    step = step_of(request)
    time.sleep(paces.steps.get(step, 0.0) * dice.uniform(1.0, paces.spread))
    if step == "queries":
        tree: dict[str, object] = {
            "any_of": [],
            "categories": [],
            "date_from": None,
            "date_to": None,
        }
        phrases = (*PHRASES[1:], "camera pose") if "poses" in request.user else PHRASES
        return json.dumps({"queries": [{**tree, "must": [phrase]} for phrase in phrases]})
    if step == "plan":
        empty = dict.fromkeys(("search_since", "search_until", "since", "until"))
        return json.dumps({"kind": "answer", "language": None, "length": None, **empty})
    if step == "section":
        anchors = dict.fromkeys(re.findall(r"\[P\d+\]", request.user))
        told = [f"{_sentence(dice)} {anchor}." for anchor in anchors]
        if paces.forgets and "[P1]" in anchors:
            told = told[1:]
        return json.dumps({"markdown": " ".join(told), "off_topic": []})
    return play_survey(request)


def _sentence(dice: random.Random) -> str:
    return " ".join(dice.choice(_WORDS) for _ in range(20)).capitalize()


@contextmanager
def services(papers: Sequence[Paper], paces: Paces) -> Iterator[Services]:
    """Serve papers and models from another process, so that its work is not counted as ours."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, tuple(papers), paces), daemon=True)
    process.start()
    arxiv_url, models_url = ours.recv()
    try:
        yield Services(arxiv_url, models_url, ours)
    finally:
        ours.send("stop")
        process.join(10)
        process.kill()


def _serve(pipe: Connection, papers: tuple[Paper, ...], paces: Paces) -> None:
    dice = random.Random(7)
    with ExitStack() as stack:
        arxiv = stack.enter_context(arxiv_server(papers))
        models = stack.enter_context(
            model_server(lambda request: play(request, paces, dice), keeps_open=True)
        )
        arxiv.seconds = paces.arxiv
        models.embed_seconds = paces.embed
        pipe.send((arxiv.url, models.url))
        while pipe.recv() == "count":
            pipe.send(_count(arxiv, models))


def _count(arxiv: ArxivServer, models: ModelServer) -> Asked:
    calls = Counter(step_of(request) for request in models.answered)
    calls |= Counter({"arxiv": len(arxiv.requests), "embed": models.embed_calls})
    texts: dict[str, list[str]] = defaultdict(list)
    tokens = repeated = 0
    for request in models.answered:
        text = f"{request.system}\n{request.user}"
        starts = (commonprefix((text, one)) for one in texts[request.model])  # noqa: RUF071 - texts
        common = max(map(len, starts), default=0)
        tokens += len(text) // 4
        repeated += common // 4 if common // 4 >= _LEAST_REPEATED else 0
        texts[request.model].append(text)
    return Asked(dict(calls), tokens, repeated, len(models.embedded))
