"""Small contexts of invented papers, and records as files hold them."""

from datetime import UTC, datetime, timedelta

from pipeline.types import (
    Context,
    Found,
    Language,
    Paper,
    Passage,
    Query,
    QueryPlan,
    Question,
    Relevance,
    Search,
)

MOMENT = datetime(2023, 1, 1, tzinfo=UTC)
TOPICS = ("radiance field rendering", "person tracking", "quantization of weights")


def make_paper(number: int, **changes: object) -> Paper:
    topic = TOPICS[number % len(TOPICS)]
    moment = MOMENT + timedelta(days=30 * number)
    values: dict[str, object] = {
        "id": f"2301.{number:05d}",
        "version": 1,
        "title": f"Name{number}: A Study of {topic.title()}",
        "abstract": f"Background on {topic}. We propose method {number} for {topic}. It works.",
        "authors": (f"Ada Author{number}", "Bob Writer"),
        "published": moment,
        "updated": moment,
        "categories": ("cs.CV",),
        "primary_category": "cs.CV",
    }
    return Paper(**(values | changes))  # type: ignore[arg-type]  # the test's own values


def make_context(
    count: int, language: Language = "en", *, off_topic: int = 0, relevance: Relevance = "related"
) -> Context:
    text = "NeRFの研究について教えて" if language == "ja" else "What is new in radiance fields?"
    papers = tuple(make_paper(number) for number in range(1, count + off_topic + 1))
    passages = tuple(
        Passage(paper, f"Summary of {paper.short_name}.", relevance, "reason", "test:model")
        for paper in papers
    )
    query = Query(("radiance field",))
    return Context(
        id="context",
        question=Question(text, language),
        plan=QueryPlan((query,), "keyless"),
        found=Found(papers, (Search(query, "text", count),), "demo", count),
        passages=passages[:count],
        gaps=tuple(0.9 if number % 7 == 0 else 0.1 for number in range(1, count)),
        off_topic=passages[count:],
        embedding_model="keyless:lsa",
        tour_length=1.0,
    )


OWN = {
    "id": "2003.08934v2",
    "title": "NeRF: Representing Scenes\n as Neural Radiance Fields",
    "abstract": "Our own words on neural radiance fields.",
    "authors": ["Ben Mildenhall"],
    "published": "2020-03-19T17:57:23Z",
    "updated": "2020-08-03T00:00:00",
    "categories": ["cs.CV", "cs.GR"],
    "primary_category": "cs.CV",
    "comment": "ECCV",
}
VERSIONS = [
    {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
    {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
]
SNAPSHOT = {
    "id": "0704.0001",
    "submitter": "Someone",
    "authors": "C. Bal\\'azs, E. L. Berger Jr",
    "title": "Calculation of diphotons",
    "comments": "37 pages",
    "journal-ref": "Phys.Rev.D76",
    "doi": "10.1103/x",
    "categories": "hep-ph hep-ex",
    "license": None,
    "abstract": "  Our own words on diphotons.\n",
    "versions": VERSIONS,
    "update_date": "2008-11-26",
    "authors_parsed": [["Balázs", "C.", ""], ["Berger", "E. L.", "Jr"]],
}
