"""Writes a run or a project to CSV, JSON or Parquet: history by step, config and summary beside it.

Promises: all rows, with the values as they were logged; a table's columns are the same whatever the rows say first; nothing is held
in memory but a page of rows (Parquet: a group of rows). Not for: media, which stay in the store (their descriptions are written).
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec
from sqlalchemy import Connection

from kerascope.errors import UsageError
from kerascope.query import history, runs
from kerascope.query.records import RunDetail

FORMATS = ("csv", "json", "parquet")
_PAGE_ROWS = 10_000


def export_run(db: Connection, project: str, run_id: str, format: str, target: str | Path | IO[bytes]) -> None:
    """Writes one run: CSV and Parquet hold its history, JSON everything about it.

    Args:
        db: An index connection.
        project: Name of the project.
        run_id: The run.
        format: `csv`, `json` or `parquet` (needs pyarrow).
        target: Path to write, or a file open for writing bytes.

    Raises:
        NotFoundError: if there is no such run.
        UsageError: if the format is unknown or pyarrow is missing.
    """
    run = runs.detail(db, project, run_id)
    if check_format(format) == "json":
        _write(target, _json_of_run(db, run))
    elif format == "csv":
        columns = ["_step", *_keys(db, [run])]
        _write(target, _csv(columns, _rows(db, run)))
    else:
        columns = ["_step", *_keys(db, [run])]
        _parquet(target, columns, _kinds(db, [run]), _rows(db, run), {"run": _json(_about(run))})


def export_project(
    db: Connection, project: str, format: str, target: str | Path | IO[bytes], run_ids: Sequence[str] | None = None
) -> None:
    """Writes the history of many runs as one table with a `run` column, or as one JSON list of runs.

    Args:
        db: An index connection.
        project: Name of the project.
        format: `csv`, `json` or `parquet` (needs pyarrow).
        target: Path to write, or a file open for writing bytes.
        run_ids: These runs; None for all that are not deleted.

    Raises:
        NotFoundError: if there is no such run.
        UsageError: if the format is unknown or pyarrow is missing.
    """
    check_format(format)
    chosen = [runs.detail(db, project, run_id) for run_id in (_all_ids(db, project) if run_ids is None else run_ids)]
    rows = ({"run": run.id, "name": run.name} | row for run in chosen for row in _rows(db, run))
    if format == "json":
        _write(target, _json_list(db, chosen))
        return
    columns = ["run", "name", "_step", *_keys(db, chosen)]
    if format == "csv":
        _write(target, _csv(columns, rows))
    else:
        about = {run.id: _about(run) for run in chosen}
        _parquet(target, columns, _kinds(db, chosen) | {"run": "text", "name": "text"}, rows, {"runs": _json(about)})


def check_format(format: str) -> str:
    """Returns `format` if it is one that can be written here.

    Raises:
        UsageError: if it is unknown, or needs a package that is missing.
    """
    if format not in FORMATS:
        raise UsageError(f"`format` must be one of {', '.join(FORMATS)}. Received: format={format!r}.")
    if format == "parquet":
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            raise UsageError(
                "Parquet needs the package pyarrow. Received: format='parquet'. "
                "Run `pip install kerascope[parquet]`, or export to csv or json."
            ) from None
    return format


def _all_ids(db: Connection, project: str) -> list[str]:
    found: list[str] = []
    while True:
        page = runs.page(
            db, project, order="created_s,id", offset=len(found), limit=runs.MAX_LIMIT, archived=True, columns=[]
        )
        found.extend(run.id for run in page.runs)
        if len(found) >= page.total or not page.runs:
            return found


def _keys(db: Connection, chosen: Sequence[RunDetail]) -> list[str]:
    """The history keys of the runs, in the order in which they were first logged."""
    keys: dict[str, None] = {}
    for run in chosen:
        keys |= dict.fromkeys(history.forms(db, run.project, run.id))
    return list(keys)


def _kinds(db: Connection, chosen: Sequence[RunDetail]) -> dict[str, str]:
    """What each key's numbers are: `int`, `bool` or `float`; `text` where any value is no number."""
    kinds: dict[str, str] = {}
    for run in chosen:
        for key, kind in history.forms(db, run.project, run.id).items():
            known = kinds.setdefault(key, kind)
            if known != kind:
                kinds[key] = "text" if "text" in (known, kind) else "float"
    return kinds


def _rows(db: Connection, run: RunDetail) -> Iterator[dict[str, Any]]:
    step: int | None = None
    while True:
        page = history.rows(db, run.project, run.id, min_step=step, limit=_PAGE_ROWS)
        yield from page.rows
        if page.next_step is None:
            return
        step = page.next_step


def _about(run: RunDetail) -> dict[str, Any]:
    about: dict[str, Any] = msgspec.to_builtins(run, builtin_types=(bytes,))
    return about


def _json(value: Any) -> bytes:
    return msgspec.json.encode(_plain(value))


def _plain(value: Any) -> Any:
    """Numbers that JSON does not know become the texts "NaN", "Infinity" and "-Infinity"."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _json_of_run(db: Connection, run: RunDetail) -> Iterator[bytes]:
    yield _json(_about(run))[:-1] + b',"history":['
    for number, row in enumerate(_rows(db, run)):
        yield (b",\n" if number else b"\n") + _json(row)
    yield b"]}"


def _json_list(db: Connection, chosen: Sequence[RunDetail]) -> Iterator[bytes]:
    yield b"["
    for number, run in enumerate(chosen):
        yield b",\n" if number else b"\n"
        yield from _json_of_run(db, run)
    yield b"]\n"


def _csv(columns: Sequence[str], rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_csv_cell(row.get(column)) for column in columns])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _csv_cell(value: Any) -> Any:
    return _json(value).decode() if isinstance(value, dict | list | bool) else value


def _parquet(
    target: str | Path | IO[bytes],
    columns: Sequence[str],
    kinds: dict[str, str],
    rows: Iterator[dict[str, Any]],
    about: dict[str, bytes],
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"int": pa.int64(), "bool": pa.bool_(), "float": pa.float64(), "text": pa.string()}
    fields = [pa.field(name, pa.int64() if name == "_step" else types[kinds[name]]) for name in columns]
    schema = pa.schema(fields, metadata={f"kerascope.{name}": value for name, value in about.items()})
    with pq.ParquetWriter(str(target) if isinstance(target, str | Path) else target, schema) as writer:
        for group in _groups(rows, _PAGE_ROWS):
            arrays = [
                pa.array([_cell(row.get(field.name), field.type == pa.string()) for row in group], type=field.type)
                for field in fields
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _cell(value: Any, text: bool) -> Any:
    if not text or value is None or isinstance(value, str):
        return value
    return _json(value).decode()


def _groups(rows: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    for row in rows:
        group.append(row)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _write(target: str | Path | IO[bytes], pieces: Iterator[bytes]) -> None:
    if isinstance(target, str | Path):
        with open(target, "wb") as file:
            file.writelines(pieces)
    else:
        target.writelines(pieces)
