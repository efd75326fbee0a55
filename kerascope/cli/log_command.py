"""`kerascope log cat`: the records of a run's log files, with their offsets, and what could not be read between them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec

from kerascope.cli.output import Output
from kerascope.cli.parser import whole_number
from kerascope.cli.store import open_store
from kerascope.errors import StoreError
from kerascope.events.types import Event, Keys, Row
from kerascope.query.plain import json_bytes
from kerascope.runlog.files import list_segments
from kerascope.runlog.reader import PIECE_BYTES, Scan, scan


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `log`."""
    commands = parser.add_subparsers(dest="log_command", metavar="COMMAND", required=True)
    cat = commands.add_parser(
        "cat", help="print records with their offsets", description="Prints the records of log files."
    )
    cat.add_argument("source", metavar="RUN|FILE", help="a run, or a .klog file")
    cat.add_argument(
        "--offset", type=whole_number(0, 2**53), default=0, help="byte to begin at, in each file (default 0)"
    )
    cat.add_argument("--limit", type=whole_number(1, 2**53), help="print this many records at most")
    cat.add_argument("--dir", default=argparse.SUPPRESS, metavar="FOLDER", help=argparse.SUPPRESS)
    cat.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON object a line")


def run(args: argparse.Namespace, out: Output) -> int:
    """Prints the records; returns 1 if something between them could not be read."""
    printer = _Printer(out, args.limit)
    sound = True
    for segment in _segments(args, out):
        sound = _print_segment(segment, args.offset, printer) and sound
        if printer.is_done:
            break
    return 0 if sound else 1


def _segments(args: argparse.Namespace, out: Output) -> list[Path]:
    file = Path(args.source)
    if file.is_file():
        return [file]
    from kerascope.cli.runs import find_run

    with open_store(args, out) as store:
        found = find_run(store, args.source)
        return list_segments(store.paths.log(found.home, found.id))


def _print_segment(segment: Path, offset: int, printer: _Printer) -> bool:
    """Prints one file piece by piece; returns whether all of it could be read."""
    printer.start(segment)
    sound = True
    while not printer.is_done:
        try:
            found = scan(segment, offset, PIECE_BYTES)
        except OSError as error:
            raise StoreError(f"The log file must be readable. Received: {segment} ({error.strerror}).") from error
        printer.records(found)
        sound = sound and not found.damage and found.torn is None
        if found.next_offset == offset:
            printer.tail(found)
            break
        offset = found.next_offset
    return sound


class _Printer:
    """Prints records for people or as JSON lines, up to a limit."""

    def __init__(self, out: Output, limit: int | None) -> None:
        self._out = out
        self._left = limit
        self._file = ""
        self._names: dict[int, tuple[str, ...]] = {}

    @property
    def is_done(self) -> bool:
        return self._left == 0

    def start(self, segment: Path) -> None:
        self._file = segment.name
        self._names = {}
        if not self._out.as_json:
            self._out.line(str(segment), "bold")

    def records(self, found: Scan) -> None:
        places: list[tuple[int, Any]] = [*found.events, *((one.offset, one) for one in found.damage)]
        for offset, item in sorted(places, key=lambda place: place[0]):
            if self.is_done:
                return
            if isinstance(item, Event):
                self._event(offset, item)
                self._left = None if self._left is None else self._left - 1
            else:
                self._damage(offset, f"{item.size_bytes} bytes could not be read: {item.reason}")
        if found.unknown:
            self._damage(
                found.next_offset, f"{found.unknown} records of a newer version were skipped before this offset"
            )

    def tail(self, found: Scan) -> None:
        if found.torn is not None:
            self._damage(
                found.torn.offset,
                f"torn tail of {found.torn.size_bytes} bytes: the end of a record that was being written",
            )

    def _event(self, offset: int, event: Event) -> None:
        name = type(event).__name__
        fields = msgspec.structs.asdict(event)
        if isinstance(event, Keys):
            self._names[event.id] = event.names
        elif isinstance(event, Row) and event.keys in self._names:
            fields["values"] = dict(zip(self._names[event.keys], event.values, strict=False))
        if self._out.as_json:
            self._out.json_line({"file": self._file, "offset": offset, "event": name, **fields})
        else:
            self._out.line(f"{offset:>10}  {name:<15} {_text(fields)}")

    def _damage(self, offset: int, text: str) -> None:
        if self._out.as_json:
            self._out.json_line({"file": self._file, "offset": offset, "event": None, "problem": text})
        else:
            self._out.line(f"{offset:>10}  {text}", "red")


def _text(fields: dict[str, Any]) -> str:
    return "  ".join(
        f"{name}={json_bytes(value).decode()}" for name, value in fields.items() if value not in (None, {}, (), [])
    )
