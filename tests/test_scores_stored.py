"""Stored surveys are scored when a metric changes, and surveys written elsewhere join them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.cli import main
from model_server import Fault, ModelRequest, ModelServer, model_server, play_survey
from papers import make_context, make_paper
from pipeline.evaluation.polls import read_measures
from pipeline.evaluation.recall import METRIC_VERSION, measure, pool_positions
from pipeline.evaluation.scoring import VERSIONS
from pipeline.evaluation.structure import Structure
from pipeline.settings import PipelineSettings
from pipeline.store import Store
from pipeline.types import Recall, Survey, Tally
from pipeline.wiring import Kit, open_kit
from pipeline.write import write_survey

Run = Callable[..., tuple[int, str, str]]
FREE = {"recall", "structure", "language"}


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


@pytest.fixture
def kit(isolated: Path) -> Iterator[Kit]:
    """Give a database with two surveys of one context, one of them with an old score."""
    del isolated
    opened = open_kit(PipelineSettings())
    context = make_context(12, "en")
    opened.store.save_context(context)
    for survey_id in ("a", "b"):
        opened.store.save_survey(write_survey(context, None, survey_id=survey_id))
    with opened.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO scores VALUES ('a', 'recall', 1, :score)"),
            {
                "score": '{"cited":[],"linked":[],"omitted":[],"outside":[],"recall":0.0,'
                '"recall_on_topic":0.0,"precision":null,"article_recall":1.25}'
            },
        )
    yield opened
    opened.engine.dispose()


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """Serve a judge who finds everything supported, and have OpenAI's key set."""
    with model_server(play) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url("openai"))
        yield server


def play(request: ModelRequest) -> str:
    if request.fields != {"claims"}:
        return play_survey(request)
    claims = [line for line in request.user.splitlines() if line.startswith("[C")]
    verdicts = []
    for line in claims:
        label, _, said = line.partition("] ")
        papers = [word[:-1] for word in said.split("[") if word.startswith("S")]
        cited = [word.partition("]")[0] for word in papers]
        verdicts.append(
            {
                "claim": label[1:],
                "together": True,
                "papers": [{"paper": one, "alone": True, "needed": False} for one in cited],
            }
        )
    return json.dumps({"claims": verdicts})


def versions(store: Store, survey_id: str) -> dict[str, int]:
    return {
        name: scored[survey_id]
        for name in VERSIONS
        if survey_id in (scored := store.list_scored(name))
    }


def test_an_old_score_is_read_and_a_new_one_stands_beside_it(kit: Kit, run: Run) -> None:
    old = kit.store.load_score("a", "recall", Recall)
    code, _, err = run("eval", "score")
    new = kit.store.load_score("a", "recall", Recall)

    assert (code, "recall 2" in err) == (0, True)
    assert old is not None
    assert (old.recall, old.mentioned, old.by_position) == (0.0, (), ())
    assert new is not None
    assert (new.recall, new.recall_linked, new.link_rate) == (1.0, 1.0, 1.0)
    assert new.article_recall == 1.25
    with kit.engine.connect() as connection:
        kept = connection.scalars(text("SELECT metric_version FROM scores WHERE name = 'recall'"))
        assert sorted(kept) == [1, METRIC_VERSION, METRIC_VERSION]


def test_what_is_scored_is_left_alone_unless_asked(kit: Kit, run: Run) -> None:
    run("eval", "score", "--metrics", "recall", "--since-version", "1")
    since_one = versions(kit.store, "a"), versions(kit.store, "b")
    run("eval", "score")
    _, again, said = run("eval", "score", "--json")
    _, everything, _ = run("eval", "score", "--all", "--survey", "b", "--json")

    assert since_one == ({"recall": 1}, {"recall": METRIC_VERSION})
    assert versions(kit.store, "a") == {name: VERSIONS[name] for name in VERSIONS if name in FREE}
    assert json.loads(again) == []
    assert "Scored 0 surveys" in said
    (row,) = json.loads(everything)
    assert (row["survey"], row["arm"], row["usd"]) == ("b", "keyless", None)
    assert set(row["scores"]) == FREE
    assert row["scores"]["recall"]["version"] == METRIC_VERSION
    assert row["scores"]["recall"]["score"]["by_position"][0] == {"cited": 1, "papers": 1}


def test_without_a_model_support_and_count_are_unscored_not_zero(kit: Kit, run: Run) -> None:
    code, out, err = run("eval", "score", "--metrics", "support,count")

    assert code == 0
    assert "support unscored" in out
    assert "count unscored 2" in err
    assert versions(kit.store, "b") == {}


