"""What tests of the tracker share: a store of their own, and reading back what a run's log says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kerascope.events.merge import RunState
from kerascope.events.types import Event, Keys, Row
from kerascope.paths import StorePaths
from kerascope.runlog.files import list_segments
from kerascope.runlog.reader import scan
from kerascope.terminal import configure
from kerascope.tracking import current
from kerascope.tracking.resume import find_previous

QUIET = {"system_metrics": False, "git": False, "packages": False, "save_code": False, "console": "off"}


Script = Callable[..., subprocess.CompletedProcess[str]]


class Store:
    """A store in a temporary folder, and verbs to look into it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = StorePaths(root)

    def segments(self, run_id: str, project: str = "uncategorized") -> list[Path]:
        return list_segments(self.paths.log(project, run_id))

    def events(self, run_id: str, project: str = "uncategorized") -> list[Event]:
        found: list[Event] = []
        for path in self.segments(run_id, project):
            result = scan(path)
            assert not result.damage
            assert result.torn is None
            found += [event for _, event in result.events]
        return found

    def rows(self, run_id: str, project: str = "uncategorized") -> dict[int, dict[str, Any]]:
        """Rows by step, parts merged."""
        merged: dict[int, dict[str, Any]] = {}
        for path in self.segments(run_id, project):
            names: dict[int, tuple[str, ...]] = {}
            for _, event in scan(path).events:
                if isinstance(event, Keys):
                    names[event.id] = event.names
                elif isinstance(event, Row):
                    merged.setdefault(event.step, {}).update(zip(names[event.keys], event.values, strict=True))
        return merged

    def state(self, run_id: str, project: str = "uncategorized") -> RunState:
        previous = find_previous(self.paths, project, run_id)
        assert previous is not None
        return previous.run


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    for name in list(os.environ):
        if name.startswith(("KERASCOPE_", "WANDB_")) or name in {"RANK", "WORLD_SIZE"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("KERASCOPE_DIR", str(tmp_path / "store"))
    for name, value in QUIET.items():
        monkeypatch.setenv(f"KERASCOPE_{name.upper()}", str(value).lower())
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    yield Store(tmp_path / "store")
    run = current.get_run()
    if run is not None:
        run.finish()
    configure(silent=False)


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Runs Python text in a process of its own; returns what `subprocess.run` returns."""

    def run(text: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "work" / "script.py"
        path.write_text(text)
        return subprocess.run(
            [sys.executable, "-W", "error", str(path), *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, **environment},
            check=False,
        )

    return run
