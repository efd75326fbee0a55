"""`kerascope doctor`: checks the store, says what it would repair, and with `--fix` repairs it without touching intact data."""

from __future__ import annotations

import argparse
from typing import Any

from kerascope.cli.output import Output, size
from kerascope.cli.store import store_paths
from kerascope.runlog.repair import ERROR, NOTE, Fixed, Problem, Report, check_store, fix

_STYLES = {NOTE: "", ERROR: "red"}


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `doctor`."""
    parser.add_argument("--fix", action="store_true", help="repair what has a remedy")
    parser.add_argument("--thorough", action="store_true", help="also read every blob and compare it with its digest")


def run(args: argparse.Namespace, out: Output) -> int:
    """Checks, and repairs if asked to; returns 1 if something worse than notes is left."""
    paths = store_paths(args)
    with out.progress("Checking") as advance:
        report = check_store(paths, thorough=args.thorough, progress=advance)
    fixed = fix(paths, report) if args.fix else None
    left = [problem for problem in report.problems if fixed is None or problem not in fixed.done]
    if out.as_json:
        out.json(_record(report, fixed))
    else:
        _print(report, fixed, left, out)
    return 1 if any(problem.severity != NOTE for problem in left) else 0


def _print(report: Report, fixed: Fixed | None, left: list[Problem], out: Output) -> None:
    versions = f", {report.version_count} artifact versions" if report.version_count else ""
    out.line(
        f"Checked {report.record_count} records in {report.segment_count} log files, {report.blob_count} blobs{versions}: "
        f"{size(report.size_bytes)}."
    )
    if report.unknown_count:
        out.line(f"{report.unknown_count} records are of a newer version of kerascope; they were left alone.")
    for problem in report.problems:
        where = "" if problem.offset is None else f" at byte {problem.offset}"
        out.line(f"{problem.kind}: {problem.path}{where}", _STYLES.get(problem.severity, "yellow"))
        out.line(f"    {problem.text}")
        if problem.remedy is not None:
            done = fixed is not None and problem in fixed.done
            out.line(f"    {'done' if done else 'remedy'}: {problem.remedy}")
    for problem, reason in fixed.failed if fixed else ():
        out.line(f"{problem.path} could not be repaired: {reason}", "red")
    if fixed is not None:
        out.line(f"Repaired {len(fixed.done)}, freed {size(fixed.freed_bytes)}.")
    if not report.problems:
        out.line("The store is sound.")
    elif fixed is None and any(problem.remedy for problem in left):
        out.line("Nothing was changed. `kerascope doctor --fix` applies the remedies.")


def _record(report: Report, fixed: Fixed | None) -> dict[str, Any]:
    done = fixed.done if fixed else ()
    counts = ("segment_count", "record_count", "unknown_count", "version_count", "blob_count", "size_bytes")
    return {
        "is_sound": report.is_sound,
        **{name: getattr(report, name) for name in counts},
        "problems": [
            problem._asdict() | {"path": str(problem.path), "fixed": problem in done} for problem in report.problems
        ],
        "failed": [
            {"path": str(problem.path), "reason": reason} for problem, reason in (fixed.failed if fixed else ())
        ],
        "freed_bytes": fixed.freed_bytes if fixed else 0,
    }
