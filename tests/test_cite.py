"""Anchors become links; nothing else links or pings."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers import make_paper
from pipeline.cite import find_anchors, name_papers, resolve, unresolve

PAPERS = [make_paper(i) for i in (1, 2, 3, 4, 5)]
ONE = "[Name1](https://arxiv.org/abs/2301.00001)"
TWO = "[Name2](https://arxiv.org/abs/2301.00002)"
THREE = "[Name3](https://arxiv.org/abs/2301.00003)"


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("It works [P1].", f"It works {ONE}."),
        ("Both [P1, P2] do.", f"Both {ONE}, {TWO} do."),
        ("Both [P1; P2] do.", f"Both {ONE}, {TWO} do."),
        ("Both [P1][P2] do.", f"Both {ONE}, {TWO} do."),
        ("All [P1-P3].", f"All {ONE}, {TWO}, {THREE}."),
        ("All [P1–3].", f"All {ONE}, {TWO}, {THREE}."),
        ("である【P1】。", f"である{ONE}。"),
        ("である［Ｐ１、Ｐ２］。", f"である{ONE}, {TWO}。"),
        ("[P1](https://evil.example)", ONE),
        ("**[P1]**", f"**{ONE}**"),
        ("| [P1] | x |", f"| {ONE} | x |"),
        ("see https://arxiv.org/abs/2301.00001v2.", f"see {ONE}"),
        ("[paper](http://arxiv.org/pdf/2301.00002v1.pdf)", TWO),
        ("[paper](http://arxiv.org/pdf/2301.00002)(2023)", f"{TWO} (2023)"),
    ],
)
def test_anchors_and_known_arxiv_links_become_our_links(text: str, markdown: str) -> None:
    assert resolve(text, PAPERS).markdown == markdown


@pytest.mark.parametrize(
    ("text", "markdown", "unknown"),
    [
        ("It works [P9].", "It works.", ("P9",)),
        ("Mixed [P1, P99] here.", f"Mixed {ONE} here.", ("P99",)),
        ("Gone ([P77]) now.", "Gone now.", ("P77",)),
        ("効果がある[P88]。", "効果がある。", ("P88",)),
        ("Zero [P0].", "Zero.", ("P0",)),
        ("Nested [P[P9]98].", "Nested.", ("P9", "P98")),
        ("Nested [P[P9]1].", f"Nested {ONE}.", ("P9",)),
    ],
)
def test_unknown_anchors_are_taken_out_without_a_gap(
    text: str, markdown: str, unknown: tuple[str, ...]
) -> None:
    resolved = resolve(text, PAPERS)

    assert resolved.markdown == markdown
    assert resolved.unknown == unknown


def test_the_cited_papers_are_named_in_order_of_mention() -> None:
    assert resolve("[P3] then [P1] then [P3]", PAPERS).cited == ("2301.00003", "2301.00001")


HOSTILE = [
    "[click](https://evil.example/x)",
    "[click](javascript:alert(1))",
    "[click][ref]\n\n[ref]: https://evil.example",
    "![img](https://evil.example/a.png)",
    "<https://evil.example>",
    "https://evil.example/path?q=1",
    "www.evil.example.com",
    "evil.com/path and mail@evil.com",
    "<a href='https://evil.example'>x</a>",
    "<script>alert(1)</script>",
    "<!channel> <!here> <!subteam^S1|team>",
    "<@U123ABC> hello",
    "@channel @here @everyone @someone",
    "<https://evil.example|text>",
    "&lt;!channel&gt;",
    "&#60;!channel&#62;",
    "[a](java[b](x)script:alert(1))",
    "[a]([b](https://evil.example))",
    "![a](x)](https://evil.example)",
    "[P1](javascript:x)",
    "```\n<!channel> https://evil.example\n```",
    "foot[^1]\n\n[^1]: https://evil.example",
    "mailto:someone@evil.com data:text/html,x",
    "https://arxiv.org/abs/9999.99999",
    "[x](https://arxiv.org/abs/2301.00001@evil.example)",
    "&#xe000;0&#xe001; &#xe000;99&#xe001;",
    "[P<b>7</b>7]",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_neither_links_nor_pings(hostile: str) -> None:
    markdown = resolve(f"before {hostile} after [P2]", PAPERS).markdown

    assert "before" in markdown
    assert TWO in markdown
    rest = markdown.replace(ONE, "").replace(TWO, "")
    assert not re.search(r"https?:|www\.|\]\(|javascript:|mailto:|<[!@#a-z/]", rest), rest
    assert not re.search(
        r"(?<![\w＠])@\w|&lt;|\w\.(com|example)\b(?<!\u200b)", rest.replace("evil.example", "")
    ), rest


@given(
    st.text(alphabet=st.sampled_from(list("[]()<>!@P123:/.|^\\`*_ \nhtps&;#xaevil")), max_size=60)
)
def test_every_address_in_the_output_is_a_papers(text: str) -> None:
    markdown = resolve(f"{text} [P1]", PAPERS).markdown

    allowed = {paper.url for paper in PAPERS}
    assert set(re.findall(r"\]\(([^)]*)\)", markdown)) <= allowed
    assert set(re.findall(r"https?://[^\s)]+", markdown)) <= allowed
    assert not re.search(r"<[!@#A-Za-z/]", markdown)


@pytest.mark.parametrize(
    "harmless",
    [
        "mAP@50 is 3.5",
        "p < 0.05 and x > 2",
        "`code` **bold** _it_",
        "| a | b |\n|--|--|",
        "> quote",
        "a [bracket] b",
    ],
)
def test_ordinary_text_is_left_alone(harmless: str) -> None:
    assert resolve(harmless, PAPERS).markdown == harmless


def test_equal_names_are_told_apart_and_titles_cannot_break_a_link() -> None:
    same = [
        make_paper(1, title="Plain"),
        make_paper(2, title="Plain", authors=("Ada Author1", "X Y"), published=PAPERS[0].published),
    ]
    hostile = make_paper(3, title="a](https://evil.example) <!channel>: x")

    assert name_papers(same) == (
        "Author1 et al., 2023 (2301.00001)",
        "Author1 et al., 2023 (2301.00002)",
    )
    markdown = resolve("[P1]", [hostile]).markdown
    assert markdown.count("](") == 1
    assert "channel" not in markdown or "<!" not in markdown


def test_anchors_can_be_listed() -> None:
    assert find_anchors("[P2] and [P1, P4-P5] and [P2]") == (2, 1, 4, 5)


def test_links_become_anchors_again_for_a_model_that_works_on_the_text() -> None:
    other = "[Old](https://arxiv.org/abs/1706.03762)"

    assert (
        unresolve(f"Both {ONE}, {TWO} follow {other}.", PAPERS)
        == f"Both [P1], [P2] follow {other}."
    )


@given(
    st.lists(
        st.sampled_from(
            ["[P1]", "[P2, P9]", "[P1-P3]", "[P[P9]4]", "【P5】", " ", "\n\n", "(", ")", "。"]
        )
        | st.text(
            alphabet=st.sampled_from(list("[]()<>!@P19:/.|^\\`*_ \nhtps&;#xaevil.com")), max_size=9
        ),
        max_size=12,
    )
)
def test_a_resolved_text_survives_the_way_to_anchors_and_back(pieces: list[str]) -> None:
    markdown = resolve("".join(pieces), PAPERS).markdown

    assert resolve(unresolve(markdown, PAPERS), PAPERS).markdown == markdown
