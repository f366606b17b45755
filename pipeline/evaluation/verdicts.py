"""What judge models said of two surveys: kept for each order of showing, read for both together."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from sqlalchemy import Engine, text

from pipeline.evaluation.polls import not_open
from pipeline.evaluation.preference.votes import Verdict

Side = Literal["a", "b"]
Judgement = Literal["a", "b", "tie"]

_OTHER: Mapping[Side, Side] = {"a": "b", "b": "a"}

_COLUMNS = "id, context_id, survey_a, survey_b, judge, first, choice, prompt_hash, created_at"


@dataclass(frozen=True, slots=True)
class OrderedVerdict:
    """What a judge said of two surveys of one context, shown in one order.

    Attributes:
        judge: ``provider:model``.
        first: which of the two was shown first.
        choice: which of the two is better, by name and not by place: ``a``, ``b`` or ``tie``.
        prompt_hash: of the prompt's text; verdicts of different prompts are never taken together.
        created_at: epoch seconds.
    """

    id: str
    context_id: str
    survey_a: str
    survey_b: str
    judge: str
    first: Side
    choice: Judgement
    prompt_hash: str
    created_at: float


@dataclass(frozen=True, slots=True)
class Consistency:
    """How far a judge holds on to its choice when the surveys change places.

    Attributes:
        pairs: of surveys that it has judged in both orders, with one prompt.
        consistent: those on which it said the same both times.
        took_first, took_second: those on which it chose whichever came first, or second, both
            times; on the other inconsistent ones it said tie in one order.
        half: pairs that it has judged in one order only; they give no verdict.
    """

    judge: str
    pairs: int
    consistent: int
    took_first: int
    took_second: int
    half: int

    @property
    def wavered(self) -> int:
        """Pairs on which it said tie in one order alone."""
        return self.pairs - self.consistent - self.took_first - self.took_second


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What judges said, both orders taken together, and how consistent each judge is."""

    verdicts: tuple[Verdict, ...]
    consistency: tuple[Consistency, ...]


def save_verdict(engine: Engine, verdict: OrderedVerdict) -> None:
    """Keep a verdict; a judge's earlier one on the same surveys in the same order is replaced."""
    kept = _put_in_order(verdict)
    with engine.begin() as connection:
        connection.execute(
            text(
                f"INSERT INTO verdicts ({_COLUMNS}) VALUES (:id, :context_id, :survey_a, :survey_b,"
                " :judge, :first, :choice, :prompt_hash, :created_at)"
                " ON CONFLICT (survey_a, survey_b, judge, first) DO UPDATE SET id = excluded.id,"
                " context_id = excluded.context_id, choice = excluded.choice,"
                " prompt_hash = excluded.prompt_hash, created_at = excluded.created_at"
            ),
            {name: getattr(kept, name) for name in _COLUMNS.split(", ")},
        )


def list_verdicts(engine: Engine, *, with_open: bool = False) -> tuple[OrderedVerdict, ...]:
    """Give all verdicts as they were kept, those of a pair and judge next to each other.

    Args:
        with_open: also those on surveys that people are still comparing.
    """
    select = (
        f"SELECT {_COLUMNS} FROM verdicts"
        f" WHERE {not_open('verdicts.survey_a')} AND {not_open('verdicts.survey_b')}"
    )
    with engine.connect() as connection:
        rows = connection.execute(text(select), {"with_open": int(with_open)})
        verdicts = [OrderedVerdict(*row) for row in rows]
    return tuple(sorted(verdicts, key=lambda v: (v.survey_a, v.survey_b, v.judge, v.first)))


