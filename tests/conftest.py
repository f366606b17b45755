"""Fixtures that several test files share."""

from collections.abc import Iterator

import pytest
from postgres import postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give the address of a real PostgreSQL, started for this session."""
    with postgres() as url:
        yield url
