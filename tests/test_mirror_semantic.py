"""Searching the mirror by meaning."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model_server import Fault, ModelServer, model_server, play_survey
from papers import make_paper
from pipeline.errors import AuthFailed, NotConfigured
from pipeline.providers import Access, open_embedding_model
from pipeline.providers.base import EmbeddingModel
from pipeline.sources.index import add_papers, remove_papers
from pipeline.sources.mirror import MirrorSource, describe_mirror
from pipeline.sources.mirror_file import write_mirror
from pipeline.sources.nearest import build_index, index_file
from pipeline.sources.semantic import Meaning, fuse
from pipeline.sources.vectors import embed_missing, forget_rows
from pipeline.types import DateRange, Paper, Query

QUERY = Query(("neural radiance fields",))


def paper(number: int, title: str, abstract: str = "", **changes: object) -> Paper:
    words = " ".join(f"word{number}x{place}" for place in range(12))
    return make_paper(number, title=title, abstract=abstract or words, **changes)


NAMED = (
    paper(1, "Neural radiance fields"),
    paper(2, "On neural radiance fields"),
    paper(3, "Neural radiance fields again"),
)
NEAR = paper(4, "Fields of neural radiance", "fields neural radiance", categories=("cs.GR",))
FAR = tuple(paper(number, f"Topic {number}") for number in range(5, 13))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server(play_survey) as state:
        yield state


@pytest.fixture
def model(server: ModelServer) -> EmbeddingModel:
    return open_model(server)("openai_compatible:e5")


def open_model(server: ModelServer) -> Callable[[str], EmbeddingModel]:
    return lambda name: open_embedding_model(name, Access(base_url=server.base_url("openai")))


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    file = tmp_path / "mirror.sqlite"
    with write_mirror(file) as database:
        add_papers(database, (*NAMED, NEAR, *FAR))
    return file


def embed(mirror: Path, model: EmbeddingModel, most: int | None = None) -> int:
    with write_mirror(mirror) as database:
        made = embed_missing(database, model, most=most)
        build_index(database, mirror)
    return made


def found(
    mirror: Path, server: ModelServer, query: Query = QUERY, wanted: str = "auto"
) -> list[str]:
    source = MirrorSource(mirror, Meaning(open_model(server), wanted))
    return [one.id for one in source.search(query, 10).papers]


def test_near_papers_come_behind_those_that_say_the_words(
    mirror: Path, model: EmbeddingModel, server: ModelServer
) -> None:
    assert embed(mirror, model) == 12

    source = MirrorSource(mirror, Meaning(open_model(server)))
    page = source.search(QUERY, 10)

    text = MirrorSource(mirror).search(QUERY, 10)
    ids = [one.id for one in page.papers]
    assert set(ids) == {one.id for one in (*NAMED, NEAR)}, "what is far stays away"
    assert ids[-1] == NEAR.id
    assert page.hits == text.hits == 3, "hits are those of the words"


def test_a_mirror_that_was_not_embedded_is_searched_by_words(
    mirror: Path, server: ModelServer
) -> None:
    assert set(found(mirror, server)) == {one.id for one in NAMED}
    assert server.embedded == []


def test_where_no_paper_says_the_words_nothing_is_near(
    mirror: Path, model: EmbeddingModel, server: ModelServer
) -> None:
    embed(mirror, model)

    assert found(mirror, server, Query(("neural fields radiance",))) == []


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        (Query(QUERY.must, categories=("cs.GR", "cs.CV")), True),
        (Query(QUERY.must, categories=("cs",)), True),
        (Query(QUERY.must, categories=("cs.CV",)), False),
        (Query(QUERY.must, dates=DateRange(date(2023, 1, 1), NEAR.published.date())), True),
        (
            Query(
                QUERY.must,
                dates=DateRange(date(2023, 1, 1), NEAR.published.date() - timedelta(days=1)),
            ),
            False,
        ),
    ],
)
def test_near_papers_keep_to_days_and_categories(
    mirror: Path, model: EmbeddingModel, server: ModelServer, query: Query, is_found: bool
) -> None:
    embed(mirror, model)

    ids = found(mirror, server, query)

    assert {one.id for one in NAMED} <= set(ids)
    assert (NEAR.id in ids) is is_found


def test_embedding_begins_with_the_newest_and_goes_on_where_it_stopped(
    mirror: Path, model: EmbeddingModel, server: ModelServer
) -> None:
    assert embed(mirror, model, most=2) == 2
    first = list(server.embedded)
    assert embed(mirror, model) == 10
    assert embed(mirror, model) == 0

    assert [text.splitlines()[0] for text in first] == [FAR[-1].title, FAR[-2].title]
    assert len(server.embedded) == len(set(server.embedded)) == 12


def test_what_was_embedded_before_a_failure_stays(
    tmp_path: Path, model: EmbeddingModel, server: ModelServer
) -> None:
    mirror = tmp_path / "mirror.sqlite"
    with write_mirror(mirror) as database:
        add_papers(database, (make_paper(number) for number in range(model.batch_size + 5)))

    def refuse(rows: int) -> None:
        del rows
        server.fail_next(Fault(status=401, said="no"))

    with pytest.raises(AuthFailed), write_mirror(mirror) as database:
        embed_missing(database, model, on_rows=refuse)

    assert describe_mirror(mirror).covered.rows == model.batch_size
    assert embed(mirror, model) == 5


def test_only_the_beginning_of_a_long_abstract_is_embedded(
    tmp_path: Path, model: EmbeddingModel, server: ModelServer
) -> None:
    mirror = tmp_path / "mirror.sqlite"
    with write_mirror(mirror) as database:
        add_papers(database, [paper(1, "Title", " ".join(map(str, range(500))))])

    embed(mirror, model)

    assert server.embedded[0].startswith("Title\n0 1 2")
    assert len(server.embedded[0].split()) < 100


def test_a_new_version_is_embedded_anew(
    mirror: Path, model: EmbeddingModel, server: ModelServer
) -> None:
    embed(mirror, model)
    with write_mirror(mirror) as database:
        add_papers(database, [paper(4, "Cooking with gas", "cooking gas", version=2)])

    assert NEAR.id not in found(mirror, server), "the index is stale, the row is gone"
    assert embed(mirror, model) == 1
    assert NEAR.id not in found(mirror, server)


def test_a_removed_paper_is_not_found_though_the_index_holds_it(
    mirror: Path, model: EmbeddingModel, server: ModelServer
) -> None:
    embed(mirror, model)
    with write_mirror(mirror) as database:
        remove_papers(database, [NEAR.id])

    assert set(found(mirror, server)) == {one.id for one in NAMED}


def test_a_mirror_belongs_to_one_model_until_its_rows_are_dropped(
    mirror: Path, model: EmbeddingModel, server: ModelServer
) -> None:
    embed(mirror, model)
    other = open_model(server)("openai_compatible:other")

    with pytest.raises(NotConfigured, match=r"e5.*--anew"):
        embed(mirror, other)

    with write_mirror(mirror) as database:
        forget_rows(database)
    assert embed(mirror, other) == 12


def test_rows_that_depend_on_each_other_are_refused(mirror: Path) -> None:
    with pytest.raises(NotConfigured, match="lsa"):
        embed(mirror, open_embedding_model("keyless:lsa", Access()))


def test_another_model_than_the_mirrors_is_said(
    mirror: Path, model: EmbeddingModel, server: ModelServer
) -> None:
    embed(mirror, model)

    with pytest.raises(NotConfigured, match=r"e5.*other.*mirror embed"):
        found(mirror, server, wanted="openai_compatible:other")


def refuse_to_open(name: str) -> EmbeddingModel:
    raise NotConfigured(f"{name} is not installed")


def test_a_model_that_is_gone_is_done_without_unless_it_was_asked_for(
    mirror: Path, model: EmbeddingModel
) -> None:
    embed(mirror, model)

    page = MirrorSource(mirror, Meaning(refuse_to_open)).search(QUERY, 10)
    asked_for = MirrorSource(mirror, Meaning(refuse_to_open, model.name))

    assert len(page.papers) == 3
    with pytest.raises(NotConfigured, match="not installed"):
        asked_for.search(QUERY, 10)


def test_without_its_index_a_mirror_is_searched_by_words(
    mirror: Path, model: EmbeddingModel, server: ModelServer
) -> None:
    embed(mirror, model)
    index_file(mirror).unlink()

    assert set(found(mirror, server)) == {one.id for one in NAMED}


def test_a_damaged_index_is_said_with_the_way_out(
    mirror: Path, model: EmbeddingModel, server: ModelServer
) -> None:
    embed(mirror, model)
    index_file(mirror).write_bytes(b"no index")

    with pytest.raises(NotConfigured, match="mirror embed"):
        found(mirror, server)


@dataclass(frozen=True)
class Directions:
    """An embedding model whose rows are the test's own, by title."""

    rows_by_title: dict[str, NDArray[np.float32]]
    name: str = "test:directions"
    scope: Literal["text", "context"] = "text"
    batch_size: int = 1000

    def embed(self, texts: Sequence[str]) -> "Directions.Batch":
        titles = [text.split("\n")[0] for text in texts]
        return Directions.Batch(np.stack([self.rows_by_title[title] for title in titles]))

    @dataclass(frozen=True)
    class Batch:
        rows: NDArray[np.float32]


