"""The local mirror: imports, searches, and the catalogue that ships."""

import gzip
import json
import re
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread

import pytest

from pipeline.errors import BadFile, NotConfigured
from pipeline.sources.demo import DemoSource, read_catalogue
from pipeline.sources.mirror import MirrorSource, import_file
from pipeline.sources.records import read_record
from pipeline.types import DateRange, Query

OWN = {
    "id": "2003.08934v2",
    "title": "NeRF: Representing Scenes\n as Neural Radiance Fields",
    "abstract": "Our own words on neural radiance fields.",
    "authors": ["Ben Mildenhall"],
    "published": "2020-03-19T17:57:23Z",
    "updated": "2020-08-03T00:00:00",
    "categories": ["cs.CV", "cs.GR"],
    "primary_category": "cs.CV",
    "comment": "ECCV",
}
SNAPSHOT = {
    "id": "0704.0001",
    "submitter": "Someone",
    "authors": "C. Bal\\'azs, E. L. Berger Jr",
    "title": "Calculation of diphotons",
    "comments": "37 pages",
    "journal-ref": "Phys.Rev.D76",
    "doi": "10.1103/x",
    "categories": "hep-ph hep-ex",
    "license": None,
    "abstract": "  Our own words on diphotons.\n",
    "versions": [
        {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
        {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
    ],
    "update_date": "2008-11-26",
    "authors_parsed": [["Balázs", "C.", ""], ["Berger", "E. L.", "Jr"]],
}


def write(path: Path, *lines: object, packed: bool = False) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path


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


def test_few_fields_suffice_and_a_day_is_a_moment() -> None:
    paper = read_record('{"id": "cs/9901001", "title": "T", "published": "1999-01-01"}')

    assert paper.published == paper.updated == datetime(1999, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_imported_once_plain_or_gzip_whatever_its_name(
    tmp_path: Path, packed: bool
) -> None:
    file = write(tmp_path / "records.txt", OWN, "", SNAPSHOT, packed=packed)
    rows: list[int] = []

    first = import_file(file, tmp_path / "sub" / "m.sqlite", on_rows=rows.append)
    again = import_file(file, tmp_path / "sub" / "m.sqlite")

    assert (first.imported, first.updated, first.skipped) == (2, 0, 0)
    assert (again.imported, again.updated) == (0, 0)
    assert rows == [2]


def test_a_newer_version_replaces_an_older_one_and_not_the_reverse(tmp_path: Path) -> None:
    database = tmp_path / "m.sqlite"
    import_file(write(tmp_path / "a", OWN), database)
    newer = OWN | {"id": "2003.08934v3", "title": "Newer NeRF"}

    report = import_file(write(tmp_path / "b", newer), database)
    import_file(write(tmp_path / "c", OWN), database)

    assert (report.imported, report.updated) == (0, 1)
    page = MirrorSource(database).search(Query(("NeRF",)), 10)
    assert [paper.title for paper in page.papers] == ["Newer NeRF"]


def test_bad_lines_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a", OWN, "no json", '{"id": "x", "title": "t", "published": "2020-01-01"}'
    )

    report = import_file(file, tmp_path / "m.sqlite")

    assert (report.imported, report.skipped) == (1, 2)
    assert report.first_fault is not None
    assert report.first_fault.startswith("line 2:")
    assert "no json" not in report.first_fault


@pytest.mark.parametrize("content", [b"", b"no json at all", b"\x1f\x8bbroken", b"\xff\xfe\x00"])
def test_a_file_without_records_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad"
    file.write_bytes(content)

    with pytest.raises(BadFile, match="bad"):
        import_file(file, tmp_path / "m.sqlite")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="nowhere"):
        import_file(tmp_path / "nowhere", tmp_path / "m.sqlite")


def test_what_came_before_a_broken_end_stays(tmp_path: Path) -> None:
    lines = [OWN | {"id": f"2003.{i:05d}v1"} for i in range(4000)]
    file = write(tmp_path / "a.gz", *lines, packed=True)
    file.write_bytes(file.read_bytes()[:-2000])

    with pytest.raises(BadFile, match="whole gzip"):
        import_file(file, tmp_path / "m.sqlite")

    assert MirrorSource(tmp_path / "m.sqlite").search(Query(("NeRF",)), 10).hits >= 2000


@pytest.fixture
def mirror(tmp_path: Path) -> MirrorSource:
    records = [
        OWN,
        SNAPSHOT,
        OWN
        | {
            "id": "2201.00001v1",
            "title": "Image generation with LoRA",
            "abstract": "Low-rank adaptation of images.",
            "published": "2022-01-05",
            "categories": ["cs.LG"],
        },
        OWN
        | {
            "id": "2301.00002v1",
            "title": "Generation of an image",
            "abstract": "Adaptation. LoRA.",
            "published": "2023-06-01",
            "categories": ["eess.IV"],
        },
    ]
    import_file(write(tmp_path / "records", *records), tmp_path / "m.sqlite")
    return MirrorSource(tmp_path / "m.sqlite")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (Query(("neural radiance field",)), {"2003.08934"}),
        (Query(("image generation",)), {"2201.00001"}),
        (Query(("image generation",), words=True), {"2201.00001", "2301.00002"}),
        (Query(("LoRA",), ("adaptation", "nothing")), {"2201.00001", "2301.00002"}),
        (Query((), ("diphotons", "radiance")), {"0704.0001", "2003.08934"}),
        (Query(("low-rank adaptation",)), {"2201.00001"}),
        (Query(("LoRA",), categories=("cs.LG",)), {"2201.00001"}),
        (Query(("LoRA",), categories=("eess", "cs.XX")), {"2301.00002"}),
        (Query(("LoRA",), dates=DateRange(date(2023, 6, 1), date(2023, 6, 1))), {"2301.00002"}),
        (Query(("nothing",)), set()),
    ],
)
def test_query_trees_are_answered(mirror: MirrorSource, query: Query, ids: set[str]) -> None:
    page = mirror.search(query, 10)

    assert {paper.id for paper in page.papers} == ids
    assert page.hits == len(ids)


