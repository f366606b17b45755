"""People's votes as files: SQLite, JSON lines, Arena rows, pairs and thumbs for training."""

from pipeline.evaluation.export.people import keep_names, rename_by
from pipeline.evaluation.export.reading import read_records
from pipeline.evaluation.export.rows import Selection
from pipeline.evaluation.export.writing import Format, needs_text, write_export

__all__ = [
    "Format",
    "Selection",
    "keep_names",
    "needs_text",
    "read_records",
    "rename_by",
    "write_export",
]
