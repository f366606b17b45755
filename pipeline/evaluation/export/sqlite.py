"""Write an export as a SQLite file that Datasette can serve, its column meanings beside it."""

import json
from dataclasses import asdict
from pathlib import Path

from sqlite_utils import Database

from pipeline.evaluation.export.rows import Records
from pipeline.evaluation.export.tables import TABLES, VIEWS, Table, describe_columns, type_columns


def write_sqlite(records: Records, file: Path) -> None:
    """Fill an empty SQLite file with the tables and views of an export."""
    database = Database(file)
    for table in TABLES:
        _create(database, table)
        database.table(table.name).insert_all(asdict(row) for row in getattr(records, table.name))
    for view in VIEWS:
        database.create_view(view.name, view.sql)
    database.vacuum()
    database.close()


def describe(name: str) -> str:
    """Give the metadata for Datasette, as JSON.

    Args:
        name: of the database: that of its file, without the ending.

    Source: https://docs.datasette.io/en/stable/metadata.html
    """
    tables: dict[str, object] = {
        table.name: {
            "description": (table.row.__doc__ or "").strip(),
            "columns": dict(describe_columns(table.row)),
        }
        for table in TABLES
    }
    tables |= {view.name: {"description": f"{view.meaning}."} for view in VIEWS}
    metadata = {
        "title": "Paperwalk: what people prefer",
        "description": "Votes of people and verdicts of judge models on literature surveys.",
        "databases": {name: {"tables": tables}},
    }
    return json.dumps(metadata, indent=2, ensure_ascii=False) + "\n"


def _create(database: Database, table: Table) -> None:
    types = type_columns(table.row)
    made = database.table(table.name).create(
        dict(types),
        pk=table.key if len(table.key) > 1 else table.key[0],
        foreign_keys=[(one.column, one.table, one.other_column) for one in table.foreign_keys],
    )
    for column in (*(one.column for one in table.foreign_keys), *table.indexed):
        made.create_index([column])
