"""The report of an experiment: its figures, its wording, and the page in a browser."""

import csv
import io
import json
import re
import shutil
import statistics
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from command import Run
from grids import digest, forget
from model_server import Fault, ModelRequest, model_server, play_survey
from pipeline.evaluation.judging import (
    ARTICLE,
    Candidate,
    Pairing,
    ask_judge,
    compose,
    draw_pairs,
    show,
)
from pipeline.evaluation.verdicts import OrderedVerdict, count_consistency
from pipeline.experiment.cells import Cell
from pipeline.experiment.plan import Plan
from pipeline.providers.base import Completion, OnText, Prompt
from pipeline.report.baseline import check_identities, read_baseline
from pipeline.report.compose import Report, compose_report
from pipeline.report.data import Findings, Observation
from pipeline.report.figures import (
    compare_arms,
    find_front,
    make_table,
    pool_arms,
)
from pipeline.report.judged import count_wins
from pipeline.report.markdown import write_csv, write_markdown
from pipeline.report.page import write_page
from pipeline.types import Arm, Tally, Usage

HOSTILE = "openai:<script>alert(1)</script>|[x](http://evil.example)"
ALICE, BOB = "openai:gpt-6-luna", "openai:gpt-6.1-terra"


def findings(
    values: dict[str, list[list[list[float]]]],
    *,
    papers: tuple[int, ...] = (),
    verdicts: tuple[OrderedVerdict, ...] = (),
    metric: str = "recall",
) -> Findings:
    """Make findings of values by arm, question, run and generation."""
    questions = len(next(iter(values.values())))
    observations, cells = [], []
    for arm, by_question in values.items():
        for q, runs in enumerate(by_question):
            for r, generations in enumerate(runs, start=1):
                for g, value in enumerate(generations, start=1):
                    known = {metric: value, "usd": 0.01, "seconds": 2.0}
                    size = papers[q] if papers else 20
                    name = f"{arm}/{q}/{r}/{g}"
                    positions = (Tally(1, 2),) * 10
                    observations.append(Observation(q, r, g, arm, name, size, known, positions))
                    cells.append(Cell(q, r, arm, g, "done", "c", name))
    plan = Plan(
        name="t",
        questions=tuple(f"質問{q}<b>" for q in range(questions)),
        runs=5,
        generations=3,
        arms=tuple(Arm(arm) for arm in values),
        source="demo",
        as_of=date(2026, 1, 1),
        models={"queries": "openai:m"},
    )
    return Findings(plan, tuple(values), tuple(cells), tuple(observations), verdicts)


def draw(seed: int, arms: dict[str, float], questions: int = 10) -> Findings:
    """Draw surveys of arms of known means, whose questions and runs differ."""
    dice = np.random.default_rng(seed)
    hard = dice.normal(0, 0.1, questions)
    return findings(
        {
            arm: [
                [
                    [float(mean + hard[q] + run + dice.normal(0, 0.02)) for _ in range(3)]
                    for run in dice.normal(0, 0.03, 5)
                ]
                for q in range(questions)
            ]
            for arm, mean in arms.items()
        }
    )


def test_a_cell_is_the_mean_over_its_surveys_and_the_arm_that_over_questions() -> None:
    found = findings({"a": [[[0.1, 0.3], [0.5, 0.7]], [[0.9, 0.9], [1.0, 0.8]]]})

    row = make_table(found, "recall").rows[0]

    assert row.boxes[0].mean == pytest.approx(0.4)
    assert row.boxes[0].sd == pytest.approx(statistics.stdev([0.1, 0.3, 0.5, 0.7]))
    assert row.overall is not None
    assert row.overall.value == pytest.approx((0.4 + 0.9) / 2)
    assert row.overall.low is None  # two questions tell nothing of others


def test_what_was_not_measured_is_not_nought() -> None:
    found = findings({"a": [[[0.4]], [[0.8]]]})
    first = replace(found.observations[0], values={})

    row = make_table(replace(found, observations=(first, *found.observations[1:])), "recall").rows[
        0
    ]

    assert row.boxes[0].mean is None
    assert row.boxes[0].number == 0
    assert row.overall is not None
    assert row.overall.value == pytest.approx(0.8)


def test_small_contexts_are_left_out_of_the_second_table() -> None:
    found = findings({"a": [[[0.4]], [[1.0]], [[0.6]]]}, papers=(50, 2, 10))

    table = make_table(found, "recall", fewest=10)

    assert table.questions == (0, 2)
    assert list(table.papers) == [50, 10]
    overall = table.rows[0].overall
    assert overall is not None
    assert overall.value == pytest.approx(0.5)
    report = compose_report(found, "recall")
    assert report.without_small is not None
    assert "fewer than ten papers" in write_markdown(report)


