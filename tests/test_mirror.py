"""The local mirror: imports, searches, its file."""

import gzip
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlite_utils import Database

from papers import OWN, SNAPSHOT, make_paper
from pipeline.errors import BadFile, NotConfigured, Unavailable
from pipeline.sources.index import add_papers, create_index, find_papers
from pipeline.sources.mirror import MirrorSource, import_file
from pipeline.sources.mirror_file import read_mirror
from pipeline.sources.records import read_record
from pipeline.types import DateRange, Query


def write(path: Path, *lines: object, packed: bool = False) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path


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


def test_an_import_that_is_broken_off_can_be_repeated(tmp_path: Path) -> None:
    records = [OWN | {"id": f"{2000 + i // 9000}.{i % 9000:05d}v1"} for i in range(12_000)]
    file = write(tmp_path / "records", *records)
    database = tmp_path / "m.sqlite"

    def break_off(rows: int) -> None:
        if rows == 5_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(file, database, on_rows=break_off)
    held = MirrorSource(database).search(Query(("NeRF",)), 1).hits
    report = import_file(file, database)

    assert held == 5_000
    assert report.imported == 7_000
    assert MirrorSource(database).search(Query(("NeRF",)), 1).hits == 12_000


def test_people_search_while_an_import_goes_on(tmp_path: Path) -> None:
    records = [OWN | {"id": f"2003.{i:05d}v1"} for i in range(6_000)]
    database = tmp_path / "m.sqlite"
    hits: list[int] = []

    import_file(
        write(tmp_path / "records", *records),
        database,
        on_rows=lambda _: hits.append(MirrorSource(database).search(Query(("NeRF",)), 1).hits),
    )

    assert hits == [5_000, 6_000]


def test_a_mirror_at_rest_is_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder"

    import_file(write(tmp_path / "a", OWN), folder / "m.sqlite")
    MirrorSource(folder / "m.sqlite").search(Query(("NeRF",)), 1)

    assert [file.name for file in folder.iterdir()] == ["m.sqlite"]


def test_what_came_before_a_broken_end_stays(tmp_path: Path) -> None:
    lines = [OWN | {"id": f"2003.{i:05d}v1"} for i in range(4000)]
    file = write(tmp_path / "a.gz", *lines, packed=True)
    file.write_bytes(file.read_bytes()[:-2000])

    with pytest.raises(BadFile, match="whole gzip"):
        import_file(file, tmp_path / "m.sqlite")

    assert MirrorSource(tmp_path / "m.sqlite").search(Query(("NeRF",)), 10).hits >= 2000


@pytest.mark.parametrize("content", [b"", b"no database at all, but some words" * 40])
def test_a_file_that_is_no_mirror_is_left_alone(tmp_path: Path, content: bytes) -> None:
    database = tmp_path / "m.sqlite"
    database.write_bytes(content)

    with pytest.raises(NotConfigured, match=r"m\.sqlite"):
        MirrorSource(database).search(Query(("NeRF",)), 10)
    if content:
        with pytest.raises(NotConfigured, match=r"m\.sqlite"):
            import_file(write(tmp_path / "a", OWN), database)
        assert database.read_bytes() == content


def test_a_mirror_of_an_older_format_is_said_with_the_way_out(tmp_path: Path) -> None:
    database = tmp_path / "m.sqlite"
    with closing(sqlite3.connect(database)) as old:
        old.execute("CREATE TABLE papers (id TEXT PRIMARY KEY, record TEXT)")

    with pytest.raises(NotConfigured, match="import again"):
        MirrorSource(database).search(Query(("NeRF",)), 10)
    with pytest.raises(NotConfigured, match="import again"):
        import_file(write(tmp_path / "a", OWN), database)


def test_a_damaged_mirror_is_said(tmp_path: Path) -> None:
    database = tmp_path / "m.sqlite"
    records = [OWN | {"id": f"2003.{i:05d}v1"} for i in range(500)]
    import_file(write(tmp_path / "a", *records), database)
    content = bytearray(database.read_bytes())
    content[8192:] = b"x" * len(content[8192:])
    database.write_bytes(content)

    with pytest.raises(NotConfigured, match="damaged"):
        MirrorSource(database).search(Query(("NeRF",)), 10)


def test_a_mirror_that_somebody_else_keeps_locked_is_busy(tmp_path: Path) -> None:
    database = tmp_path / "m.sqlite"
    import_file(write(tmp_path / "a", OWN), database)

    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match="busy"), read_mirror(database, patience_seconds=0.1):
            pass


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


def test_of_papers_that_answer_equally_well_the_newest_come_first(tmp_path: Path) -> None:
    days = ("2021-05-01", "2023-01-01T23:59:59", "2022-02-02")
    records = [OWN | {"id": f"2003.{n:05d}v1", "published": day} for n, day in enumerate(days)]
    import_file(write(tmp_path / "records", *records), tmp_path / "m.sqlite")

    page = MirrorSource(tmp_path / "m.sqlite").search(Query(("NeRF",)), 10)

    assert [paper.published.year for paper in page.papers] == [2023, 2022, 2021]


def test_a_paper_comes_out_as_it_went_in(tmp_path: Path) -> None:
    records = [OWN, SNAPSHOT, {"id": "cs/9901001", "title": "Bare", "published": "1999-01-01"}]
    lines = [json.dumps(record) for record in records]
    import_file(write(tmp_path / "records", *lines), tmp_path / "m.sqlite")

    page = MirrorSource(tmp_path / "m.sqlite").search(Query((), ("NeRF", "diphotons", "bare")), 10)

    assert {paper.id: paper for paper in page.papers} == {
        paper.id: paper for paper in map(read_record, lines)
    }


@pytest.mark.parametrize(
    ("own", "wanted", "is_found"),
    [
        ("cond-mat.stat-mech", "stat", False),
        ("cond-mat.stat-mech", "cond-mat", True),
        ("math-ph", "math", False),
        ("math.AG", "math", True),
        ("cs.CV", "cs.CL", False),
        ("hep-th", "hep-th", True),
        ("cs.CV", "not a category", True),
    ],
)
def test_categories_are_whole_names(tmp_path: Path, own: str, wanted: str, is_found: bool) -> None:
    import_file(write(tmp_path / "a", OWN | {"categories": [own]}), tmp_path / "m.sqlite")

    page = MirrorSource(tmp_path / "m.sqlite").search(Query(("NeRF",), categories=(wanted,)), 1)

    assert page.hits == is_found


@pytest.mark.slow
def test_of_very_many_hits_the_newest_are_ranked_and_all_are_counted() -> None:
    database = Database(memory=True)
    create_index(database)
    moment = datetime(2000, 1, 1, tzinfo=UTC)
    add_papers(
        database,
        (
            make_paper(
                n, id=f"{n}", title="Common", abstract="", published=moment + timedelta(n // 4)
            )
            for n in range(20_100)
        ),
    )
    old = make_paper(0, id="old", title="Common common", abstract="", published=moment)
    new = replace(old, id="new", published=moment + timedelta(9_000))
    add_papers(database, [old, new])

    page = find_papers(database.conn, Query(("common",)), 3)

    assert page.hits == 20_102
    assert page.papers[0].id == "new"
    assert "old" not in {paper.id for paper in page.papers}


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
