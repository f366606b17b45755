"""A survey's thread to follow up: catalogue papers, a loopback model whose plans are scripted."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.scenes import demo_settings
from model_server import Fault, Json, ModelRequest, ModelServer, model_server, play_survey
from pipeline.cache import CachedChatModel
from pipeline.errors import CeilingReached
from pipeline.followup import Answer, Request, Revision, Turn, follow_up
from pipeline.providers import Access, open_chat_model
from pipeline.providers.base import ChatModel
from pipeline.providers.retry import Retries
from pipeline.question import ask
from pipeline.survey import gather, write
from pipeline.types import Checkpoint, Context, Language, Survey, run_now
from pipeline.wiring import Kit, open_kit

NOW = datetime(2026, 11, 24, tzinfo=UTC)
WRITER = "openai:gpt-6-luna"
PLAN = {"kind", "parts", "sections", "remove", "search", "search_since", "search_until"} | {
    "since",
    "until",
    "language",
    "length",
}
PART = {"heading", "markdown", "left_out"}
FRAME = {"title", "introduction", "conclusion"}
REPAIR = {"markdown"}

Say = Callable[[ModelRequest], "str | Fault"]


def anchors_in(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"\[P\d+\]", text)))


def tag(request: ModelRequest, name: str) -> str:
    """Give what a prompt holds between two tags."""
    found = re.search(rf"<{name}>\n(.*?)\n</{name}>", request.user, re.DOTALL)
    return found[1] if found else ""


def write_well(request: ModelRequest) -> str:
    """Be a model that revises a part as it is told."""
    japanese = "Japanese" in request.system
    text = "書き直した本文である。" if japanese else "This text is new. "
    anchors = " ".join(anchors_in(tag(request, "papers")))
    heading = "新しい見出しである" if japanese else "A new heading"
    return json.dumps({"heading": heading, "markdown": text + anchors, "left_out": []})


def frame_well(request: ModelRequest) -> str:
    text = "枠の文である。" if "Japanese" in request.system else "The frame is new."
    title = "新しい題である" if "Japanese" in request.system else "A new title"
    return json.dumps({"title": title, "introduction": text, "conclusion": text})


def answer_well(request: ModelRequest) -> str:
    first, second, *_ = anchors_in(tag(request, "papers"))
    if "Japanese" in request.system:
        return f"前者はこうである{first}。\n\n後者はこうである{second}。"
    return f"The first does this {first}.\n\nThe second does that {second}."


@dataclass
class Script:
    """What the model says; a plan may be JSON values or the text of a reply."""

    plan: Json | str = field(default_factory=lambda: {"kind": "answer"})
    part: Say = write_well
    frame: Say = frame_well
    answer: Say = answer_well

    def reply(self, request: ModelRequest) -> str | Fault:
        if request.fields == PLAN:
            return self.plan if isinstance(self.plan, str) else json.dumps(self.plan)
        if request.fields == PART:
            return self.part(request)
        if request.fields == FRAME:
            return self.frame(request)
        if "You answer a reply" in request.system:
            return self.answer(request)
        return play_survey(request)


@dataclass
class Bench:
    """A thread on the bench."""

    kit: Kit
    server: ModelServer
    script: Script
    context: Context
    survey: Survey
    runs: Iterator[int] = field(default_factory=lambda: count(1))
    models: dict[str, ChatModel] = field(default_factory=dict)

    def follow(
        self,
        text: str,
        *,
        run: str | None = None,
        spec: str = WRITER,
        turns: tuple[Turn, ...] = (),
        checkpoint: Checkpoint = run_now,
        on_text: Callable[[str], None] | None = None,
        ceiling: int | None = None,
    ) -> Answer | Revision:
        """Follow up; the requests of this one alone are then in ``server.requests``.

        Args:
            ceiling: how many replies the run may pay for.
        """
        self.server.requests.clear()
        self.server.answered.clear()
        request = Request(run or f"run{next(self.runs)}", text, NOW, turns)
        return follow_up(
            request,
            self.context,
            self.survey,
            self.writer(spec, request.id, ceiling),
            self.kit.tools(request.id, self.context.question.language),
            checkpoint=checkpoint,
            on_text=on_text,
        )

    def writer(self, spec: str, run: str, ceiling: int | None = None) -> ChatModel | None:
        """Give a writing model that hardly waits before it tries again."""
        if spec == "keyless":
            return None
        if spec not in self.models:
            base_url = self.server.base_url(spec.partition(":")[0])
            quick = Retries(attempts=3, first_wait_seconds=0.01)
            access = Access(SecretStr("key"), base_url, retries=quick)
            self.models[spec] = open_chat_model(spec, access)

        def admit() -> None:
            if ceiling is not None and len(self.server.requests) >= ceiling:
                raise CeilingReached("spent")

        return CachedChatModel(self.models[spec], self.kit.engine, run, scope=run, admit=admit)

    def change(self, text: str, plan: Json | None = None, **more: Any) -> Revision:
        """Follow up with a request that changes the survey."""
        if plan is not None:
            self.script.plan = {"kind": "change", **plan}
        done = self.follow(text, **more)
        assert isinstance(done, Revision), done
        return done

    def ask(self, text: str, plan: Json | str | None = None, **more: Any) -> Answer:
        """Follow up with a request that is answered."""
        self.script.plan = plan or {"kind": "answer"}
        done = self.follow(text, **more)
        assert isinstance(done, Answer), done
        return done

    def asked(self, fields: set[str]) -> list[ModelRequest]:
        return [request for request in self.server.requests if request.fields == fields]

    def anchor(self, paper_id: str) -> str:
        ids = [passage.paper.id for passage in self.context.passages]
        return f"P{ids.index(paper_id) + 1}"


@contextmanager
def bench(folder: Path, *, language: Language = "ja", writer: str = WRITER) -> Iterator[Bench]:
    """Write a survey on LoRA from the catalogue, and stand ready for follow-ups."""
    script = Script()
    with model_server(script.reply) as server:
        keys = ("openai_api_key", "anthropic_api_key", "gemini_api_key")
        urls: dict[str, object] = {
            "openai_base_url": server.base_url("openai"),
            "anthropic_base_url": server.base_url("anthropic"),
            "gemini_base_url": server.base_url("gemini"),
            "openai_compatible_base_url": server.base_url("openai_compatible"),
        }
        update = urls | dict.fromkeys(keys, SecretStr("key"))
        kit = open_kit(demo_settings(folder).model_copy(update=update))
        asked = ask("LoRAについて教えて" if language == "ja" else "What is LoRA?")
        tools = kit.tools("first", language)
        context = gather(asked, tools, context_id="first-c", now=NOW)
        survey = write(context, kit.writer("first", writer), tools, survey_id="first-s")
        try:
            yield Bench(kit, server, script, context, survey)
        finally:
            kit.engine.dispose()
