"""Read one JSON line of arXiv metadata: our own fields, or the public snapshot's."""

import re
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

from pipeline.types import Paper

_ID = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(\d+))?")


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
    version: str
    created: str


class _Snapshot(BaseModel):
    """A record of the public snapshot.

    Source: https://www.kaggle.com/datasets/Cornell-University/arxiv
    """

    id: str
    title: str = Field(min_length=1)
    abstract: str = ""
    authors_parsed: list[list[str]] = Field(default_factory=list)
    categories: str = ""
    versions: list[_Version] = Field(min_length=1)
    comments: str | None = None
    doi: str | None = None
    journal_ref: str | None = Field(None, alias="journal-ref")

    def paper(self) -> Paper:
        match = _match(self.id)
        categories = tuple(self.categories.split())
        return Paper(
            id=match[1],
            version=int(self.versions[-1].version.removeprefix("v")),
            title=_line(self.title),
            abstract=_line(self.abstract),
            authors=tuple(_name(parts) for parts in self.authors_parsed),
            published=_mail_date(self.versions[0].created),
            updated=_mail_date(self.versions[-1].created),
            categories=categories,
            primary_category=next(iter(categories), ""),
            comment=self.comments,
            doi=self.doi,
            journal_ref=self.journal_ref,
        )


_OWN = TypeAdapter(_Own)
_SNAPSHOT = TypeAdapter(_Snapshot)


def read_record(line: str) -> Paper:
    """Read one line; the snapshot's records are known by their ``versions``.

    Raises:
        ValueError: the line is no record, with what is wrong but without its text.
    """
    try:
        if '"versions"' in line:
            return _SNAPSHOT.validate_json(line).paper()
        return _OWN.validate_json(line).paper()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "line"
        raise ValueError(f"{place}: {first['msg']}") from error


def _match(text: str) -> re.Match[str]:
    match = _ID.fullmatch(text.strip())
    if match is None:
        raise ValueError("id: no arXiv id")
    return match


def _line(text: str) -> str:
    return " ".join(text.split())


def _name(parts: list[str]) -> str:
    """Give "First Last Suffix" of the snapshot's [last, first, suffix]."""
    last, first, *suffix = [*parts, "", ""]
    return _line(" ".join((first, last, *suffix)))


def _mail_date(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
