"""A store of three runs, and the command run in this process or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kerascope.cli.main import main
from kerascope.paths import StorePaths
from tests.server.stores import write_runs


class Answer(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture(autouse=True)
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StorePaths:
    """The store that `KERASCOPE_DIR` names while a test runs."""
    monkeypatch.setenv("KERASCOPE_DIR", str(tmp_path / "store"))
    return StorePaths(tmp_path / "store")


@pytest.fixture
def store(paths: StorePaths) -> StorePaths:
    return write_runs(paths.root)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> StorePaths:
    """One store for the tests of a file that change nothing."""
    return write_runs(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def reading(shared: StorePaths, monkeypatch: pytest.MonkeyPatch) -> StorePaths:
    """The shared store, named by `KERASCOPE_DIR`."""
    monkeypatch.setenv("KERASCOPE_DIR", str(shared.root))
    return shared


@pytest.fixture
def kerascope(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process."""

    def run(*argv: str) -> Answer:
        capsys.readouterr()
        code = main(argv)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


def start(*argv: str, **options: Any) -> subprocess.Popen[str]:
    """Starts the command in a process of its own, the way users do."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": dict(os.environ)} | options
    return subprocess.Popen([sys.executable, "-m", "kerascope", *argv], **streams)