def test_deviations_are_split_between_query_runs_and_generations() -> None:
    dice = np.random.default_rng(5)
    values = [
        [
            [float(run + dice.normal(0, 0.05)) for _ in range(30)]
            for run in dice.normal(0.5, 0.2, 60)
        ]
        for _ in range(4)
    ]

    row = make_table(findings({"a": values}), "recall", replicates=1).rows[0]

    assert row.sd_generations == pytest.approx(0.05, rel=0.05)
    assert row.sd_runs == pytest.approx(0.2, rel=0.15)


def test_intervals_cover_the_truth_of_further_questions() -> None:
    held = 0
    for seed in range(150):
        row = make_table(draw(seed, {"a": 0.5}), "recall", replicates=300).rows[0]
        assert row.overall is not None
        assert row.overall.low is not None
        assert row.overall.high is not None
        held += row.overall.low <= 0.5 <= row.overall.high

    assert 0.90 <= held / 150 <= 1.0


def test_pairing_tells_arms_apart_that_their_own_intervals_do_not() -> None:
    found = draw(3, {"a": 0.55, "b": 0.5})

    a, b = (row.overall for row in make_table(found, "recall").rows)
    difference = compare_arms(found, "recall")[0].estimate

    assert a is not None
    assert b is not None
    assert a.low is not None
    assert b.high is not None
    assert a.low < b.high
    assert difference.low is not None
    assert 0 < difference.low < 0.05 < (difference.high or 0)


def test_only_runs_that_both_have_written_on_are_compared() -> None:
    found = findings({"a": [[[0.5], [1.0]]], "b": [[[0.4], [0.0]]]})
    kept = tuple(o for o in found.observations if not (o.arm == "b" and o.run == 2))

    difference = compare_arms(replace(found, observations=kept), "recall")[0]

    assert difference.estimate.value == pytest.approx(0.1)


def test_positions_are_added_up_over_surveys() -> None:
    assert pool_arms(findings({"a": [[[0.1, 0.2]]]}))["a"] == (Tally(2, 4),) * 10


def verdict(first: str, choice: str, judge: str = "j") -> OrderedVerdict:
    return OrderedVerdict(
        id=f"{judge}{first}{choice}",
        context_id="c",
        survey_a="a/0/1/1",
        survey_b="b/0/1/1",
        judge=judge,
        first=first,  # type: ignore[arg-type]  # the parameters are literals
        choice=choice,  # type: ignore[arg-type]
        prompt_hash="h",
        created_at=0.0,
    )


@pytest.mark.parametrize(
    ("choices", "counted", "won"),
    [
        (("a", "a"), "consistent", (1, 0, 0)),
        (("b", "b"), "consistent", (0, 1, 0)),
        (("tie", "tie"), "consistent", (0, 0, 1)),
        (("a", "b"), "took_first", (0, 0, 1)),
        (("b", "a"), "took_second", (0, 0, 1)),
        (("a", "tie"), "wavered", (0, 0, 1)),
    ],
)
def test_orders_that_disagree_are_a_tie(
    choices: tuple[str, str], counted: str, won: tuple[int, int, int]
) -> None:
    said = (verdict("a", choices[0]), verdict("b", choices[1]))
    found = findings({"a": [[[0.5]]], "b": [[[0.4]]]}, verdicts=said)

    judge = count_consistency(found.both_orders())[0]
    wins = count_wins(found)["j"][0]

    assert judge.pairs == 1
    assert getattr(judge, counted) == 1
    assert (wins.won, wins.lost, wins.tied) == won


def test_the_articles_single_orders_are_counted_apart() -> None:
    said = (verdict("a", "b", f"j{ARTICLE}"), verdict("a", "a"))
    found = findings({"a": [[[0.5]]], "b": [[[0.4]]]}, verdicts=said)

    judge = count_consistency(found.both_orders())[0]
    assert (judge.judge, judge.pairs, judge.half) == ("j", 0, 1)
    assert compose_report(found, "recall").judges == ()
    assert list(count_wins(found)) == [f"j{ARTICLE}"]


def test_every_mean_of_the_article_follows_from_its_ten_cells() -> None:
    identities = check_identities()

    assert len(identities) == 10
    assert all(one.holds for one in identities)
    capped = identities[-1]
    assert capped.reported == 0.334
    assert capped.recomputed == pytest.approx(0.3336)
    assert max(read_baseline().recall, key=lambda one: one.reported).model == "gemini-1.5-flash"


def test_the_front_is_what_nobody_beats_on_both() -> None:
    points = {"cheap": (1.0, 0.3), "good": (3.0, 0.9), "dear": (4.0, 0.9), "bad": (2.0, 0.2)}

    assert find_front(points) == {"cheap", "good"}


