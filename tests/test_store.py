"""Contexts, surveys and scores come back as they were saved."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.database import open_database
from pipeline.store import Store
from pipeline.types import (
    Context,
    DateRange,
    Found,
    Omission,
    Paper,
    Passage,
    Query,
    QueryPlan,
    Question,
    Recall,
    Search,
    Survey,
)

MOMENT = datetime(2023, 8, 8, 12, 30, tzinfo=UTC)
PAPER = Paper("2308.04079", 1, "3D Gaussian Splatting", "…", ("B. Kerbl",), MOMENT, MOMENT)
QUERY = Query(("gaussian splatting",), dates=DateRange(date(2023, 1, 1), date(2024, 1, 1)))
CONTEXT = Context(
    id="c",
    question=Question("最先端は?", "ja"),
    plan=QueryPlan((QUERY,), "keyless", ("最",)),
    found=Found((PAPER,), (Search(QUERY, "text", 3, ("dropped",)),), "demo", 1),
    passages=(Passage(PAPER, "要約", "core", "理由", "keyless"),),
    gaps=(),
    off_topic=(),
    embedding_model="keyless:lsa",
    tour_length=0.0,
)
SURVEY = Survey("s", "c", "keyless", "sections", "# 題", (Omission("2308.04079", "why"),), ("P9",))
RECALL = Recall((), (), ("2308.04079",), (), 0.0, None, None)


def test_a_run_is_read_back_unchanged_and_saving_twice_changes_nothing(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/db.sqlite")
    store = Store(engine)

    for _ in range(2):
        store.save_context(CONTEXT)
        store.save_survey(SURVEY)
        store.save_score("s", "recall", 1, RECALL)

    assert store.load_context("c") == CONTEXT
    assert store.load_survey("s") == SURVEY
    assert store.load_score("s", "recall", Recall) == RECALL
    engine.dispose()


def test_the_newest_version_of_a_score_is_given_and_older_ones_stay(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/db.sqlite")
    store = Store(engine)
    store.save_context(CONTEXT)
    store.save_survey(SURVEY)

    for version in (2, 1):
        store.save_score("s", "recall", version, replace(RECALL, recall=version / 2))
    store.save_score("s", "other", 3, RECALL)

    assert store.load_score("s", "recall", Recall) == replace(RECALL, recall=1.0)
    assert store.list_scored("recall") == {"s": 2}
    assert store.list_scored("nothing") == {}
    assert store.list_surveys() == ("s",)
    engine.dispose()


def test_what_was_never_saved_is_null(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/db.sqlite")
    store = Store(engine)

    assert store.load_context("x") is None
    assert store.load_survey("x") is None
    assert store.load_score("x", "recall", Recall) is None
    engine.dispose()
