"""Read files that somebody made: the text of a survey, the list of its papers."""

import gzip
import json
import re
import zlib
from pathlib import Path

from pipeline.errors import BadFile
from pipeline.sources.records import read_record
from pipeline.types import Paper

_ADDRESS = re.compile(r"^(?:https?://(?:\w+\.)?arxiv\.org/abs/|arxiv:)", re.IGNORECASE)
_MONTH = re.compile(r"(?:[a-z.-]+/)?(\d\d)(0[1-9]|1[0-2])(?:\.|\d{3})", re.ASCII | re.IGNORECASE)


def read_list(file: Path) -> tuple[Paper, ...]:
    """Read a list of papers, JSON lines in the fields of the arXiv records; of one id the first.

    Only id and title are needed. Where the day of submission is missing, the first of the id's
    month stands for it.

    Raises:
        BadFile: the file cannot be read, or a line is no record. A list must be whole, because
            scores are shares of it.
    """
    papers: dict[str, Paper] = {}
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            paper = read_record(_complete(line))
        except ValueError as error:
            raise BadFile(f"{file.name}, line {number}: {error}") from error
        papers.setdefault(paper.id, paper)
    return tuple(papers.values())


def read_text(file: Path) -> str:
    """Read a text, plain or gzip.

    Raises:
        BadFile: it is missing, unreadable, broken, or no UTF-8.
    """
    try:
        raw = file.read_bytes()
        return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadFile(f"{file.name} is no whole gzip file") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{file.name} is not UTF-8 text") from error
    except OSError as error:
        raise BadFile(f"{file} cannot be read ({error.strerror})") from error


def _complete(line: str) -> str:
    """Give a record without empty fields, its id bare, with a day of submission.

    What is no record is left to ``read_record``, which says so.
    """
    try:
        record = json.loads(line)
    except ValueError:
        return line
    if not isinstance(record, dict):
        return line
    record = {key: value for key, value in record.items() if value is not None}
    record["id"] = paper_id = _ADDRESS.sub("", str(record.get("id", "")).strip())
    month = _MONTH.match(paper_id)
    if month and not record.keys() & {"published", "versions"}:
        century = "19" if month[1] > "90" else "20"
        record["published"] = f"{century}{month[1]}-{month[2]}-01"
    return json.dumps(record)
