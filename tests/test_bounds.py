"""A run stops when it is told to, and before a call that it may not pay."""

import threading
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.scenes import demo_settings
from model_server import model_server, play_survey
from pipeline.bounds import Bounds
from pipeline.errors import CeilingReached, Stopped
from pipeline.providers.base import Prompt
from pipeline.settings import PipelineSettings
from pipeline.wiring import open_kit

MODEL = "openai:gpt-6-luna"


def settings(folder: Path, base_url: str) -> PipelineSettings:
    return demo_settings(folder).model_copy(
        update={
            "openai_api_key": SecretStr("k"),
            "openai_base_url": base_url,
            "prices": {MODEL: (1_000.0, 10_000.0)},
        }
    )


def test_a_wait_ends_when_the_run_is_stopped() -> None:
    bounds = Bounds()
    threading.Timer(0.05, bounds.stopped.set).start()
    started = time.monotonic()

    with pytest.raises(Stopped):
        bounds.pause(30)

    assert time.monotonic() - started < 5


def test_no_call_is_made_after_the_ceiling_or_a_stop(tmp_path: Path) -> None:
    with model_server(play_survey) as models:
        kit = open_kit(settings(tmp_path, models.base_url("openai")))
        bounds = Bounds(ceiling_usd=0.25)
        model = kit.writer("run", MODEL, bounds)
        assert model is not None
        model.complete(Prompt("write", "system", "first"))

        with pytest.raises(CeilingReached):
            model.complete(Prompt("write", "system", "second"))
        again = model.complete(Prompt("write", "system", "first"))
        bounds.stopped.set()
        with pytest.raises(Stopped):
            model.complete(Prompt("write", "system", "third"))
        kit.engine.dispose()

    assert again.usd == 0.0
    assert [request.user for request in models.requests] == ["first"]