def read_verdicts(engine: Engine, workspace: str | None = None) -> Verdicts:
    """Give each judge's verdicts: its choice where both orders gave the same one, else a tie.

    A verdict bears the id of the comparison in which people saw the same two surveys. Where there
    is none it bears a name of its own, so that judges can also be counted without people.

    Args:
        workspace: only what people of this workspace have compared; null for everything.
    """
    compared, questions = _read_comparisons(engine, workspace), _read_questions(engine)
    said = [
        one
        for one in list_verdicts(engine)
        if workspace is None or (one.survey_a, one.survey_b) in compared
    ]
    verdicts: list[Verdict] = []
    for one in join_orders(said):
        pair = (one.survey_a, one.survey_b)
        verdicts.extend(
            Verdict(name, questions[one.context_id], *pair, one.judge, one.choice)
            for name in compared.get(pair, [" ".join(pair)])
        )
    return Verdicts(tuple(verdicts), count_consistency(said))


def join_orders(verdicts: Sequence[OrderedVerdict]) -> tuple[OrderedVerdict, ...]:
    """Give a verdict for each pair that a judge has seen in both orders: a tie where they disagree.

    Args:
        verdicts: those of a pair and judge next to each other, as ``list_verdicts`` gives them.
    """
    return tuple(
        said[0] if said[0].choice == said[1].choice else replace(said[0], choice="tie")
        for said in _group(verdicts)
        if "pairs" in _describe(said)
    )


def count_consistency(verdicts: Sequence[OrderedVerdict]) -> tuple[Consistency, ...]:
    """Count how judges decide when the two surveys change places.

    Args:
        verdicts: those of a pair and judge next to each other, as ``list_verdicts`` gives them.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for said in _group(verdicts):
        counts[said[0].judge].update(_describe(said))
    return tuple(_consistency(judge, counts[judge]) for judge in sorted(counts))


def _group(verdicts: Sequence[OrderedVerdict]) -> Iterator[list[OrderedVerdict]]:
    for _, group in groupby(verdicts, key=lambda one: (one.survey_a, one.survey_b, one.judge)):
        yield list(group)


def _put_in_order(verdict: OrderedVerdict) -> OrderedVerdict:
    """Name the surveys in the order of the alphabet, so that a pair is kept in one place."""
    if verdict.survey_a <= verdict.survey_b:
        return verdict
    return replace(
        verdict,
        survey_a=verdict.survey_b,
        survey_b=verdict.survey_a,
        first=_OTHER[verdict.first],
        choice="tie" if verdict.choice == "tie" else _OTHER[verdict.choice],
    )


def _describe(said: Sequence[OrderedVerdict]) -> list[str]:
    """Name what the verdicts of one judge on one pair count as, in the words of Consistency."""
    if len(said) < 2 or said[0].prompt_hash != said[1].prompt_hash:
        return ["half"]
    if said[0].choice == said[1].choice:
        return ["pairs", "consistent"]
    if all(one.choice == one.first for one in said):
        return ["pairs", "took_first"]
    if all(one.choice == _OTHER[one.first] for one in said):
        return ["pairs", "took_second"]
    return ["pairs"]


def _consistency(judge: str, counts: Counter[str]) -> Consistency:
    return Consistency(
        judge=judge,
        pairs=counts["pairs"],
        consistent=counts["consistent"],
        took_first=counts["took_first"],
        took_second=counts["took_second"],
        half=counts["half"],
    )


def _read_comparisons(engine: Engine, workspace: str | None) -> dict[tuple[str, str], list[str]]:
    """Give the closed comparisons of each pair of surveys, the pair in the alphabet's order."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT id, survey_a, survey_b FROM comparisons WHERE closed_at IS NOT NULL"
                " AND (:workspace = '' OR workspace = :workspace) ORDER BY id"
            ),
            {"workspace": workspace or ""},
        ).all()
    compared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for comparison, survey_a, survey_b in rows:
        compared[min(survey_a, survey_b), max(survey_a, survey_b)].append(comparison)
    return compared


def _read_questions(engine: Engine) -> dict[str, str]:
    """Give the question of each context that a judge has seen."""
    select = "SELECT id, question_key FROM contexts WHERE id IN (SELECT context_id FROM verdicts)"
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text(select))}
