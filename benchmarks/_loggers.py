"""The trackers that are compared, each behind the same four calls: begin, log, end, and how many steps can be read back.

All keep their data in the folder they are given and talk to no other machine. Beyond that they run as their makers ship them.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, float]


class Logger:
    """A tracker. `steps` is how many rows one repeat logs, `killed_at` how many before a kill: fewer for the slow ones."""

    name = ""
    steps = 20_000
    killed_at = 5_000
    environment: dict[str, str] = {}

    def begin(self, folder: Path) -> Callable[[int, Row], Any]:
        """Starts a run that keeps its data in `folder`; returns the call that logs one row."""
        raise NotImplementedError

    def end(self) -> None:
        """Ends the run in good order."""

    def kept(self, folder: Path) -> int:
        """How many rows can be read back from `folder`. Not for the bare loop, which has no reader."""
        raise NotImplementedError


class Bare(Logger):
    """The floor: what one would write by hand, one encode and one write per row; no framing, checksum, summary, threads or errors."""

    name = "bare: `os.write(fd, encode({'step': step, 'time': time.time(), **row}))`"

    def begin(self, folder: Path) -> Callable[[int, Row], Any]:
        import msgspec

        self._fd = os.open(folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        encode, write, now, fd = msgspec.msgpack.Encoder().encode, os.write, time.time, self._fd

        def log(step: int, row: Row) -> None:
            write(fd, encode({"step": step, "time": now(), **row}))

        return log

    def end(self) -> None:
        os.close(self._fd)


class Kerascope(Logger):
    name = "kerascope"
    environment = {"KERASCOPE_SILENT": "1"}

    def begin(self, folder: Path) -> Callable[[int, Row], Any]:
        import kerascope

        self._run = kerascope.init(project="bench", dir=folder)
        call = kerascope.log
        return lambda step, row: call(row)

    def end(self) -> None:
        self._run.finish()

    def kept(self, folder: Path) -> int:
        from kerascope.events.types import Row as RowEvent
        from kerascope.runlog.reader import scan

        (segment,) = folder.rglob("*.klog")
        return len({event.step for _, event in scan(segment).events if isinstance(event, RowEvent)})


class Wandb(Logger):
    name = "wandb 0.31.0, offline"
    steps = 4_000
    environment = {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false"}

    def begin(self, folder: Path) -> Callable[[int, Row], Any]:
        import wandb

        wandb.init(project="bench", dir=str(folder))
        self._finish, call = wandb.finish, wandb.log
        return lambda step, row: call(row)

    def end(self) -> None:
        self._finish()

    def kept(self, folder: Path) -> int:
        from wandb.proto.wandb_internal_pb2 import Record

        files = list(folder.rglob("*.wandb"))
        records = [Record.FromString(data) for file in files for data in _leveldb_records(file.read_bytes()[7:])]
        return sum(record.HasField("history") for record in records)


def _leveldb_records(data: bytes) -> list[bytes]:
    """The records of a log in leveldb's format: 32 KiB blocks of chunks with crc, length and type (full, first, middle, last)."""
    block, head = 32768, struct.Struct("<IHB")
    records: list[bytes] = []
    part, position = b"", 0
    while position + head.size <= len(data):
        room = block - (position + 7) % block  # the file's own head of 7 bytes belongs to the first block
        if room < head.size:
            position += room
            continue
        _, length, kind = head.unpack_from(data, position)
        chunk = data[position + head.size : position + head.size + length]
        if kind == 0 or len(chunk) < length:
            break
        part = chunk if kind in (1, 2) else part + chunk
        if kind in (1, 4):
            records.append(part)
        position += head.size + length
    return records


class Trackio(Logger):
    name = "trackio 0.43.0"
    steps = 2_000

    def begin(self, folder: Path) -> Callable[[int, Row], Any]:
        os.environ["TRACKIO_DIR"] = str(folder)
        import trackio

        trackio.init(project="bench", embed=False)
        self._finish, call = trackio.finish, trackio.log
        return lambda step, row: call(row)

    def end(self) -> None:
        self._finish()

    def kept(self, folder: Path) -> int:
        return sum(_sqlite_count(file, "SELECT COUNT(DISTINCT step) FROM metrics") for file in folder.rglob("*.db"))


class TensorBoardX(Logger):
    name = "tensorboardX 2.6.5"
    steps = 2_000
    killed_at = 2_000

    def begin(self, folder: Path) -> Callable[[int, Row], Any]:
        from tensorboardX import SummaryWriter

        self._writer = SummaryWriter(str(folder))
        add = self._writer.add_scalar

        def log(step: int, row: Row) -> None:
            for name, value in row.items():
                add(name, value, step)

        return log

    def end(self) -> None:
        self._writer.close()

    def kept(self, folder: Path) -> int:
        """Steps of which all ten values are there."""
        from tensorboardX.proto.event_pb2 import Event

        seen: dict[int, int] = {}
        for file in folder.rglob("events.out.tfevents.*"):
            data, position = file.read_bytes(), 0
            while position + 12 <= len(data):
                (length,) = struct.unpack_from("<Q", data, position)
                payload = data[position + 12 : position + 12 + length]
                if len(payload) < length:
                    break
                event = Event.FromString(payload)
                if event.HasField("summary"):
                    seen[event.step] = seen.get(event.step, 0) + len(event.summary.value)
                position += 16 + length
        return sum(count >= 10 for count in seen.values())


class Mlflow(Logger):
    name = "mlflow 3.17.2, SQLite"
    steps = 300
    killed_at = 100
    environment = {"GIT_PYTHON_REFRESH": "quiet", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}

    def begin(self, folder: Path) -> Callable[[int, Row], Any]:
        import mlflow

        mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
        mlflow.start_run()
        self._finish, call = mlflow.end_run, mlflow.log_metrics
        return lambda step, row: call(row, step=step)

    def end(self) -> None:
        self._finish()

    def kept(self, folder: Path) -> int:
        return _sqlite_count(folder / "mlflow.db", "SELECT COUNT(DISTINCT step) FROM metrics")


def _sqlite_count(file: Path, query: str) -> int:
    with sqlite3.connect(file) as db:
        try:
            return int(db.execute(query).fetchone()[0])
        except sqlite3.OperationalError:
            return 0


LOGGERS: dict[str, type[Logger]] = {
    "bare": Bare,
    "kerascope": Kerascope,
    "wandb": Wandb,
    "trackio": Trackio,
    "tensorboardx": TensorBoardX,
    "mlflow": Mlflow,
}


def rows(count: int = 1000) -> list[Row]:
    """Rows of ten metrics with values of their own, as a training loop would make them."""
    return [{f"metric_{i}": (7 * n + i) / 3 for i in range(10)} for n in range(count)]


def surroundings(logger: type[Logger]) -> dict[str, str]:
    """The environment that a child process of the benchmark runs in."""
    return {**os.environ, **logger.environment, "PYTHONWARNINGS": "ignore"}
