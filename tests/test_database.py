"""The database opens on SQLite and PostgreSQL and is brought up to date once."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import inspect

from pipeline.cache import StoredVectors, cost_of
from pipeline.database import normalise_url, open_database
from pipeline.errors import NotConfigured
from pipeline.migrations import migrate


def test_a_new_file_gets_its_folder_and_tables(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/new/folder/db.sqlite")

    tables = set(inspect(engine).get_table_names())
    engine.dispose()

    assert {"gates", "pages", "vectors", "completions", "calls", "contexts", "surveys"} <= tables


def test_a_migration_runs_once(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/db.sqlite")

    again = migrate(engine)
    engine.dispose()

    assert again == ()


@pytest.mark.parametrize("given", ["postgres://u:p@h/d", "postgresql://u:p@h/d"])
def test_postgres_addresses_get_the_driver_that_ships(given: str) -> None:
    url = normalise_url(given)

    assert url.drivername == "postgresql+psycopg"
    assert url.host == "h"


@pytest.mark.parametrize("bad", ["", "no address", "mysql://host/db", "sqlite://"])
def test_an_address_that_cannot_be_used_is_refused_without_echoing_it(bad: str) -> None:
    with pytest.raises(NotConfigured) as refused:
        open_database(bad)

    assert "DATABASE_URL" in str(refused.value)
    assert "host/db" not in str(refused.value)


def test_postgresql_keeps_the_same_state_by_the_same_code(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    vectors = StoredVectors(engine)

    vectors.save({"a": np.ones(3, dtype=np.float32)})
    vectors.save({"a": np.zeros(3, dtype=np.float32)})

    assert vectors.load(["a", "b"])["a"].tolist() == [1, 1, 1]
    assert cost_of(engine, "nobody").calls == 0
    assert migrate(engine) == ()
    engine.dispose()
