"""``/survey``: check the question, record a job, acknowledge."""

from collections.abc import Callable, Mapping

import structlog

from bot.messages import ACCEPTED, HELP, REPEATED, explain
from bot.store import Job, name_job
from pipeline.errors import BadQuestion
from pipeline.question import ask, detect_language

log = structlog.get_logger()

_HELP_WORDS = {"", "help", "ヘルプ", "使い方", "?"}


def answer_command(
    command: Mapping[str, str],
    ack: Callable[[str], object],
    enqueue: Callable[[Job], bool],
    now: float,
) -> None:
    """Record the survey that a command asks for, then acknowledge it.

    Args:
        command: Slack's form fields.
        enqueue: records a job, and is false where it is recorded already.
        now: epoch seconds.
    """
    text = command.get("text", "").strip()
    language = detect_language(text)
    if text.lower() in _HELP_WORDS:
        ack(HELP[language] if text else f"{HELP['ja']}\n\n{HELP['en']}")
        return
    try:
        question = ask(text)
    except BadQuestion as error:
        ack(explain(error, language))
        return
    job = Job(
        id=name_job(command["trigger_id"]),
        team=command.get("team_id", ""),
        channel=command["channel_id"],
        person=command["user_id"],
        question=question,
        response_url=command.get("response_url", ""),
        created_at=now,
    )
    is_new = enqueue(job)
    log.info("job_recorded", job=job.id, is_new=is_new)
    ack((ACCEPTED if is_new else REPEATED)[question.language])
