"""Read a record of arXiv's metadata: in our own fields, or raw as arXiv keeps it."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
)

from pipeline.sources.tex import read_accents, split_authors
from pipeline.types import Paper

_ID = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(\d{1,4}))?", flags=re.ASCII)


def _aware(value: object) -> object:
    """Read a day or a moment without zone as UTC."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return f"{value}T00:00:00Z"
    if isinstance(value, str) and re.fullmatch(r"[\d-]{10}T[\d:.]+", value):
        return f"{value}Z"
    return value


_Moment = Annotated[AwareDatetime, BeforeValidator(_aware)]


class _Own(BaseModel):
    """A record in the fields of arXiv's Atom feed; abstract may be missing."""

    id: str
    title: str = Field(min_length=1)
    abstract: str = ""
    authors: list[str] = Field(default_factory=list)
    published: _Moment
    updated: _Moment | None = None
    categories: list[str] = Field(default_factory=list)
    primary_category: str | None = None
    comment: str | None = None
    doi: str | None = None
    journal_ref: str | None = None

    def paper(self) -> Paper:
        match = _match(self.id)
        return Paper(
            id=match[1],
            version=int(match[2] or 1),
            title=_line(self.title),
            abstract=_line(self.abstract),
            authors=tuple(_line(author) for author in self.authors),
            published=self.published.astimezone(UTC),
            updated=(self.updated or self.published).astimezone(UTC),
            categories=tuple(self.categories),
            primary_category=self.primary_category or next(iter(self.categories), ""),
            comment=self.comment,
            doi=self.doi,
            journal_ref=self.journal_ref,
        )


class _Version(BaseModel):
    version: str = Field(pattern=r"^v[0-9]{1,4}$")
    created: str


class _Raw(BaseModel):
    """A record as arXiv keeps it, with TeX in its texts: the snapshot's, or one from OAI-PMH.

    Source: https://www.kaggle.com/datasets/Cornell-University/arxiv and
    https://oaipmh.arxiv.org/OAI/arXivRaw.xsd
    """

    id: str
    title: str = Field(min_length=1)
    abstract: str = ""
    authors: str = ""
    authors_parsed: list[list[str]] | None = None
    categories: str = ""
    versions: list[_Version] = Field(min_length=1)
    comments: str | None = None
    doi: str | None = None
    journal_ref: str | None = Field(None, alias="journal-ref")

    def paper(self) -> Paper:
        match = _match(self.id)
        categories = tuple(self.categories.split())
        versions = sorted(self.versions, key=_number)
        return Paper(
            id=match[1],
            version=_number(versions[-1]),
            title=_text(self.title),
            abstract=_text(self.abstract),
            authors=self._names(),
            published=_mail_date(versions[0].created),
            updated=_mail_date(versions[-1].created),
            categories=categories,
            primary_category=next(iter(categories), ""),
            comment=None if self.comments is None else _text(self.comments),
            doi=self.doi,
            journal_ref=self.journal_ref,
        )

    def _names(self) -> tuple[str, ...]:
        if self.authors_parsed is None:
            return split_authors(self.authors)
        return tuple(_name(parts) for parts in self.authors_parsed)


_OWN = TypeAdapter(_Own)
_RAW = TypeAdapter(_Raw)


def read_record(line: str) -> Paper:
    """Read one line of JSON; the snapshot's records are known by their ``versions``.

    Raises:
        ValueError: the line is no record, with what is wrong but without its text.
    """
    if '"versions"' in line:
        return _explained(lambda: _RAW.validate_json(line).paper())
    return _explained(lambda: _OWN.validate_json(line).paper())


def read_fields(fields: Mapping[str, object]) -> Paper:
    """Read the fields of a raw record, named as in the snapshot.

    Raises:
        ValueError: they make no record.
    """
    return _explained(lambda: _RAW.validate_python(fields).paper())


def _explained(read: Callable[[], Paper]) -> Paper:
    try:
        return read()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "line"
        raise ValueError(f"{place}: {first['msg']}") from error
    except OverflowError as error:
        raise ValueError("a date is out of range") from error


def _number(version: _Version) -> int:
    return int(version.version.removeprefix("v"))


def _match(text: str) -> re.Match[str]:
    match = _ID.fullmatch(text.strip())
    if match is None:
        raise ValueError("id: no arXiv id")
    return match


def _line(text: str) -> str:
    return " ".join(text.split())


def _text(text: str) -> str:
    return _line(read_accents(text))


def _name(parts: list[str]) -> str:
    """Give "First Last Suffix" of the snapshot's [last, first, suffix]."""
    last, first, *suffix = [*parts, "", ""]
    return _text(" ".join((first, last, *suffix)))


def _mail_date(text: str) -> datetime:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError as error:
        raise ValueError("versions.created: no date") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
