"""Write the cells of an experiment that are missing: contexts one by one, surveys side by side."""

import contextvars
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

import structlog

from pipeline.bounds import Bounds
from pipeline.cache import spent_by_all
from pipeline.errors import CeilingReached, OperatorActs, PaperwalkError, Parked, Stopped, TryAgain
from pipeline.experiment.cells import Cell, read_cells, read_status, save_cell
from pipeline.experiment.clerk import Clerk
from pipeline.experiment.contexts import ContextKey, find_context, key_of, make_context
from pipeline.experiment.plan import Plan
from pipeline.experiment.writing import score_kept, write_kept
from pipeline.leases import Leases
from pipeline.models import KEYLESS
from pipeline.outbox import Outbox
from pipeline.types import Arm, Context
from pipeline.wiring import Kit

log = structlog.get_logger()

_TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Rules:
    """How an experiment is to be run.

    Attributes:
        at_once: surveys, and calls of its models, that a provider is sent at once.
        budget_usd: dollars that the whole experiment may spend, all its processes and earlier runs
            included; null for no ceiling. Calls under way when it is reached are still paid.
        retries_failed: cells that have failed are tried again.
        is_batched: language models answer by batches, where their providers have them.
        look_seconds: between two looks at the batches.
    """

    at_once: Mapping[str, int]
    budget_usd: float | None = None
    retries_failed: bool = False
    is_batched: bool = False
    look_seconds: float = 30.0


