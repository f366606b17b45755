"""The picture of a survey: what it shows, that it never fails, that all text can be read."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageColor import getrgb

from papers import make_context, make_paper
from pipeline.picture import HEIGHT, WIDTH, Group, draw_map, draw_survey, group_passages
from pipeline.picture.canvas import Box
from pipeline.picture.lettering import Style, clean, clip, cut_runs, measure, wrap
from pipeline.picture.palette import colour_of
from pipeline.picture.place import first_free, roomiest, spread
from pipeline.picture.plan import Plan
from pipeline.picture.project import project
from pipeline.picture.timeline import count_over_time
from pipeline.types import Language, Paper
from pipeline.write import write_survey

Rows = NDArray[np.float32]
TITLE = Style(44, bold=True)
MOMENTS = st.integers(680_000_000, 2_000_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


def make_rows(count: int, seed: int = 0, width: int = 8) -> Rows:
    rows = np.random.default_rng(seed).normal(size=(count, width))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def make_groups(count: int, sections: int) -> list[Group]:
    cuts = np.array_split(np.arange(count), sections)
    return [Group(f"Section {i}", tuple(map(int, cut))) for i, cut in enumerate(cuts, start=1)]


def draw(
    count: int,
    groups: Sequence[Group] = (),
    *,
    title: str = "What is new?",
    language: Language = "en",
    rows: Rows | None = None,
    papers: Sequence[Paper] = (),
) -> NDArray[np.uint8]:
    """Give the dots of a picture, shape (height, width, 3)."""
    png = draw_map(
        papers or [make_paper(i) for i in range(count)],
        make_rows(count) if rows is None else rows,
        groups,
        title=title,
        language=language,
    )
    image = Image.open(BytesIO(png))
    assert (image.format, image.size, image.mode) == ("PNG", (WIDTH, HEIGHT), "RGB")
    return np.asarray(image)


def shows(dots: NDArray[np.uint8], colour: str) -> bool:
    """Say whether a colour fills something, rather than only the edge of a letter."""
    red, green, blue = getrgb(colour)[:3]
    filled = (dots[..., 0] == red) & (dots[..., 1] == green) & (dots[..., 2] == blue)
    return bool((filled[:, :-4] & filled[:, 2:-2] & filled[:, 4:]).any())


@pytest.mark.parametrize(("count", "language"), [(1, "ja"), (2, "en"), (3, "ja"), (12, "en")])
def test_any_number_of_papers_can_be_drawn(count: int, language: Language) -> None:
    dots = draw(count, make_groups(count, 1), language=language)

    assert shows(dots, colour_of(0))
    assert not shows(dots, colour_of(1))


def test_two_hundred_papers_in_nine_sections_show_nine_colours_and_no_grey() -> None:
    dots = draw(200, make_groups(200, 9))

    assert all(shows(dots, colour_of(group)) for group in range(9))
    assert not shows(dots, colour_of(-1))


def test_papers_without_a_section_are_grey() -> None:
    assert shows(draw(5), colour_of(-1))


def test_the_same_arguments_give_the_same_bytes_in_any_thread() -> None:
    papers = [make_paper(i) for i in range(20)]

    def once(_: int) -> bytes:
        rows, groups = make_rows(20), make_groups(20, 3)
        return draw_map(papers, rows, groups, title="複数の人物の追跡", language="ja")

    with ThreadPoolExecutor(2) as threads:
        pictures = set(threads.map(once, range(3)))

    assert len(pictures) == 1


def test_papers_with_equal_rows_are_all_seen() -> None:
    rows = np.tile(make_rows(1), (60, 1))

    dots = draw(60, make_groups(60, 2), rows=rows)

    assert shows(dots, colour_of(0))
    assert shows(dots, colour_of(1))


ODD_TEXTS = (
    "",
    " \n\t ",
    "\0\x1b[31m\u202e\ufeff",
    "한국어 العربية 😀 \U0010ffff ≒ 𝑥² ①",
    "**bold** `code` [P1](https://example.org) <b>tag</b> $\\alpha$",
    "長い見出し" * 16,
    "x" * 2_000,
    "、。" * 200,
)


@pytest.mark.parametrize("title", [ODD_TEXTS[0], *ODD_TEXTS[-3:]])
def test_any_text_can_be_title_heading_and_name(title: str) -> None:
    papers = [make_paper(i, title=f"{text[:30]}: a study") for i, text in enumerate(ODD_TEXTS)]
    groups = [Group(text, (i,)) for i, text in enumerate(ODD_TEXTS)]

    draw(len(papers), groups, title=title, papers=papers, language="ja")


def test_papers_of_one_month_make_one_column() -> None:
    day = datetime(2024, 5, 17, tzinfo=UTC)
    papers = [make_paper(i, published=day) for i in range(12)]

    assert shows(draw(12, make_groups(12, 2), papers=papers), colour_of(1))
    assert len(count_over_time([day] * 12, [0] * 12).columns) == 1


def test_a_paper_belongs_to_the_first_section_that_names_it() -> None:
    groups = [Group("Empty", ()), Group("A", (0, 1, 1)), Group("B", (1, 2)), Group("C", (0, 2))]

    plan = Plan.make([make_paper(i) for i in range(4)], make_rows(4), groups)

    assert plan.groups == (Group("A", (0, 1)), Group("B", (2,)))
    assert plan.group_of == (0, 0, 1, -1)


def test_the_tenth_section_is_shown_as_none() -> None:
    plan = Plan.make([make_paper(i) for i in range(20)], make_rows(20), make_groups(20, 10))

    assert len(plan.groups) == 9
    assert plan.group_of[-2:] == (-1, -1)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_sections_of_a_survey_are_its_groups(language: Language) -> None:
    context = make_context(30, language)
    survey = write_survey(context, None, survey_id="s")

    groups = group_passages(context, survey)

    assert [i for group in groups for i in group.members] == list(range(30))
    assert len(groups) == 3
    assert draw_survey(context, survey, make_rows(30)).startswith(b"\x89PNG")


def test_different_japanese_letters_look_different() -> None:
    first, second = draw(1, title="日", language="ja"), draw(1, title="本", language="ja")

    assert (first != second).any()


@pytest.mark.parametrize("text", ["日本語の論文", "Łukasz Gülçehre", "α∑²→", "「。、」ー々"])
def test_letters_that_people_use_are_drawn_as_themselves(text: str) -> None:
    boxes = {bytes(run.font.getmask("\U0010ffff")) for run in cut_runs("a日", TITLE)}

    glyphs = [run.font.getmask(letter) for run in cut_runs(text, TITLE) for letter in run.text]

    assert clean(text) == text
    assert not boxes & {bytes(glyph) for glyph in glyphs}
    assert len({bytes(glyph) for glyph in glyphs}) == len(set(text))


def test_what_no_font_has_becomes_plain_letters_or_a_question_mark() -> None:
    assert clean("𝑥 + 𝐀𝐈 한 😀!\0") == "x + AI ? !"


@given(st.text(max_size=30))
def test_cleaned_text_stays_the_same_and_is_one_line(text: str) -> None:
    cleaned = clean(text)

    assert clean(cleaned) == cleaned
    assert "\n" not in cleaned
    assert "\U0010ffff" not in cleaned


def test_japanese_titles_break_between_phrases_into_even_lines() -> None:
    title = "大規模言語モデルの量子化に関する最近の研究動向を教えて"

    lines = wrap(title, TITLE, 900, most=3)

    assert lines == ["大規模言語モデルの量子化に", "関する最近の研究動向を教えて"]
    assert "".join(lines) == title


@given(st.text("ab 日本のにー、。（", min_size=1, max_size=60), st.integers(100, 900))
@example("a、、a 、、 、、、", 125)
def test_wrapping_loses_nothing_and_keeps_to_the_room(text: str, room: int) -> None:
    text = " ".join(text.split())

    lines = wrap(text, TITLE, room, most=1_000)

    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in map(str.strip, lines):
        hanging = line[-1] in "ー、。"
        assert measure((line[:-1] if hanging else line).rstrip(), TITLE) <= room


def test_a_title_that_is_too_long_ends_in_an_ellipsis() -> None:
    lines = wrap("quantization of weights " * 30, TITLE, 900, most=3)

    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(measure(line.rstrip(), TITLE) <= 900 for line in lines)


@given(st.text("aW日、 ", max_size=40), st.integers(60, 600))
def test_clipped_text_fits(text: str, room: int) -> None:
    clipped = clip(text, TITLE, room)

    assert measure(clipped, TITLE) <= room
    assert clipped == text or text.startswith(clipped[:-1])


@settings(max_examples=40, deadline=None)
@given(
    arrays(
        np.float32,
        st.tuples(st.integers(0, 12), st.integers(1, 4)),
        elements=st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]),
    )
)
def test_any_rows_have_finite_places(rows: Rows) -> None:
    rows[~rows.any(axis=1), 0] = 1
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    places = project(rows)

    assert places.shape == (len(rows), 2)
    assert np.isfinite(places).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(5, 40), st.integers(0, 10_000))
def test_the_map_does_not_depend_on_the_order_of_the_papers(count: int, seed: int) -> None:
    rows = make_rows(count, seed)
    order = np.random.default_rng(seed).permutation(count)

    places, permuted = project(rows)[order], project(rows[order])

    distances, others = (
        np.linalg.norm(one[:, None] - one[None], axis=2) for one in (places, permuted)
    )
    assert np.allclose(distances, others, atol=1e-3)


def test_papers_of_one_topic_stand_together_on_the_map() -> None:
    topics = np.repeat([0, 1, 2], 12)
    rows = np.eye(8, dtype=np.float32)[topics] + 0.2 * make_rows(36)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    places = project(rows)

    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    nearest = np.argsort(distances, axis=1)[:, 1:6]
    assert (topics[nearest] == topics[:, None]).mean() > 0.95


@settings(max_examples=15, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(0, 400)))
def test_dots_are_pushed_apart_inside_their_field(places: NDArray[np.float64]) -> None:
    field = Box(0, 0, 400, 400)

    apart = spread(places, 20, field)

    distances = np.linalg.norm(apart[:, None] - apart[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert ((apart >= 0) & (apart <= 400)).all()
    assert distances.min() > 10


def test_a_label_takes_the_first_place_that_covers_nothing() -> None:
    field, taken = Box(0, 0, 100, 100), [Box(0, 0, 30, 30)]
    covering, outside, free = Box(20, 20, 40, 40), Box(90, 90, 110, 110), Box(50, 50, 70, 70)

    assert first_free([covering, outside, free], taken, field) == free
    assert first_free([covering, outside], taken, field) is None
    assert roomiest([covering, outside], taken, field) == covering


@pytest.mark.parametrize(
    ("last", "unit", "columns"),
    [
        (datetime(2022, 1, 31, tzinfo=UTC), 1, 1),
        (datetime(2024, 6, 1, tzinfo=UTC), 1, 30),
        (datetime(2024, 7, 1, tzinfo=UTC), 3, 11),
        (datetime(2030, 1, 1, tzinfo=UTC), 12, 9),
    ],
)
def test_columns_are_as_fine_as_the_span_allows(last: datetime, unit: int, columns: int) -> None:
    timeline = count_over_time([datetime(2022, 1, 1, tzinfo=UTC), last], [0, 0])

    assert (timeline.unit, len(timeline.columns)) == (unit, columns)


@given(st.lists(st.tuples(MOMENTS, st.integers(-1, 8)), min_size=1, max_size=50))
def test_the_timeline_counts_every_paper_once(papers: list[tuple[datetime, int]]) -> None:
    moments, groups = [moment for moment, _ in papers], [group for _, group in papers]

    timeline = count_over_time(moments, groups)

    counted = sum(timeline.columns, start=type(timeline.columns[0])())
    assert counted == {group: groups.count(group) for group in groups}
    assert len(timeline.columns) <= 50
    assert len(timeline.ticks) <= 11
    assert timeline.columns[0]
    assert timeline.columns[-1]
