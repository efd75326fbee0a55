"""What a run is: names, addresses, settings, config and summary, as attributes. The base of `Run`.

Not for: logging and the run's life (see `run.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerascope.errors import UsageError, WrongTypeError
from kerascope.events.types import RunInfo
from kerascope.ids import did_you_mean
from kerascope.jsonable import clean_text
from kerascope.paths import StorePaths, project_url, run_url
from kerascope.settings import Settings
from kerascope.terminal import termwarn
from kerascope.tracking.rank_sink import RankSink
from kerascope.tracking.recorder import Recorder
from kerascope.tracking.sink import Sink

if TYPE_CHECKING:
    from kerascope.tracking.config import Config
    from kerascope.tracking.fork import Fork
    from kerascope.tracking.history import History
    from kerascope.tracking.resume import Previous
    from kerascope.tracking.summary import Summary

RUNNING, FINISHED, FORKED = "running", "finished", "forked"
_SETTABLE = ("name", "notes", "tags", "config")


@dataclass(frozen=True, kw_only=True)
class Start:
    """All that `init` has decided about a run.

    Attributes:
        info: name, notes, tags, group and job type that hold now.
        previous: earlier attempts, if this one goes on with them.
        fork: the run whose history this one begins with.
        on_finish: called with the exit code when the run has ended.
    """

    settings: Settings
    paths: StorePaths
    project: str
    run_id: str
    info: RunInfo
    files: Path
    host: str
    started_s: float
    sink: Sink
    recorder: Recorder
    previous: Previous | None = None
    fork: Fork | None = None
    allow_val_change: bool = False
    on_finish: Callable[[int], None] | None = None


class Identity:
    """The attributes of a run.

    Args:
        start: what `init` has decided.
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self._info = start.info
        self._recorder = start.recorder
        self._phase = RUNNING

    _config: Config
    _history: History
    _summary: Summary
    _starting_step: int

    # Identity

    @property
    def id(self) -> str:
        """The run's id, unique in its project."""
        return self._start.run_id

    @property
    def name(self) -> str:
        """The display name; it can be set."""
        return self._info.name or self.id

    @name.setter
    def name(self, name: str) -> None:
        self._inform(name=_checked_text("name", name))

    @property
    def notes(self) -> str | None:
        """Free text; it can be set."""
        return self._info.notes

    @notes.setter
    def notes(self, notes: str) -> None:
        self._inform(notes=_checked_text("notes", notes))

    @property
    def tags(self) -> tuple[str, ...]:
        """The run's tags; they can be set, and `run.tags += ("new",)` works."""
        return self._info.tags or ()

    @tags.setter
    def tags(self, tags: Sequence[str]) -> None:
        if isinstance(tags, str) or not all(isinstance(tag, str) for tag in tags):
            raise WrongTypeError(f"`tags` must be a list of texts. Received: tags={tags!r}.")
        self._inform(tags=tuple(dict.fromkeys(map(clean_text, tags))))

    @property
    def project(self) -> str:
        """The project the run belongs to."""
        return self._start.project

    @property
    def entity(self) -> str:
        """Who the run belongs to; `local` unless `init` or the environment says otherwise."""
        return self._start.settings.entity

    @property
    def group(self) -> str:
        """The group, or an empty text."""
        return self._info.group or ""

    @property
    def job_type(self) -> str:
        """The job type, or an empty text."""
        return self._info.job_type or ""

    @property
    def path(self) -> str:
        """`entity/project/id`."""
        return f"{self.entity}/{self.project}/{self.id}"

    @property
    def url(self) -> str | None:
        """Where `kerascope ui` shows the run; None if it is disabled."""
        return None if self.disabled else run_url(self.project, self.id)

    @property
    def project_url(self) -> str | None:
        """Where `kerascope ui` shows the project; None if the run is disabled."""
        return None if self.disabled else project_url(self.project)

    def get_url(self) -> str | None:
        """Returns `url`."""
        return self.url

    # State

    @property
    def dir(self) -> str:
        """The folder for files that belong to the run; the system's temporary folder if mode is `disabled`."""
        return str(self._start.files)

    @property
    def step(self) -> int:
        """The step that is logged to next."""
        return self._history.step

    @property
    def starting_step(self) -> int:
        """The first step of this attempt: 0, or the step after the last one of a resumed run."""
        return self._starting_step

    @property
    def resumed(self) -> bool:
        """Whether this goes on with an earlier attempt."""
        return self._start.previous is not None

    @property
    def offline(self) -> bool:
        """Whether mode is `offline`. Nothing leaves the machine in any mode."""
        return self._start.settings.mode == "offline"

    @property
    def disabled(self) -> bool:
        """Whether nothing is recorded at all: mode `disabled`, or not the first process of a distributed training."""
        sink = self._start.sink
        return self._start.settings.mode == "disabled" or (isinstance(sink, RankSink) and sink.is_silent)

    @property
    def start_time(self) -> float:
        """When this attempt began, in seconds since 1970."""
        return self._start.started_s

    @property
    def settings(self) -> Settings:
        """The settings that hold for this run."""
        return self._start.settings

    @property
    def sweep_id(self) -> str | None:
        """The sweep that the run is a trial of, if it is one."""
        return self._info.sweep

    @property
    def config(self) -> Config:
        """Settings of the experiment."""
        return self._config

    @config.setter
    def config(self, values: Mapping[str, Any]) -> None:
        self._config.update(values)

    @property
    def summary(self) -> Summary:
        """What is known of the run at a glance."""
        return self._summary

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and name not in _SETTABLE and name != "worker":
            raise AttributeError(
                f"A run has no attribute of this name that can be set. Received: {name}={value!r}. "
                f"Use run.config or run.summary for values of your own.{did_you_mean(name, _SETTABLE)}"
            )
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<Run {self.path} {self.name!r} {self._phase}>"

    # Inside

    def _may_record(self, call: str) -> bool:
        """Whether the run still records; False in a forked child.

        Raises:
            UsageError: after `finish`.
        """
        if self._phase is RUNNING:
            return True
        if self._phase is FORKED:
            termwarn(
                f"run {self.name}: {call}() in a forked process records nothing. Call kerascope.init() there for a run of its own.",
                repeat=False,
            )
            return False
        raise UsageError(
            f"A run records nothing after finish(). Received: {call}() on run {self.name}. Call kerascope.init() first."
        )

    def _inform(self, **changed: Any) -> None:
        if self._may_record("setting an attribute"):
            fields = {name: getattr(self._info, name) for name in RunInfo.__struct_fields__}
            self._info = RunInfo(**{**fields, **changed})
            self._recorder.append(RunInfo(**changed))


def _checked_text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise WrongTypeError(f"`{name}` must be text. Received: {name}={value!r} of type {type(value).__name__}.")
    return clean_text(value)
