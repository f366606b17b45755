"""Fixtures that several test files share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import command
from postgres import empty_database, postgres

_OURS = ("PAPERWALK_", "SLACK_", "OPENAI_", "ANTHROPIC_", "GEMINI_", "GOOGLE_")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give the address of a real PostgreSQL, started for this session."""
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/paperwalk.sqlite"
    return empty_database(request.getfixturevalue("postgres_url"))


@pytest.fixture
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in an empty folder, with none of our settings and a database and mirror of its own."""
    for name in list(os.environ):
        if name.startswith(_OURS) or name in {"DATABASE_URL", "DYNO", "PORT"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/paperwalk.sqlite")
    monkeypatch.setenv("PAPERWALK_MIRROR", str(tmp_path / "mirror.sqlite"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], isolated: Path) -> command.Run:
    """Run a command line as a process would, in an empty folder with no configuration."""
    del isolated

    def call(*words: str) -> command.Printed:
        return command.run(capsys, *words)

    return call
