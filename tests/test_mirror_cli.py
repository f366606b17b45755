"""The commands ``mirror …`` as a person or a cron job calls them."""

import json
from pathlib import Path

import pytest

from command import Run
from model_server import model_server, play_survey
from oai_server import Fault, Item, oai_server
from papers import OWN, SNAPSHOT
from pipeline.database import open_database
from pipeline.errors import Overloaded
from pipeline.sources.gate import Gate
from pipeline.sources.harvest import Wanted, harvest
from pipeline.sources.oai_client import OaiClient


@pytest.fixture
def records(tmp_path: Path) -> str:
    file = tmp_path / "records.jsonl"
    file.write_text(f"{json.dumps(OWN)}\n{json.dumps(SNAPSHOT)}\nno record\n", encoding="utf-8")
    return str(file)


def test_an_import_says_what_it_did_and_what_it_skipped(run: Run, records: str) -> None:
    code, out, err = run("mirror", "import", records)

    assert code == 0
    assert "2 new" in out
    assert "Skipped 1" in err
    assert "line 3" in err


@pytest.mark.parametrize("words", [("info",), ("embed",)])
def test_an_empty_mirror_says_how_to_fill_it(run: Run, words: tuple[str, ...]) -> None:
    code, _, err = run("mirror", *words)

    assert code == 4
    assert "mirror import" in err


def test_info_says_what_the_mirror_holds(run: Run, records: str) -> None:
    run("mirror", "import", records)

    code, out, _ = run("mirror", "info")

    assert code == 0
    assert "Records: 2; the newest is 2003.08934 of 2020-03-19" in out
    assert "bytes a record" in out
    assert "mirror harvest" in out
    assert "mirror embed" in out


def test_a_harvest_is_called_told_and_remembered(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with oai_server([Item("2301.00001", "2026-11-01")]) as server:
        monkeypatch.setenv("PAPERWALK_OAI_URL", server.url)
        code, out, _ = run(
            "mirror",
            "harvest",
            "--set",
            "cs",
            "--from",
            "2026-10-01",
            "--contact",
            "me@example.org",
        )

    assert code == 0
    assert "1 new" in out
    assert "complete up to 2026-11-20" in out
    assert server.requests[0]["set"] == "cs"
    assert server.requests[0]["from"] == "2026-10-01"
    assert "me@example.org" in server.user_agents[0]
    assert "Harvest of cs: complete up to 2026-11-20" in run("mirror", "info")[1]


def test_a_harvest_that_was_broken_off_shows_in_info(run: Run, tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/paperwalk.sqlite")
    items = [Item(f"2301.0000{number}", f"2026-11-0{number}") for number in range(1, 6)]
    with oai_server(items) as server:
        server.fail_next(Fault(), Fault(503))
        client = OaiClient(Gate(engine, interval_seconds=0), server.url, attempts=1)
        with pytest.raises(Overloaded):
            harvest(tmp_path / "mirror.sqlite", client, "", Wanted())
    engine.dispose()

    said = run("mirror", "info")[1]

    assert "Harvest of all of arXiv: not complete yet" in said
    assert "broken off after 2 records, up to 2026-11-02" in said


def test_a_refused_harvest_has_its_exit_code(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with oai_server([]) as server:
        monkeypatch.setenv("PAPERWALK_OAI_URL", server.url)
        server.fail_next(Fault(403))
        code, _, err = run("mirror", "harvest")

    assert code == 4
    assert "403" in err


@pytest.mark.parametrize("day", ["2026", "soon", "2026-13-01"])
def test_days_of_a_harvest_are_whole(run: Run, day: str) -> None:
    code, _, err = run("mirror", "harvest", "--from", day)

    assert code == 2
    assert day in err


def test_an_embedded_mirror_is_searched_by_meaning_in_a_survey(
    run: Run, records: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("mirror", "import", records)
    with model_server(play_survey) as models:
        monkeypatch.setenv("OPENAI_COMPATIBLE_BASE_URL", models.base_url("openai"))
        code, out, _ = run("mirror", "embed", "--model", "openai_compatible:e5")
        again = run("mirror", "embed")[1]
        embedded = len(models.embedded)
        survey, _, _ = run("survey", "NeRF", "--source", "mirror")

    assert code == 0
    assert "Embedded 2 papers; the index holds 2 of 2" in out
    assert "Embedded 0 papers" in again
    assert "openai_compatible:e5, 2 papers (100%)" in run("mirror", "info")[1]
    assert survey == 0
    assert len(models.embedded) > embedded, "the query was embedded"


def test_text_alone_can_be_asked_for(
    run: Run, records: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("mirror", "import", records)
    with model_server(play_survey) as models:
        monkeypatch.setenv("OPENAI_COMPATIBLE_BASE_URL", models.base_url("openai"))
        run("mirror", "embed", "--model", "openai_compatible:e5")
        models.embedded.clear()
        monkeypatch.setenv("PAPERWALK_MIRROR_EMBED_MODEL", "none")
        code, _, _ = run("survey", "NeRF", "--source", "mirror")

    assert code == 0
    assert models.embedded == []


def test_another_model_than_the_mirrors_is_a_setting_to_mend(
    run: Run, records: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("mirror", "import", records)
    with model_server(play_survey) as models:
        monkeypatch.setenv("OPENAI_COMPATIBLE_BASE_URL", models.base_url("openai"))
        run("mirror", "embed", "--model", "openai_compatible:e5")
        monkeypatch.setenv("PAPERWALK_MIRROR_EMBED_MODEL", "openai_compatible:other")
        code, _, err = run("survey", "NeRF", "--source", "mirror")
        anew = run("mirror", "embed", "--anew", "--model", "openai_compatible:other")[1]

    assert code == 4
    assert "openai_compatible:e5" in err
    assert "Embedded 2 papers" in anew
