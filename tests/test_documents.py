"""Documents, settings and the manifest say the same as the code."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import AliasChoices
from pydantic_settings import BaseSettings

from bot.settings import BotSettings
from pipeline.models import choose_model
from pipeline.settings import PipelineSettings

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