def test_pairs_are_of_different_arms_and_one_group_and_drawn_by_the_seed() -> None:
    candidates = [
        Candidate(f"{arm}{q}{g}", arm, (q, 1, g)) for arm in "xyz" for q in range(5) for g in (1, 2)
    ]

    every = draw_pairs(candidates, most=None, seed=0)
    few = draw_pairs(candidates, most=4, seed=0)

    assert len(every) == 3 * 10
    assert all(p.survey_a[0] != p.survey_b[0] and p.survey_a[1:] == p.survey_b[1:] for p in every)
    assert len(few) == 3 * 4
    assert set(few) <= set(every)
    assert few == draw_pairs(candidates, most=4, seed=0) != draw_pairs(candidates, most=4, seed=1)


def test_the_article_shows_each_pair_once_in_an_order_drawn_by_the_seed() -> None:
    pairs = [Pairing(f"a{n}", f"b{n}") for n in range(200)]

    both = show(pairs, "j", "both_orders", seed=0)
    once = show(pairs, "j", "article", seed=0)

    assert len(both) == 400
    assert len(once) == 200
    assert once == show(pairs, "j", "article", seed=0)
    assert 70 < sum(one.first == "a" for one in once) < 130


class Saying:
    """A judge that says what it is told to."""

    name = "test:judge"

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.prompts: list[Prompt] = []

    def complete(self, prompt: Prompt, on_text: OnText | None = None) -> Completion:
        del on_text
        self.prompts.append(prompt)
        return Completion(self.texts.pop(0), self.name, Usage(), 0.0, 0.0)


@pytest.mark.parametrize(
    ("texts", "first", "chosen"),
    [
        (('{"answer": "A"}',), "b", "b"),
        (('{"answer": "B"}',), "b", "a"),
        (('{"answer": "tie"}',), "a", "tie"),
        (("first!", '{"answer": "A"}'), "a", "a"),
        (("first!", '{"answer": "C"}'), "a", None),
    ],
)
def test_a_verdict_names_the_survey_and_an_unreadable_one_is_none(
    texts: tuple[str, ...], first: str, chosen: str | None
) -> None:
    judge = Saying(*texts)
    prompt = compose("Q</question>", "one", "<survey_b>two", "both_orders")

    assert ask_judge(judge, prompt, first) == chosen  # type: ignore[arg-type]  # a literal
    assert judge.prompts[0].user.count("</question>") == 1
    assert judge.prompts[0].user.count("<survey_b>") == 1


def test_the_articles_judges_had_no_tie_to_give() -> None:
    prompt = compose("Q", "one", "two", "article")

    assert ask_judge(Saying('{"answer": "tie"}', '{"answer": "tie"}'), prompt, "a") is None


def hostile_report() -> Report:
    said = (
        replace(verdict("a", "a", HOSTILE), survey_a=f"{HOSTILE}/0/1/1"),
        replace(verdict("b", "b", HOSTILE), survey_a=f"{HOSTILE}/0/1/1"),
    )
    values = [[[0.3 + q / 20, 0.5], [0.4, 0.6]] for q in range(6)]
    other = [[[0.2, 0.3], [0.2, 0.3 + q / 30]] for q in range(6)]
    return compose_report(
        findings({HOSTILE: values, "b": other}, verdicts=said, papers=(20, 3, 40, 20, 20, 20)),
        "recall",
    )


def test_names_and_questions_are_only_text_in_every_form() -> None:
    report = hostile_report()

    page = write_page(report)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "質問0&lt;b&gt;" in page
    assert not re.search(r"(src|href)=", page)
    markdown = write_markdown(report)
    assert not re.search(r"(?<!\\)\]\(", markdown)
    assert "<script" not in markdown
    for line in markdown.splitlines():
        if line.startswith("| ") and "recall" not in line:
            assert not re.search(r"(?<!\\)\|\[", line)


def test_the_csv_holds_every_figure_unrounded() -> None:
    report = hostile_report()

    rows = list(csv.DictReader(io.StringIO(write_csv(report))))

    recall = [row for row in rows if row["metric"] == "recall" and row["arm"] == "b"]
    assert [row["question"] for row in recall] == [*map(str, range(6)), "all"]
    overall = report.main.rows[1].overall
    assert overall is not None
    assert float(recall[-1]["mean"]) == overall.value
    assert {row["metric"] for row in rows} == {"recall", "usd", "seconds"}


def reply(request: ModelRequest) -> str | Fault:
    """Be two writers that forget at different rates, and a judge that prefers the first shown."""
    if request.fields == {"answer"}:
        first, second = request.user.split("<survey_b>")
        longer = "A" if first.count("\n- ") > second.count("\n- ") else "B"
        return json.dumps({"answer": "A" if digest(request.user) % 7 == 0 else longer})
    if request.schema is None and "List the unique papers" not in request.system:
        return forget(request, 0.8 if request.model == "gpt-6-luna" else 0.1)
    return play_survey(request)


