"""Surveys written by models of each provider, through the whole bot."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.playground import Playground
from bot.scenes import demo_settings
from bots import root_of, running_bot, wait_for_end
from model_server import Fault as ModelFault
from model_server import ModelRequest, model_server, play_survey
from pipeline.settings import PipelineSettings

QUESTION = "NeRFの進化の研究について教えて"


@pytest.fixture
def slack() -> Iterator[Playground]:
    with Playground() as empty:
        yield empty


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
        models.fail_next(ModelFault(status=429, retry_after="0.1"))
        pipeline = with_models(tmp_path, models.base_url(provider), provider)
        with running_bot(slack, tmp_path, pipeline) as house:
            status = wait_for_end(house.tables.jobs, slack.command(QUESTION))

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
        with running_bot(slack, tmp_path, pipeline) as house:
            status = wait_for_end(house.tables.jobs, slack.command(QUESTION))

    assert status == "failed"
    told = slack.thread(root_of(slack).ts)[-1].text
    assert "API キー" in told
    assert "sk-secret" not in told


def test_a_survey_is_posted_while_its_papers_are_counted(slack: Playground, tmp_path: Path) -> None:
    def reply(request: ModelRequest) -> str:
        if "List the unique papers" in request.system:
            until = time.monotonic() + 20
            while not any(name.endswith(".png") for name in posted_files()):
                if time.monotonic() > until:
                    raise AssertionError("nothing was posted before the count was there")
                time.sleep(0.05)
        return play_survey(request)

    def posted_files() -> list[str]:
        return [file.name for message in slack.messages() for file in message.files]

    with model_server(reply) as models:
        pipeline = with_models(tmp_path, models.base_url("openai"), "openai")
        with running_bot(slack, tmp_path, pipeline) as house:
            status = wait_for_end(house.tables.jobs, slack.command(QUESTION))

    assert status == "done"
    assert "言語モデルが数えた再現率" in str(slack.thread(root_of(slack).ts)[-1].blocks)


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