def test_support_and_count_are_asked_once_and_cost_what_they_cost(
    kit: Kit, run: Run, models: ModelServer
) -> None:
    words = ("eval", "score", "--metrics", "support,count", "--support-sample", "5")
    code, out, err = run(*words, "--json")
    asked = len(models.requests)
    _, again, _ = run(*words, "--all", "--json")

    assert code == 0
    scores = {row["survey"]: row["scores"] for row in json.loads(out)}
    support = scores["a"]["support"]["score"]
    assert (support["recall"], support["precision"], support["judged"]) == (1.0, 1.0, 5)
    assert support["model"] == "openai:gpt-6-luna"
    count = scores["a"]["count"]["score"]
    assert count == {"count": 5, "recall": 5 / 12, "recall_capped": 5 / 12}
    assert "Cost: $0.0" in err
    assert len(models.requests) == asked, "what was paid for is not asked again"
    assert json.loads(again) == json.loads(out)
    assert kit.cost_of("a").calls == 0, "judging is no part of what the survey cost"
    run("eval", "score")
    measured = {one.survey: one for one in read_measures(kit.engine, ["a", "b"])}
    assert (measured["a"].support, measured["a"].recall, measured["a"].usd) == (1.0, 1.0, None)


def test_a_count_beyond_the_papers_is_capped_beside_the_raw_one(
    kit: Kit, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    del kit
    monkeypatch.setenv("OPENAI_API_KEY", "k")

    def reply(request: ModelRequest) -> str:
        return json.dumps({"count": 15}) if request.fields == {"count"} else "a\nb"

    with model_server(reply) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url("openai"))
        _, out, _ = run("eval", "score", "--metrics", "count", "--survey", "a", "--json")

    (row,) = json.loads(out)
    assert row["scores"]["count"]["score"] == {"count": 15, "recall": 1.25, "recall_capped": 1.0}


def test_a_run_that_breaks_off_keeps_what_it_has_and_goes_on_there(
    kit: Kit, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    words = ("eval", "score", "--metrics", "recall,support", "--support-sample", "1", "--json")

    with model_server(
        lambda r: play(r) if len(server.requests) == 1 else Fault(status=401)
    ) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url("openai"))
        broken, _, _ = run(*words)
        kept = versions(kit.store, "a"), versions(kit.store, "b")
    with model_server(play) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url("openai"))
        code, out, _ = run(*words)

    assert broken == 4
    assert kept == (
        {"recall": METRIC_VERSION, "support": VERSIONS["support"]},
        {"recall": METRIC_VERSION},
    )
    assert code == 0
    assert [(row["survey"], set(row["scores"])) for row in json.loads(out)] == [("b", {"support"})]


def test_a_budget_ends_the_asking_and_leaves_the_rest_unscored(
    kit: Kit, run: Run, models: ModelServer
) -> None:
    code, out, _ = run("eval", "score", "--metrics", "recall,support", "--budget", "0", "--json")

    assert code == 0
    assert models.requests == []
    assert [row["scores"]["support"]["score"] for row in json.loads(out)] == [None, None]
    assert versions(kit.store, "b") == {"recall": METRIC_VERSION}


def test_a_dry_run_says_what_it_would_cost_and_asks_nothing(
    kit: Kit, run: Run, models: ModelServer
) -> None:
    code, out, _ = run("eval", "score", "--metrics", "recall,support,count", "--dry-run")

    assert code == 0
    assert "Surveys: 2, recall 2, support 2, count 2" in out
    assert "Calls: 8, about $0.0" in out
    assert models.requests == []
    assert versions(kit.store, "b") == {}


