"""A reply in a survey's thread changes the survey by parts, and nothing but these."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from bot.codec import decode, encode
from model_server import Fault, ModelRequest
from pipeline.errors import AuthFailed, BadQuestion, CeilingReached, Refused
from pipeline.evaluation.recall import measure
from pipeline.followup import Revision
from pipeline.outline import Part, read_parts
from threads import FRAME, PART, PLAN, REPAIR, Bench, Script, anchors_in, bench, tag, write_well

P = ParamSpec("P")
T = TypeVar("T")

LORA, DREAMBOOTH, QLORA, DORA = "2106.09685", "2208.12242", "2305.14314", "2402.09353"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("thread")) as opened:
        yield opened


@pytest.fixture
def thread(shared: Bench) -> Bench:
    """Give the thread with a model that says nothing odd."""
    shared.script.__dict__.update(Script().__dict__)
    return shared


def sections(markdown: str) -> tuple[Part, ...]:
    return read_parts(markdown).sections


def actions(revision: Revision) -> list[str]:
    return [change.action for change in revision.changes]


def years(revision: Revision) -> list[int]:
    return sorted({passage.paper.published.year for passage in revision.context.passages})


def test_a_time_limit_rewrites_only_the_parts_that_lose_papers(thread: Bench) -> None:
    before = sections(thread.survey.markdown)

    revision = thread.change("2023年以降だけにして", {"since": "2023-01-01"})

    assert actions(revision) == ["keep", "keep", "keep", "rewrite", "keep"]
    after = sections(revision.survey.markdown)
    assert [after[i] for i in (0, 1, 2, 4)] == [before[i] for i in (0, 1, 2, 4)]
    assert set(revision.removed) == {LORA, DREAMBOOTH}
    assert revision.added == ()
    assert years(revision) == [2023, 2024]
    assert len(thread.server.requests) == 2, "the plan and one part"
    gone = tag(thread.asked(PART)[0], "gone")
    assert "LoRA: Low-Rank Adaptation of Large Language Models" in gone


def test_the_changed_survey_is_one_of_its_own_with_a_context_of_its_own(thread: Bench) -> None:
    revision = thread.change("2023年以降だけにして", {"since": "2023"}, run="own")

    assert (revision.context.id, revision.survey.id) == ("own-c", "own-s")
    assert revision.survey.context_id == "own-c"
    assert measure(revision.survey, revision.context).recall == 1.0
    assert measure(revision.survey, revision.context).outside == ()
    assert len(revision.context.gaps) == len(revision.context.passages) - 1
    assert {p.id for p in revision.context.found.papers} == {
        p.paper.id for p in revision.context.passages
    }
    assert revision.context.question.dates is not None


def test_only_the_change_is_posted(thread: Bench) -> None:
    revision = thread.change("2023年以降だけにして", {"since": "2023-01-01"})

    posted = sections(revision.markdown)
    assert [part.heading for part in posted] == ["節の見出しとする 3"]
    assert "「節の見出しとする 1」" in revision.markdown.split("## ")[0]
    assert "外した論文：2 本" in revision.markdown


def test_parts_whose_papers_all_leave_are_dropped_and_the_frame_is_renewed(thread: Bench) -> None:
    first = sections(thread.survey.markdown)[1]
    remove = [f"[{thread.anchor(one)}]" for one in first.paper_ids]

    revision = thread.change(
        "カスタマイズの論文を外して", {"remove": [*remove, thread.anchor(QLORA)]}
    )

    assert actions(revision) == ["rewrite", "drop", "keep", "rewrite", "rewrite"]
    assert first.heading not in [part.heading for part in sections(revision.survey.markdown)]
    assert len(thread.server.requests) == 1 + 1 + 1, "plan, one part, frame"
    assert thread.asked(FRAME)


def test_when_no_paper_would_be_left_the_survey_stays(thread: Bench) -> None:
    answer = thread.ask(
        "2030年以降だけ", {"kind": "change", "since": "2030-01-01", "until": "2031-01-01"}
    )

    assert "サーベイは変えていません" in answer.markdown
    assert answer.cited == ()


def test_further_papers_are_searched_and_taken_up_where_they_belong(thread: Bench) -> None:
    before = sections(thread.survey.markdown)
    hits = {passage.paper.id for passage in thread.context.passages}

    revision = thread.change("NeRFの論文も追加して", {"search": ["neural radiance field", "NeRF"]})

    assert len(revision.added) == 12
    assert hits.isdisjoint(revision.added)
    assert "add" in actions(revision)
    assert len(thread.asked(PART)) == sum(one in {"add", "extend"} for one in actions(revision))
    assert len(thread.server.requests) <= 1 + len(thread.asked(PART)) + 1
    kept = [change.heading for change in revision.changes if change.action == "keep"]
    after = {part.heading: part for part in sections(revision.survey.markdown)}
    assert kept
    assert all(after[part.heading] == part for part in before if part.heading in kept)
    recall = measure(revision.survey, revision.context)
    assert (recall.recall, recall.outside) == (1.0, ())
    assert len(revision.context.found.searches) == len(thread.context.found.searches) + 2


def test_only_papers_that_are_new_are_shortened(thread: Bench) -> None:
    settings = thread.kit.settings.model_copy(update={"shorten_model": "openai:gpt-6-luna"})
    busy = replace(thread, kit=replace(thread.kit, settings=settings))

    revision = busy.change("Mambaも", {"search": ["Mamba"]}, run="shortens")

    shortened = busy.asked({"summary", "relevance", "reason"})
    assert len(shortened) == len(revision.added) > 0
    assert all("Mambaも" in request.user for request in shortened)


def test_a_paper_once_set_aside_as_off_topic_is_brought_back_when_it_is_sought(
    thread: Bench,
) -> None:
    passages = thread.context.passages
    aside = next(passage for passage in passages if passage.paper.id == QLORA)
    context = replace(
        thread.context,
        passages=tuple(passage for passage in passages if passage != aside),
        off_topic=(replace(aside, relevance="off_topic"),),
    )

    revision = replace(thread, context=context).change("QLoRAも", {"search": ["QLoRA"]})

    assert revision.added == (QLORA,)
    assert revision.context.off_topic == ()
    assert measure(revision.survey, revision.context).recall == 1.0


def test_papers_for_a_named_part_go_there(thread: Bench) -> None:
    wish = {"number": 2, "action": "extend", "instruction": "Take up radiance fields."}

    revision = thread.change("1節にNeRFを", {"search": ["NeRF"], "parts": [wish]})

    assert actions(revision)[1] == "extend"
    assert set(actions(revision)) <= {"keep", "extend", "rewrite"}
    assert set(revision.added) <= set(sections(revision.survey.markdown)[1].paper_ids)
    assert tag(thread.asked(PART)[0], "instruction") == "Take up radiance fields."
    assert len(anchors_in(tag(thread.asked(PART)[0], "new"))) == len(revision.added)


def test_a_section_of_what_is_found_can_be_asked_for(thread: Bench) -> None:
    wish = {"heading": "NeRF", "anchors": [], "instruction": "Write on NeRF."}

    revision = thread.change("NeRFの節を足して", {"search": ["NeRF"], "sections": [wish]})

    assert actions(revision)[-2:] == ["add", "rewrite"] or actions(revision)[-2:] == ["add", "keep"]
    added = revision.changes[-2]
    assert set(revision.added) == set(Part("", added.text).paper_ids)


def test_when_nothing_new_is_found_it_is_said(thread: Bench) -> None:
    answer = thread.ask("暗号資産も", {"kind": "change", "search": ["cryptocurrency exchange"]})

    assert "「cryptocurrency exchange」" in answer.markdown


def test_searches_keep_to_the_dates_of_the_request(thread: Bench) -> None:
    revision = thread.change(
        "2021年のNeRFも", {"search": ["NeRF"], "search_since": "2021", "search_until": "2021"}
    )

    new = [p.paper for p in revision.context.passages if p.paper.id in revision.added]
    assert {paper.published.year for paper in new} == {2021}
    assert revision.removed == ()


def test_shorter_rewrites_every_part_and_asks_again_for_lost_anchors(thread: Bench) -> None:
    def terse(request: ModelRequest) -> str:
        if "cannot be used" in request.user:
            return write_well(request)
        first = anchors_in(tag(request, "papers"))[0]
        return json.dumps({"heading": "x", "markdown": f"短い{first}。", "left_out": []})

    thread.script.part = terse
    revision = thread.change("もっと短く", {"length": "shorter"})

    assert actions(revision) == ["rewrite"] * 5
    assert measure(revision.survey, revision.context).recall == 1.0
    assert len(thread.asked(PART)) == 2 * 3
    assert {tag(request, "length") for request in thread.asked(PART)} == {"shorter"}
    assert [part.heading for part in sections(revision.survey.markdown)][1] == "節の見出しとする 1"
    assert revision.added == revision.removed == ()


def test_a_translation_has_every_anchor_and_our_headings(thread: Bench) -> None:
    revision = thread.change("英語で", {"language": "en"})

    parts = read_parts(revision.survey.markdown)
    assert parts.title == "A new title"
    assert [part.heading for part in parts.sections] == [
        "Introduction",
        *["A new heading"] * 3,
        "Conclusion",
    ]
    before = sections(thread.survey.markdown)
    assert [set(part.paper_ids) for part in parts.sections] == [set(p.paper_ids) for p in before]
    assert revision.context.question.language == "en"
    assert revision.markdown.startswith("The survey has been revised")
    assert "\n# A new title\n" in revision.markdown
    assert len(thread.server.requests) == 1 + 3 + 1, "plan, parts, frame"
    shown = "\n".join(tag(request, "part") for request in thread.asked(PART))
    assert len(anchors_in(shown)) == len(thread.context.passages)
    assert "arxiv.org" not in shown


def test_a_part_that_stays_in_the_old_language_is_asked_for_again(thread: Bench) -> None:
    def stubborn(request: ModelRequest) -> str:
        if "cannot be used" in request.user:
            return write_well(request)
        anchors = " ".join(anchors_in(tag(request, "papers")))
        return json.dumps(
            {
                "heading": "見出し",
                "markdown": f"この本文は日本語のままであり、訳されていない{anchors}。",
                "left_out": [],
            }
        )

    thread.script.part = stubborn
    revision = thread.change("英語で", {"language": "en"})

    assert "日本語" not in revision.survey.markdown
    assert len(thread.asked(PART)) == 2 * 3


def test_papers_that_a_rewrite_forgets_are_asked_for_once_more(thread: Bench) -> None:
    def forgetful(_: ModelRequest) -> str:
        return json.dumps({"heading": "x", "markdown": "一般論である。", "left_out": []})

    thread.script.part = forgetful
    revision = thread.change("2023年以降だけにして", {"since": "2023-01-01"})

    assert len(thread.asked(REPAIR)) == 1
    assert measure(revision.survey, revision.context).recall == 1.0


def test_papers_that_the_person_wants_left_out_stand_in_the_closing_table(thread: Bench) -> None:
    def choosy(request: ModelRequest) -> str:
        first, *others = anchors_in(tag(request, "papers"))
        return json.dumps(
            {"heading": "一つに絞る", "markdown": f"これだけ{first}。", "left_out": others}
        )

    thread.script.part = choosy
    wish = {"number": 3, "action": "rewrite", "instruction": "Keep to the first paper."}
    revision = thread.change("2節はDoRAに絞って", {"parts": [wish]})

    assert thread.asked(REPAIR) == []
    last = sections(revision.survey.markdown)[-1]
    assert last.heading == "その他の関連論文"
    assert set(last.paper_ids) == {one.paper_id for one in revision.survey.omitted}
    assert len(revision.survey.omitted) == 3
    assert sections(revision.survey.markdown)[2].heading == "一つに絞る"


def test_the_closing_table_is_made_anew_from_the_survey_that_stands(thread: Bench) -> None:
    wish = {"number": 3, "action": "rewrite", "instruction": "Keep to the first paper."}

    def choosy(request: ModelRequest) -> str:
        first, *others = anchors_in(tag(request, "papers"))
        return json.dumps({"heading": "一つ", "markdown": f"これだけ{first}。", "left_out": others})

    thread.script.part = choosy
    first = thread.change("2節を絞って", {"parts": [wish]})
    thread.script.part = write_well
    later = Bench(thread.kit, thread.server, thread.script, first.context, first.survey)
    gone = first.survey.omitted[0].paper_id
    second = later.change("外して", {"remove": [later.anchor(gone)]}, run="later")

    assert actions(second) == ["keep"] * 5
    assert len(second.survey.omitted) == 2
    assert gone not in second.survey.markdown


def test_a_dropped_section_takes_its_papers_along(thread: Bench) -> None:
    part = sections(thread.survey.markdown)[2]

    revision = thread.change(
        "2節を外して", {"parts": [{"number": 3, "action": "drop", "instruction": ""}]}
    )

    assert actions(revision) == ["keep", "keep", "drop", "keep", "keep"]
    assert set(revision.removed) == set(part.paper_ids)
    assert revision.survey.omitted == ()
    assert len(thread.server.requests) == 1
    assert "外した節：「節の見出しとする 2」" in revision.markdown


def test_an_introduction_that_cites_a_paper_that_leaves_is_renewed(thread: Bench) -> None:
    thread.script.frame = lambda _: json.dumps(
        {"title": "題", "introduction": "始まりは[P12]である。", "conclusion": "終わりである。"}
    )
    wish = {"number": 1, "action": "rewrite", "instruction": "Name the first paper."}
    first = thread.change("導入を直して", {"parts": [wish]})
    assert actions(first) == ["rewrite", "keep", "keep", "keep", "keep"]
    cited = sections(first.survey.markdown)[0].paper_ids

    later = Bench(thread.kit, thread.server, thread.script, first.context, first.survey)
    thread.script.__dict__.update(Script().__dict__)
    second = later.change("外して", {"remove": [later.anchor(cited[0])]}, run="leaves")

    assert actions(second)[0] == "rewrite"
    assert actions(second)[-1] == "keep"
    assert measure(second.survey, second.context).outside == ()


def test_a_comparison_can_become_a_section(thread: Bench) -> None:
    anchors = [thread.anchor(LORA), thread.anchor(QLORA)]
    wish = {"heading": "LoRA と QLoRA の比較", "anchors": anchors, "instruction": "Compare them."}

    revision = thread.change("LoRAとQLoRAの比較を節にして", {"sections": [wish]})

    assert actions(revision) == ["keep", "keep", "keep", "keep", "add", "keep"]
    assert set(Part("", revision.changes[-2].text).paper_ids) == {LORA, QLORA}
    assert tag(thread.asked(PART)[0], "heading") == "LoRA と QLoRA の比較"
    assert "papers" not in revision.markdown.split("## ")[0]


def test_a_part_that_the_model_declines_stays_as_it_was(thread: Bench) -> None:
    def shy(request: ModelRequest) -> str | Fault:
        return Fault("refusal") if "節の見出しとする 1" in request.user else write_well(request)

    thread.script.part = shy
    before = sections(thread.survey.markdown)
    revision = thread.change("英語で", {"language": "en"})

    assert actions(revision) == ["rewrite", "keep", "rewrite", "rewrite", "rewrite"]
    assert sections(revision.survey.markdown)[1] == before[1]


def test_a_declined_part_that_lost_papers_is_given_as_extracts(thread: Bench) -> None:
    def shy(request: ModelRequest) -> str | Fault:
        return Fault("truncated") if "節の見出しとする 3" in request.user else write_well(request)

    thread.script.part = shy
    revision = thread.change("2024年以降だけ", {"since": "2024-01-01"})

    assert "要旨からの抜粋" in sections(revision.survey.markdown)[3].text
    recall = measure(revision.survey, revision.context)
    assert (recall.recall, recall.outside) == (1.0, ())


def test_a_part_without_words_is_not_taken(thread: Bench) -> None:
    thread.script.part = lambda request: (
        json.dumps(
            {"heading": "x", "markdown": "<!here>", "left_out": [f"P{n}" for n in range(99)]}
        )
        if "節の見出しとする 1" in request.user
        else write_well(request)
    )
    before = sections(thread.survey.markdown)

    revision = thread.change("短く", {"length": "shorter"})

    assert sections(revision.survey.markdown)[1] == before[1]


def test_a_model_that_declines_every_part_is_an_error(thread: Bench) -> None:
    thread.script.part = lambda _: Fault("refusal")

    with pytest.raises(Refused):
        thread.change("英語で", {"language": "en"})


def test_a_change_that_reaches_its_ceiling_is_delivered_with_what_it_has(thread: Bench) -> None:
    revision = thread.change("2024年以降だけ", {"since": "2024-01-01"}, ceiling=1)

    assert revision.survey.cut_short
    assert "費用の上限" in revision.survey.markdown
    recall = measure(revision.survey, revision.context)
    assert (recall.recall, recall.outside) == (1.0, ())


def test_a_ceiling_that_leaves_everything_as_it_was_is_an_error(thread: Bench) -> None:
    with pytest.raises(CeilingReached):
        thread.change("英語で", {"language": "en"}, ceiling=1)


def test_a_frame_that_the_model_declines_stays_unless_its_papers_left(thread: Bench) -> None:
    thread.script.frame = lambda _: Fault("refusal")
    before = sections(thread.survey.markdown)

    revision = thread.change("短く", {"length": "shorter"})

    after = sections(revision.survey.markdown)
    assert (after[0], after[-1]) == (before[0], before[-1])
    assert actions(revision) == ["keep", "rewrite", "rewrite", "rewrite", "keep"]


@pytest.mark.parametrize(
    "plan",
    [
        {"parts": [{"number": 99, "action": "drop", "instruction": ""}]},
        {"remove": ["P99", "x"]},
        {"since": "soon", "until": "2020-13-45"},
        {"since": "2024-01-01", "until": "2020-01-01"},
        {"sections": [{"heading": "x", "anchors": ["P99"], "instruction": ""}]},
        {},
    ],
)
def test_a_plan_that_changes_nothing_is_answered(thread: Bench, plan: dict[str, object]) -> None:
    answer = thread.ask("何か", {"kind": "change", **plan})

    assert answer.cited
    assert len(thread.server.requests) == 2, "plan and answer"


@pytest.mark.parametrize(
    "reply", ["no json", '{"kind": "destroy"}', '{"kind": "change", "parts": 1}']
)
def test_a_malformed_plan_is_asked_for_again_and_then_answered(thread: Bench, reply: str) -> None:
    answer = thread.ask("短くして", reply)

    assert answer.cited
    assert len(thread.asked(PLAN)) == 2


def test_a_wish_that_is_met_already_changes_nothing(thread: Bench) -> None:
    answer = thread.ask("日本語で", {"kind": "change", "language": "ja"})

    assert "そのまま" in answer.markdown


def test_the_plan_sees_parts_titles_turns_and_the_day(thread: Bench) -> None:
    thread.ask("それを外して")

    request = thread.asked(PLAN)[0]
    assert "2026-11-24" in request.system
    assert "2. 節の見出しとする 1 [P1, P2" in tag(request, "survey")
    assert "DreamBooth: Fine Tuning" in tag(request, "papers")
    assert tag(request, "request") == "それを外して"


@pytest.mark.parametrize("text", ["", "  ", "。。。", "x" * 2001])
def test_a_request_without_words_or_too_long_is_not_read(thread: Bench, text: str) -> None:
    with pytest.raises(BadQuestion):
        thread.follow(text)


def test_an_english_survey_is_changed_in_english(tmp_path: Path) -> None:
    with bench(tmp_path, language="en") as english:
        revision = english.change("only since 2023", {"since": "2023-01-01"})

        assert revision.markdown.startswith("The survey has been revised")
        assert "Papers taken out: 2" in revision.markdown
        assert "This text is new." in revision.survey.markdown
        assert all("English" in request.system for request in english.asked(PART))


def test_a_survey_in_one_call_with_prose_before_its_sections_is_changed_too(tmp_path: Path) -> None:
    with bench(tmp_path) as single:
        papers = [p.paper for p in single.context.passages]
        prose = f"前書きである[LoRA]({papers[0].url})。"
        markdown = f"# 題\n\n{prose}\n\n## 節\n\n本文[LoRA]({papers[1].url})。\n"
        single.survey = type(single.survey)("one", "first-c", "test:m", "single", markdown)

        kept = single.change(
            "外して",
            {
                "remove": [single.anchor(papers[1].id)],
                "sections": [{"heading": "別の節", "anchors": ["P3"], "instruction": "x"}],
            },
        )
        changed = single.change("短く", {"length": "shorter"})

    assert read_parts(kept.survey.markdown).opening == prose
    assert actions(kept) == ["keep", "drop", "add"]
    assert actions(changed) == ["rewrite", "rewrite"]
    assert read_parts(changed.survey.markdown).opening.startswith("書き直した本文である。")


@dataclass
class Recorder:
    """A checkpoint that writes every result to JSON, and reads it back on the next run."""

    rows: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __call__(
        self, name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        if name not in self.rows:
            self.calls.append(name)
            result = function(*args, **kwargs)
            self.rows[name] = encode(function, result)
            assert decode(function, self.rows[name]) == result
        return decode(function, self.rows[name])


@pytest.mark.parametrize("dies_at", [0, 1, 3, 4])
def test_a_killed_run_goes_on_and_repeats_no_paid_call(thread: Bench, dies_at: int) -> None:
    whole = thread.change("英語で", {"language": "en", "search": ["Mamba"]}, run=f"whole{dies_at}")
    total = len(thread.server.answered)
    recorder, run = Recorder(), f"killed{dies_at}"
    thread.server.requests.clear()
    script, answered = thread.server.reply, 0

    def die(request: ModelRequest) -> str | Fault:
        nonlocal answered
        answered += 1
        return script(request) if answered <= dies_at else Fault(status=401)

    thread.server.reply = die
    with pytest.raises(AuthFailed):
        thread.change("英語で", run=run, checkpoint=recorder)
    thread.server.reply = script
    revision = thread.change("英語で", run=run, checkpoint=recorder)

    assert len(thread.server.answered) == total - dies_at
    assert revision.changes == whole.changes
    assert len(recorder.calls) == len(set(recorder.calls)) + 1, "one stage was begun twice"


def test_stages_run_in_their_order_through_the_checkpoint(thread: Bench) -> None:
    changing, answering = Recorder(), Recorder()

    thread.change("Mambaも", {"search": ["Mamba"]}, checkpoint=changing)
    thread.ask("何？", checkpoint=answering)

    assert changing.calls == [
        "plan",
        "search",
        "shorten",
        "embed",
        "order",
        "place",
        "context",
        "revise",
    ]
    assert answering.calls == ["plan", "answer"]
