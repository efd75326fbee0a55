"""Real processes that train together, as tests start them and read back what they left."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerascope.events.merge import RunState
from kerascope.events.types import Event, Keys, Row
from kerascope.paths import StorePaths
from kerascope.runlog.files import list_segments
from kerascope.runlog.reader import scan
from kerascope.tracking.resume import find_previous

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 300
_FOREIGN = ("KERASCOPE_", "WANDB_", "TORCHELASTIC_", "SLURM_", "OMPI_", "PMI")
WAIT = "import sys\nsys.stdin.readline()\n"
_QUIET = {"SYSTEM_METRICS": "0", "PACKAGES": "0", "GIT": "0", "SAVE_CODE": "0", "CONSOLE": "off", "QUIET": "1"}
# Below those that the system gives to whoever asks for any: none of these is taken between being found free and being used.
# Processes that run tests beside this one have numbers near its own: each has a hundred ports to itself.
_ports = itertools.count(12000 + os.getpid() * 100 % 20000)


def free_port() -> str:
    """A port that nobody listens on and that this process has not given out before."""
    for port in _ports:
        with socket.socket() as server, contextlib.suppress(OSError):
            server.bind(("127.0.0.1", port))
            return str(port)
    raise AssertionError("unreachable")


def surroundings(store: Path, **more: str) -> dict[str, str]:
    """Variables of a process that records into `store`, without any that this machine happens to have."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    own |= {f"KERASCOPE_{name}": value for name, value in _QUIET.items()}
    own |= {"KERASCOPE_DIR": str(store), "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return own | {"OMP_NUM_THREADS": "1", **more}


class Group:
    """Processes that were started together. All are killed when the `with` block is left.

    Args:
        commands: command line of each.
        environments: variables of each.
    """

    def __init__(self, commands: Sequence[Sequence[str]], environments: Sequence[dict[str, str]]) -> None:
        self.processes = [
            subprocess.Popen(
                command,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,  # so that what they start themselves can be killed with them
            )
            for command, env in zip(commands, environments, strict=True)
        ]

    def __enter__(self) -> Group:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def begin(self) -> None:
        """Lets processes go on that read a line first, so that none is through before the last one is there."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()

    def finish(self) -> list[tuple[str, str]]:
        """Waits for all; returns what each printed and complained about."""
        deadline = time.monotonic() + TIMEOUT_S
        told: list[tuple[str, str]] = []
        for process in self.processes:
            told.append(process.communicate(timeout=max(1.0, deadline - time.monotonic())))
            assert process.returncode == 0, told[-1][1][-4000:]
        return told


def together(script: str, store: Path, count: int = 2, **more: str) -> list[tuple[str, str]]:
    """Runs `script` in processes that a launcher has numbered, on an address of their own; returns what each printed."""
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": more.pop("MASTER_PORT", "") or free_port()}
    environments = [
        surroundings(store, RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(count), **address, **more)
        for rank in range(count)
    ]
    with Group([[sys.executable, "-W", "error", "-c", WAIT + script]] * count, environments) as group:
        group.begin()
        return group.finish()


class Left:
    """What the processes left in the store: runs, rows and artifacts of project `p`."""

    def __init__(self, root: Path, project: str = "p") -> None:
        self.paths = StorePaths(root)
        self.project = project

    @property
    def runs(self) -> list[str]:
        """Ids of the runs that have a log."""
        folder = self.paths.project(self.project) / "runs"
        return sorted(run.name for run in folder.iterdir() if list_segments(self.paths.log(self.project, run.name)))

    @property
    def run_id(self) -> str:
        (run_id,) = self.runs
        return run_id

    def events(self) -> dict[int, list[Event]]:
        """The events of the one run, by the number of the process that wrote them. No byte of them may be damaged."""
        found: dict[int, list[Event]] = {}
        for path in list_segments(self.paths.log(self.project, self.run_id)):
            result = scan(path)
            assert not result.damage
            events = [event for _, event in result.events]
            found.setdefault(events[0].rank, []).extend(events)  # type: ignore[union-attr]
        return found

    def rows(self) -> list[dict[str, Any]]:
        """History rows of the one run in step order, all processes merged."""
        merged: dict[int, dict[str, Any]] = {}
        for events in self.events().values():
            names: dict[int, tuple[str, ...]] = {}
            for event in events:
                if isinstance(event, Keys):
                    names[event.id] = event.names
                elif isinstance(event, Row):
                    merged.setdefault(event.step, {}).update(zip(names[event.keys], event.values, strict=True))
        return [merged[step] for step in sorted(merged)]

    def state(self) -> RunState:
        previous = find_previous(self.paths, self.project, self.run_id)
        assert previous is not None
        return previous.run

    def versions(self, name: str) -> int:
        return len(list(self.paths.artifact(self.project, name).glob("v*.json")))

    def artifacts(self) -> set[str]:
        folder = self.paths.project(self.project) / "artifacts"
        return {path.name for path in folder.iterdir()} if folder.is_dir() else set()
