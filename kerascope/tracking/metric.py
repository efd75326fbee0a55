"""`define_metric`: checks of its arguments, and which step metric the names of a row ask for.

Promises: pure. Not for: what a definition makes of the summary (see `events/summary.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from kerascope.errors import WrongTypeError
from kerascope.events.metrics import (
    MetricRule,
    check_goal,
    check_metric_name,
    merge_definition,
    parse_summaries,
    rule_for,
)
from kerascope.events.types import Metric

_MAX_REMEMBERED = 4096


def checked_metric(
    name: object,
    step_metric: object = None,
    step_sync: bool | None = None,
    hidden: bool | None = None,
    summary: object = None,
    goal: object = None,
    overwrite: bool | None = None,
) -> Metric:
    """Returns the event of a `define_metric` call; dots escaped by a backslash are plain dots here.

    Raises:
        UsageError: for an argument of the wrong kind, a `*` that is not at the end, or an unknown summary or goal.
    """
    for flag, value in (("step_sync", step_sync), ("hidden", hidden), ("overwrite", overwrite)):
        if value is not None and not isinstance(value, bool):
            raise WrongTypeError(f"`{flag}` must be True, False or None. Received: {flag}={value!r}.")
    if isinstance(summary, (list, tuple)):
        summary = ",".join(map(str, summary))
    return Metric(
        name=_plain(check_metric_name(name)),  # type: ignore[arg-type]
        step_metric=_step_name(step_metric),
        step_sync=step_sync,
        hidden=hidden,
        summary=parse_summaries(summary),  # type: ignore[arg-type]
        goal=check_goal(goal),  # type: ignore[arg-type]
        overwrite=bool(overwrite),
    )


class Rules:
    """The definitions of a run.

    Args:
        rules: those of earlier attempts, by name.

    Attributes:
        by_name: the merged definitions.
    """

    def __init__(self, rules: Iterable[MetricRule] = ()) -> None:
        self.by_name: dict[str, MetricRule] = {rule.name: rule for rule in rules}
        self._missing: dict[tuple[str, ...], tuple[str, ...]] = {}

    def define(self, metric: Metric) -> MetricRule:
        """Takes a definition and returns what now holds for its name."""
        rule = self.by_name[metric.name] = merge_definition(self.by_name.get(metric.name), metric)
        self._missing = {}
        return rule

    @property
    def has_step_metrics(self) -> bool:
        """Whether any definition names a step metric."""
        return any(rule.step_metric is not None for rule in self.by_name.values())

    def missing(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Returns the step metrics that a row with these names asks for and does not hold itself."""
        found = self._missing.get(names)
        if found is None:
            wanted = dict.fromkeys(self._step_metric(name) for name in names)
            found = tuple(step for step in wanted if step is not None and step not in names)
            if len(self._missing) >= _MAX_REMEMBERED:
                self._missing = {}
            self._missing[names] = found
        return found

    def _step_metric(self, name: str) -> str | None:
        rule = rule_for(self.by_name, name)
        return None if rule is None or rule.step_sync is False else rule.step_metric


def _plain(name: str) -> str:
    return name.replace("\\.", ".")


def _step_name(step_metric: object) -> str | None:
    """The name in `step_metric`, which may be what an earlier `define_metric` returned."""
    if step_metric is None:
        return None
    name = getattr(step_metric, "name", step_metric)
    if not isinstance(name, str) or not name or "*" in name:
        raise WrongTypeError(
            f"`step_metric` must be the name of one metric. Received: step_metric={step_metric!r}. Write for example 'epoch'."
        )
    return _plain(name)