def test_a_model_that_changed_its_rows_is_said(mirror: Path) -> None:
    titles = [one.title for one in (*NAMED, NEAR, *FAR)]
    rows = np.eye(12, dtype=np.float32)
    with write_mirror(mirror) as database:
        embed_missing(database, Directions(dict(zip(titles, rows, strict=False))))
        build_index(database, mirror)
    changed = Directions({QUERY.must[0]: np.ones(13, dtype=np.float32)})

    with pytest.raises(NotConfigured, match="changed"):
        MirrorSource(mirror, Meaning(lambda _: changed)).search(QUERY, 10)


def test_an_index_of_many_rows_finds_nearly_what_comparing_all_finds(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    topics = rng.normal(size=(15, 8))
    titles = [f"Paper {number} on radiance fields" for number in range(1500)]
    rows = np.asarray(
        topics[rng.integers(0, 15, 1500)] + rng.normal(scale=0.3, size=(1500, 8)), np.float32
    )
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    many = [
        make_paper(n, title=title, abstract="", published=moment + timedelta(days=n % 900))
        for n, title in enumerate(titles)
    ]
    mirror = tmp_path / "mirror.sqlite"
    query = Query(("radiance fields",), dates=DateRange(date(2020, 6, 1), date(2021, 12, 31)))
    asked = Directions({"radiance fields": topics[0].astype(np.float32)})
    source = MirrorSource(mirror, Meaning(lambda _: asked))
    with write_mirror(mirror) as database:
        add_papers(database, many)
        embed_missing(database, Directions(dict(zip(titles, rows, strict=True))))

        build_index(database, mirror)
        all_compared = {one.id for one in source.search(query, 60).papers}
        build_index(database, mirror, flat=500)
        in_lists = {one.id for one in source.search(query, 60).papers}

    assert len(all_compared) == 60
    assert len(all_compared & in_lists) >= 55


NUMBERS = st.lists(st.integers(0, 60), max_size=40, unique=True)


@given(text=NUMBERS, near=NUMBERS, limit=st.integers(1, 30))
def test_merging_keeps_what_the_words_find_first(
    text: list[int], near: list[int], limit: int
) -> None:
    merged = fuse(text, near, limit)

    half = (limit + 1) // 2
    assert list(merged[: min(half, len(text))]) == text[:half]
    assert len(merged) == len(set(merged)) == min(limit, len(set(text) | set(near)))
    assert set(merged) <= set(text) | set(near)


@given(text=NUMBERS, limit=st.integers(1, 30))
def test_where_nothing_is_near_the_words_decide_alone(text: list[int], limit: int) -> None:
    assert list(fuse(text, (), limit)) == text[:limit]


def test_behind_the_first_half_agreement_of_both_rankings_wins() -> None:
    assert fuse((1, 2, 3, 4), (9, 4), 3) == (1, 2, 4)
