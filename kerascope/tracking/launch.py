"""How the processes of one distributed training agree on one run: the first tells, the others hear.

The first process says its choice (`Announcement`) through whatever connects them: the key-value store of torch.distributed or
jax.distributed if that runs already, and a small file in the store (`docs/formats/store.md`). Promises: the first process never
waits; the others wait at most as long as they are told to; nothing here is a collective operation, so a script that calls `init` on
some processes only does not hang. Not for: which process this is (see `ranks.py`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from kerascope.disk import write_whole
from kerascope.paths import RUN_ID, StorePaths
from kerascope.tracking.ranks import jax_state

WAIT_S = 60.0
_POLL_S = 0.05
_CLOCK_SLACK_S = 120.0
_KEPT_S = 24 * 3600.0
_ADDRESS = (
    "MASTER_ADDR",
    "MASTER_PORT",
    "JAX_COORDINATOR_ADDRESS",
    "KERAS_DISTRIBUTION_JOB_ADDRESSES",
    "PMIX_NAMESPACE",
)
_ATTEMPT = ("TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT", "SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT")
_begun: dict[str, int] = {}  # how many runs of a project this process has begun: its n-th is the n-th of the others


@dataclass(frozen=True)
class Announcement:
    """What the first process has chosen; `began_ns` is when its segment began, in nanoseconds since 1970."""

    run_id: str
    name: str
    began_ns: int


class Launch:
    """The processes that were started together, as one of them sees them. Made once per run, by every process.

    Args:
        paths: the store.
        project: the project of the run.
    """

    def __init__(self, paths: StorePaths, project: str) -> None:
        number = _begun[project] = _begun.get(project, -1) + 1
        self._key = f"kerascope/{project}/{number}"
        self._paths, self._project = paths, project
        self._file = paths.project(project) / "launches" / _digest(*_address(), self._key)

    @property
    def job_id(self) -> str | None:
        """A run id that follows from the number of the scheduler's or launcher's job, so that nobody has to ask; None without one."""
        env = os.environ
        is_numbered = env.get("SLURM_STEP_ID") or env.get("TORCHELASTIC_RUN_ID", "none") not in ("", "none")
        return _digest(*_job(), self._key)[:16] if is_numbered else None

    def free_job_id(self) -> str | None:
        """Returns `job_id` unless there is such a run already: a job was given the name of an earlier one."""
        run_id = self.job_id
        return run_id if run_id is not None and not self._paths.log(self._project, run_id).exists() else None

    def announce(self, said: Announcement) -> None:
        """Tells the others. A store or connection that fails is left alone: the others then say that they heard nothing."""
        text = json.dumps({**asdict(said), **_who()})
        for way in (_torch_store, _jax_client):
            channel = way()
            if channel is not None:
                _quietly(lambda channel=channel: channel[0](self._key, text))  # type: ignore[misc]
        _quietly(lambda: _write(self._file, text))

    def hear(self, timeout_s: float) -> Announcement | None:
        """Returns what the first process has said, waiting for it up to `timeout_s` seconds; None if it said nothing."""
        for way in (_torch_store, _jax_client):
            channel = way()
            if channel is not None:
                return _parsed(_quietly(lambda channel=channel: channel[1](self._key, timeout_s)))  # type: ignore[misc]
        deadline = time.monotonic() + timeout_s
        while True:
            found = _read(self._file)
            if found is not None or time.monotonic() >= deadline:
                return found
            time.sleep(_POLL_S)


_Channel = tuple[Callable[[str, str], Any], Callable[[str, float], Any]]
"""How to set a text, and how to get it within a number of seconds."""


def _torch_store() -> _Channel | None:
    distributed = getattr(sys.modules.get("torch"), "distributed", None)
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    store = distributed.distributed_c10d._get_default_store()

    def get(key: str, timeout_s: float) -> Any:
        store.wait([key], timedelta(seconds=max(timeout_s, _POLL_S)))  # 0 means for ever there
        return store.get(key).decode()

    return store.set, get


def _jax_client() -> _Channel | None:
    state = jax_state()
    if state is None:
        return None
    client = state.client
    return client.key_value_set, lambda key, timeout_s: client.blocking_key_value_get(key, int(timeout_s * 1000))


def _quietly(call: Callable[[], Any]) -> Any:
    """The result of `call`; None if it fails, which is the same as nothing having been said."""
    try:
        return call()
    except Exception:  # border: frameworks raise errors of their own here
        return None


def _address() -> tuple[str, ...]:
    """What these processes have in common and other launches at this time do not."""
    env = os.environ
    address = [env.get(name, "") for name in _ADDRESS]
    state = jax_state()
    if state is not None:
        address.append(str(state.coordinator_address))
    if "TF_CONFIG" in env:
        address.append(_quietly(lambda: json.dumps(json.loads(env["TF_CONFIG"])["cluster"], sort_keys=True)) or "")
    if any(address) or env.get("SLURM_STEP_ID"):
        return (*address, *_job())
    return (socket.gethostname(), str(os.getppid()))  # started by one shell or program on one machine


def _job() -> tuple[str, ...]:
    return tuple(os.environ.get(name, "") for name in (*_ATTEMPT, "MASTER_PORT"))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _who() -> dict[str, Any]:
    return {"host": socket.gethostname(), "pid": os.getpid(), "pid_start_s": process_start_s(os.getpid())}


def process_start_s(pid: int) -> float:
    """When a process was started, so that a reader can tell it from another one that got its number; 0.0 if there is none.

    The same in every process that asks, but up to a second too early: the system tells the time of its start in whole seconds.
    """
    try:
        booted_s = next(line for line in Path("/proc/stat").read_bytes().splitlines() if line.startswith(b"btime"))
        return float(booted_s.split()[1]) + _start_after_boot_s(pid)
    except (OSError, ValueError, IndexError, StopIteration):
        if Path("/proc/self/stat").exists():
            return 0.0
    import psutil  # 15 ms that `init` need not spend where the system says it in a file

    try:
        return float(psutil.Process(pid).create_time())
    except (psutil.Error, OSError):
        return 0.0


def own_start_s() -> float:
    """When this process was started by the clock it reads now, to a hundredth of a second; seconds since 1970."""
    try:
        # A pause between the two clocks makes their difference smaller: the largest of several is the true one.
        booted_s = max(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) for _ in range(5))
        return booted_s + _start_after_boot_s(os.getpid())
    except (AttributeError, OSError, ValueError, IndexError):  # not a Linux
        return process_start_s(os.getpid())


def _start_after_boot_s(pid: int) -> float:
    """Seconds from the start of the machine to that of the process, as Linux counts them: in hundredths."""
    fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    for old in file.parent.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another launch was quicker
            if old.stat().st_mtime < time.time() - _KEPT_S:
                old.unlink()
    write_whole(file, text)


def _read(file: Path) -> Announcement | None:
    """What the file says, unless an earlier launch with the same address left it there."""
    try:
        text = file.read_text(encoding="utf-8")
        said = json.loads(text)
        began_s, writer = said["began_ns"] / 1e9, (said["host"], said["pid"], said["pid_start_s"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    here = socket.gethostname() == writer[0]
    is_alive = here and abs(process_start_s(writer[1]) - writer[2]) < 1.0
    is_new = began_s >= own_start_s() - (0.0 if here else _CLOCK_SLACK_S)
    return _parsed(text) if is_alive or is_new else None


def _parsed(text: Any) -> Announcement | None:
    try:
        said = json.loads(text)
        found = Announcement(str(said["run_id"]), str(said["name"]), int(said["began_ns"]))
    except (TypeError, ValueError, KeyError):
        return None
    return found if RUN_ID.match(found.run_id) else None