def test_the_limit_holds_and_hits_count_all(mirror: MirrorSource) -> None:
    page = mirror.search(Query(("LoRA",)), 1)

    assert (len(page.papers), page.hits) == (1, 2)
    assert page.papers[0].id == "2201.00001", "a hit in the title is better"


@pytest.mark.parametrize(
    "hostile",
    [
        'LoRA" OR "x',
        "LoRA*",
        "NEAR(LoRA image)",
        "title:LoRA",
        "(LoRA",
        "LoRA) AND (x",
        "LoRA; DROP TABLE papers",
    ],
)
def test_phrases_are_never_syntax(mirror: MirrorSource, hostile: str) -> None:
    mirror.search(Query((hostile,)), 10)

    assert mirror.search(Query(("LoRA",)), 10).hits == 2


def test_threads_may_share_a_mirror(mirror: MirrorSource) -> None:
    hits: list[int] = []
    threads = [
        Thread(target=lambda: hits.append(mirror.search(Query(("LoRA",)), 5).hits))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert hits == [2] * 6


def test_an_empty_mirror_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="mirror import"):
        MirrorSource(tmp_path / "none.sqlite").search(Query(("x",)), 1)


def test_the_catalogue_is_whole() -> None:
    entries = read_catalogue()

    topics = Counter(entry.topic for entry in entries)
    assert len(entries) >= 100
    assert len({entry.id for entry in entries}) == len(entries)
    assert len(topics) >= 8
    assert min(topics.values()) >= 8
    for entry in entries:
        assert re.fullmatch(r"\d{4}\.\d{5}", entry.id)
        assert entry.authors
        assert entry.title.strip() == entry.title
        assert re.search(r"[\u3041-\u30ff]", entry.note_ja)
        assert 30 < len(entry.note_en) < 300


def test_the_notes_are_each_their_own() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for entry in read_catalogue():
        words = re.findall(r"[a-z0-9]+", entry.note_en.lower())
        for i in range(len(words) - 6):
            assert seen.setdefault(tuple(words[i : i + 7]), entry.id) == entry.id


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_catalogue_speaks_both_languages_and_finds_the_same(language: str) -> None:
    page = DemoSource(language).search(Query(("NeRF",)), 60)  # type: ignore[arg-type]  # both are languages

    assert page.hits >= 12
    assert all(paper.abstract_by == "paperwalk" for paper in page.papers)
    japanese = [bool(re.search(r"[\u3041-\u30ff]", paper.abstract)) for paper in page.papers]
    assert all(japanese) if language == "ja" else not any(japanese)
