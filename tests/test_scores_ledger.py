"""The ledger finds what a survey cites, in any form, and what it cites wrongly."""

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_server import ModelRequest, play_survey
from papers import make_paper
from pipeline.evaluation.claims import find_claims
from pipeline.evaluation.importing import make_context
from pipeline.evaluation.language import measure_language
from pipeline.evaluation.ledger import Ledger, read_ledger
from pipeline.evaluation.structure import measure_structure
from pipeline.evaluation.titles import measure_likeness
from pipeline.providers.base import Completion, OnText, Prompt
from pipeline.question import ask
from pipeline.types import Language, Paper, Usage
from pipeline.write import write_survey
from surveys import STYLES, Style, catalogue, name, rotate_ids, with_typos, without_links

LANGUAGES: tuple[Language, ...] = ("ja", "en")
NERF = catalogue("nerf")
SPLATTING = "3D Gaussian Splatting for Real-Time Radiance Field Rendering"


class PlayedWriter:
    """Writes as the loopback model does."""

    name = "test:writer"

    def complete(self, prompt: Prompt, on_text: OnText | None = None) -> Completion:
        del on_text
        schema = prompt.schema.model_json_schema() if prompt.schema else None
        request = ModelRequest("test", "writer", prompt.system, prompt.user, schema)
        return Completion(play_survey(request), self.name, Usage(), None, 0.0)


def write(papers: Sequence[Paper], language: Language, *, by_model: bool) -> str:
    """Let our own pipeline write, with the loopback writer or as the keyless digest."""
    text = "NeRFの研究について教えて" if language == "ja" else "What is new in NeRF?"
    context = make_context(ask(text), papers)
    return write_survey(context, PlayedWriter() if by_model else None, survey_id="s").markdown


def ids(papers: Sequence[Paper]) -> tuple[str, ...]:
    return tuple(paper.id for paper in papers)


@pytest.mark.parametrize(
    "form",
    [
        "https://arxiv.org/abs/{}",
        "http://www.arxiv.org/pdf/{}v3.pdf#page=2",
        "export.arxiv.org/format/{}",
        "https://browse.arxiv.org/html/{}v1/figures/a.png",
        "https://arxiv.org/e-print/{}",
        "https://www.alphaxiv.org/abs/{}",
        "https://ar5iv.labs.arxiv.org/html/{}",
        "https://huggingface.co/papers/{}",
        "https://www.semanticscholar.org/arxiv/{}",
        "https://api.semanticscholar.org/arXiv:{}",
        "https://scirate.com/arxiv/{}",
        "https://doi.org/10.48550/arXiv.{}",
        "arXiv:{}v2",
        "arXiv: {}",
        "ａｒＸｉｖ：{}",
        "<https://arxiv.org/abs/{}|NeRF>",
        "https://www.google.com/url?q=https%3A%2F%2Farxiv.org%2Fabs%2F{}&sa=D",
        "[{}]",
        "（{}）",
    ],
)
@pytest.mark.parametrize("one", ["2003.08934", "1412.6980", "hep-th/9901001"])
def test_an_id_is_found_in_every_form(form: str, one: str) -> None:
    text = f"手法は {form.format(one)} を参照。"

    ledger = read_ledger(text, [make_paper(1, id=one), make_paper(2)])

    assert ledger.linked == (one,)
    assert (ledger.outside, ledger.malformed) == ((), ())


def test_an_id_of_the_old_scheme_is_found_with_or_without_its_class() -> None:
    papers = [make_paper(1, id="math/0601001")]

    assert read_ledger("https://arxiv.org/abs/math.AG/0601001v2", papers).linked == ids(papers)
    assert read_ledger("arXiv:math/0601001", papers).linked == ids(papers)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://arxiv.org/abs/2499.99999", "2499.99999"),
        ("https://arxiv.org/abs/2313.00001", "2313.00001"),
        ("[x](https://arxiv.org/pdf/2301.0001.pdf)", "2301.0001"),
        ("https://arxiv.org/abs/1412.12345", "1412.12345"),
        ("https://arxiv.org/abs/2301.000001", "2301.000001"),
        ("https://arxiv.org/abs/hep-th/9913001", "hep-th/9913001"),
        ("https://arxiv.org/abs/nowhere/9901001", "nowhere/9901001"),
        ("https://arxiv.org/abs/XXXX.XXXXX)", "XXXX.XXXXX"),
        ("arXiv:2399.00001を参照", "2399.00001"),
    ],
)
def test_what_arxiv_cannot_have_given_is_malformed(text: str, found: str) -> None:
    ledger = read_ledger(text, [make_paper(1)])

    assert ledger.malformed == (found,)
    assert (ledger.linked, ledger.outside) == ((), ())
    assert ledger.precision == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "1706.03762",
        "https://arxiv.org/list/cs.CV/recent",
        "https://notarxiv.org/abs/1706.03762",
        "https://arxiv.org.example/abs/2301.00001",
        "version 2301.000012 of 12301.00001",
        "arXiv: an archive",
    ],
)
def test_what_is_no_link_to_arxiv_is_nothing(text: str) -> None:
    ledger = read_ledger(text, [make_paper(1)])

    assert (ledger.linked, ledger.outside, ledger.malformed) == ((), (), ())
    assert ledger.precision is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", STYLES)
