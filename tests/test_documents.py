"""Documents, settings and the manifest say the same as the code."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from pydantic import AliasChoices
from pydantic_settings import BaseSettings

from bot.settings import BotSettings
from pipeline.settings import PipelineSettings
from pipeline.wiring import choose_model

ROOT = Path(__file__).parent.parent


def variables(settings: type[BaseSettings]) -> set[str]:
    names: set[str] = set()
    for name, field in settings.model_fields.items():
        alias = field.validation_alias
        first = alias.choices[0] if isinstance(alias, AliasChoices) else alias
        names.add(str(first) if first else f"PAPERWALK_{name.upper()}")
    return names


SETTINGS = (variables(PipelineSettings) | variables(BotSettings)) - {"DYNO"}


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()

    assert {
        line.partition("=")[0] for line in lines if line and not line.startswith("#")
    } == SETTINGS


def test_every_setting_is_explained_and_nothing_else() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    table = page.partition("## Settings")[2].partition("A model is")[0]

    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert {name for cell in cells for name in re.findall(r"`([A-Z_]+)`", cell)} == SETTINGS


def test_the_example_can_be_used_as_it_is(isolated: Path) -> None:
    (isolated / ".env").write_bytes((ROOT / ".env.example").read_bytes())

    settings = PipelineSettings()

    assert settings.openai_api_key is None
    assert settings.recent_years == 2
    assert BotSettings().slack_bot_token is None


def test_the_default_models_are_those_of_the_documents(isolated: Path) -> None:
    del isolated
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")

    for provider in ("openai", "anthropic", "gemini"):
        settings = PipelineSettings(**{f"{provider}_api_key": "key"})  # type: ignore[arg-type]  # pydantic wraps it
        for role in ("queries", "shorten", "write", "count"):
            assert f"`{choose_model(settings, role)}`" in page
    assert choose_model(PipelineSettings(), "write") == "keyless"
    assert choose_model(PipelineSettings(), "embed") == "keyless:lsa"


def test_keys_are_never_shown(isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del isolated
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden-key")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hidden-key")

    shown = f"{PipelineSettings()!r} {BotSettings()!r}"

    assert "hidden-key" not in shown


NEEDED = {
    "commands": "/survey",
    "chat:write": "chat_postMessage",
    "chat:write.public": "chat_postMessage",
    "channels:join": "conversations_join",
    "channels:history": "conversations_history",
    "groups:history": "conversations_history",
    "im:history": "conversations_history",
    "mpim:history": "conversations_history",
    "files:write": "files_upload_v2",
}
"""Each scope, and what in our code needs it."""


def test_the_manifest_asks_for_what_the_code_needs_and_nothing_else() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "bot").glob("*.py"))

    assert set(manifest["oauth_config"]["scopes"]["bot"]) == set(NEEDED)
    assert all(used in code for used in NEEDED.values())
    calls = set(re.findall(r"client\.([a-z_A-Z0-9]+)\(", code)) - {"api_call"}
    assert calls <= {
        "chat_postMessage",
        "chat_update",
        "conversations_join",
        "conversations_history",
        "conversations_replies",
        "files_upload_v2",
        "enqueue_in_transaction",
    }


def test_the_manifest_keeps_slacks_limits() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))

    information = manifest["display_information"]
    assert len(information["name"]) <= 35
    assert len(information["description"]) <= 140
    assert re.fullmatch(r"#[0-9a-f]{6}", information["background_color"])
    commands = manifest["features"]["slash_commands"]
    code = (ROOT / "bot/app.py").read_text(encoding="utf-8")
    assert {command["command"] for command in commands} == set(
        re.findall(r'app\.command\("([^"]+)"\)', code)
    )
    assert all(len(command["usage_hint"]) <= 1000 for command in commands)
    assert manifest["settings"]["socket_mode_enabled"] is True


def test_the_readme_shows_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "pip install uv && uv run paperwalk demo" in readme
    assert "pip install uv && uv run pytest" in readme


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (ROOT / "docs/decisions/0006-dependencies.md").read_text(encoding="utf-8")

    for requirement in project["dependencies"]:
        name = re.match(r"[a-z0-9-]+", requirement)
        assert name
        assert name[0] in page


def test_documents_link_to_files_that_exist() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
