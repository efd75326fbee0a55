"""A sweep as `Api.sweep` gives it.

Not for: making or running sweeps (`kerascope.sweep`, `kerascope.agent`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kerascope.errors import NotFoundError
from kerascope.query import homes
from kerascope.sweeps import store

if TYPE_CHECKING:
    from kerascope.api.client import Api
    from kerascope.api.run import Run


class Sweep:
    """A sweep of the store.

    Args:
        api: the reader its runs come from.
        found: the sweep.

    Attributes:
        id: Its id.
        project: Its project.
        config: What `sweep` was given.
    """

    def __init__(self, api: Api, found: store.Sweep) -> None:
        self._api, self._found = api, found
        self.id, self.project, self.config = found.id, found.project, found.config

    @property
    def name(self) -> str:
        """The name it was given, else its id."""
        return str(self.config.get("name") or self.id)

    @property
    def entity(self) -> str:
        """Who its runs belong to."""
        return self._api.default_entity

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return [self.entity, self.project, self.id]

    @property
    def state(self) -> str:
        """`PENDING` before its first trial, `FINISHED` when it gives out no more and none runs, else `RUNNING`."""
        return self._found.state

    @property
    def order(self) -> str | None:
        """The metric as an order of runs, best first: `+summary_metrics.val_loss`; None if it has none."""
        if self._found.metric is None:
            return None
        return f"{'-' if self._found.is_maximized else '+'}summary_metrics.{self._found.metric}"

    @property
    def expected_run_count(self) -> int | None:
        """How many trials it gives out at most: all of a grid, or `run_cap`; None if there is no end."""
        return self._found.size

    @property
    def runs(self) -> list[Run]:
        """Its runs, in order of their trials; deleted ones are left out, as in every list."""
        found: list[Run] = []
        for run_id in self._found.run_ids():
            with contextlib.suppress(NotFoundError):  # purged
                found.append(self._api.run(f"{self.project}/{run_id}"))
        if not found:
            return []
        with found[0].store.reading() as db:
            return [run for run in found if not homes.is_hidden(db, *run.key)]

    def best_run(self, order: str | None = None) -> Run | None:
        """Returns the run with the best value of the sweep's metric, None if no run has one.

        Args:
            order: another key of the summary, with `-` before it if more is better.
        """
        key = order.lstrip("+-").removeprefix("summary_metrics.") if order else self._found.metric or ""
        more = order.startswith("-") if order else self._found.is_maximized
        scored = [(value, run) for run in self.runs if (value := _number(run.summary.get(key))) is not None]
        if not scored:
            return None
        return (max if more else min)(scored, key=lambda one: one[0])[1]

    def __repr__(self) -> str:
        return f"<Sweep {self.project}/{self.id}>"


def _number(value: Any) -> float | None:
    if isinstance(value, Mapping):
        value = next((value[one] for one in ("max", "min", "last") if one in value), None)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return float(value)
