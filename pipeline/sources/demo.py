"""The demonstration catalogue: real papers, described in our own words, searched in memory."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from threading import Lock

from pydantic import AwareDatetime, BaseModel, TypeAdapter
from sqlite_utils import Database

from pipeline.sources.base import Page
from pipeline.sources.index import add_papers, create_index, find_papers
from pipeline.types import Language, Paper, Query


class Entry(BaseModel):
    """A paper of the catalogue; its facts are arXiv's, its notes are ours."""

    id: str
    version: int
    title: str
    authors: tuple[str, ...]
    published: AwareDatetime
    updated: AwareDatetime
    categories: tuple[str, ...]
    primary_category: str
    topic: str
    note_en: str
    note_ja: str

    def paper(self, language: Language) -> Paper:
        """Give the paper with the note of a language in place of the abstract."""
        return Paper(
            id=self.id,
            version=self.version,
            title=self.title,
            abstract=self.note_ja if language == "ja" else self.note_en,
            authors=self.authors,
            published=self.published,
            updated=self.updated,
            categories=self.categories,
            primary_category=self.primary_category,
            abstract_by="paperwalk",
        )


_ENTRY = TypeAdapter(Entry)


@cache
def read_catalogue() -> tuple[Entry, ...]:
    """Give the catalogue."""
    file = resources.files("pipeline.sources").joinpath("catalogue.jsonl")
    lines = file.read_text(encoding="utf-8").splitlines()
    return tuple(_ENTRY.validate_json(line) for line in lines)


@dataclass(frozen=True, slots=True)
class DemoSource:
    """Papers from the catalogue; the English notes are searched in either language."""

    language: Language
    name: str = "demo"

    def search(self, query: Query, limit: int) -> Page:
        """Answer a query tree from the catalogue."""
        index = _index()
        with index.lock:
            page = find_papers(index.connection, query, limit)
        papers = tuple(index.entries[paper.id].paper(self.language) for paper in page.papers)
        return replace(page, papers=papers)


@dataclass(frozen=True, slots=True)
class _Index:
    """The catalogue by id, and its full-text index for any thread that holds the lock."""

    entries: Mapping[str, Entry]
    connection: sqlite3.Connection
    lock: Lock


@cache
def _index() -> _Index:
    """Index the catalogue once a process."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    database = Database(connection)
    create_index(database)
    entries = {entry.id: entry for entry in read_catalogue()}
    add_papers(database, (entry.paper("en") for entry in entries.values()))
    return _Index(entries, connection, Lock())
