"""Records of the mirror as they come in files: our own fields, or raw as arXiv keeps them."""

import json
from datetime import UTC, datetime

import pytest

from papers import OWN, SNAPSHOT, VERSIONS
from pipeline.sources.records import read_record
from pipeline.sources.tex import read_accents, split_authors


def test_our_own_fields_are_read() -> None:
    paper = read_record(json.dumps(OWN))

    assert (paper.id, paper.version) == ("2003.08934", 2)
    assert paper.title == "NeRF: Representing Scenes as Neural Radiance Fields"
    assert paper.updated == datetime(2020, 8, 3, tzinfo=UTC)
    assert paper.comment == "ECCV"


def test_the_public_snapshot_is_read() -> None:
    paper = read_record(json.dumps(SNAPSHOT))

    assert (paper.id, paper.version) == ("0704.0001", 2)
    assert paper.authors == ("C. Balázs", "E. L. Berger Jr")
    assert paper.published == datetime(2007, 4, 2, 19, 18, 42, tzinfo=UTC)
    assert paper.categories == ("hep-ph", "hep-ex")
    assert paper.journal_ref == "Phys.Rev.D76"


def test_versions_come_in_any_order() -> None:
    paper = read_record(json.dumps(SNAPSHOT | {"versions": VERSIONS[::-1]}))

    assert (paper.version, paper.published.month, paper.updated.month) == (2, 4, 7)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "２００３.08934"},
        {"id": f"2003.08934v{'9' * 30}"},
        {"published": "0001-01-01T00:00:00+14:00"},
        {"published": "some day"},
        {"title": ""},
    ],
)
def test_odd_fields_make_no_record(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_record(json.dumps(OWN | changes))


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"Schr\"odinger", "Schrödinger"),
        (r"{\"o}\"{o}{\'{e}}", "ööé"),
        (r"\v{S}\v cek {\c c}a", "Šček ça"),
        (r"\O{}re, {\L}ukasz, stra\ss e", "Øre, Łukasz, straße"),
        (r"na\"{\i}ve", "naïve"),
        (r"$\alpha \"o$ and \"u", r"$\alpha \"o$ and ü"),
        (r"\url \rho \underline{x}", r"\url \rho \underline{x}"),
        ("plain", "plain"),
    ],
)
def test_accents_in_tex_become_letters(tex: str, text: str) -> None:
    assert read_accents(tex) == text


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (r"C. Bal\'azs, E. L. Berger", ("C. Balázs", "E. L. Berger")),
        ("Ileana Streinu and Louis Theran", ("Ileana Streinu", "Louis Theran")),
        ("A. One (1), B. Two (1 and 2) ((1) MIT, (2) ETH (Zürich))", ("A. One", "B. Two")),
        ("The BABAR Collaboration: B. Aubert, D. Boutigny", ("B. Aubert", "D. Boutigny")),
        ("John Doe, Jr., Ann B., and Carl D", ("John Doe Jr.", "Ann B.", "Carl D")),
        ("Ferdinand Sand", ("Ferdinand Sand",)),
        ("", ()),
    ],
)
def test_a_line_of_authors_becomes_names(line: str, names: tuple[str, ...]) -> None:
    assert split_authors(line) == names


def test_few_fields_suffice_and_a_day_is_a_moment() -> None:
    paper = read_record('{"id": "cs/9901001", "title": "T", "published": "1999-01-01"}')

    assert paper.published == paper.updated == datetime(1999, 1, 1, tzinfo=UTC)
