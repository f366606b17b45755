"""`paperwalk cite check`: the ledger of any Markdown survey, as a process prints it."""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot.cli import main
from papers import make_context, make_paper
from pipeline.document import compose_document, read_body
from pipeline.evaluation.recall import measure
from pipeline.labels import footer_lines
from pipeline.types import Cost, Language, Omission, Paper
from pipeline.write import write_survey

Run = Callable[..., tuple[int, str, str]]
PAPERS = tuple(make_paper(number) for number in range(1, 5))
KEYS = ["linked", "titled", "mentioned", "omitted", "outside", "malformed", "misattributed"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], isolated: Path) -> Run:
    """Run a command line as a process would, in an empty folder with no configuration."""
    del isolated

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main(words)
        printed = capsys.readouterr()
        code = stop.value.code
        return (code if isinstance(code, int) else 0), printed.out, printed.err

    return call


def write_list(file: Path, papers: Sequence[Paper] = PAPERS) -> str:
    lines = (
        {
            "id": paper.id,
            "title": paper.title,
            "abstract": paper.abstract,
            "authors": list(paper.authors),
            "published": paper.published.isoformat(),
        }
        for paper in papers
    )
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(file)


def write_survey_file(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_the_ledger_is_printed_as_json(run: Run, tmp_path: Path) -> None:
    text = (
        f"[Name2]({PAPERS[0].url}) and **{PAPERS[1].title}**, Name3,"
        " https://arxiv.org/abs/1706.03762 and https://arxiv.org/abs/2499.99999"
    )
    file, listed = write_survey_file(tmp_path / "s.md", text), write_list(tmp_path / "l.jsonl")

    code, out, err = run("cite", "check", file, "--papers", listed, "--json")

    assert (code, err) == (0, "")
    ledger = json.loads(out)
    assert list(ledger) == [*KEYS, "papers", "recall", "precision"]
    assert [ledger[key] for key in KEYS] == [
        ["2301.00001"],
        ["2301.00002"],
        ["2301.00003"],
        ["2301.00004"],
        ["1706.03762"],
        ["2499.99999"],
        ["2301.00001"],
    ]
    assert (ledger["papers"], ledger["recall"], ledger["precision"]) == (4, 0.5, 0.0)


def test_without_json_what_wants_mending_is_told(run: Run, tmp_path: Path) -> None:
    text = f"{PAPERS[0].url} https://arxiv.org/abs/1706.03762"
    file, listed = write_survey_file(tmp_path / "s.md", text), write_list(tmp_path / "l.jsonl")

    code, out, _ = run("cite", "check", file, "--papers", listed)

    assert code == 0
    assert "Recall 0.250, precision 0.500" in out
    assert "Of 4 papers: 1 linked, 0 titled, 0 mentioned, 3 omitted" in out
    assert f"omitted: 2301.00002 {PAPERS[1].title}" in out
    assert "outside: 1706.03762" in out


def test_a_list_needs_only_ids_and_titles(run: Run, tmp_path: Path) -> None:
    records = [
        {"id": "http://arxiv.org/abs/2003.08934v2", "title": "NeRF", "abstract": None},
        {"id": "arXiv:hep-th/9901001", "title": "An old paper"},
        {"id": "2003.08934", "title": "The same again"},
    ]
    listed = tmp_path / "l.jsonl.gz"
    listed.write_bytes(gzip.compress("\n\n".join(map(json.dumps, records)).encode()))
    file = write_survey_file(tmp_path / "s.md", "\ufeffarXiv:2003.08934 hep-th/9901001")

    code, out, _ = run("cite", "check", file, "--papers", str(listed), "--json")

    assert code == 0
    assert json.loads(out)["linked"] == ["2003.08934", "hep-th/9901001"]
    assert json.loads(out)["papers"] == 2


def test_an_empty_list_has_no_recall(run: Run, tmp_path: Path) -> None:
    file = write_survey_file(tmp_path / "s.md", "arXiv:2003.08934")
    listed = write_list(tmp_path / "l.jsonl", [])

    code, out, _ = run("cite", "check", file, "--papers", listed, "--json")

    assert code == 0
    assert json.loads(out)["recall"] is None
    assert json.loads(out)["outside"] == ["2003.08934"]


def test_words_of_the_question_are_no_mention(run: Run, tmp_path: Path) -> None:
    file = write_survey_file(tmp_path / "s.md", "Name1 is good.")
    listed = write_list(tmp_path / "l.jsonl")
    words = ("cite", "check", file, "--papers", listed, "--json")

    _, without, _ = run(*words)
    _, with_question, _ = run(*words, "--question", "Name1について教えて")

    assert json.loads(without)["mentioned"] == ["2301.00001"]
    assert json.loads(with_question)["mentioned"] == []


@pytest.mark.parametrize(
    ("survey", "papers", "said"),
    [
        (b"text", b"no json", "line 1"),
        (b"text", b'{"id": "2301.00001", "title": "A"}\n["no record"]', "line 2"),
        (b"text", b'{"id": "2301.00001"}', "title"),
        (b"text", b'{"id": "x", "title": "A", "published": "2023-01-01"}', "no arXiv id"),
        (b"text", b"\xff\xfe\x00", "UTF-8"),
        (b"text", b"\x1f\x8b broken", "gzip"),
        (b"\xff\xfe", b'{"id": "2301.00001", "title": "A"}', "UTF-8"),
        (None, b'{"id": "2301.00001", "title": "A"}', "s.md"),
        (b"text", None, "l.jsonl"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    run: Run, tmp_path: Path, survey: bytes | None, papers: bytes | None, said: str
) -> None:
    for name, content in (("s.md", survey), ("l.jsonl", papers)):
        if content is not None:
            (tmp_path / name).write_bytes(content)

    code, out, err = run(
        "cite", "check", str(tmp_path / "s.md"), "--papers", str(tmp_path / "l.jsonl"), "--json"
    )

    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_list_is_needed(run: Run, tmp_path: Path) -> None:
    code, _, err = run("cite", "check", write_survey_file(tmp_path / "s.md", "text"))

    assert code == 2
    assert "--papers" in err


@pytest.mark.parametrize("language", ["ja", "en"])
def test_of_our_own_document_only_the_survey_counts(
    run: Run, tmp_path: Path, language: Language
) -> None:
    context = make_context(3, language, off_topic=1)
    survey = write_survey(context, None, survey_id="s")
    footer = footer_lines(context, survey, measure(survey, context), Cost(), seconds=1)
    document = compose_document(context, survey, [*footer, "Name4"])
    file, listed = write_survey_file(tmp_path / "s.md", document), write_list(tmp_path / "l.jsonl")

    _, out, _ = run("cite", "check", file, "--papers", listed, "--json")

    assert read_body(document).strip() == survey.markdown.strip()
    assert json.loads(out)["linked"] == [paper.id for paper in PAPERS[:3]]
    assert json.loads(out)["omitted"] == ["2301.00004"]


def test_papers_of_the_closing_table_are_not_cited() -> None:
    context = make_context(3)
    text = f"[a]({PAPERS[0].url}) {PAPERS[1].title}\n\n## Other related papers\n\n{PAPERS[2].title}"
    survey = write_survey(context, None, survey_id="s")
    omitted = (Omission("2301.00002", "why"), Omission("2301.00003", "why"))
    survey = type(survey)("s", context.id, "test:m", "sections", text, omitted)

    recall = measure(survey, context)

    assert recall.cited == ("2301.00001",)
    assert recall.omitted == ("2301.00002", "2301.00003")
