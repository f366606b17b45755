"""Write an export into its file: whole, or not at all."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pipeline.evaluation.export.arena import make_arena_rows
from pipeline.evaluation.export.rows import Records
from pipeline.evaluation.export.sqlite import describe, write_sqlite
from pipeline.evaluation.export.tables import TABLES
from pipeline.evaluation.export.training import make_dpo_rows, make_kto_rows

_BREAKS = str.maketrans({"\x85": r"\u0085", "\u2028": r"\u2028", "\u2029": r"\u2029"})
"""Some readers end a line at these, which JSON leaves as they are."""

Format = Literal["sqlite", "jsonl", "arena", "dpo", "kto"]


@dataclass(frozen=True, slots=True)
class Written:
    """An export on disk.

    Attributes:
        files: the one asked for; for SQLite also the metadata beside it.
        rows: of all tables together.
    """

    files: tuple[Path, ...]
    rows: int


def needs_text(form: Format) -> bool:
    """Tell whether a format is nothing without questions and surveys."""
    return form in {"dpo", "kto"}


def write_export(records: Records, form: Format, file: Path) -> Written:
    """Write an export; its readers see the old file until the new one is complete.

    Text formats come out the same, byte for byte, for the same records. Only the owner may read the
    files, since they hold votes.

    Raises:
        OSError: the file cannot be written there.
    """
    if form == "sqlite":
        beside = file.with_name(f"{file.name}.metadata.json")
        _replace(file, lambda new: write_sqlite(records, new))
        _replace(beside, lambda new: _write_text(new, [describe(file.stem)]))
        return Written((file, beside), sum(len(getattr(records, one.name)) for one in TABLES))
    lines = [_dump(row) for row in _rows(records, form)]
    _replace(file, lambda new: _write_text(new, lines))
    return Written((file,), len(lines))


def _rows(
    records: Records, form: Literal["jsonl", "arena", "dpo", "kto"]
) -> Iterator[Mapping[str, object]]:
    match form:
        case "jsonl":
            return _table_rows(records)
        case "arena":
            return map(asdict, make_arena_rows(records))
        case "dpo":
            return map(asdict, make_dpo_rows(records))
        case "kto":
            return map(asdict, make_kto_rows(records))


def _table_rows(records: Records) -> Iterator[Mapping[str, object]]:
    """Give the rows of all tables, each with the name of its table first."""
    for table in TABLES:
        for row in getattr(records, table.name):
            yield {"table": table.name, **asdict(row)}


def _dump(row: Mapping[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False).translate(_BREAKS) + "\n"


def _write_text(file: Path, pieces: Iterable[str]) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(pieces)


def _replace(file: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside the old one, then put it in its place."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    os.close(handle)
    new = Path(name)
    try:
        write(new)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
