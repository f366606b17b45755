"""The command line: surveys, exit codes, files, help."""

import gzip
import json
from pathlib import Path

import pytest

from command import Run


def test_a_survey_goes_to_stdout_and_all_else_to_stderr(run: Run) -> None:
    code, out, err = run("survey", "NeRFの進化の研究について教えて", "--source", "demo")

    assert code == 0
    assert out.startswith("# ")
    assert "](https://arxiv.org/abs/2003.08934)" in out
    assert "hits" in err
    assert "hits" not in out.splitlines()[0]


def test_the_language_can_be_set(run: Run) -> None:
    question = "NeRFの進化の研究について教えて"

    _, japanese, _ = run("survey", question, "--source", "demo")
    _, english, _ = run("survey", question, "--source", "demo", "--lang", "en")

    assert "## はじめに" in japanese
    assert "## Introduction" in english


def test_json_holds_context_survey_and_scores(run: Run) -> None:
    code, out, _ = run("survey", "LLM quantization", "--source", "demo", "--json")

    report = json.loads(out)
    assert code == 0
    assert report["surveys"][0]["recall"]["recall"] == 1.0
    assert report["surveys"][0]["survey"]["model"] == "keyless"
    assert len(report["context"]["passages"]) == len(report["context"]["found"]["papers"])


def test_a_survey_can_be_written_to_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "survey.md"

    code, out, err = run("survey", "Mamba models", "--source", "demo", "-o", str(file))

    assert (code, out) == (0, "")
    assert "survey.md" in err
    assert file.read_text(encoding="utf-8").startswith("# ")


def test_a_survey_can_be_drawn(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "survey.png"

    code, out, err = run("survey", "Mamba models", "--source", "demo", "--picture", str(file))

    assert code == 0
    assert out.startswith("# ")
    assert "survey.png" in err
    assert file.read_bytes().startswith(b"\x89PNG")


def test_dates_limit_the_papers(run: Run) -> None:
    _, out, _ = run("survey", "NeRF", "--source", "demo", "--since", "2022", "--json")

    years = {paper["published"][:4] for paper in json.loads(out)["context"]["found"]["papers"]}
    assert years
    assert min(years) >= "2022"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("survey", "   "), 2, "question"),
        (("survey", "x" * 3000), 2, "2,000"),
        (("survey", "quuxology of blorptangles", "--source", "demo"), 3, "paper"),
        (("survey", "NeRF", "--source", "mirror"), 4, "mirror import"),
        (("survey", "NeRF", "--models", "openai:gpt-6-luna"), 4, "OPENAI_API_KEY"),
        (("survey", "NeRF", "--models", "nobody:model"), 4, "nobody"),
        (("survey", "NeRF", "--since", "soon"), 2, "soon"),
        (("survey", "NeRF", "--since", "2025", "--until", "2024"), 2, "after"),
        (("survey", "NeRF", "--nonsense"), 2, "--nonsense"),
        (("unknown",), 2, "unknown"),
        (("mirror", "import", "no-such-file.jsonl"), 2, "no-such-file.jsonl"),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_an_exit_code(
    run: Run, words: tuple[str, ...], code: int, sentence: str
) -> None:
    got, out, err = run(*words)

    assert got == code
    assert out == ""
    assert sentence in err
    assert "Traceback" not in err


def test_errors_speak_the_language_of_the_question(run: Run) -> None:
    _, _, err = run("survey", "ほげほげについて教えて", "--source", "demo")

    assert any("\u3040" <= char <= "\u30ff" for char in err)


def test_arxiv_being_down_is_said_and_has_its_code(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERWALK_ARXIV_URL", "http://127.0.0.1:9/api/query")
    monkeypatch.setenv("PAPERWALK_ARXIV_ATTEMPTS", "1")

    code, _, err = run("survey", "NeRF")

    assert code == 5
    assert "arXiv" in err


def test_a_mirror_is_imported_and_searched(run: Run, tmp_path: Path) -> None:
    record = {
        "id": "2003.08934v2",
        "title": "NeRF: Representing Scenes as Neural Radiance Fields for View Synthesis",
        "abstract": "We describe our own test record about neural radiance fields, or NeRF.",
        "authors": ["Ben Mildenhall"],
        "published": "2020-03-19T17:57:23Z",
        "updated": "2020-08-03T17:57:23Z",
        "categories": ["cs.CV"],
        "primary_category": "cs.CV",
    }
    file = tmp_path / "papers.jsonl.gz"
    file.write_bytes(gzip.compress(json.dumps(record).encode()))

    imported, said, _ = run("mirror", "import", str(file))
    code, out, _ = run("survey", "NeRF", "--source", "mirror")

    assert imported == 0
    assert "1 new" in said
    assert code == 0
    assert "(https://arxiv.org/abs/2003.08934)" in out


def test_without_arguments_help_is_shown(run: Run) -> None:
    code, out, err = run()

    assert code in {0, 2}
    assert "survey" in out + err