def test_of_each_style_all_linked_papers_are_found_and_nothing_else(
    style: Style, language: Language
) -> None:
    cited, listed = NERF[::2], NERF

    ledger = read_ledger(style(cited, language), listed)

    assert ledger.linked == ids(cited)
    assert set(ledger.omitted) | set(ledger.mentioned) | set(ledger.titled) == set(ids(NERF[1::2]))
    assert (ledger.outside, ledger.malformed, ledger.misattributed) == ((), (), ())


@pytest.mark.parametrize("by_model", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_of_our_own_surveys_all_is_linked_and_nothing_wrong(
    language: Language, *, by_model: bool
) -> None:
    text = write(NERF, language, by_model=by_model)

    ledger = read_ledger(text, NERF)

    assert ledger.linked == ids(NERF)
    assert ledger.recall == ledger.precision == ledger.link_rate == 1.0
    assert ledger.misattributed == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_rotated_ids_are_flagged_in_nine_of_ten_links_and_right_ones_never(
    language: Language,
) -> None:
    papers = catalogue("", language)
    texts = [style(papers, language) for style in STYLES]
    texts += [write(papers, language, by_model=by_model) for by_model in (False, True)]

    for text in texts:
        right, wrong = read_ledger(text, papers), read_ledger(rotate_ids(text, papers), papers)

        assert right.misattributed == ()
        assert len(wrong.misattributed) >= 0.9 * len(papers)
        assert wrong.precision is not None
        assert wrong.precision <= 0.1


@pytest.mark.parametrize(
    "text",
    [
        "BARF removes the need for accurate poses in NeRF ([link]({barf})).",
        "**NeRF** を拡張した **BARF** は頑健である（{barf}）。",
        "- **NeRF**: the basis of [BARF]({barf}).",
        "NeRFを改良した手法（[リンク]({barf})）もある。",
        "Unlike NeRF, [Lin et al., 2021]({barf}) needs no poses.",
        "NeRF and BARF ([1]({nerf}), [2]({barf})).",
        "BARF: Bundle-Adjusting Neural Radiance Fields (ICCV 2021). {barf}",
        "[論文]({barf}) と [論文]({nerf})",
        "| NeRF | BARF |\n|--|--|\n| [a]({nerf}) | [b]({barf}) |",
    ],
)
def test_a_name_that_only_stands_near_is_no_false_alarm(text: str) -> None:
    text = text.format(nerf="https://arxiv.org/abs/2003.08934", barf="arxiv.org/abs/2104.06405")

    assert read_ledger(text, NERF).misattributed == ()


@pytest.mark.parametrize(
    "text",
    [
        "[NeRF]({barf})",
        "[Mildenhall et al., 2020]({barf})",
        "[arXiv:2003.08934]({barf})",
        "**NeRF** (2020) [link]({barf})",
        "手法には、NeRF（{barf}）、などがある。",
        "1. NeRF: shows new views of a scene. [link]({barf})",
        "NeRF: Representing Scenes as Neural Radiance Fields for View Synthesis. In ECCV, 2020. {barf}",
        "「NeRF: Representing Scenes as Neural Radiance Fields」（{barf}）",
    ],
)
def test_a_link_beside_another_papers_name_is_flagged(text: str) -> None:
    ledger = read_ledger(text.format(barf="https://arxiv.org/abs/2104.06405"), NERF)

    assert ledger.misattributed == ("2104.06405",)
    assert ledger.precision is not None
    assert ledger.precision < 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", [s for s in STYLES if name(NERF[0]) not in s(NERF[:1], "en")[:9]])
def test_without_links_papers_are_found_by_title_or_name(style: Style, language: Language) -> None:
    papers = catalogue("", language)
    text = without_links(style(papers[::2], language))

    ledger = read_ledger(text, papers)

    found = {*ledger.titled, *ledger.mentioned}
    assert ledger.linked == ()
    assert len(found & set(ids(papers[::2]))) >= 0.9 * len(papers[::2])
    assert len(found - set(ids(papers[::2]))) <= 0.05 * len(papers)


def test_misspelt_titles_are_found_where_the_text_sets_them_apart() -> None:
    papers = catalogue("")
    text = with_typos(without_links("\n".join(f"- **{p.title}**" for p in papers[::2])), 0.15)

    ledger = read_ledger(text, papers)

    assert len(set(ledger.titled) & set(ids(papers[::2]))) >= 0.9 * len(papers[::2])
    assert set(ledger.titled) <= set(ids(papers[::2]))


@pytest.mark.parametrize(
    ("written", "is_titled"),
    [
        (SPLATTING.upper(), True),
        (f"「{SPLATTING}」は", True),
        (f"{SPLATTING}は", True),
        ("**3D Gaussian Splatting for Real-Time**", True),
        ("[3D Gaussian Splatting for Real-Time Radiance](https://example.org)", True),
        ("3D Gaussian Splatting for Real-Time", False),
        ("**3D Gaussian Splatting**", False),
        ("**3D Gaussian Splating for Real-Time Radiance Field Renderring**", True),
        ("**4D Gaussian Splatting for Real-Time Dynamic Scene Rendering**", False),
    ],
)
def test_a_title_counts_whole_or_where_it_is_set_apart(written: str, *, is_titled: bool) -> None:
    papers = [make_paper(1, title=SPLATTING), make_paper(2)]

    assert (read_ledger(written, papers).titled != ()) == is_titled


def test_the_beginning_of_two_titles_names_neither() -> None:
    papers = [make_paper(n, title=f"A Survey of Language Models for {n}") for n in (1, 2)]

    assert read_ledger("**A Survey of Language Models**", papers).titled == ()


def test_a_title_inside_a_longer_one_is_not_cited_with_it() -> None:
    papers = [
        make_paper(1, title="Neural Radiance Fields"),
        make_paper(2, title="Neural Radiance Fields for View Synthesis"),
    ]

    longer = read_ledger("We use Neural Radiance Fields for View Synthesis.", papers)
    both = read_ledger(
        "Neural Radiance Fields for View Synthesis beat Neural Radiance Fields.", papers
    )

    assert longer.titled == ("2301.00002",)
    assert both.titled == ("2301.00001", "2301.00002")


@pytest.mark.parametrize(
    ("title", "abstract", "text", "is_mentioned"),
    [
        ("BARF: Bundle Adjustment", "", "BARF is robust.", True),
        ("BARF: Bundle Adjustment", "", "BARFは頑健である。", True),
        ("Mip-NeRF: Anti-Aliasing", "", "MipNeRF renders fast.", True),
        ("NeRF: Scenes", "", "Mip-NeRF renders fast.", False),
        ("ADAPT: Tuning", "", "These models adapt.", False),
        ("Imagen: Photorealistic Images", "", "Imagen draws images.", True),
        ("Precision: A Study", "We measure precision.", "Precision: 0.9", False),
        ("A Long Title", "We propose GSGEN, which generates.", "GSGEN generates.", True),
        ("A Long Title", "Our method (IR-QLoRA) is small.", "IR-QLoRA is small.", True),
        ("A Long Title", 'It is called "AQLM".', "AQLM compresses.", True),
        ("A Long Title", "Large language models (LLMs) are big.", "LLMs are big.", False),
        ("BARF: Bundle Adjustment", "", "Nothing of it.", False),
    ],
)
def test_a_short_name_is_a_mention_if_it_looks_coined(
    title: str, abstract: str, text: str, *, is_mentioned: bool
) -> None:
    paper = make_paper(1, title=title, abstract=abstract)

    ledger = read_ledger(text, [paper, make_paper(2)])

    assert (ledger.mentioned == (paper.id,)) == is_mentioned
    assert (ledger.linked, ledger.titled, ledger.recall) == ((), (), 0.0)


def test_a_name_of_two_papers_or_of_the_question_names_nobody() -> None:
    twins = [make_paper(n, title=f"LoRA: Study {n} of Adapters") for n in (1, 2)]
    alone = [make_paper(1, title="LoRA: A Study of Adapters")]

    assert read_ledger("LoRA adapts.", twins).mentioned == ()
    assert read_ledger("LoRA adapts.", alone).mentioned == ids(alone)
    assert read_ledger("LoRA adapts.", alone, "画像生成のLoRA周りの技術").mentioned == ()


@pytest.mark.parametrize(
    "heading", ["## Other related papers", "### その他の関連論文", "## 5. Other related papers"]
)
def test_what_stands_only_in_a_closing_table_is_omitted(heading: str) -> None:
    papers = [make_paper(n) for n in (1, 2, 3)]
    text = (
        f"# Title\n\n## Part\n\n[a]({papers[0].url})\n\n{heading}\n\n| {papers[1].title} |\n"
        f"[b]({papers[1].url})\n\n## Conclusion\n\n[c]({papers[2].url})"
    )

    assert read_ledger(text, papers).linked == ("2301.00001", "2301.00003")
    assert read_ledger(text, papers).omitted == ("2301.00002",)


def test_an_empty_list_or_text_has_no_share() -> None:
    assert read_ledger("https://arxiv.org/abs/2301.00001", []).recall is None
    assert read_ledger("", [make_paper(1)]).precision is None
    assert read_ledger("", [make_paper(1)]).link_rate is None


def pieces_of(papers: Sequence[Paper]) -> st.SearchStrategy[str]:
    return st.sampled_from(
        [
            *(f"[{name(p)}]({p.url})" for p in papers),
            *(f"**{p.title}**" for p in papers),
            *(p.title[:40] for p in papers),
            *(name(p) for p in papers),
            "https://arxiv.org/abs/1706.03762",
            "https://arxiv.org/abs/2399.99999",
            "次の手法",
            "and",
            "。",
            ", ",
            "\n\n",
            "\n- ",
            "\n## ",
            "(",
            ")",
            "「",
            "」",
        ]
    )


FEW = NERF[:8]
TEXTS = st.lists(pieces_of(FEW), max_size=30).map(" ".join)


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_every_paper_has_one_place_in_the_ledger(text: str) -> None:
    ledger = read_ledger(text, FEW)

    places = [*ledger.linked, *ledger.titled, *ledger.mentioned, *ledger.omitted]
    assert sorted(places) == sorted(ids(FEW))
    assert set(ledger.misattributed) <= set(ledger.linked)
    assert set(ledger.outside) <= {"1706.03762"}
    assert set(ledger.malformed) <= {"2399.99999"}
    assert 0 <= (ledger.recall or 0) <= 1
    assert 0 <= (ledger.precision or 0) <= 1


@given(TEXTS, st.permutations(FEW))
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_list_does_not_matter(text: str, shuffled: Sequence[Paper]) -> None:
    def in_order(ledger: Ledger) -> Ledger:
        return replace(
            ledger,
            linked=tuple(sorted(ledger.linked)),
            titled=tuple(sorted(ledger.titled)),
            mentioned=tuple(sorted(ledger.mentioned)),
            omitted=tuple(sorted(ledger.omitted)),
        )

    assert in_order(read_ledger(text, FEW)) == in_order(read_ledger(text, shuffled))


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_text_can_be_measured(text: str) -> None:
    assert read_ledger(text, FEW).papers == len(FEW)
    assert measure_structure(text).sentences >= 0
    assert measure_language(text, FEW, "ja").consistent >= 0
    assert all(claim.text for claim in find_claims(text, ids(FEW)))


def test_a_link_inside_a_link_is_none() -> None:
    text = f"A [name](<{FEW[0].url}|x>). Then [two]({FEW[1].url})."

    assert read_ledger(text, FEW).linked == ids(FEW[:2])
    assert len(tuple(find_claims(text, ids(FEW)))) == 2


@given(st.text("abcd ", max_size=20), st.text("abcd ", max_size=20))
def test_likeness_is_that_of_the_longest_common_subsequence(a: str, b: str) -> None:
    rows = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            rows[i + 1][j + 1] = rows[i][j] + 1 if x == y else max(rows[i][j + 1], rows[i + 1][j])

    assert measure_likeness(a, b) == pytest.approx(2 * rows[-1][-1] / max(len(a) + len(b), 1))


def test_a_text_made_to_be_slow_is_not() -> None:
    signs = ("[", "**a ", "。", ". ([1] ", "(", "%", "[a](", "2020-", "# ", "arxiv:", "<a|", "「")
    texts = [sign * (20_000 // len(sign)) + f"x [x]({FEW[0].url})" for sign in signs]

    started = time.process_time()
    ledgers = [read_ledger(text, FEW) for text in texts]
    seconds = time.process_time() - started

    assert {ledger.linked for ledger in ledgers} == {ids(FEW[:1])}
    assert seconds < 5, "ten times the usual; a quadratic rule takes minutes"
