"""Gathers runs and their series, and writes them into one HTML file with the code that draws them.

Promises: the page loads nothing (its own policy forbids it), so that it opens from a disk, a mail or an archive; user text in it is data,
never code. Numbers are those of the charts: up to 500 buckets a line, every spike kept. Media lie in it with their files, as many as fit.
"""

from __future__ import annotations

import base64
import gzip
import html
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Connection

from kerascope.blobs.store import BlobStore
from kerascope.errors import StoreError
from kerascope.query import history, runs, sample, views
from kerascope.query.plain import json_bytes
from kerascope.query.records import MetricKey, RunDetail
from kerascope.reports import media
from kerascope.reports.panels import NEWEST, Panel, panels
from kerascope.version import __version__

REPORT = "report"
BUCKETS = 500
_MAX_RUNS = 1000
_MAX_NAMES = 4
_FIGURE = "plotly-file"
_FRAMES = "figure-frame-*.html"
# Kinds without anything to look at, and numbers, which are drawn as lines.
_NO_MEDIA = frozenset({"number", "null"})

# Nothing may be loaded: neither by the page's code nor by what users wrote. Pictures, sound and logged pages are made of the page's own data.
# 'unsafe-eval' is what plotly.js needs for its large scatter plots; it runs in a sandbox inside of the page.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; media-src blob:; "
    "frame-src blob:; base-uri 'none'; form-action 'none'"
)


# Project, run and key.
_Asked = tuple[str, str, MetricKey]


@dataclass(frozen=True)
class Wanted:
    """A metric of a run over an axis."""

    project: str
    run: str
    key: str
    axis: str


def runs_page(
    db: Connection,
    assets: Path,
    found: Sequence[tuple[str, str]],
    title: str | None = None,
    blobs: BlobStore | None = None,
    most_media_bytes: int = media.MOST_BYTES,
) -> bytes:
    """Returns a page about runs: charts of all their numbers, media, settings and results side by side.

    Args:
        db: An index connection.
        assets: The folder with the built `page.js` and `page.css`.
        found: Project and id of each run.
        title: Shown above; None: the names of the runs, of many the first.
        blobs: Where files of media values lie; None leaves media out.
        most_media_bytes: So many bytes of media values and their files at most.

    Raises:
        NotFoundError: if there is no such run.
        StoreError: if the page's code is not built.
    """
    details = [runs.detail(db, project, run) for project, run in found]
    keys = [(detail.project, detail.id, key) for detail in details for key in _keys(db, detail.project, [detail.id])]
    content = _content(db, details, keys, blobs, most_media_bytes)
    name = title or _names([detail.name for detail in details])
    projects = dict.fromkeys(detail.project for detail in details)
    return _page(assets, name, content | {"project": ", ".join(projects), "markdown": None, "panels": []})


def report_page(
    db: Connection,
    assets: Path,
    project: str,
    name: str,
    blobs: BlobStore | None = None,
    most_media_bytes: int = media.MOST_BYTES,
) -> bytes:
    """Returns a saved report as a page, with the data of its panels; arguments as for `runs_page`.

    Raises:
        NotFoundError: if the project has no report of that name, or no run that a panel needs.
        StoreError: if the page's code is not built.
    """
    data = views.find(db, project, REPORT, name).data
    markdown = str(data.get("markdown", "")) if isinstance(data, dict) else ""
    shown: dict[tuple[str, str], RunDetail] = {}
    keys: list[_Asked] = []
    meant: list[dict[str, Any]] = []
    for panel in panels(markdown, project):
        chosen = _runs_of(db, panel)
        meant.append({"project": panel.project, "runs": panel.runs, "ids": chosen})
        for run in chosen:
            if (panel.project, run) not in shown:
                shown[panel.project, run] = runs.detail(db, panel.project, run)
        asked = [key for key in _keys(db, panel.project, chosen) if key.key in panel.metrics]
        keys += [
            (panel.project, run, key if panel.x is None else _over(key, panel.x)) for key in asked for run in chosen
        ]
    content = _content(db, list(shown.values()), keys, blobs, most_media_bytes)
    return _page(assets, name, content | {"project": project, "markdown": markdown, "panels": meant})


def _runs_of(db: Connection, panel: Panel) -> list[str]:
    """The ids of the runs that a panel means: by id, else by name, archived ones too; none named: the newest."""
    if not panel.runs:
        return [run.id for run in runs.page(db, panel.project, limit=NEWEST, columns=["config._none"]).runs]
    names = list(panel.runs)
    named = {"$or": [{"id": {"$in": names}}, {"name": {"$in": names}}]}
    listed = runs.page(db, panel.project, named, limit=_MAX_RUNS, columns=["config._none"], archived=True).runs
    ids = {run.id for run in listed}
    found = [
        run
        for wanted in panel.runs
        for run in ([wanted] if wanted in ids else [one.id for one in listed if one.name == wanted])
    ]
    return list(dict.fromkeys(found))


def _keys(db: Connection, project: str, ids: list[str]) -> list[MetricKey]:
    """What the runs logged that is no bookkeeping."""
    found = history.keys(db, project, ids) if ids else []
    return [key for key in found if not key.hidden and not key.key.startswith(("_", "system/"))]


def _over(key: MetricKey, axis: str) -> MetricKey:
    return msgspec.structs.replace(key, step_metric=axis)


def _content(
    db: Connection,
    details: Sequence[RunDetail],
    keys: Sequence[_Asked],
    blobs: BlobStore | None,
    most_media_bytes: int,
) -> dict[str, Any]:
    """The runs, and the data of the keys asked for."""
    numbers = [
        Wanted(project, run, key.key, key.step_metric or "step") for project, run, key in keys if key.kind == "number"
    ]
    others = [media.Wanted(project, run, key.key, key.kind) for project, run, key in keys if key.kind not in _NO_MEDIA]
    found = media.Media() if blobs is None else media.gather(db, blobs, list(dict.fromkeys(others)), most_media_bytes)
    return {
        "runs": [_run(detail) for detail in details],
        "series": list(_series(db, list(dict.fromkeys(numbers)))),
        "media": found.values,
        "blobs": found.blobs,
        "most_media_bytes": most_media_bytes,
    }


def _names(names: Sequence[str]) -> str:
    """Names in a row; of many the first."""
    if len(names) <= _MAX_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[: _MAX_NAMES - 1])} and {len(names) - _MAX_NAMES + 1} more"


def _page(assets: Path, title: str, content: dict[str, Any]) -> bytes:
    data = {"title": title, "made_s": time.time(), "version": __version__} | content
    has_figures = any(one["kind"] == _FIGURE for one in content["media"])
    frame = _figure_frame(assets) if has_figures else None
    return _html(title, json_bytes(data), _asset(assets, "page.js"), _asset(assets, "page.css"), frame)


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


def _figure_frame(assets: Path) -> bytes:
    """The frame that draws figures of Plotly: compressed, as base64."""
    folder = assets.parent / "assets"
    name = next((file.name for file in folder.glob(_FRAMES)), _FRAMES)
    return base64.b64encode(gzip.compress(_asset(folder, name), mtime=0))


def _html(title: str, data: bytes, script: bytes, style: bytes, frame: bytes | None) -> bytes:
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
            b'<div id="app"></div>\n',
            b'<script type="application/json" id="data">' + safe + b"</script>\n",
            b"" if frame is None else b'<script type="text/plain" id="figure-frame">' + frame + b"</script>\n",
            b"<script>" + code + b"</script>\n</body>\n</html>\n",
        ]
    )