def test_the_judge_can_be_named(kit: Kit, run: Run, models: ModelServer) -> None:
    del models
    _, out, _ = run("eval", "score", "--support-model", "openai:gpt-6.1-terra", "--json")
    code, _, err = run("eval", "score", "--support-model", "nobody:model", "--all")

    assert json.loads(out)[0]["scores"]["support"]["score"]["model"] == "openai:gpt-6.1-terra"
    assert set(json.loads(out)[0]["scores"]) == {*FREE, "support"}
    assert code == 4
    assert "nobody" in err
    assert versions(kit.store, "a")["support"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--metrics", "recall,beauty"), "beauty"),
        (("--survey", "nobody"), "nobody"),
        (("--support-sample", "0"), "0"),
        (("--budget", "-1"), "-1"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    kit: Kit, run: Run, words: tuple[str, ...], said: str
) -> None:
    del kit
    code, out, err = run("eval", "score", *words)

    assert (code, out) == (2, "")
    assert said in err


def write_files(folder: Path) -> tuple[str, str]:
    papers = [make_paper(number) for number in range(1, 5)]
    lines = [json.dumps({"id": p.id, "title": p.title}) for p in papers]
    (folder / "list.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "s.md").write_text(
        f"# NeRF\n\nこれは新しい。[Name1]({papers[0].url})\n\n## その他の関連論文\n\n{papers[1].url}\n",
        encoding="utf-8",
    )
    return str(folder / "s.md"), str(folder / "list.jsonl")


def test_a_survey_written_elsewhere_is_one_more_arm(run: Run, tmp_path: Path) -> None:
    file, listed = write_files(tmp_path)
    words = ("--papers", listed, "--question", "NeRFの研究について教えて", "--arm", "gpt-4o")

    code, out, err = run("eval", "import", file, *words, "--json")
    _, again, said = run("eval", "import", file, *words, "--json")

    assert code == 0, err
    (row,) = json.loads(out)
    assert row["arm"] == "import:gpt-4o"
    assert row["scores"]["recall"]["score"]["linked"] == ["2301.00001"]
    assert row["scores"]["recall"]["score"]["recall"] == 0.25
    assert row["scores"]["language"]["score"]["share"] == 1.0
    assert json.loads(again) == []
    assert "Scored 0 surveys" in said
    kit = open_kit(PipelineSettings())
    survey = kit.store.load_survey(row["survey"])
    context = kit.store.load_context(survey.context_id) if survey else None
    kit.engine.dispose()
    assert context is not None
    assert (context.embedding_model, context.plan.maker) == ("none", "import")
    assert context.gaps == (0.0, 0.0, 0.0)
    assert [passage.summary for passage in context.passages] == [
        passage.paper.title for passage in context.passages
    ]


def test_arms_of_one_list_and_question_share_a_context(run: Run, tmp_path: Path) -> None:
    file, listed = write_files(tmp_path)
    for arm in ("one", "two"):
        run("eval", "import", file, "--papers", listed, "--question", "NeRF?", "--arm", arm)

    kit = open_kit(PipelineSettings())
    surveys = [kit.store.load_survey(one) for one in kit.store.list_surveys()]
    kit.engine.dispose()
    assert {one.model for one in surveys if one} == {"import:one", "import:two"}
    assert len({one.context_id for one in surveys if one}) == 1


def test_importing_without_papers_or_question_is_refused(run: Run, tmp_path: Path) -> None:
    file, listed = write_files(tmp_path)
    (tmp_path / "empty.jsonl").touch()

    for changed in (
        ("--papers", str(tmp_path / "empty.jsonl"), "--question", "NeRF?"),
        ("--papers", listed, "--question", "  "),
        ("--papers", listed, "--question", "NeRF?", "--lang", "fr"),
    ):
        code, out, _ = run("eval", "import", file, "--arm", "x", *changed)
        assert (code, out) == (2, "")


def test_recall_by_position_counts_tenths_that_can_be_added_up() -> None:
    context = make_context(25)
    half = "\n".join(f"[x]({p.paper.url})" for p in context.passages[:12])

    first = measure(Survey("s", "context", "m", "sections", half), context)
    few = measure(Survey("s", "context", "m", "sections", half), make_context(3))
    pooled = pool_positions([first.by_position, first.by_position, few.by_position])

    assert [tally.papers for tally in first.by_position] == [2, 3, 2, 3, 2, 3, 2, 3, 2, 3]
    assert [tally.cited for tally in first.by_position] == [2, 3, 2, 3, 2, 0, 0, 0, 0, 0]
    assert few.by_position == (Tally(1, 1), Tally(1, 1), Tally(1, 1))
    assert pooled[0] == Tally(4, 4)
    assert pool_positions([few.by_position]) == ()


def test_scores_are_kept_in_postgresql_by_the_same_code(
    postgres_url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    opened = open_kit(PipelineSettings())
    context = replace(make_context(3), id="scored")
    opened.store.save_context(context)
    opened.store.save_survey(write_survey(context, None, survey_id="scored-s"))

    code, _, err = run("eval", "score", "--survey", "scored-s")
    measured = read_measures(opened.engine, ["scored-s"])
    opened.engine.dispose()

    assert (code, "recall 1" in err) == (0, True)
    assert [(one.survey, one.recall, one.support) for one in measured] == [("scored-s", 1.0, None)]


def test_a_structure_is_kept_as_it_was_measured(kit: Kit, run: Run) -> None:
    run("eval", "score", "--metrics", "structure")

    structure = kit.store.load_score("b", "structure", Structure)

    assert structure is not None
    assert structure.citations == 13
    assert structure.headings[1] == 5
