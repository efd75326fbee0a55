"""Earlier attempts of a run: finding them, and what a resumed run takes over from them.

Promises: reads logs only; an earlier segment is never written to. Modes: `allow` goes on with the run if it exists, `must` refuses
if it does not, `never` refuses if it does, `auto` goes on with the run that did not end in good order in the same folder.
Not for: the index, which the training process does not know.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from kerascope.disk import write_whole
from kerascope.errors import UsageError
from kerascope.events.merge import Attempt, RunState, merge_states
from kerascope.events.metrics import MetricRule
from kerascope.events.state import SegmentState
from kerascope.events.summary import SummaryState
from kerascope.events.types import Row
from kerascope.paths import RUN_ID, StorePaths
from kerascope.runlog.files import list_segments, parse_segment_name
from kerascope.runlog.reader import iter_events

_FOLD_ROWS = 4096


@dataclass(frozen=True)
class Previous:
    """What the earlier attempts of a run left behind.

    Attributes:
        run: their merged meaning.
        summary: their summary, in a form that goes on growing.
    """

    run: RunState
    summary: SummaryState

    @property
    def next_step(self) -> int:
        """The step after the last one that was logged."""
        return 0 if self.run.last_step is None else self.run.last_step + 1

    @property
    def runtime_s(self) -> float:
        """How long the run has run so far: the run time of its last row."""
        return self.summary.runtime_s

    @property
    def rules(self) -> tuple[MetricRule, ...]:
        """The metric definitions."""
        return tuple(self.run.metrics.values())

    def attempts_of(self, rank: int) -> tuple[Attempt, ...]:
        """Returns the starts of one rank."""
        return tuple(attempt for attempt in self.run.attempts if attempt.rank == rank)


def find_previous(paths: StorePaths, project: str, run_id: str, before_ns: int | None = None) -> Previous | None:
    """Returns what the log of a run says, or None if there is no such run.

    Args:
        paths: the store.
        project: the project.
        run_id: the run.
        before_ns: only what began before this time, in nanoseconds since 1970.

    Raises:
        OSError: if a segment cannot be read.
    """
    states: list[SegmentState] = []
    for path in list_segments(paths.log(project, run_id)):
        named = parse_segment_name(path.name)
        if before_ns is None or (named is not None and named.time_ns < before_ns):
            states.append(_fold(path))
    if not any(state.segment is not None for state in states):
        return None
    summary = SummaryState()
    for state in states:
        summary = summary.followed_by(state.summary)
    return Previous(merge_states(states), summary)


def _fold(path: Path) -> SegmentState:
    """The state of one segment; rows with the same names that follow each other are folded together, which is much faster."""
    state = SegmentState()
    rows: list[Row] = []
    for _, event in iter_events(path):
        if rows and (not isinstance(event, Row) or event.keys != rows[0].keys or len(rows) >= _FOLD_ROWS):
            _fold_rows(state, rows)
            rows = []
        if isinstance(event, Row):
            rows.append(event)
        else:
            state.apply(event)
    _fold_rows(state, rows)
    return state


def _fold_rows(state: SegmentState, rows: list[Row]) -> None:
    names = state.names(rows[0].keys) if rows else None
    whole = [row for row in rows if names is not None and len(row.values) == len(names)]
    if names is not None:
        state.apply_rows(
            names,
            [row.step for row in whole],
            [row.time_s for row in whole],
            [row.runtime_s for row in whole],
            [row.values for row in whole],
        )


def check_mode(mode: str | None, previous: Previous | None, project: str, run_id: str) -> None:
    """Checks `resume` against what exists.

    Raises:
        UsageError: for `must` without a run, and `never` with one.
    """
    if mode == "must" and previous is None:
        raise UsageError(
            f"`resume='must'` needs an existing run. Received: id={run_id!r}, which project {project!r} does not have. "
            "Check id and project, or use resume='allow'."
        )
    if mode == "never" and previous is not None:
        raise UsageError(
            f"`resume='never'` needs a new run. Received: id={run_id!r}, which project {project!r} has already. "
            "Leave out the id, or use resume='allow'."
        )


class AutoResume:
    """Remembers, per project and working folder, the run that `resume='auto'` would go on with.

    Args:
        paths: the store.
        project: the project.
        folder: the working folder of the script.
    """

    def __init__(self, paths: StorePaths, project: str, folder: Path) -> None:
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]
        self._file = paths.project(project) / "resume" / digest

    def unfinished(self) -> str | None:
        """Returns the id of the run that did not end in good order, or None."""
        try:
            text = self._file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return text if RUN_ID.match(text) else None

    def remember(self, run_id: str) -> None:
        """Takes note of a run that begins. A store that cannot be written is not told of here."""
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._file, run_id)

    def forget(self, run_id: str) -> None:
        """Takes note of a run that ended in good order."""
        if self.unfinished() == run_id:
            with contextlib.suppress(OSError):
                self._file.unlink()