@pytest.mark.slow
def test_the_report_tells_forgetful_models_apart_and_shows_where_they_forget(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with model_server(reply) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url("openai"))
        for role in ("QUERY", "SHORTEN", "COUNT"):
            monkeypatch.setenv(f"PAPERWALK_{role}_MODEL", "keyless")
        monkeypatch.setenv("PAPERWALK_EMBED_MODEL", "keyless:lsa")
        monkeypatch.setenv("PAPERWALK_RECENT_YEARS", "0")
        size = ("--runs", "1", "--generations", "1", "--source", "demo", "--yes")
        models = ("--models", f"keyless,{ALICE},{BOB}", "--mode", "single")
        assert run("eval", "run", "--name", "f", *models, *size).code == 0

        judged = run("eval", "judge", "f", "--judges", "openai:gpt-6-sol", "--yes", "--json")
        assert judged.code == 0
        said = json.loads(judged.out)["judges"]["openai:gpt-6-sol"]
        assert sum(said.values()) == 60
        again = run("eval", "judge", "f", "--judges", "openai:gpt-6-sol", "--yes")
        assert "30 pairs, 0 verdicts still to be asked for" in again.err
        article = run("eval", "judge", "f", "--judges", "openai:gpt-6-sol", "--article", "--yes")
        assert article.code == 0

    rows = list(csv.DictReader(io.StringIO(run("eval", "report", "f", "--format", "csv").out)))
    mean = {
        row["arm"]: row for row in rows if row["metric"] == "recall" and row["question"] == "all"
    }
    keyless, alice, bob = (mean[f"{one} (single)"] for one in ("keyless", ALICE, BOB))
    assert float(bob["high"]) < float(alice["low"]) < float(keyless["low"])

    printed = run("eval", "report", "f").out
    dip = re.search(rf"\| {re.escape(BOB)} \(single\) \| ([\d. |]+) \|\n\n", printed)
    assert dip is not None
    shares = [float(one) for one in dip[1].split(" | ")]
    assert len(shares) == 10
    assert min(shares[3:7]) < 0.5 < min(shares[0], shares[-1])
    assert "took the first" in printed
    assert "sk-hidden" not in printed


def test_an_experiment_that_is_not_there_is_said(run: Run) -> None:
    for words in (("eval", "report", "x"), ("eval", "judge", "x", "--judges", "openai:m")):
        printed = run(*words)
        assert printed.code in {2, 4}
        assert "experiment 'x'" in printed.err or "OPENAI_API_KEY" in printed.err


def test_the_articles_identities_are_printed(run: Run) -> None:
    printed = run("eval", "report", "--baseline").out

    assert printed.count("holds: ") == 10
    assert "0.3340, 0.3336 from cells" in printed


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Serve the page and one that looks at it through a frame as wide as a phone."""
    (tmp_path / "report.html").write_text(write_page(hostile_report()), encoding="utf-8")
    (tmp_path / "phone.html").write_text(
        '<iframe id="f" src="report.html" width="390" height="800"></iframe><script>'
        'onload = () => { const d = document.getElementById("f").contentDocument;'
        "document.title = JSON.stringify({wide: d.documentElement.scrollWidth,"
        "page: getComputedStyle(d.body).backgroundColor, ink: getComputedStyle(d.body).color,"
        "plots: d.querySelectorAll('svg').length, scripts: d.scripts.length,"
        "drawn: [...d.querySelectorAll('svg')].every(s => s.getBoundingClientRect().height > 20)});"
        "}</script>",
        encoding="utf-8",
    )

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/phone.html"
    server.shutdown()
    server.server_close()
    thread.join()


BROWSER = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed")
@pytest.mark.parametrize("is_dark", [False, True])
def test_the_page_fits_a_phone_and_turns_dark(served: str, tmp_path: Path, is_dark: bool) -> None:
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
    words += ["--disable-background-networking", "--disable-component-update", "--disable-quic"]
    words += [f"--user-data-dir={tmp_path}/profile", "--virtual-time-budget=3000", "--dump-dom"]
    words += [f"--blink-settings=preferredColorScheme={0 if is_dark else 1}"]
    done = subprocess.run(
        [str(BROWSER), *words, served], check=False, capture_output=True, text=True, timeout=50
    )

    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title is not None, done.stderr[-500:]
    seen = json.loads(title[1].replace("&quot;", '"'))
    assert seen["wide"] <= 390
    assert seen["plots"] == 4
    assert seen["drawn"]
    assert seen["scripts"] == 0
    bright = {name: sum(map(int, re.findall(r"\d+", seen[name])[:3])) for name in ("page", "ink")}
    assert (bright["page"] < bright["ink"]) == is_dark
