"""Hyperband: ends those trials of a sweep early that do worse than most others did after as many values of the metric.

Promises: a trial is compared only with trials of its sweep that logged as many values, at the counts that `early_terminate` names; the
best one is never ended. Each trial writes one file of its own, by rename, and reads those of the others, so any number of agents on
any number of machines share the rule. Not for: choosing values (see `kerascope.sweeps`). File: docs/formats/store.md.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerascope.disk import write_whole
from kerascope.errors import UsageError
from kerascope.ids import did_you_mean
from kerascope.terminal import termlog

if TYPE_CHECKING:
    from kerascope.tracking.run import Run

TAG = "stopped-early"
"""Tag of runs that were ended."""

_KEYS = ("type", "min_iter", "max_iter", "s", "eta", "strict")
_MOST = 2**40


class TrialStopped(SystemExit):
    """Leaves the training of a trial that was ended early: a `SystemExit` of code 0, so that a program ends as a good one does."""

    def __init__(self) -> None:
        super().__init__(0)


@dataclass(frozen=True)
class Hyperband:
    """When trials are compared, and how many of them go on.

    Args:
        brackets: counts of logged values of the metric, rising.
        eta: one of so many trials goes on.
        is_strict: whether a trial that went on is ended later when better ones push it out.
    """

    brackets: tuple[int, ...]
    eta: float
    is_strict: bool

    def bar(self, scores: list[float]) -> float:
        """Returns the worst score that goes on, less being better: that of the last one of the best `1 / eta`, rounded up."""
        return sorted(scores)[math.ceil(len(scores) / self.eta) - 1]


def hyperband(spec: Any) -> Hyperband | None:
    """Reads `early_terminate` of a sweep.

    Args:
        spec: map with `type: hyperband`, `min_iter` or `max_iter` (then also `s`, the number of brackets), and perhaps `eta` (3) and
            `strict` (False). None or empty: trials run to their end.

    Raises:
        UsageError: if it is not understood.
    """
    if not spec:
        return None
    if not isinstance(spec, Mapping) or spec.get("type") != "hyperband":
        raise UsageError(
            f"`early_terminate` must be a map with type 'hyperband'. Received: early_terminate={spec!r}. "
            "Write {'type': 'hyperband', 'min_iter': 3}."
        )
    for key in spec:
        if key not in _KEYS:
            raise UsageError(
                f"`early_terminate` has no setting of this name. Received: {key!r}.{did_you_mean(str(key), _KEYS)}"
            )
    eta = _number(spec, "eta", 3, above=1)
    first, last = _number(spec, "min_iter", None, above=0), _number(spec, "max_iter", None, above=0)
    count = _number(spec, "s", None, above=0)
    if first is None and last is None:
        raise UsageError("`early_terminate` needs `min_iter` or `max_iter`. Received neither. Add 'min_iter': 3.")
    if first is not None:
        brackets = _upwards(first, _MOST if last is None else last, eta)
    else:
        brackets = _downwards(last or 0, eta, count)
    if not brackets:
        raise UsageError(f"`early_terminate` must have a bracket of 1 value or more. Received: {dict(spec)!r}.")
    return Hyperband(brackets, eta or 3, bool(spec.get("strict", False)))


def _number(spec: Mapping[str, Any], key: str, default: float | None, above: float) -> Any:
    value = spec.get(key, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not above < value < _MOST:
        raise UsageError(f"`{key}` of early_terminate must be a number above {above}. Received: {key}={value!r}.")
    return value


def _upwards(first: float, last: float, eta: float) -> tuple[int, ...]:
    """first, first * eta, first * eta ** 2, ... below `last`."""
    found = []
    while first < last:
        found.append(max(int(first), 1))
        first *= eta
    return tuple(dict.fromkeys(found))


def _downwards(last: float, eta: float, count: float | None) -> tuple[int, ...]:
    """last / eta, last / eta ** 2, ...: `count` of them, or as many as are 1 or more."""
    found: list[int] = []
    while (count is None or len(found) < count) and last / eta >= 1:
        last /= eta
        found.append(int(last + 1e-9))
    return tuple(sorted(set(found)))


class Course:
    """The values of the metric in one trial, as far as the rule needs them.

    Args:
        rule: when to compare.
        trial: the trial's file; this one is kept beside it.
        metric: the key that counts, `outer.inner` for nested values.
        is_maximized: whether more of it is better.

    Attributes:
        reason: why the trial was ended; None while it goes on.
    """

    def __init__(self, rule: Hyperband, trial: Path, metric: str, is_maximized: bool) -> None:
        self._rule, self._metric, self._sign = rule, metric, -1.0 if is_maximized else 1.0
        self._path = trial.with_suffix(".course")
        self._count, self._best = 0, math.inf
        self._marks: dict[str, float] = {}
        self.reason: str | None = None

    def take(self, data: Mapping[str, Any]) -> str | None:
        """Takes a logged row; returns why the trial is to end now, None if it goes on."""
        value = _value(data, self._metric)
        if value is None:
            return None
        self._count += 1
        self._best = min(self._best, math.inf if math.isnan(value) else value * self._sign)
        if self._count in self._rule.brackets:
            self._marks[str(self._count)] = self._best
            self._keep()
        elif not (self._rule.is_strict and self._marks):
            return None
        bracket = list(self._marks)[-1]
        scores = self._scores(bracket)
        if self._marks[bracket] > self._rule.bar(scores):
            self._end(bracket, len(scores))
        return self.reason

    def _scores(self, bracket: str) -> list[float]:
        """What all trials had reached at a bracket, this one among them; the least is the best."""
        found = [self._marks[bracket]]
        for path in self._path.parent.glob("trial-*.course"):
            mark = read_course(path).get("marks", {}).get(bracket)
            if path != self._path and mark is not None:
                found.append(float(mark))
        return found

    def _end(self, bracket: str, count: int) -> None:
        kept = math.ceil(count / self._rule.eta)
        self.reason = (
            f"stopped early: after {bracket} values of {self._metric}, {self._marks[bracket] * self._sign:.6g} is not among "
            f"the best {kept} of {count} trials"
        )
        self._keep()

    def _keep(self) -> None:
        marks = {bracket: mark if math.isfinite(mark) else str(mark) for bracket, mark in self._marks.items()}
        write_whole(self._path, json.dumps({"marks": marks, "stopped": self.reason}))


def read_course(path: Path) -> dict[str, Any]:
    """Returns what the file of a `Course` holds; nothing if it is not there or not whole."""
    try:
        found = json.loads(path.with_suffix(".course").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def watch(run: Run, course: Course) -> None:
    """Makes `run.log` end the run, and leave the training with `TrialStopped`, once its trial is to stop.

    The run's own `log` is stood in front of, so that runs of no sweep pay nothing for this.
    """
    log = run.log

    @functools.wraps(log)
    def log_and_look(
        data: Mapping[str, Any], step: int | None = None, commit: bool | None = None, sync: bool | None = None
    ) -> None:
        if course.reason is None:
            log(data, step, commit, sync)
            if course.take(data) is None:
                return
            termlog(f"run {run.name} {course.reason}.")
            run.tags = (*run.tags, TAG)
            run._finish(0, str(course.reason))
        raise TrialStopped

    vars(run)["log"] = log_and_look


def _value(data: Any, key: str) -> float | None:
    """The number under a key of a row, or under a path of keys; None if there is none."""
    value = data.get(key) if isinstance(data, Mapping) else None
    if value is None and "." in key and isinstance(data, Mapping):
        first, _, rest = key.partition(".")
        return _value(data.get(first), rest)
    try:
        return None if value is None or isinstance(value, str | bool) else float(value)
    except (TypeError, ValueError):
        return None
