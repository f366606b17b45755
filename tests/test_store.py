"""Contexts, surveys and scores come back as they were saved."""

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
        store.save_recall("s", RECALL, metric_version=1)

    assert store.load_context("c") == CONTEXT
    assert store.load_survey("s") == SURVEY
    assert store.load_recall("s", metric_version=1) == RECALL
    engine.dispose()


def test_what_was_never_saved_is_null(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/db.sqlite")
    store = Store(engine)

    assert store.load_context("x") is None
    assert store.load_survey("x") is None
    assert store.load_recall("x", metric_version=1) is None
    engine.dispose()
