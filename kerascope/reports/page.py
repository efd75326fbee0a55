"""Gathers runs and their series, and writes them into one HTML file with the code that draws them.

Promises: the page loads nothing (its own policy forbids it), so that it opens from a disk, a mail or an archive; user text in it is data,
never code. Numbers are those of the charts: up to 500 buckets a line, every spike kept.
"""

from __future__ import annotations

import base64
import html
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection

from kerascope.errors import StoreError
from kerascope.query import history, runs, sample, views
from kerascope.query.plain import json_bytes
from kerascope.query.records import RunDetail
from kerascope.reports.panels import NEWEST, Panel, panels
from kerascope.version import __version__

REPORT = "report"
BUCKETS = 500
_MAX_RUNS = 1000

# Nothing may be loaded: neither by the page's code nor by what users wrote. Pictures come as data.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class Wanted:
    """A metric of a run over an axis."""

    project: str
    run: str
    key: str
    axis: str


def runs_page(db: Connection, assets: Path, found: Sequence[tuple[str, str]], title: str | None = None) -> bytes:
    """Returns a page about runs: charts of all their numbers, settings and results side by side.

    Args:
        db: An index connection.
        assets: The folder with the built `page.js` and `page.css`.
        found: Project and id of each run.
        title: Shown above; None: the names of the runs.

    Raises:
        NotFoundError: if there is no such run.
        StoreError: if the page's code is not built.
    """
    details = [runs.detail(db, project, run) for project, run in found]
    wanted = [one for detail in details for one in _numbers(db, detail.project, [detail.id])]
    name = title or ", ".join(detail.name for detail in details)
    return _page(db, assets, name, details, wanted, None)


def report_page(db: Connection, assets: Path, project: str, name: str) -> bytes:
    """Returns a saved report as a page, with the data of its panels.

    Raises:
        NotFoundError: if the project has no report of that name, or no run that a panel needs.
        StoreError: if the page's code is not built.
    """
    data = views.find(db, project, REPORT, name).data
    markdown = str(data.get("markdown", "")) if isinstance(data, dict) else ""
    shown: dict[tuple[str, str], RunDetail] = {}
    wanted: list[Wanted] = []
    for panel in panels(markdown, project):
        chosen = _runs_of(db, panel)
        for run in chosen:
            if (panel.project, run) not in shown:
                shown[panel.project, run] = runs.detail(db, panel.project, run)
        wanted += [one for one in _numbers(db, panel.project, chosen, panel.x) if one.key in panel.metrics]
    return _page(db, assets, name, list(shown.values()), list(dict.fromkeys(wanted)), markdown, project)


def _runs_of(db: Connection, panel: Panel) -> list[str]:
    """The ids of the runs that a panel means: by id, else by name; none named: the newest."""
    listed = runs.page(db, panel.project, limit=_MAX_RUNS, order="-created_s", columns=["config._none"]).runs
    if not panel.runs:
        return [run.id for run in listed[:NEWEST]]
    ids = {run.id for run in listed}
    return [
        run
        for wanted in panel.runs
        for run in ([wanted] if wanted in ids else [one.id for one in listed if one.name == wanted])
    ]


def _numbers(db: Connection, project: str, ids: list[str], x: str | None = None) -> list[Wanted]:
    """All numbers of the runs that are no bookkeeping, each over its own axis unless one is named."""
    if not ids:
        return []
    keys = [key for key in history.keys(db, project, ids) if key.kind == "number" and not key.hidden]
    return [
        Wanted(project, run, key.key, x or key.step_metric or "step")
        for key in keys
        if not key.key.startswith(("_", "system/"))
        for run in ids
    ]


def _page(
    db: Connection,
    assets: Path,
    title: str,
    details: Sequence[RunDetail],
    wanted: Sequence[Wanted],
    markdown: str | None,
    project: str | None = None,
) -> bytes:
    data = {
        "title": title,
        "project": project or ", ".join(dict.fromkeys(detail.project for detail in details)),
        "made_s": time.time(),
        "version": __version__,
        "markdown": markdown,
        "runs": [_run(detail) for detail in details],
        "series": list(_series(db, wanted)),
    }
    return _html(title, json_bytes(data), _asset(assets, "page.js"), _asset(assets, "page.css"))


def _run(detail: RunDetail) -> dict[str, Any]:
    fields = ("project", "id", "name", "state", "created_s", "duration_s", "notes", "tags", "config", "summary")
    return {name: getattr(detail, name) for name in fields}


def _series(db: Connection, wanted: Sequence[Wanted]) -> Iterable[dict[str, Any]]:
    for axis in dict.fromkeys(one.axis for one in wanted):
        asked = [(one.project, one.run, one.key) for one in wanted if one.axis == axis]
        for one in sample.series(db, asked, x=axis, buckets=BUCKETS):
            columns = {name: _base64(values) for name, values in one.columns.items()}
            if any(columns.values()):
                yield {
                    "project": one.project,
                    "run": one.run,
                    "key": one.key,
                    "axis": axis,
                    "kind": one.kind,
                    "total_points": one.total_points,
                    "columns": columns,
                }


def _base64(values: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode("ascii")


def _asset(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise StoreError(
            f"The code of pages that stand alone must be built. Received: {folder / name} ({error.strerror}). "
            "In a source tree, `make web` builds it."
        ) from error


def _html(title: str, data: bytes, script: bytes, style: bytes) -> bytes:
    # `<` never stands in the data: no text of a user can end the element that holds it. The code is ours, but the same end must
    # not occur in it.
    safe = data.replace(b"<", b"\\u003c")
    code = script.replace(b"</script", b"<\\/script")
    return b"".join(
        [
            b'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_POLICY)}">\n'.encode(),
            b'<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{html.escape(title)}</title>\n".encode(),
            b"<style>" + style + b"</style>\n</head>\n<body>\n",
            b'<div id="app"></div>\n<script type="application/json" id="data">' + safe + b"</script>\n",
            b"<script>" + code + b"</script>\n</body>\n</html>\n",
        ]
    )
