"""A question in a survey's thread is answered from its papers, paragraph by paragraph."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server import Fault, ModelRequest
from papers import make_paper
from pipeline.errors import Overloaded
from pipeline.followup import Turn
from pipeline.followup.stream import ParagraphStream, resolve_paragraphs, split_paragraphs
from threads import PLAN, Bench, Script, answer_well, bench, tag

PROVIDERS = [
    "openai:gpt-6-luna",
    "anthropic:claude-haiku-5-5",
    "gemini:gemini-3.5-flash-lite",
    "openai_compatible:mine",
]
PAPERS = [make_paper(number) for number in range(1, 6)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("thread")) as opened:
        yield opened


@pytest.fixture
def thread(shared: Bench) -> Bench:
    """Give the thread with a model that says nothing odd."""
    shared.script.__dict__.update(Script().__dict__)
    return shared


def answers_asked(thread: Bench) -> list[ModelRequest]:
    return [request for request in thread.server.requests if not request.fields]


def test_an_answer_cites_papers_of_the_survey(thread: Bench) -> None:
    answer = thread.ask("違いは？")

    first, second = (passage.paper for passage in thread.context.passages[:2])
    assert answer.cited == (first.id, second.id)
    assert f"]({first.url})。\n\n" in answer.markdown
    assert "[P" not in answer.markdown
    assert len(thread.server.requests) == 2


def test_the_model_reads_papers_survey_and_the_last_turns(thread: Bench) -> None:
    url = thread.context.passages[2].paper.url
    turns = tuple(Turn(f"問い{n}", f"答え{n} [x]({url})") for n in range(6))

    thread.ask("それはなぜ？", turns=turns)

    request = answers_asked(thread)[0]
    assert len(re.findall(r"\[P\d+\]", tag(request, "papers"))) == len(thread.context.passages)
    assert "節の見出しとする 1" in tag(request, "survey")
    assert "arxiv.org" not in request.user
    assert "答え5 [P3]" in tag(request, "thread")
    assert "問い2" not in request.user
    assert tag(thread.asked(PLAN)[0], "thread") == tag(request, "thread")


@pytest.mark.parametrize(
    ("text", "plan", "language"),
    [
        ("違いは？", {}, "Japanese"),
        ("LoRA?", {}, "Japanese"),
        ("How do these methods differ?", {}, "English"),
        ("違いを英語で教えて", {"language": "en"}, "English"),
    ],
)
def test_an_answer_is_in_the_language_of_the_request(
    thread: Bench, text: str, plan: dict[str, str], language: str
) -> None:
    thread.ask(text, {"kind": "answer", **plan})

    assert f"in {language}" in answers_asked(thread)[0].system


def test_an_unheard_answer_with_an_unknown_anchor_is_asked_for_again(thread: Bench) -> None:
    thread.script.answer = lambda request: (
        answer_well(request) if "cannot be used" in request.user else "でたらめである[P99]。"
    )

    answer = thread.ask("違いは？")

    assert "でたらめ" not in answer.markdown
    assert len(answers_asked(thread)) == 2


def test_an_answer_that_was_heard_is_not_asked_for_again(thread: Bench) -> None:
    thread.script.answer = lambda _: "一つ目である[P1]。\n\n二つ目である[P99]。"
    heard: list[str] = []

    answer = thread.ask("違いは？", on_text=heard.append)

    assert answer.markdown == "".join(heard)
    assert answer.markdown.endswith("二つ目である。")
    assert len(answers_asked(thread)) == 1


@pytest.mark.parametrize("spec", PROVIDERS)
def test_an_answer_is_heard_paragraph_by_paragraph(thread: Bench, spec: str) -> None:
    heard: list[str] = []

    answer = thread.ask("違いは？", spec=spec, on_text=heard.append)

    assert len(heard) == 2
    assert "".join(heard) == answer.markdown
    assert all(piece.count("](https://arxiv.org/abs/") == 1 for piece in heard)


@pytest.mark.parametrize("spec", PROVIDERS)
def test_a_broken_call_that_goes_on_otherwise_is_not_heard_twice(thread: Bench, spec: str) -> None:
    thread.script.answer = lambda request: (
        Fault("cut", text="別の始まりである。\n\n途中で")
        if len(answers_asked(thread)) == 1
        else answer_well(request)
    )
    heard: list[str] = []

    answer = thread.ask("違いは？", spec=spec, on_text=heard.append)

    assert heard == ["別の始まりである。"]
    assert answer.markdown.startswith("前者はこうである")


@pytest.mark.parametrize("spec", PROVIDERS)
def test_a_broken_call_that_begins_alike_is_heard_as_one(thread: Bench, spec: str) -> None:
    thread.script.answer = lambda request: (
        Fault("cut", text=answer_well(request)[:-3])
        if len(answers_asked(thread)) == 1
        else answer_well(request)
    )
    heard: list[str] = []

    answer = thread.ask("違いは？", spec=spec, on_text=heard.append)

    assert "".join(heard) == answer.markdown
    assert len(heard) == 2


def test_a_resumed_run_hears_the_recorded_answer(thread: Bench) -> None:
    first: list[str] = []
    again: list[str] = []

    thread.ask("違いは？", run="same", on_text=first.append)
    thread.ask("違いは？", run="same", on_text=again.append)

    assert first == again
    assert thread.server.requests == []


@pytest.mark.parametrize("kind", ["refusal", "truncated"])
def test_where_the_model_declines_the_papers_are_quoted(thread: Bench, kind: str) -> None:
    thread.script.answer = lambda _: Fault(kind, text="始まりである。\n\n続きで")
    heard: list[str] = []

    answer = thread.ask("QLoRAの量子化は？", on_text=heard.append)

    assert answer.markdown.startswith("> 言語モデルが回答を控えた")
    assert "2305.14314" in answer.cited
    assert not answer.markdown.startswith("".join(heard))


def test_an_answer_beyond_the_ceiling_of_cost_is_extracts(thread: Bench) -> None:
    answer = thread.ask("QLoRAの量子化は？", ceiling=0)

    assert answer.markdown.startswith("> 費用の上限に達した")
    assert answer.cited


def test_a_survey_that_is_too_long_for_the_prompt_is_left_out(thread: Bench) -> None:
    thread.script.answer = lambda request: (
        Fault(status=400, said="context_length_exceeded")
        if tag(request, "survey")
        else answer_well(request)
    )

    answer = thread.ask("違いは？")

    assert len(answer.cited) == 2


@pytest.mark.parametrize("text", ["", "  \n", "<!channel>", "[P99]"])
def test_an_answer_without_words_is_never_given(thread: Bench, text: str) -> None:
    thread.script.answer = lambda _: text

    answer = thread.ask("QLoRAは？")

    assert answer.cited


def test_a_service_that_stays_busy_is_an_error_to_try_again(thread: Bench) -> None:
    thread.script.answer = lambda _: Fault(status=503)

    with pytest.raises(Overloaded):
        thread.ask("違いは？")


TEXTS = st.lists(
    st.sampled_from(["[P1]", "[P2, P9]", "\n", "\n\n", " \n \n", "\r\n\r\n", "# x", "- a", "    b"])
    | st.text(alphabet=st.sampled_from(list("[]()<>!@P19:/.|`*_ \nhtps&;#aevil.com")), max_size=9),
    max_size=12,
).map("".join)


@given(TEXTS, st.lists(st.integers(0, 60), max_size=6))
def test_what_is_heard_adds_up_to_the_whole_however_it_was_cut(text: str, cuts: list[int]) -> None:
    heard: list[str] = []
    stream = ParagraphStream(PAPERS, heard.append)

    for cut in sorted(cuts):
        stream.hear(text[:cut])
    whole = stream.end(text)

    assert "".join(heard) == whole.markdown == resolve_paragraphs(text, PAPERS).markdown


@given(TEXTS, TEXTS, st.integers(0, 60))
def test_what_is_heard_of_a_call_begun_anew_is_never_said_twice(
    first: str, second: str, cut: int
) -> None:
    heard: list[str] = []
    stream = ParagraphStream(PAPERS, heard.append)

    stream.hear(first[:cut])
    before = list(heard)
    whole = stream.end(second)

    passed = split_paragraphs(first[:cut])[:-1]
    is_same = split_paragraphs(second)[: len(passed)] == passed
    assert "".join(heard) == whole.markdown if is_same else heard == before


@given(TEXTS)
def test_nothing_but_our_links_is_in_paragraphs_put_together(text: str) -> None:
    markdown = resolve_paragraphs(text, PAPERS).markdown

    allowed = {paper.url for paper in PAPERS}
    assert set(re.findall(r"\]\(([^)]*)\)", markdown)) <= allowed
    assert set(re.findall(r"https?://[^\s)]+", markdown)) <= allowed
    assert not re.search(r"<[!@#A-Za-z/]", markdown)
    assert not re.search(r"^#{1,2} ", markdown, re.MULTILINE)
