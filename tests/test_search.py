"""Searches are merged, cleaned, kept recent and relaxed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.errors import NothingFound, Overloaded
from pipeline.search import SearchRules, find_papers, is_withdrawn
from pipeline.sources.base import Page
from pipeline.types import DateRange, Paper, Query

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def paper(number: int, days: int = 0, **more: object) -> Paper:
    moment = NOW - timedelta(days=days)
    values: dict[str, object] = {
        "id": f"2401.{number:05d}",
        "version": 1,
        "title": f"Paper {number}",
        "abstract": "We propose it.",
        "authors": (),
        "published": moment,
        "updated": moment,
    }
    return Paper(**(values | more))  # type: ignore[arg-type]  # the test's own values


@dataclass
class Shelf:
    answer: Callable[[Query], list[Paper]]
    name: str = "shelf"
    asked: list[Query] = field(default_factory=list)

    def search(self, query: Query, limit: int) -> Page:
        self.asked.append(query)
        found = self.answer(query)
        return Page(tuple(found[:limit]), len(found), " ".join(query.must))


ONE = Query(("a",))
TWO = Query(("b",))


def test_papers_are_merged_by_id_newest_version_and_newest_first() -> None:
    old, new = paper(1, 9), paper(1, 9, version=2)
    shelf = Shelf(lambda query: [old, paper(2, 5)] if query == ONE else [new, paper(3, 1)])

    found = find_papers((ONE, TWO), shelf, NOW, SearchRules(enough=1))

    assert [(p.id, p.version) for p in found.papers] == [
        ("2401.00003", 1),
        ("2401.00002", 1),
        ("2401.00001", 2),
    ]
    assert found.merged == 3
    assert [search.hits for search in found.searches] == [2, 2]


def test_forty_papers_or_more_drop_those_older_than_two_years() -> None:
    papers = [paper(i, days=i * 50) for i in range(40)]

    found = find_papers((ONE,), Shelf(lambda _: papers), NOW, SearchRules())

    assert len(found.papers) == 15
    assert found.count_dropped("old") == 25
    assert found.recent_years == 2.0
    assert min(p.published for p in found.papers) >= NOW - timedelta(days=2 * 365.25)


def test_thirty_nine_papers_are_all_kept() -> None:
    papers = [paper(i, days=i * 50) for i in range(39)]

    found = find_papers((ONE,), Shelf(lambda _: papers), NOW, SearchRules())

    assert len(found.papers) == 39
    assert found.recent_years is None


def test_the_rule_never_leaves_nothing_and_can_be_off() -> None:
    papers = [paper(i, days=5000 + i) for i in range(50)]
    shelf = Shelf(lambda _: papers)

    assert len(find_papers((ONE,), shelf, NOW, SearchRules()).papers) == 50
    off = find_papers((ONE,), shelf, NOW, SearchRules(recent_years=None))
    assert off.dropped == ()


def test_a_question_that_limits_the_time_itself_keeps_its_old_papers() -> None:
    papers = [paper(i, days=i * 50) for i in range(50)]
    since = Query(("a",), dates=DateRange(date(2000, 1, 1), date(2026, 1, 1)))

    found = find_papers((since,), Shelf(lambda _: papers), NOW, SearchRules())

    assert len(found.papers) == 50
    assert found.recent_years is None


def test_of_too_many_papers_those_stay_that_the_searches_rank_best_together() -> None:
    first, second = [paper(1), paper(2), paper(3)], [paper(4), paper(3), paper(5)]
    shelf = Shelf(lambda query: first if query == ONE else second)

    found = find_papers((ONE, TWO), shelf, NOW, SearchRules(enough=1, top=2))

    assert {p.id for p in found.papers} == {"2401.00003", "2401.00001"}
    assert found.count_dropped("beyond_top") == 3
    assert found.merged == 5


def test_categories_of_the_person_hold_on_every_rung() -> None:
    shelf = Shelf(lambda _: [paper(1)])
    rules = SearchRules(categories=("cs.CL",))

    find_papers((Query(("a", "b"), categories=("cs.CV",)),), shelf, NOW, rules)

    assert len(shelf.asked) > 2
    assert {query.categories for query in shelf.asked} == {("cs.CL",)}


@pytest.mark.parametrize(
    ("comment", "abstract", "withdrawn"),
    [
        ("This paper has been withdrawn by the author", "We propose it.", True),
        ("Withdrawn due to an error", "We propose it.", True),
        (None, "This submission has been withdrawn by arXiv administrators", True),
        (None, "This paper was retracted.", True),
        ("12 pages", "We study how papers are withdrawn and retracted.", False),
        (None, "Withdrawnness is a property.", False),
    ],
)
def test_withdrawn_papers_are_known_by_how_their_record_begins(
    comment: str | None, abstract: str, withdrawn: bool
) -> None:
    assert is_withdrawn(paper(1, comment=comment, abstract=abstract)) is withdrawn


def test_withdrawn_papers_are_dropped_and_counted() -> None:
    shelf = Shelf(lambda _: [paper(1), paper(2, comment="withdrawn")])

    found = find_papers((ONE,), shelf, NOW, SearchRules(enough=1))

    assert [p.id for p in found.papers] == ["2401.00001"]
    assert [(one.paper_id, one.reason) for one in found.dropped] == [("2401.00002", "withdrawn")]


def test_too_few_papers_relax_the_queries_step_by_step_and_say_so() -> None:
    strict = Query(("a b", "c"), ("d",), ("cs.CV",))
    shelf = Shelf(lambda query: [paper(i) for i in range(5)] if query.words else [])

    found = find_papers((strict,), shelf, NOW, SearchRules(enough=5))

    assert len(found.papers) == 5
    assert [search.relaxed for search in found.searches] == [
        (),
        ("dropped the weakest phrases",),
        ("dropped the weakest phrases", "dropped the categories"),
        (
            "dropped the weakest phrases",
            "dropped the categories",
            "matched words instead of phrases",
        ),
    ]


def test_relaxing_stops_when_there_are_enough() -> None:
    shelf = Shelf(lambda _: [paper(i) for i in range(10)])

    find_papers((Query(("a", "b")), ONE), shelf, NOW, SearchRules())

    assert len(shelf.asked) == 2


def test_few_papers_are_better_than_none_and_no_query_runs_twice() -> None:
    shelf = Shelf(lambda _: [paper(1)])

    found = find_papers((ONE, TWO, Query(("a", "b"))), shelf, NOW, SearchRules())

    assert len(found.papers) == 1
    assert len(shelf.asked) == len(set(shelf.asked))


def test_the_first_phrase_alone_is_searched_only_where_nothing_else_is_found() -> None:
    strict = Query(("a", "b", "c"))

    few = Shelf(lambda query: [paper(1)] if len(query.must) < 3 else [])
    none = Shelf(lambda query: [paper(1)] if len(query.must) == 1 else [])
    find_papers((strict,), few, NOW, SearchRules())
    find_papers((strict,), none, NOW, SearchRules())

    assert all(len(query.must) > 1 for query in few.asked)
    assert none.asked[-1].must == ("a",)


def test_no_paper_at_all_is_said() -> None:
    with pytest.raises(NothingFound):
        find_papers((ONE,), Shelf(lambda _: []), NOW, SearchRules())


def test_a_failing_source_is_not_passed_off_as_a_result() -> None:
    def answer(query: Query) -> list[Paper]:
        if query == TWO:
            raise Overloaded("503")
        return [paper(1)]

    with pytest.raises(Overloaded):
        find_papers((ONE, TWO), Shelf(answer), NOW, SearchRules(enough=1))