@dataclass
class Runner:
    """One process at work on an experiment.

    Attributes:
        halted: why it stops before all cells are done; empty as long as it does not.
        blocked: model → why it cannot be used at all; its cells stay as they are.
        parked: cell → key of the reply that it waits for.
    """

    kit: Kit
    plan: Plan
    rules: Rules
    halted: str = ""
    blocked: dict[str, str] = field(default_factory=dict)
    tried: set[Cell] = field(default_factory=set)
    parked: dict[Cell, str] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        slots = {name: threading.BoundedSemaphore(n) for name, n in self.rules.at_once.items()}
        models = {f"{role}_model": model for role, model in self.plan.models.items()}
        settings = self.kit.settings.model_copy(update={"source": self.plan.source, **models})
        is_batched = self.rules.is_batched
        self.kit = replace(self.kit, settings=settings, slots=slots, is_batched=is_batched)
        self.leases = Leases(self.kit.engine)
        self.outbox = Outbox(self.kit.engine)
        self.clerk = None
        if is_batched:
            budget, settle = self.rules.budget_usd, 2 * self.rules.look_seconds
            self.clerk = Clerk(self.kit, self.leases, self.plan.prefix, budget, settle)
        else:  # what was never sent is asked at once instead
            self.outbox.forget_unsent(self.plan.prefix)
        if self.rules.retries_failed:
            self.outbox.forget_failures(self.plan.prefix)
        self.bounds = Bounds(stopped=self.stopped, admit=self._admit)
        self.arms = {arm.label: arm for arm in self.plan.arms}

    def run(self, on_tick: Callable[[], object] = lambda: None) -> None:
        """Write cells until none is missing, the budget is spent, or somebody halts it.

        Args:
            on_tick: is called twice a second, in this thread.
        """
        with self.leases.keep():
            while not self.stopped.is_set():
                pending = self._pending()
                if pending and self._pass(pending, on_tick):
                    continue
                if not pending and not self.parked:
                    return
                # What is left is in other processes' hands, or in batches.
                if not self._carry_mail():
                    self._rest(on_tick)

    def _carry_mail(self) -> bool:
        """Send and collect batches.

        Returns:
            whether replies have come.
        """
        if self.clerk is None:
            return False
        try:
            return self.clerk.turn()
        except PaperwalkError as error:
            self.halt(str(error))
            return False

    def _rest(self, on_tick: Callable[[], object]) -> None:
        """Wait until looking again may be worth it."""
        left = self.rules.look_seconds if self.clerk else _TICK_SECONDS
        while left > 0 and not self.stopped.wait(min(left, _TICK_SECONDS)):
            on_tick()
            left -= _TICK_SECONDS

    def halt(self, why: str) -> None:
        """Stop before all cells are done; the calls under way end, since they are paid for."""
        self.halted = self.halted or why
        self.stopped.set()

    def _admit(self) -> None:
        """Let one more call of a model be made.

        Raises:
            CeilingReached: the budget is spent.
        """
        budget = self.rules.budget_usd
        if budget is not None and spent_by(self.kit, self.plan) >= budget:
            self.halt(f"the budget of ${budget:g} is spent")
            raise CeilingReached(f"the experiment has reached its budget of ${budget:g}")

    def _pending(self) -> list[Cell]:
        """Give the cells that this process may still do something for."""
        if self.parked:
            waiting = self.outbox.unanswered()
            self.parked = {cell: key for cell, key in self.parked.items() if key in waiting}
        open_ = {"missing", "failed"} if self.rules.retries_failed else {"missing"}
        return [
            cell
            for cell in read_cells(self.kit.engine, self.plan.name)
            if cell.status in open_
            and cell.arm in self.arms
            and self.arms[cell.arm].model not in self.blocked
            and _key(cell) not in self.tried
            and _key(cell) not in self.parked
        ]

    def _pass(self, pending: Sequence[Cell], on_tick: Callable[[], object]) -> bool:
        """Offer each pending cell to the writers of its provider, as its context comes to be.

        Returns:
            whether anything was done; else all of it is in other processes' hands.
        """
        waiting: dict[ContextKey, list[Cell]] = defaultdict(list)
        for cell in pending:
            waiting[key_of(self.arms[cell.arm], cell.question, cell.run)].append(cell)
        providers = {_provider(self.arms[cell.arm]) for cell in pending}
        pools = {
            name: ThreadPoolExecutor(self.rules.at_once.get(name, 2), thread_name_prefix=name)
            for name in providers
        }
        gatherer = ThreadPoolExecutor(1, thread_name_prefix="contexts")
        futures: list[Future[bool]] = []

        def gather_all() -> bool:
            done = False
            for key, cells in waiting.items():
                if self.stopped.is_set():
                    break
                context, is_new = self._context(key, cells)
                done = done or is_new
                if context is not None:
                    for cell in cells:
                        pool = pools[_provider(self.arms[cell.arm])]
                        futures.append(pool.submit(_carry(self._write, cell, context)))
            return done

        first = gatherer.submit(_carry(gather_all))
        try:
            while not self.stopped.is_set() and wait([first, *futures], _TICK_SECONDS).not_done:
                on_tick()
        finally:
            # On the usual way all is over by now; else what has not begun is left for later.
            for pool in (gatherer, *pools.values()):
                pool.shutdown(cancel_futures=True)
        return any([first.result(), *(one.result() for one in futures if not one.cancelled())])

    def _context(self, key: ContextKey, cells: Sequence[Cell]) -> tuple[Context | None, bool]:
        """Load or make a context; one process at a time, so that no paper is paid for twice.

        Returns:
            the context, null where there is none yet; and whether anything was done here.
        """
        known = find_context(self.kit, self.plan, key)
        lease = f"{self.plan.name}/contexts"
        if known is not None or not self.leases.take(lease):
            return known, False
        try:
            known = find_context(self.kit, self.plan, key)
            if known is not None:
                return known, False
            same = [one for one in self._keys(key) if one != key]
            context = make_context(self.kit, self.plan, key, same, self.bounds)
            if self.stopped.is_set():
                return None, True  # what the budget forbade may be missing from it
            self.kit.store.save_context(context)
        except Parked as error:
            self.parked |= {_key(cell): error.key for cell in cells}
            return None, True
        except (Stopped, CeilingReached):
            return None, True
        except (OperatorActs, TryAgain) as error:  # the next context would meet the same
            self.halt(str(error))
            return None, True
        except PaperwalkError as error:
            for cell in cells:
                self._fail(cell, error)
            return None, True
        finally:
            self.leases.give_back(lease)
        return context, True

    def _keys(self, key: ContextKey) -> list[ContextKey]:
        """Give the keys of a question and run."""
        return list(dict.fromkeys(key_of(arm, key.question, key.run) for arm in self.plan.arms))

    def _write(self, cell: Cell, context: Context) -> bool:
        """Write a cell's survey, unless another process is at it.

        Returns:
            whether anything was done here.
        """
        arm = self.arms[cell.arm]
        if self.stopped.is_set() or arm.model in self.blocked:
            return False
        place = self.plan.arms.index(arm)
        survey_id = f"{self.plan.name}/{cell.question}/{cell.run}/a{place}/g{cell.generation}"
        if not self.leases.take(survey_id):
            return False
        try:
            if read_status(self.kit.engine, self.plan.name, cell) == "done":
                return False
            survey = write_kept(self.kit, arm, context, survey_id, self.bounds)
            score_kept(self.kit, survey, context, self.bounds)
            done = replace(cell, status="done", context_id=context.id, survey_id=survey_id)
            save_cell(self.kit.engine, self.plan.name, replace(done, failure=""))
        except Parked as error:
            self.parked[_key(cell)] = error.key
        except (Stopped, CeilingReached):
            return True
        except OperatorActs as error:
            self.blocked[arm.model] = str(error)
            self._fail(cell, error)
        except PaperwalkError as error:
            self._fail(cell, error)
        finally:
            self.leases.give_back(survey_id)
        return True

    def _fail(self, cell: Cell, error: PaperwalkError) -> None:
        """Keep why a cell has no survey."""
        log.warning("cell_failed", kind=type(error).__name__)
        self.tried.add(_key(cell))
        failed = replace(cell, status="failed", failure=str(error))
        save_cell(self.kit.engine, self.plan.name, failed)


def spent_by(kit: Kit, plan: Plan) -> float:
    """Give the dollars that an experiment has cost so far, all its processes together."""
    return spent_by_all(kit.engine, plan.prefix)


def _provider(arm: Arm) -> str:
    return KEYLESS if arm.model == KEYLESS else arm.model.partition(":")[0]


def _key(cell: Cell) -> Cell:
    """Give what tells a cell from others, whatever became of it."""
    return Cell(cell.question, cell.run, cell.arm, cell.generation)


def _carry(function: Callable[..., bool], *args: object) -> Callable[[], bool]:
    """Give a call that takes the context variables (the log's) along into its thread."""
    context = contextvars.copy_context()
    return lambda: context.run(function, *args)
