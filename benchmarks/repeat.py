"""What is saved where work repeats: calls, tokens and papers that were paid for before.

    PYTHONPATH=tests/support uv run python benchmarks/repeat.py

One database, loopback arXiv and models. "Repeated" are tokens at the beginning of a prompt that an
earlier prompt to the same model began with, too (1,024 or more): a provider's prompt cache can
serve them. Tokens are counted at four characters each. ArXiv's answers are kept until its day ends:
on another day the same question asks it again.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from paces import Asked, Paces, Services, be_quiet, make_papers, services
from pipeline.followup.flow import follow_up
from pipeline.followup.types import Request
from pipeline.question import ask
from pipeline.survey import gather, write
from pipeline.types import Context, Survey
from pipeline.wiring import Kit, use_kit

TODAY = datetime.now(UTC)
QUESTION = "What is new in radiance fields?"
OTHER = "How do methods for view synthesis cope with wrong camera poses?"
PAPERS = (
    *make_papers(60),
    *make_papers(10, seed=2, phrases=("camera pose",)),
)
"""60 of the question; the other question shares some 40 of them and has 10 of its own."""

MODELS = ("openai:gpt-6.1-terra", "openai:gpt-6-luna")


def survey(kit: Kit, run: str, question: str, *models: str, now: datetime = TODAY) -> Survey:
    """Make a survey with each model from one context, and give the first."""
    asked = ask(question)
    tools = kit.tools(run, asked.language)
    context = gather(asked, tools, context_id=f"{run}-c", now=now)
    kit.store.save_context(context)
    made = [
        write(context, kit.writer(f"{run}-{n}", model), tools, survey_id=f"{run}-{n}")
        for n, model in enumerate(models)
    ]
    kit.store.save_survey(made[0])
    return made[0]


def ask_further(kit: Kit, made: Survey, number: int, text: str) -> None:
    """Ask a question about a survey."""
    context = kit.store.load_context(made.context_id)
    assert isinstance(context, Context)
    request = Request(f"f{number}", text, TODAY)
    tools = kit.tools(request.id, "en")
    follow_up(request, context, made, kit.writer(request.id, MODELS[0]), tools)


@contextmanager
def counted(served: Services, name: str, lines: list[tuple[str, Asked]]) -> Iterator[None]:
    """Note what the block has asked for."""
    before = served.count()
    yield
    after = served.count()
    calls = {step: n - before.calls.get(step, 0) for step, n in after.calls.items()}
    numbers = [
        getattr(after, one) - getattr(before, one) for one in ("tokens", "repeated", "embedded")
    ]
    lines.append((name, Asked(calls, *numbers)))


def play(kit: Kit, served: Services) -> list[tuple[str, Asked]]:
    lines: list[tuple[str, Asked]] = []
    tomorrow = TODAY + timedelta(days=1)
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("a survey of 60 papers", lambda: first.append(survey(kit, "r1", QUESTION, MODELS[0]))),
        (
            "the same question again",
            lambda: survey(kit, "r2", QUESTION, MODELS[0], now=tomorrow),
        ),
        ("an A/B pair, same question", lambda: survey(kit, "r3", QUESTION, *MODELS)),
        (
            "another question, 80 % of its papers the same",
            lambda: survey(kit, "r4", OTHER, MODELS[0]),
        ),
        ("a question in the thread", lambda: ask_further(kit, first[0], 1, "Which is fastest?")),
        ("a second one", lambda: ask_further(kit, first[0], 2, "Which needs least memory?")),
    )
    first: list[Survey] = []
    for name, step in steps:
        with counted(served, name, lines):
            step()
    return lines


def main() -> None:
    be_quiet()
    with (
        tempfile.TemporaryDirectory() as folder,
        services(PAPERS, Paces(steps={})) as served,
        use_kit(served.settings(Path(folder))) as kit,
    ):
        lines = play(kit, served)
    heads = "arXiv", "queries", "embedded texts", "summaries", "writing calls", "tokens", "repeated"
    print(f"| | {' | '.join(heads)} |")
    print("|--" * (len(heads) + 1) + "|")
    for name, one in lines:
        calls = one.calls
        writing = sum(
            calls.get(step, 0)
            for step in ("outline", "section", "repair", "frame", "plan", "answer")
        )
        cells = (
            calls.get("arxiv", 0),
            calls.get("queries", 0),
            one.embedded,
            calls.get("shorten", 0),
            writing,
            f"{one.tokens:,}",
            f"{one.repeated:,}",
        )
        print(f"| {name} | {' | '.join(map(str, cells))} |")
    fresh, again = lines[0][1].tokens, lines[1][1].tokens
    print(f"\nratio: repeat.tokens_again_by_fresh {again / fresh:.4g}")
    second = lines[-1][1]
    print(f"ratio: repeat.repeated_by_tokens_in_thread {second.repeated / second.tokens:.4g}")


if __name__ == "__main__":
    main()
