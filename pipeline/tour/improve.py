"""Improve a tour by 2-opt and 3-opt moves over neighbour lists, with perturbations."""

import random
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Row = Sequence[int] | Mapping[int, int]
Table = Sequence[Row]
"""Distances as whole numbers: ``table[i][j]``; a row may compute what it is asked for."""

Ends = tuple[int, int, int, int]
Found = tuple[int, tuple[Ends, ...]]
"""By how much a move shortens the tour, and the exchanges of two edges that it is made of."""

_LONGEST = 50
"""A perturbation swaps two neighbouring runs of up to this many rows: its repair stays short."""

_WARMTH = 0.1
"""How much longer a tour may become at first, in mean distances."""

_NEAREST = 6
"""Candidates of a move's last edge: few, since those of its first edge have to be good already."""

_LOOK = 16
"""Rows that are looked at between two looks at the clock."""


@dataclass
class Search:
    """A closed tour under improvement; moves are evaluated before anything is moved.

    Attributes:
        tour: rows in order; ``at`` has the place of each.
        table: distances.
        neighbours: of each row its candidates, nearest first; ``nearest`` has the first few.
        deadline: of ``time.monotonic``; null for none.
        journal: the reversals of places since ``commit``, to be undone.
    """

    tour: list[int]
    table: Table
    neighbours: Sequence[Sequence[int]]
    deadline: float | None = None
    journal: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.nearest = [some[:_NEAREST] for some in self.neighbours]
        self.at = [0] * len(self.tour)
        for place, row in enumerate(self.tour):
            self.at[row] = place

    def is_late(self) -> bool:
        """Tell whether the time is over."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def descend(self, rows: Iterable[int]) -> int:
        """Apply improving moves from some rows, and those that they touch, until there is none.

        Returns:
            by how much the tour has become shorter.
        """
        waiting = deque(rows)
        queued = set(waiting)
        gained = looked = 0
        while waiting:
            looked += 1
            if looked % _LOOK == 0 and self.is_late():
                break
            row = waiting.popleft()
            queued.discard(row)
            found = self._find_move(row)
            if found is None:
                continue
            gain, moves = found
            gained += gain
            for a, b, c, d in moves:
                self._exchange(a, b, c, d)
            for other in {end for move in moves for end in move}:
                if other not in queued:
                    queued.add(other)
                    waiting.append(other)
        return gained

    def _find_move(self, t1: int) -> Found | None:
        """Find the best 2-opt or 3-opt move that removes the edge behind a row, or else before it.

        Edges (t1, t2), (t3, t4), (t5, t6) give way to (t2, t3), (t4, t5), (t6, t1), as Lin and
        Kernighan name them; each sum of distances removed less added stays positive on the way.

        Returns:
            the gain and the exchanges of two edges that carry the move out.
        """
        tour, at, table, count = self.tour, self.at, self.table, len(self.tour)
        row1 = table[t1]
        for forward in (True, False):
            t0, t2 = tour[at[t1] - 1], tour[at[t1] + 1 - count]
            if not forward:
                t0, t2 = t2, t0
            gain0, row2 = row1[t2], table[t2]
            best: Found = (0, ())
            for t3 in self.neighbours[t2]:
                gain1 = gain0 - row2[t3]
                if gain1 <= 0:
                    break
                before, after = tour[at[t3] - 1], tour[at[t3] + 1 - count]
                if not forward:
                    before, after = after, before
                row3 = table[t3]
                if before != t2:
                    best = self._close((t1, t2, t3, before), gain1 + row3[before], best, forward)
                if t3 not in (t0, t1):
                    best = self._split((t1, t2, t3, after), gain1 + row3[after], best, forward)
            if best[0]:
                return best
        return None

    def _close(self, ends: Ends, gain2: int, best: Found, forward: bool) -> Found:  # noqa: FBT001
        """Try t4 before t3: closing there gives a tour, and so does one more exchange after it."""
        tour, at, table, count = self.tour, self.at, self.table, len(self.tour)
        t1, t2, t3, t4 = ends
        row1, row4 = table[t1], table[t4]
        if gain2 - row1[t4] > best[0]:
            best = (gain2 - row1[t4], ((t1, t2, t4, t3),))
        low, high = (at[t2], at[t4]) if forward else (at[t4], at[t2])
        for t5 in self.nearest[t4]:
            gain3 = gain2 - row4[t5]
            if gain3 <= best[0]:
                break
            place = at[t5]
            inside = low <= place <= high if low <= high else place >= low or place <= high
            # The run from t2 to t4 is turned round by then, so that before is after in it.
            t6 = tour[place + 1 - count] if inside == forward else tour[place - 1]
            if t5 in (t1, t3) or t6 in (t1, t4) or (inside and t5 == t2):
                continue
            gain = gain3 + table[t5][t6] - row1[t6]
            if gain > best[0]:
                best = (gain, ((t1, t2, t4, t3), (t1, t4, t6, t5)))
        return best

    def _split(self, ends: Ends, gain2: int, best: Found, forward: bool) -> Found:  # noqa: FBT001
        """Try t4 after t3: the run from t2 to t3 becomes a ring, and has to be opened again."""
        tour, at, table, count = self.tour, self.at, self.table, len(self.tour)
        t1, t2, t3, t4 = ends
        row1, row4 = table[t1], table[t4]
        low, high = (at[t2], at[t3]) if forward else (at[t3], at[t2])
        for t5 in self.nearest[t4]:
            gain3 = gain2 - row4[t5]
            if gain3 <= best[0]:
                break
            place = at[t5]
            if not (low <= place <= high if low <= high else place >= low or place <= high):
                continue
            before, after = tour[place - 1], tour[place + 1 - count]
            if not forward:
                before, after = after, before
            row5 = table[t5]
            gain = gain3 + row5[after] - row1[after]
            if t5 != t3 and gain > best[0]:
                best = (gain, ((t1, t2, t3, t4), (t1, t3, after, t5), (t3, t5, t2, t4)))
            gain = gain3 + row5[before] - row1[before]
            if t5 != t2 and gain > best[0]:
                best = (gain, ((t1, t2, before, t5), (t2, t5, t3, t4)))
        return best

    def _exchange(self, a: int, b: int, c: int, d: int) -> None:
        """Replace the edges (a, b) and (c, d), named along the tour, by (a, c) and (b, d)."""
        at = self.at
        place = at[a] + 1
        if (place if place < len(at) else 0) == at[b]:
            self._reverse(at[b], at[c])
        else:
            self._reverse(at[a], at[d])

    def _reverse(self, first: int, last: int) -> None:
        """Reverse the run between two places, or the rest of the tour where that is shorter."""
        tour, at, count = self.tour, self.at, len(self.tour)
        inside = last - first + 1
        if inside <= 0:
            inside += count
        if 2 * inside > count:
            first, last = last + 1, first - 1
            if first == count:
                first = 0
            if last < 0:
                last = count - 1
        self.journal.append((first, last))
        if first <= last:
            run = tour[first : last + 1]
            run.reverse()
            tour[first : last + 1] = run
            for place, row in enumerate(run, first):
                at[row] = place
            return
        inside = last - first + 1 + count
        for _ in range(inside // 2):
            tour[first], tour[last] = tour[last], tour[first]
            at[tour[first]], at[tour[last]] = first, last
            first = first + 1 if first + 1 < count else 0
            last = last - 1 if last else count - 1

    def commit(self) -> None:
        """Keep all moves so far."""
        self.journal.clear()

    def undo(self) -> None:
        """Take back all moves since ``commit``."""
        for first, last in self.journal[::-1]:
            self._reverse(first, last)
        self.journal.clear()

    def kick(self, dice: random.Random) -> tuple[int, list[int]]:
        """Swap two neighbouring runs (a double bridge).

        Returns:
            by how much the tour has become longer, and the rows at whose edges it was cut.
        """
        tour, table, count = self.tour, self.table, len(self.tour)
        longest = min(_LONGEST, (count - 2) // 2)
        start = int(dice.random() * count)
        first, second = (1 + int(dice.random() * longest) for _ in range(2))
        middle, end = start + first, start + first + second
        cuts = (start, start + 1, middle, middle + 1, end, end + 1)
        a, b, c, d, e, f = (tour[place % count] for place in cuts)
        removed = table[a][b] + table[c][d] + table[e][f]
        added = table[a][d] + table[e][b] + table[c][f]
        for move in ((a, b, e, f), (a, e, d, c), (e, c, b, f)):
            self._exchange(*move)
        return added - removed, [a, b, c, d, e, f]


def improve(
    tour: list[int],
    table: Table,
    neighbours: Sequence[Sequence[int]],
    *,
    kicks: int,
    seed: int,
    deadline: float | None = None,
) -> list[int]:
    """Give a closed tour that is no longer, and usually shorter.

    The tour may become a little longer on the way, less and less so.

    Args:
        tour: a permutation of 0 … n - 1, n ≥ 8.
        table: distances, symmetric, not negative.
        neighbours: for each row its candidate neighbours, nearest first.
        kicks: perturbations.
        seed: of the perturbations.
        deadline: of ``time.monotonic``; null for none.

    Source: Lin & Kernighan 1973 for the moves, Bentley 1992 for neighbour lists and the queue,
        Martin, Otto & Felten 1991 for perturbations that are kept when the tour does not suffer.
    """
    search = Search(list(tour), table, neighbours, deadline)
    length = sum(table[i][j] for i, j in zip(tour, tour[1:] + tour[:1], strict=True))
    length -= search.descend(tour)
    search.commit()
    dice = random.Random(seed)  # noqa: S311 - reproducible perturbations, no secret
    best, best_length = search.tour[:], length
    began = time.monotonic()
    warmth = _WARMTH * length / len(tour)
    for number in range(kicks):
        left = 1 - number / kicks
        if deadline is not None:
            left = min(left, (deadline - time.monotonic()) / max(deadline - began, 1e-9))
            if left <= 0:
                break
        longer, cut = search.kick(dice)
        change = longer - search.descend(cut)
        if change <= 0 or change <= warmth * left * dice.expovariate(1.0):
            length += change
            search.commit()
            if length < best_length:
                best, best_length = search.tour[:], length
        else:
            search.undo()
    return best
