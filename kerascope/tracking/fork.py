"""`init(fork_from="<run id>?_step=<n>")`: a new run that begins with the history of another one up to step n.

Promises: the other run is only read; its rows are copied, its media are shared through the blob store. Not for: going on with a run
itself (see `resume.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kerascope.errors import UsageError
from kerascope.events.types import Keys, Row, Value
from kerascope.paths import StorePaths
from kerascope.runlog.files import list_segments
from kerascope.runlog.reader import iter_events
from kerascope.tracking.resume import Previous, find_previous

_FORM = re.compile(r"([A-Za-z0-9_-]{1,128})\?_step=(\d{1,18})\Z")


class CopiedRow(NamedTuple):
    """A row, or part of one, of the run that is forked."""

    step: int
    time_s: float
    runtime_s: float
    names: tuple[str, ...]
    values: list[Value]


@dataclass(frozen=True)
class Fork:
    """Where a run begins.

    Attributes:
        run_id: the run that is forked.
        step: the last step that is taken over.
        source: what its log says.
    """

    paths: StorePaths
    project: str
    run_id: str
    step: int
    source: Previous

    def rows(self) -> Iterator[CopiedRow]:
        """Yields the rows up to the step, in the order they were written."""
        for path in list_segments(self.paths.log(self.project, self.run_id)):
            names: dict[int, tuple[str, ...]] = {}
            for _, event in iter_events(path):
                if isinstance(event, Keys):
                    names[event.id] = event.names
                elif isinstance(event, Row) and event.step <= self.step and event.keys in names:
                    yield CopiedRow(event.step, event.time_s, event.runtime_s, names[event.keys], event.values)


def parse_fork(text: object, paths: StorePaths, project: str) -> Fork:
    """Returns what `fork_from` says.

    Raises:
        UsageError: if it has another form, or there is no such run or step.
    """
    found = _FORM.match(text) if isinstance(text, str) else None
    if found is None:
        raise UsageError(
            f"`fork_from` must be '<run id>?_step=<n>'. Received: fork_from={text!r}. Write for example 'abc123?_step=200'."
        )
    run_id, step = found[1], int(found[2])
    source = find_previous(paths, project, run_id)
    if source is None:
        raise UsageError(
            f"`fork_from` needs an existing run. Received: {run_id!r}, which project {project!r} does not have."
        )
    last = source.run.last_step
    if last is None or step > last:
        raise UsageError(
            f"`fork_from` needs a step that the run has. Received: _step={step}, but its last step is {last}."
        )
    return Fork(paths, project, run_id, step, source)
