"""The doctor and the demo, as their commands run them."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.cli import main
from bot.playground import Playground
from bot.scopes import SCOPES
from model_server import Fault, model_server, play_survey

SECRET = "sk-do-not-show"
ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _alone(isolated: Path) -> Path:
    return isolated


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        main(words)
    code = stop.value.code
    printed = capsys.readouterr()
    assert SECRET not in printed.out + printed.err
    return (code if isinstance(code, int) else 0), printed.out


def test_without_configuration_nothing_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(capsys, "doctor", "--offline")

    assert code == 0
    assert "✓ The database is up to date (sqlite)." in out
    assert "– write: keyless; no key is needed." in out
    assert "Nothing is wrong." in out


def test_a_setting_that_cannot_be_read_is_named_without_its_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERWALK_AT_ONCE", SECRET)

    code, out = run(capsys, "doctor", "--offline")

    assert code == 4
    assert "AT_ONCE" in out


@pytest.mark.parametrize("url", ["mysql://h/d", "sqlite:////proc/nowhere/x.sqlite"])
def test_a_database_that_cannot_be_opened_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    code, out = run(capsys, "doctor", "--offline")

    assert code == 4
    assert "✗ The database cannot be opened" in out


def test_keys_are_tried_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERWALK_SOURCE", "demo")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with model_server(play_survey) as models:
        monkeypatch.setenv("OPENAI_BASE_URL", models.base_url("openai"))
        good, said = run(capsys, "doctor", "--ask")
        models.fail_next(*[Fault(status=401, said=SECRET)] * 4)
        bad, refused = run(capsys, "doctor", "--ask")

    assert good == 0, said
    assert "✓ write: openai:gpt-6.1-terra: answers." in said
    assert bad == 4
    assert "✗ write: openai:gpt-6.1-terra" in refused


def test_a_model_without_its_key_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERWALK_WRITE_MODEL", "anthropic:claude-sonnet-5-5")

    code, out = run(capsys, "doctor", "--offline")

    assert code == 4
    assert "ANTHROPIC_API_KEY" in out


def test_slack_tokens_and_sources_are_tried(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERWALK_SOURCE", "demo")
    with Playground() as slack:
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
        monkeypatch.setenv("SLACK_APP_TOKEN", SECRET)
        wrong, out = run(capsys, "doctor")
        monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
        right, _ = run(capsys, "doctor")
    monkeypatch.delenv("SLACK_APP_TOKEN")
    gone, unreachable = run(capsys, "doctor")

    assert (wrong, right, gone) == (4, 0, 4)
    assert "✓ Slack accepts SLACK_BOT_TOKEN." in out
    assert "✗ Slack refuses SLACK_APP_TOKEN: invalid_auth." in out
    assert "✓ Papers: demo answers" in out
    assert "✗ Slack cannot be reached" in unreachable
    assert "SLACK_APP_TOKEN is not set" in unreachable


def test_a_scope_that_the_token_lacks_is_named_with_its_use(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERWALK_SOURCE", "demo")
    with Playground(scopes=SCOPES.keys() - {"reactions:read"}) as slack:
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
        code, out = run(capsys, "doctor")

    assert code == 4
    assert "✗ Slack: the bot token lacks reactions:read, by which the app counts reactions" in out


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PAPERWALK_SECRET_KEY", "short", "✗ PAPERWALK_SECRET_KEY has fewer than 16 characters."),
        ("SLACK_CLIENT_ID", "1.2", "✗ SLACK_CLIENT_SECRET is not set"),
        ("OPENAI_API_KEY", SECRET, "– write: openai:gpt-77: its price is not known"),
    ],
)
def test_what_would_fail_only_later_is_said_now(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("PAPERWALK_WRITE_MODEL", "openai:gpt-77" if value == SECRET else "keyless")

    _, out = run(capsys, "doctor", "--offline")

    assert said in out


def test_a_source_that_cannot_answer_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERWALK_SOURCE", "mirror")

    code, out = run(capsys, "doctor")

    assert code == 4
    assert "mirror import" in out


def play(folder: Path, *words: str) -> str:
    """Run ``paperwalk demo`` as a person does; keys in the environment must not matter."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "from bot.cli import main; main()", "demo", *words],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "OPENAI_API_KEY": SECRET,
            "OPENAI_BASE_URL": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    assert SECRET not in done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def test_the_demo_shows_a_whole_thread_without_any_configuration(isolated: Path) -> None:
    started = time.monotonic()
    out = play(isolated)

    assert time.monotonic() - started < 30, "generous: ten seconds are promised on an idle machine"
    for seen in (
        "/survey NeRFの進化の研究について教えて",
        "受け付けました",
        "✅ サーベイができました",
        "はじめに",
        "survey-",
        "引用：見つかった論文",
        "言語モデル未設定",
    ):
        assert seen in out, seen


@pytest.mark.parametrize(
    ("scene", "language", "seen"),
    [
        ("compare", "ja", ["サーベイ B", "比較の結果", "同じくらい 1 票", "変えた票が 1 票"]),
        ("follow-up", "en", ["nearest to your words", "now has 15 papers", "Papers taken out: 4"]),
        ("home", "ja", ["あなたのサーベイ", "順位は示しません", "勝率 67%", "👍 100%"]),
        ("error", "en", ["blorptangles", "No paper was found"]),
    ],
)
def test_the_demo_plays_what_else_people_do(
    isolated: Path, scene: str, language: str, seen: list[str]
) -> None:
    page = isolated / "page.html"

    out = play(isolated, "--scene", scene, "--lang", language, "--html", str(page))

    for text in seen:
        assert text in out, text
        assert text in re.sub("<[^>]*>", "", page.read_text("utf-8")), text


def test_the_demo_says_what_it_cannot_find(isolated: Path) -> None:
    assert "No paper was found" in play(isolated, "quuxology of blorptangles")


def test_the_demo_shows_help_privately(isolated: Path) -> None:
    assert "Only visible to you" in play(isolated, "help")
