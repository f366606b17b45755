"""The bot, whole, against the loopback Slack."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from slack_bolt import BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.app import build_app
from bot.delivery import open_client
from bot.demo import demo_settings
from bot.playground import Channel, Fault, Playground
from bot.run import open_state
from bot.store import Job, name_job
from bots import bot_settings, root_of, running_bot, wait_for_end
from model_server import Fault as ModelFault
from model_server import model_server, play_survey
from pipeline.errors import NotConfigured
from pipeline.settings import PipelineSettings

QUESTION = "NeRFの進化の研究について教えて"


@pytest.fixture
def slack(isolated: Path) -> Iterator[Playground]:
    del isolated
    with Playground() as running:
        yield running


def test_a_command_becomes_a_thread_with_survey_file_and_footer(
    slack: Playground, tmp_path: Path
) -> None:
    with running_bot(slack, tmp_path) as jobs:
        receipt = slack.command(QUESTION)
        status = wait_for_end(jobs, receipt)

    assert status == "done"
    assert receipt.acked
    assert receipt.seconds < 1
    assert "受け付けました" in receipt.text
    root, progress, *parts, file, footer = slack.thread(root_of(slack).ts)
    assert QUESTION in str(root.blocks)
    assert "✅" in str(root.blocks)
    assert str(progress.blocks).count("✓") == 7
    assert progress.edits >= 1
    survey = "\n".join(str(part.blocks[0]["text"]) for part in parts)
    assert "](https://arxiv.org/abs/2003.08934)" in survey
    assert file.files[0].name.endswith(".md")
    assert "検索式" in file.files[0].content.decode()
    assert "引用：見つかった論文" in str(footer.blocks)
    assert slack.unfurls == []
    assert set(slack.pings) == {f"<@{slack.user}>"}


def test_an_english_question_is_answered_in_english(slack: Playground, tmp_path: Path) -> None:
    with running_bot(slack, tmp_path) as jobs:
        receipt = slack.command("What is new in LLM quantization?")
        wait_for_end(jobs, receipt)

    assert receipt.text.startswith("On it.")
    assert "Cited:" in str(slack.thread(root_of(slack).ts)[-1].blocks)


def test_a_second_delivery_of_a_command_starts_nothing(slack: Playground, tmp_path: Path) -> None:
    with running_bot(slack, tmp_path) as jobs:
        first = slack.command(QUESTION)
        again = slack.command(QUESTION, trigger_id=first.trigger_id)
        wait_for_end(jobs, first)

    assert "すでに" in again.text
    root_of(slack)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Usage"),
        ("help", "Usage"),
        ("使い方", "使い方"),
        ("!!!", "empty"),
        ("x" * 3000, "2,000"),
        ("質問" * 1500, "2,000"),
    ],
)
def test_what_is_no_question_is_answered_privately(
    slack: Playground, tmp_path: Path, text: str, said: str
) -> None:
    with running_bot(slack, tmp_path) as jobs:
        receipt = slack.command(text)

    assert said in receipt.text
    assert jobs.status(name_job(receipt.trigger_id)) is None
    assert [message for message in slack.messages() if not message.ephemeral_for] == []


def test_a_question_that_finds_nothing_is_told_in_the_thread(
    slack: Playground, tmp_path: Path
) -> None:
    with running_bot(slack, tmp_path) as jobs:
        receipt = slack.command("quuxology of blorptangles")
        status = wait_for_end(jobs, receipt)

    thread = slack.thread(root_of(slack).ts)
    assert status == "failed"
    assert "No paper was found" in thread[-1].text
    assert name_job(receipt.trigger_id) in thread[-1].text
    assert "⚠️" in str(thread[0].blocks)


def test_hostile_questions_do_not_ping_or_link(slack: Playground, tmp_path: Path) -> None:
    with running_bot(slack, tmp_path) as jobs:
        receipt = slack.command("NeRF <!channel> @here <@U0VICTIM> <https://evil.example|x>")
        wait_for_end(jobs, receipt)

    assert set(slack.pings) == {f"<@{slack.user}>"}
    assert not any(
        "<https://evil" in f"{m.text}{m.blocks}"
        for m in slack.messages()
        if m.user != slack.user and not re.search("plain_text", str(m.blocks))
    )


def test_slack_being_slow_or_broken_loses_and_repeats_nothing(
    slack: Playground, tmp_path: Path
) -> None:
    slack.fail_next(
        "chat.postMessage", Fault(429, retry_after=0), Fault(503), Fault(accepted=True), Fault(500)
    )
    slack.fail_next("chat.update", Fault(500), Fault(200, error="ratelimited"))
    slack.fail_next("files.completeUploadExternal", Fault(accepted=True))

    with running_bot(slack, tmp_path) as jobs:
        status = wait_for_end(jobs, slack.command(QUESTION))

    thread = slack.thread(root_of(slack).ts)
    assert status == "done"
    names = [str(m.metadata["event_payload"]["name"]) for m in thread if m.metadata]  # type: ignore[index]  # ours
    assert len(names) == len(set(names))
    assert sum(bool(message.files) for message in thread) == 1


def test_blocks_that_slack_refuses_are_posted_plainly(slack: Playground, tmp_path: Path) -> None:
    slack.fail_next("chat.postMessage", Fault(), Fault(), Fault(200, error="invalid_blocks"))
    slack._state.faults["chat.postMessage"].clear()  # noqa: SLF001 - the third post is the survey

    with running_bot(slack, tmp_path) as jobs:
        status = wait_for_end(jobs, slack.command(QUESTION))

    assert status == "done"


def test_a_public_channel_is_joined_and_a_private_one_is_said_privately(
    slack: Playground, tmp_path: Path
) -> None:
    slack.add_channel(Channel("C0OPEN", "open", is_member=False))
    slack.add_channel(Channel("C0SECRET", "secret", is_private=True, is_member=False))

    with running_bot(slack, tmp_path) as jobs:
        opened = wait_for_end(jobs, slack.command(QUESTION, channel="C0OPEN"))
        closed = wait_for_end(jobs, slack.command(QUESTION, channel="C0SECRET"))

    assert opened == "done"
    assert closed == "failed"
    private = [m for m in slack.messages("C0SECRET") if m.ephemeral_for]
    assert any("招待" in message.text for message in private)


def test_events_that_nobody_asked_for_are_acknowledged(slack: Playground, tmp_path: Path) -> None:
    with running_bot(slack, tmp_path):
        assert slack.event({"type": "reaction_added", "user": slack.user, "reaction": "+1"})


PROVIDERS = {
    "openai": "gpt-6-luna",
    "anthropic": "claude-haiku-5-5",
    "gemini": "gemini-3.5-flash-lite",
}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_survey_is_written_by_a_model_of_each_provider(
    slack: Playground, tmp_path: Path, provider: str
) -> None:
    with model_server(play_survey) as models:
        models.fail_next(ModelFault(status=429, retry_after="0.1"), ModelFault(status=500))
        pipeline = with_models(tmp_path, models.base_url(provider), provider)
        with running_bot(slack, tmp_path, pipeline) as jobs:
            status = wait_for_end(jobs, slack.command(QUESTION))

    assert status == "done"
    footer = str(slack.thread(root_of(slack).ts)[-1].blocks)
    assert f"{provider}:{PROVIDERS[provider]}" in footer
    assert "$0.0" in footer
    assert "言語モデルが数えた再現率" in footer
    survey = "".join(str(m.blocks) for m in slack.thread(root_of(slack).ts))
    assert "言語モデル未設定" not in survey


def test_a_key_that_is_refused_is_told_without_showing_it(
    slack: Playground, tmp_path: Path
) -> None:
    with model_server(lambda _: ModelFault(status=401, said="bad key sk-secret")) as models:
        pipeline = with_models(tmp_path, models.base_url("openai"), "openai")
        with running_bot(slack, tmp_path, pipeline) as jobs:
            status = wait_for_end(jobs, slack.command(QUESTION))

    assert status == "failed"
    told = slack.thread(root_of(slack).ts)[-1].text
    assert "API キー" in told
    assert "sk-secret" not in told


def with_models(folder: Path, base_url: str, provider: str) -> PipelineSettings:
    spec = f"{provider}:{PROVIDERS[provider]}"
    values: dict[str, object] = {
        f"{provider}_api_key": SecretStr("sk-secret"),
        f"{provider}_base_url": base_url,
        "query_model": spec,
        "shorten_model": spec,
        "write_model": spec,
        "count_model": spec,
    }
    return demo_settings(folder).model_copy(update=values)


def signed(
    slack: Playground, body: str, *, at: float | None = None, secret: str | None = None
) -> BoltRequest:
    stamp = str(int(at or time.time()))
    signature = SignatureVerifier(secret or slack.signing_secret).generate_signature(
        timestamp=stamp, body=body
    )
    headers = {
        "X-Slack-Request-Timestamp": [stamp],
        "X-Slack-Signature": [signature or ""],
        "Content-Type": ["application/x-www-form-urlencoded"],
    }
    return BoltRequest(body=body, headers=headers)


def test_http_mode_checks_signatures(slack: Playground) -> None:
    from urllib.parse import urlencode

    seen: list[Job] = []

    def enqueue(job: Job) -> bool:
        seen.append(job)
        return True

    app = build_app(open_client(slack.bot_token, slack.api_url), slack.signing_secret, enqueue)
    body = urlencode(slack.command_payload(QUESTION))

    good = app.dispatch(signed(slack, body))
    forged = app.dispatch(signed(slack, body, secret="other"))
    old = app.dispatch(signed(slack, body, at=time.time() - 600))

    assert good.status == 200
    assert "受け付けました" in good.body
    assert (forged.status, old.status) == (401, 401)
    assert [job.question.text for job in seen] == [QUESTION]


def test_a_failing_listener_answers_500_and_does_not_tell_why(slack: Playground) -> None:
    from urllib.parse import urlencode

    def enqueue(_: Job) -> bool:
        raise RuntimeError("secret reason")

    app = build_app(open_client(slack.bot_token, slack.api_url), slack.signing_secret, enqueue)

    response = app.dispatch(signed(slack, urlencode(slack.command_payload(QUESTION))))

    assert response.status == 500
    assert "secret reason" not in response.body


def test_missing_tokens_and_forgetful_disks_are_said(slack: Playground, tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="SLACK_BOT_TOKEN"):
        bot_settings(slack, slack_bot_token=None).need("SLACK_BOT_TOKEN")
    with pytest.raises(NotConfigured, match="DYNO"):
        open_state(bot_settings(slack, dyno="web.1"), demo_settings(tmp_path))
