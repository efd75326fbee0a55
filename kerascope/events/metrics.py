"""What `define_metric` said: rules per metric name or `prefix*`, and which rule a key follows.

Promises: pure. An exact name beats a glob; among globs the longest prefix wins; a rule that was given again adds to the old one unless
it says `overwrite`. Not for: applying the rules (see `events/summary.py`) or the call itself (see `tracking`).
"""

from __future__ import annotations

from typing import Final

import msgspec

from kerascope.errors import UsageError
from kerascope.events.types import Metric

AGGREGATES: Final = ("min", "max", "mean", "first", "last", "best")
"""What turns a summary value into a map such as `{"min": 0.1}`."""

SUMMARIES: Final = (*AGGREGATES, "copy", "none")
"""All that `define_metric(summary=)` may list; "copy" is the plain last value, "none" leaves the key out."""

GOALS: Final = ("minimize", "maximize")


class MetricRule(msgspec.Struct, frozen=True):
    """The merged definitions of one name; None means that nothing was said."""

    name: str
    step_metric: str | None = None
    step_sync: bool | None = None
    hidden: bool | None = None
    summary: tuple[str, ...] | None = None
    goal: str | None = None


def parse_summaries(text: str | None) -> tuple[str, ...] | None:
    """Returns the parts of `define_metric(summary=text)`, a comma list such as "min,last".

    Raises:
        UsageError: if `text` is no text or names something else.
    """
    if text is None:
        return None
    parts = tuple(part.strip().lower() for part in text.split(",")) if isinstance(text, str) else ()
    if not parts or any(part not in SUMMARIES for part in parts):
        raise UsageError(
            f"`summary` must be a comma list of {', '.join(SUMMARIES)}. Received: summary={text!r}. Write for example 'min,last'."
        )
    return parts


def check_goal(goal: str | None) -> str | None:
    """Returns `goal` of `define_metric` in full: "minimize" or "maximize".

    Raises:
        UsageError: if it is anything else.
    """
    if goal is None:
        return None
    full = {"min": "minimize", "max": "maximize"}.get(goal, goal) if isinstance(goal, str) else goal
    if full not in GOALS:
        raise UsageError(f"`goal` must be 'minimize' or 'maximize'. Received: goal={goal!r}.")
    return full


def check_metric_name(name: str) -> str:
    """Returns `name` of `define_metric`: a key, or a prefix followed by one `*`.

    Raises:
        UsageError: if it is no text, empty, or has a `*` anywhere but at its end.
    """
    if not isinstance(name, str) or not name or "*" in name[:-1]:
        raise UsageError(
            f"`name` must be a metric's key; a '*' may only stand at its end. Received: name={name!r}. "
            "Write for example 'val_loss' or 'val/*'."
        )
    return name


def merge_definition(rule: MetricRule | None, event: Metric) -> MetricRule:
    """Returns `rule` with what `event` says added to it."""
    if rule is None or event.overwrite:
        rule = MetricRule(event.name)
    return MetricRule(
        event.name,
        rule.step_metric if event.step_metric is None else event.step_metric,
        rule.step_sync if event.step_sync is None else event.step_sync,
        rule.hidden if event.hidden is None else event.hidden,
        rule.summary if event.summary is None else event.summary,
        rule.goal if event.goal is None else event.goal,
    )


def rule_for(rules: dict[str, MetricRule], key: str) -> MetricRule | None:
    """Returns the rule that `key` follows: its own, else that of the longest `prefix*` it begins with."""
    exact = rules.get(key)
    if exact is not None or not rules:
        return exact
    globs = [name for name in rules if name.endswith("*") and key.startswith(name[:-1])]
    return rules[max(globs, key=len)] if globs else None
