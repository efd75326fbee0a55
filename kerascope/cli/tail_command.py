"""`kerascope tail`: what a run logs and prints, as it happens, straight from its log files."""

from __future__ import annotations

import argparse
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kerascope.cli.output import Output, number, when
from kerascope.cli.parser import seconds, whole_number
from kerascope.cli.runs import RUN_HELP, find_run
from kerascope.cli.store import open_store
from kerascope.events.types import Alert, Console, Event, Finish, Keys, Notice, Row, Segment
from kerascope.query.state import process_exists
from kerascope.runlog.files import list_segments
from kerascope.runlog.reader import PIECE_BYTES, scan

_ALIVE_EVERY_S = 2.0


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `tail`."""
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument(
        "-n", "--lines", type=whole_number(0, 10**9), default=10, help="begin with so many lines (default 10)"
    )
    parser.add_argument("--no-follow", action="store_true", help="print these and end")
    parser.add_argument("--only", choices=("rows", "console"), help="leave out the other kind")
    parser.add_argument("--poll", type=seconds, default=0.2, help="seconds between two looks (default 0.2)")


def run(args: argparse.Namespace, out: Output) -> int:
    """Prints the newest lines, then those that come, until the run ends."""
    with open_store(args, out) as store:
        found = find_run(store, args.run)
        log = _Log(store.paths.log(found.home, found.id), args.only)
    for line in deque(log.new_lines(), maxlen=args.lines):
        _print(line, out)
    while not args.no_follow and not log.has_ended():
        for line in log.new_lines():
            _print(line, out)
        sys.stdout.flush()
        time.sleep(args.poll)
    return 0


def _print(line: dict[str, Any], out: Output) -> None:
    if out.as_json:
        out.json_line(line)
    elif line["kind"] == "row":
        values = "  ".join(
            f"{name}={number(value)}" for name, value in line["values"].items() if not name.startswith("_")
        )
        out.line(f"step {line['step']}  {values}")
    elif line["kind"] == "console":
        out.line(line["text"], "red" if line["stream"] == "stderr" else "dim")
    else:
        out.line(f"{when(line['time_s'])}  {line['text']}", "yellow")


class _Log:
    """The segments of a run as they grow."""

    def __init__(self, folder: Path, only: str | None) -> None:
        self._folder = folder
        self._only = only
        self._offsets: dict[Path, int] = {}
        self._names: dict[Path, dict[int, tuple[str, ...]]] = {}
        self._open: dict[Path, Segment] = {}
        self._asked_s = 0.0

    def new_lines(self) -> Iterator[dict[str, Any]]:
        """Yields what came since the last call, as records for JSON."""
        for path in list_segments(self._folder):
            while True:
                offset = self._offsets.get(path, 0)
                found = scan(path, offset, PIECE_BYTES)
                for _, event in found.events:
                    yield from self._lines(path, event)
                self._offsets[path] = found.next_offset
                if found.next_offset == offset:
                    break

    def has_ended(self) -> bool:
        """Says whether no process writes any more: all said so, or died on this machine."""
        if not self._open:
            return True
        if time.monotonic() - self._asked_s < _ALIVE_EVERY_S:
            return False
        self._asked_s = time.monotonic()
        here = socket.gethostname()
        return all(one.host == here and not process_exists(one.pid, one.pid_start_s) for one in self._open.values())

    def _lines(self, path: Path, event: Event) -> Iterator[dict[str, Any]]:
        match event:
            case Segment():
                self._open[path] = event
            case Keys():
                self._names.setdefault(path, {})[event.id] = event.names
            case Row() if self._only != "console":
                names = self._names.get(path, {}).get(event.keys, ())
                values = dict(zip(names, event.values, strict=False))
                yield {"kind": "row", "step": event.step, "time_s": event.time_s, "values": values}
            case Console() if self._only != "rows":
                for text in event.text.splitlines():
                    yield {"kind": "console", "time_s": event.time_s, "stream": event.stream, "text": text}
            case Alert():
                yield {"kind": "alert", "time_s": event.time_s, "text": f"{event.level}  {event.title}: {event.text}"}
            case Notice():
                yield {"kind": "notice", "time_s": event.time_s, "text": f"{event.level}  {event.text}"}
            case Finish():
                self._open.pop(path, None)
                yield {"kind": "finish", "time_s": event.time_s, "text": _ending(event)}


def _ending(event: Finish) -> str:
    text = event.state if event.state == "finished" else f"{event.state} with exit code {event.exit_code}"
    return f"{text}: {event.message}" if event.message else text
