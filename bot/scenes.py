"""What people do with Paperwalk, played in a loopback Slack from beginning to end.

Each scene takes a stage, lets people ask, vote and reply there, and gives what then stands in
Slack. The demonstration shows them, and the pictures of the documentation are drawn from them.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import SecretStr

from bot.blocks.feedback import CHOOSE
from bot.playground import CommandReceipt, Message, Playground, User, View
from bot.run import House, listening, open_house, working
from bot.settings import BotSettings
from bot.store import name_job
from pipeline.errors import Unavailable
from pipeline.settings import PipelineSettings
from pipeline.types import Choice, Language

SceneName = Literal["survey", "compare", "follow-up", "home", "error"]

_T = TypeVar("_T")

_PATIENCE_SECONDS = 60.0
_QUESTIONS: Mapping[Language, str] = {
    "ja": "NeRFの進化の研究について教えて",
    "en": "How have neural radiance fields evolved?",
}
_OTHER_QUESTIONS: Mapping[Language, str] = {
    "ja": "LLMの量子化の研究について教えて",
    "en": "How are large language models quantized?",
}
_UNKNOWN: Mapping[Language, str] = {
    "ja": "ブロータングルの研究について教えて",
    "en": "What is known about blorptangles?",
}
_REPLIES: Mapping[Language, tuple[str, str]] = {
    "ja": ("学習時間を短くした論文はどれですか？", "2021年以降だけにしてください"),
    "en": ("Which papers are about aliasing?", "Only since 2021, please"),
}
_PEOPLE: Mapping[Language, tuple[str, str, str]] = {
    "ja": ("花子", "健太", "美咲"),
    "en": ("Hanako", "Kenta", "Misaki"),
}


@dataclass(frozen=True)
class Stage:
    """A workspace with three people in it and a bot that works.

    Attributes:
        question: what is asked; the scene's own question where it is empty.
    """

    slack: Playground
    house: House
    language: Language
    question: str = ""

    @property
    def people(self) -> tuple[str, str, str]:
        """Give the users' ids."""
        return (self.slack.user, "U0SECOND", "U0THIRD")

    def ask(self, words: str) -> CommandReceipt:
        """Type ``/survey`` with these words, and wait until what they start has ended."""
        receipt = self.slack.command(words)
        job_id = name_job(receipt.trigger_id)
        if self.house.tables.jobs.status(job_id) is not None:
            self.wait_for_end(job_id)
        return receipt

    def survey(self, words: str) -> tuple[str, Message]:
        """Ask for a survey, and give its job and root message."""
        job_id = name_job(self.ask(words).trigger_id)
        return job_id, self.message(job_id, "root")

    def wait_for_end(self, job_id: str) -> None:
        """Wait until a job has ended."""
        jobs = self.house.tables.jobs
        wait_until(lambda: jobs.status(job_id) in {"done", "failed", "stopped"})

    def message(self, job_id: str, name: str) -> Message:
        """Give one message of a job as it stands now."""
        ts = self.house.tables.posts.find(job_id, name)
        found = self.slack.find(ts) if ts else None
        if found is None:
            raise Unavailable(f"the demonstration's {name} was not posted")
        return found

    def reply(self, job_id: str, words: str) -> None:
        """Reply in a survey's thread, and wait until the answer stands there."""
        turns = self.house.tables.turns
        known = len(turns.list(job_id, most=9))
        self.slack.say(words, thread_ts=self.message(job_id, "root").ts)
        wait_until(lambda: len(turns.list(job_id, most=9)) > known)
        wait_until(lambda: not self.house.tables.jobs.list_live(self.slack.team_id))

    def choose(self, ballot: Message, votes: Iterable[tuple[str, Choice]]) -> None:
        """Vote on two surveys, the last wanted vote at the end, and wait for the result.

        Args:
            votes: people, each with what they press, in turn.
        """
        for person, choice in votes:
            self.slack.click(ballot, f"{CHOOSE}{choice}", user=person)
        wait_until(lambda: self._standing(ballot).blocks != ballot.blocks)
        wait_until(lambda: not self.house.tables.jobs.list_live(self.slack.team_id))

    def _standing(self, message: Message) -> Message:
        return self.slack.find(message.ts) or message


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in Slack after a scene.

    Attributes:
        typed: the command it began with.
        what: messages, oldest first; or the home tab.
        acknowledged: seconds until the command was answered.
    """

    typed: str
    what: tuple[Message, ...] | View
    acknowledged: float


def wait_until(look: Callable[[], _T | None]) -> _T:
    """Wait until something is true, and give it.

    Raises:
        Unavailable: it does not become true.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        if found := look():
            return found
        if time.monotonic() > until:
            raise Unavailable("the demonstration did not come to its end in time")
        time.sleep(0.05)


