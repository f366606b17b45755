"""Ask the writing model and check what it says: the shape, the anchors, the language."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, Field, ValidationError

from pipeline.cite import find_anchors
from pipeline.errors import BadReply
from pipeline.labels import labels
from pipeline.prompts import fill
from pipeline.providers.base import ChatModel, OnText, Prompt
from pipeline.types import Passage, Question

Reply = TypeVar("Reply", bound=BaseModel)

_KANA = re.compile(r"[\u3041-\u30ff]")
_LATIN = re.compile(r"[A-Za-z]")

_REPLY_TOKENS = 16_000
"""Room for a long section in Japanese, and for the thinking of models that count it as output."""


class Heading(BaseModel):
    """A section's name and the thread of its papers."""

    heading: str = Field(min_length=1)
    focus: str


class Outline(BaseModel):
    """The reply to ``outline.md``."""

    title: str = Field(min_length=1)
    sections: list[Heading]


class OffTopic(BaseModel):
    """A paper that the writer sets aside."""

    anchor: str
    reason: str


class SectionText(BaseModel):
    """The reply to ``section.md``."""

    markdown: str
    off_topic: list[OffTopic]


class Addition(BaseModel):
    """The reply to ``repair.md``."""

    markdown: str = Field(min_length=1)


class Frame(BaseModel):
    """The reply to ``frame.md``."""

    introduction: str = Field(min_length=1)
    conclusion: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Writer:
    """A writing model at work on one survey.

    Attributes:
        papers: number of passages in the whole context; anchors beyond it name nothing.
        is_repaired: papers that a section's first draft left out are asked for again.
    """

    model: ChatModel
    question: Question
    papers: int
    is_repaired: bool = True

    def ask(
        self,
        prompt: str,
        schema: type[Reply],
        parts: Mapping[str, str],
        *,
        check: Callable[[Reply], str] | None = None,
        is_prose: bool = True,
        **places: str,
    ) -> Reply:
        """Ask for JSON, once more where something is wrong with it.

        A reply of the wrong shape is refused; one that only breaks a rule (an unknown anchor, the
        wrong language, ``check``) is taken the second time, for what is wrong then is taken out.

        Args:
            prompt: name of the prompt's file.
            parts: tagged parts of the user message, in order.
            check: gives a sentence on what is wrong, or nothing.
            is_prose: people read the reply, so its anchors and language are checked.
            places: further places of the prompt.

        Raises:
            BadReply: both replies had the wrong shape; and the model's own errors.
        """
        system = fill(prompt, language=labels(self.question.language).language_name, **places)
        user = join_parts({"question": self.question.text, **parts})
        kept: Reply | None = None
        for _ in range(2):
            reply = self.model.complete(Prompt("write", system, user, schema, _REPLY_TOKENS))
            try:
                read = schema.model_validate_json(reply.text)
            except ValidationError as error:
                wrong = f"It is not JSON of the shape asked for ({error.error_count()} errors)."
            else:
                kept = read
                wrong = self.find_fault(_texts(read)) if is_prose else ""
                wrong = wrong or (check(read) if check else "")
                if not wrong:
                    return read
            user = f"{user}\n\nYour last reply cannot be used. {wrong} Reply again in full."
        if kept is None:
            raise BadReply(f"{self.model.name} did not follow the schema of {prompt!r}")
        return kept

    def ask_text(
        self,
        prompt: str,
        parts: Mapping[str, str],
        on_text: OnText | None = None,
        *,
        stable: Mapping[str, str] | None = None,
    ) -> str:
        """Ask for plain Markdown, once more where an anchor or the language is wrong.

        Args:
            stable: parts before the others, which begin further calls, too.
            on_text: hears the reply while it comes. What was heard cannot be taken back, so then
                only an empty reply is asked again.

        Raises:
            BadReply: both replies were empty; and the model's own errors.
        """
        system = fill(prompt, language=labels(self.question.language).language_name)
        question = {"question": self.question.text}
        opening = join_parts({**question, **stable}) + "\n\n" if stable else ""
        user = join_parts(parts if stable else {**question, **parts})
        text = ""
        for _ in range(2):
            prompted = Prompt("write", system, user, None, _REPLY_TOKENS, stable=opening)
            text = self.model.complete(prompted, on_text).text
            wrong = self.find_fault([text]) if text.strip() else "It is empty."
            if not wrong or (on_text and text.strip()):
                return text
            user = f"{user}\n\nYour last reply cannot be used. {wrong} Reply again in full."
        if not text.strip():
            raise BadReply(f"{self.model.name} gave no text")
        return text

    def find_fault(self, texts: Iterable[str]) -> str:
        """Give a sentence on unknown anchors or the wrong language, or nothing."""
        joined = "\n".join(texts)
        unknown = [f"[P{n}]" for n in find_anchors(joined) if not 1 <= n <= self.papers]
        if unknown:
            return f"These anchors name no paper: {', '.join(unknown[:20])}."
        language = self.question.language
        kana, latin = len(_KANA.findall(joined)), len(_LATIN.findall(joined))
        foreign = kana == 0 and latin > 20 if language == "ja" else kana > latin
        return f"It is not in {labels(language).language_name}." if foreign else ""


def join_parts(parts: Mapping[str, str]) -> str:
    """Give tagged parts whose text cannot close its tag."""
    return "\n\n".join(
        f"<{tag}>\n{text.replace('<', '‹').replace('>', '›')}\n</{tag}>"
        for tag, text in parts.items()
    )


def show_passages(passages: Iterable[tuple[int, Passage]]) -> str:
    """Give passages as the model reads them: anchor, title, year, summary."""
    return "\n\n".join(
        f"[P{number}] {passage.paper.title} ({passage.paper.published.year})\n{passage.summary}"
        for number, passage in passages
    )


def _texts(reply: BaseModel) -> list[str]:
    """Give all texts inside a reply."""
    texts: list[str] = []
    for value in reply.model_dump().values():
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, list):
            for item in value:
                inner = item.values() if isinstance(item, dict) else [item]
                texts.extend(text for text in inner if isinstance(text, str))
    return texts
