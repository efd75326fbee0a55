"""Runs in notebooks: `run` as the last line of a cell shows its live page, or what is known of it where no dashboard runs.

Both are kept in the notebook: whoever opens it later, without a dashboard, reads what was known when the cell ran.

Promises: showing a run starts nothing and takes a moment at most; `show` may start a dashboard, on this machine only, which ends with
the notebook's kernel. Nothing but the loopback of this machine is asked. Not for: dashboards on other machines.
"""

from __future__ import annotations

import atexit
import html
import json
import math
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from kerascope.errors import CommError
from kerascope.paths import run_url

FIRST_PORT = 7575
_PORTS = 8
_ANSWER_S = 0.5
_MAX_ROWS = 12
# Runs the command until its stdin ends, which is when the process that started it is gone, in whatever way that went.
_SERVE = """
import os, runpy, signal, threading
def end_with_parent():
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=end_with_parent, daemon=True).start()
runpy.run_module("kerascope", run_name="__main__")
"""

_started: dict[Path, tuple[subprocess.Popen[str], str]] = {}


class ShownRun(Protocol):
    """The part of a run, one that logs or one that was read, that is needed here."""

    @property
    def project(self) -> str:
        """Name of its project."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def _store_root(self) -> Path:
        """The folder of its store."""

    @property
    def summary(self) -> Any:
        """Its last values, by key."""


class Frame:
    """A page of the dashboard inside a notebook.

    Args:
        url: Its address.
        height: In CSS pixels.
        known: HTML below the frame, closed: what is read where no dashboard answers, as in a notebook that was sent on.
    """

    def __init__(self, url: str, height: int = 600, known: str = "") -> None:
        self.url = url
        self.height = height
        self.known = known

    def _repr_html_(self) -> str:
        """Returns the frame as a notebook shows it."""
        url = html.escape(self.url, quote=True)
        return (
            f'<iframe src="{url}" title="kerascope" width="100%" height="{self.height}" '
            'style="border:1px solid #8885;border-radius:8px"></iframe>'
            f'<div><a href="{url}" target="_blank" rel="noopener">Open in a tab of its own</a></div>'
            + (f"<details><summary>When this cell ran</summary>{self.known}</details>" if self.known else "")
        )

    def __repr__(self) -> str:
        return f"<kerascope page {self.url}>"


def show(run: ShownRun, height: int = 600) -> Frame:
    """Shows the live page of a run in a notebook; starts a dashboard on this machine if none serves the run's store.

    Args:
        run: The run, finished or not.
        height: Height of the frame in CSS pixels.

    Returns:
        The frame, to be the last line of a cell.

    Raises:
        CommError: if the dashboard does not start.
    """
    root = run._store_root
    return Frame(run_url(run.project, run.id, find_server(root) or _start(root)), height, _facts(run))


def run_html(run: ShownRun) -> str:
    """Returns how a notebook shows a run: its live page if a dashboard of its store runs, else name and results."""
    server = find_server(run._store_root)
    return (
        _facts(run) if server is None else Frame(run_url(run.project, run.id, server), known=_facts(run))._repr_html_()
    )


def find_server(root: Path) -> str | None:
    """Returns the address of a dashboard on this machine that serves the store `root`; None if there is none.

    One that was started here is known; else the ports that `kerascope ui` takes are asked, all at once, for half a second at most.
    """
    known = _started.get(root)
    if known is not None and known[0].poll() is None:
        return known[1]
    addresses = [f"http://127.0.0.1:{FIRST_PORT + number}/" for number in range(_PORTS)]
    with ThreadPoolExecutor(len(addresses)) as pool:
        answers = list(pool.map(_root_of, addresses))
    wanted = os.path.realpath(root)
    return next((address for address, served in zip(addresses, answers, strict=True) if served == wanted), None)


def _root_of(address: str) -> str | None:
    """The store that a dashboard serves; None where none answers."""
    # No proxy: this machine is asked, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}api/health", timeout=_ANSWER_S) as answer:
            found = json.load(answer)
    except (OSError, ValueError):
        return None
    return os.path.realpath(str(found["root"])) if isinstance(found, dict) and "root" in found else None


def _start(root: Path) -> str:
    """Starts `kerascope ui` for a store; returns its address. It ends with this process."""
    command = [sys.executable, "-c", _SERVE, "--dir", str(root), "ui", "--json", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    line = process.stdout.readline() if process.stdout is not None else ""
    try:
        url = str(json.loads(line)["url"])
    except (ValueError, KeyError, TypeError):
        process.kill()
        raise CommError(
            f"The dashboard must start to be shown. Received: {line!r}. `kerascope ui` in a terminal says why it does not."
        ) from None
    _started[root] = (process, url)
    atexit.register(process.terminate)
    return url


def _facts(run: ShownRun) -> str:
    """Name and last numbers as a small table, for notebooks that are read without a dashboard."""
    summary = dict(run.summary)
    numbers = [(key, value) for key, value in summary.items() if _is_shown(key, value)]
    rows = "".join(
        f"<tr><td>{html.escape(key)}</td><td>{html.escape(_text(value))}</td></tr>"
        for key, value in numbers[:_MAX_ROWS]
    )
    more = f"<div>and {len(numbers) - _MAX_ROWS} more</div>" if len(numbers) > _MAX_ROWS else ""
    path = html.escape(f"{run.project}/{run.id}")
    return (
        f"<div><strong>{html.escape(run.name)}</strong> <code>{path}</code>"
        f"{f'<table>{rows}</table>' if rows else ''}{more}"
        "<div>Its live page: <code>kerascope.notebook.show(run)</code>, or <code>kerascope ui</code> in a terminal.</div></div>"
    )


def _is_shown(key: str, value: object) -> bool:
    return not key.startswith("_") and isinstance(value, (int, float, str)) and not isinstance(value, Mapping)


def _text(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, float) and math.isfinite(value) else str(value)