def play_survey(stage: Stage) -> Shown:
    """Ask for a survey; whatever else is typed, as ``help``, is answered as ever."""
    words = stage.question or _QUESTIONS[stage.language]
    receipt = stage.ask(words)
    return _show(stage, words, receipt)


def play_comparison(stage: Stage) -> Shown:
    """Let two surveys be written blind, three people vote, one of them twice, and see the end."""
    words = f"ab: {stage.question or _QUESTIONS[stage.language]} top:8"
    receipt = stage.ask(words)
    ballot = stage.message(name_job(receipt.trigger_id), "vote")
    first, second, third = stage.people
    stage.choose(ballot, ((second, "tie"), (first, "a"), (first, "b"), (third, "a")))
    return _show(stage, words, receipt)


def play_follow_up(stage: Stage) -> Shown:
    """Ask the finished survey a question, and let it be narrowed; the survey itself is left out."""
    words = stage.question or _QUESTIONS[stage.language]
    receipt = stage.ask(words)
    job_id = name_job(receipt.trigger_id)
    written = {message.ts for message in stage.slack.thread(stage.message(job_id, "root").ts)[1:]}
    for reply in _REPLIES[stage.language]:
        stage.reply(job_id, reply)
    shown = tuple(one for one in _seen(stage) if one.ts not in written)
    return Shown(f"/survey {words}", shown, receipt.seconds)


def play_home(stage: Stage) -> Shown:
    """Open the home tab after two surveys, their thumbs and a comparison."""
    words = stage.question or _QUESTIONS[stage.language]
    receipt = stage.ask(words)
    root = stage.message(name_job(receipt.trigger_id), "root")
    for person in stage.people:
        stage.slack.react(root, "+1", user=person)
    other = stage.ask(f"ab: {_OTHER_QUESTIONS[stage.language]}")
    ballot = stage.message(name_job(other.trigger_id), "vote")
    stage.choose(ballot, zip(stage.people, ("a", "b", "a"), strict=True))
    stage.slack.open_home()
    return Shown("", wait_until(stage.slack.home), receipt.seconds)


def play_error(stage: Stage) -> Shown:
    """Ask for what no paper is about."""
    words = stage.question or _UNKNOWN[stage.language]
    return _show(stage, words, stage.ask(words))


SCENES: Mapping[SceneName, Callable[[Stage], Shown]] = {
    "survey": play_survey,
    "compare": play_comparison,
    "follow-up": play_follow_up,
    "home": play_home,
    "error": play_error,
}


@contextmanager
def set_stage(folder: Path, language: Language, question: str = "") -> Iterator[Stage]:
    """Start a loopback Slack and a bot in it that calls nobody.

    Args:
        folder: for its database.
    """
    with Playground() as slack:
        for person, name in zip(
            (slack.user, "U0SECOND", "U0THIRD"), _PEOPLE[language], strict=True
        ):
            slack.add_user(User(person, name))
        bot = BotSettings(
            slack_bot_token=SecretStr(slack.bot_token),
            slack_app_token=SecretStr(slack.app_token),
            slack_api_url=slack.api_url,
            dyno=None,
            language=language,
            models=("keyless", "keyless+single"),
            post_seconds=0.0,
            edit_seconds=0.2,
            poll_seconds=0.1,
            beat_seconds=0.5,
            stop_seconds=0,
        )
        house = open_house(bot, demo_settings(folder))
        try:
            with working(house), listening(house):
                slack.wait_for_app()
                yield Stage(slack, house, language, question)
        finally:
            house.kit.engine.dispose()


def demo_settings(folder: Path) -> PipelineSettings:
    """Give settings that call nobody, whatever keys the environment holds."""
    return PipelineSettings(
        database_url=f"sqlite:///{folder / 'demo.sqlite'}",
        source="demo",
        query_model="keyless",
        shorten_model="keyless",
        write_model="keyless",
        count_model="keyless",
        embed_model="keyless",
        mode="sections",
        recent_years=2.0,
    )


def _show(stage: Stage, words: str, receipt: CommandReceipt) -> Shown:
    return Shown(f"/survey {words}", _seen(stage), receipt.seconds)


def _seen(stage: Stage) -> tuple[Message, ...]:
    """Give what the person who asked sees, oldest first."""
    said = sorted(stage.slack.messages(), key=lambda message: float(message.ts))
    return tuple(one for one in said if one.ephemeral_for in {None, stage.slack.user})
