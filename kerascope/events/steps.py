"""Which steps a run has rows for: a set of integers that stays small, however long the run.

Promises: pure; exact for steps that arrive in any order, as long as they form few arithmetic runs (0, 1, 2, ... or 0, 50, 100, ...);
when there are too many runs, the older half is only counted, and a late step among those is taken as known.
Not for: where the rows are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import eq
from typing import Final

import msgspec
import numpy as np

_MAX_RUNS: Final = 512
_Run = tuple[int, int, int]  # first, last, stride; stride 1 for a single step


class StepSet(msgspec.Struct, array_like=True):
    """A growing set of steps.

    Attributes:
        runs: disjoint arithmetic runs (first, last, stride), ascending.
        counted: how many steps up to `counted_to` are no longer kept as runs.
        counted_to: the greatest such step.
    """

    runs: list[_Run] = []
    counted: int = 0
    counted_to: int | None = None

    @property
    def last(self) -> int | None:
        """The greatest step, or None."""
        return self.runs[-1][1] if self.runs else None

    def count(self) -> int:
        """Returns how many steps there are."""
        return self.counted + sum(_size(run) for run in self.runs)

    def add(self, step: int) -> None:
        """Adds one step; one that is there already changes nothing."""
        runs = self.runs
        if not runs:
            if self.counted_to is None or step > self.counted_to:
                runs.append((step, step, 1))
            return
        first, last, stride = runs[-1]
        if step > last:
            if first == last:
                runs[-1] = (first, step, step - first)
            elif step - last == stride:
                runs[-1] = (first, step, stride)
            else:
                runs.append((step, step, 1))
                self._shrink()
        elif step != last:
            self._add_late(step)

    def add_many(self, steps: Sequence[int]) -> None:
        """Adds steps in order: the same as `add` one after the other."""
        if len(steps) > 2 and (self.last is None or steps[0] > self.last):
            stride = steps[1] - steps[0]
            if stride > 0 and steps[-1] - steps[0] == stride * (len(steps) - 1) and _is_even(steps, stride):
                self._add_run(steps, stride)
                return
        for step in steps:
            self.add(step)

    def _add_run(self, steps: Sequence[int], stride: int) -> None:
        """Adds an ascending run that lies behind all others."""
        position = 0
        while position < len(steps):
            self.add(steps[position])
            position += 1
            if self.runs and self.runs[-1][2] == stride and self.runs[-1][0] != self.runs[-1][1]:
                self.runs[-1] = (self.runs[-1][0], steps[-1], stride)
                return

    def _add_late(self, step: int) -> None:
        if self.counted_to is not None and step <= self.counted_to:
            return
        place = bisect_right(self.runs, step, key=lambda run: run[0]) - 1
        if place < 0 or step > self.runs[place][1]:
            self.runs.insert(place + 1, (step, step, 1))
        else:
            first, last, stride = self.runs[place]
            if (step - first) % stride == 0:
                return
            below = first + (step - first) // stride * stride
            self.runs[place : place + 1] = [
                _run(first, below, stride),
                (step, step, 1),
                _run(below + stride, last, stride),
            ]
        self._shrink()

    def _shrink(self) -> None:
        if len(self.runs) > _MAX_RUNS:
            old = self.runs[: _MAX_RUNS // 2]
            del self.runs[: _MAX_RUNS // 2]
            self.counted += sum(_size(run) for run in old)
            self.counted_to = old[-1][1]


def count_union(sets: Iterable[StepSet]) -> int:
    """Returns how many different steps there are in all `sets`; steps that are only counted are taken as different."""
    sets = list(sets)
    if len(sets) == 1:
        return sets[0].count()
    total = sum(entry.counted for entry in sets)
    cluster: list[_Run] = []
    for run in sorted(run for entry in sets for run in entry.runs):
        if cluster and run[0] > max(other[1] for other in cluster):
            total += _count_cluster(cluster)
            cluster = []
        if cluster and _in_step(cluster[-1], run):
            first, last, stride = cluster[-1]
            cluster[-1] = (first, max(last, run[1]), stride if first != last else run[2])
        else:
            cluster.append(run)
    return total + _count_cluster(cluster)


def _is_even(steps: Sequence[int], stride: int) -> bool:
    return all(map(eq, steps, range(steps[0], steps[-1] + 1, stride)))


def _count_cluster(cluster: list[_Run]) -> int:
    """How many steps there are in runs that overlap."""
    if len(cluster) < 2:
        return sum(_size(run) for run in cluster)
    return len(np.unique(np.concatenate([np.arange(first, last + 1, stride) for first, last, stride in cluster])))


def _in_step(run: _Run, other: _Run) -> bool:
    """Whether two overlapping runs, `run` beginning first, are one run."""
    same_stride = run[2] == other[2] or other[0] == other[1]
    return same_stride and run[0] != run[1] and (other[0] - run[0]) % run[2] == 0 and other[0] <= run[1]


def _run(first: int, last: int, stride: int) -> _Run:
    return (first, last, stride if first != last else 1)


def _size(run: _Run) -> int:
    first, last, stride = run
    return (last - first) // stride + 1
