"""`kerascope show`: everything about one run on one page."""

from __future__ import annotations

import argparse
from typing import Any

from kerascope.cli.output import Output, duration, flatten, number, size, sparkline, when
from kerascope.cli.parser import whole_number
from kerascope.cli.runs import RUN_HELP, find_run
from kerascope.cli.store import OpenStore, open_store
from kerascope.query import files, history, runs, sample
from kerascope.query.records import MetricKey, RunDetail, Series

SPARK_WIDTH = 40


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `show`."""
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument(
        "--metrics", type=whole_number(0, 10_000), default=30, help="so many metrics at most (default 30)"
    )


def run(args: argparse.Namespace, out: Output) -> int:
    """Prints the run."""
    with open_store(args, out) as store:
        found = find_run(store, args.run)
        detail = runs.detail(store.db, found.project, found.id)
        keys = [key for key in history.keys(store.db, found.project, [found.id]) if not key.hidden]
        if out.as_json:
            out.json(
                {"run": detail, "keys": keys, "files": files.listing(store.db, store.paths, found.project, found.id)}
            )
        else:
            show(store, detail, keys, args.metrics, out)
    return 0


def show(store: OpenStore, one: RunDetail, keys: list[MetricKey], metric_limit: int, out: Output) -> None:
    """Prints a run for people: what it is, its config, metrics with sparklines, and what went wrong."""
    out.line(f"{one.project}/{one.id}  {one.name}", "bold")
    ended = "" if one.exit_code in (None, 0) else f", exit code {one.exit_code}"
    steps = f", {one.row_count} rows" if one.row_count else ""
    out.line(f"{one.state}{ended}, began {when(one.created_s)}, ran {duration(one.duration_s)}{steps}, on {one.host}")
    for label, value in (
        ("tags", ", ".join(one.tags)),
        ("group", one.group),
        ("job type", one.job_type),
        ("notes", one.notes),
    ):
        if value:
            out.line(f"{label}: {value}")
    _section(out, "Config", ["name", "value"], [[name, number(value)] for name, value in flatten(one.config)])
    _section(
        out,
        "Metrics",
        ["metric", "last", "min", "max", ""],
        _metric_rows(store, one, keys, metric_limit),
        right=("last", "min", "max"),
    )
    logged = {key.key for key in keys}
    rest = [
        [name, number(value)] for name, value in flatten(one.summary) if name not in logged and not name.startswith("_")
    ]
    _section(out, "Summary", ["name", "value"], rest)
    others = [[key.key, key.kind, str(key.point_count)] for key in keys if key.kind != "number"]
    _section(out, "Other values", ["name", "kind", "count"], others)
    links = [[f"{link.name}:v{link.version}", link.type, "made"] for link in one.artifacts_logged]
    links += [[f"{link.name}:v{link.version}", link.type, "used"] for link in one.artifacts_used]
    _section(out, "Artifacts", ["artifact", "type", ""], links)
    listed = files.listing(store.db, store.paths, one.project, one.id)
    if listed:
        out.line(f"{len(listed)} files, {size(sum(file.size_bytes for file in listed))}", "bold")
    if len(one.attempts) > 1:
        attempts = [[str(a.attempt), str(a.rank), a.state, when(a.started_s), a.host, str(a.pid)] for a in one.attempts]
        _section(out, "Attempts", ["attempt", "rank", "state", "began", "host", "pid"], attempts)
    _problems(out, one)


def _section(out: Output, title: str, heads: list[str], rows: list[list[str]], right: tuple[str, ...] = ()) -> None:
    if rows:
        out.line()
        out.line(title, "bold")
        out.table(heads, rows, right=right)


def _metric_rows(store: OpenStore, one: RunDetail, keys: list[MetricKey], limit: int) -> list[list[str]]:
    numeric = [key.key for key in keys if key.kind == "number"]
    numeric.sort(key=lambda key: key.startswith("system/"))  # stable: what the user logged comes first
    wanted = [(one.project, one.id, key) for key in numeric[:limit]]
    last = dict(flatten(one.summary))
    rows = [_metric_row(series, last) for series in sample.series(store.db, wanted, buckets=SPARK_WIDTH)]
    if len(numeric) > limit:
        rows.append([f"... {len(numeric) - limit} more (--metrics {len(numeric)})", "", "", "", ""])
    return rows


def _metric_row(series: Series, summary: dict[str, Any]) -> list[str]:
    columns: dict[str, Any] = {name: values.tolist() for name, values in series.columns.items()}
    middle = columns.get("mean", columns.get("y", []))
    low = [value for value in columns.get("min", middle) if value == value]
    high = [value for value in columns.get("max", middle) if value == value]
    last = number(summary.get(series.key, middle[-1] if middle else None))  # a bucket's mean is not its last value
    return [
        series.key,
        last,
        number(min(low, default=None)),
        number(max(high, default=None)),
        sparkline(middle, SPARK_WIDTH),
    ]


def _problems(out: Output, one: RunDetail) -> None:
    for alert in one.alerts:
        out.line(f"{when(alert.time_s)}  {alert.level}  {alert.title}: {alert.text}", "yellow")
    for notice in one.notices:
        out.line(f"{when(notice.time_s)}  {notice.level}  {notice.text}", "yellow")
    for attempt in one.attempts:
        if attempt.message:
            out.line(f"attempt {attempt.attempt}: {attempt.message}", "red")
        for damage in attempt.damage:
            out.line(f"attempt {attempt.attempt}: damaged {damage}", "red")
