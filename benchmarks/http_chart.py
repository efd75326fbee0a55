"""How long does the browser wait for a chart or a page of runs? Budget over HTTP: 20 ms for 1,000 buckets of a series of a million points."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection

import _report
import _store

from kerascope.index.build import open_index

ROWS = 1_000_000
RUNS = 20
REPEATS = 21
SERIES = "/api/series"


def body(count: int, **asked: object) -> bytes:
    series = [{"project": "bench", "run": f"run{number:05d}", "key": "loss"} for number in range(count)]
    return json.dumps({"series": series, "buckets": 1000, **asked}).encode()


def ask(connection: HTTPConnection, method: str, address: str, data: bytes | None = None) -> bytes:
    headers = {"Content-Type": "application/json"} if data else {}
    connection.request(method, address, data, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{method} {address} answered {answer.status}: {content[:200]!r}")
    return content


def start(root: str) -> tuple[subprocess.Popen[str], HTTPConnection]:
    """Starts `kerascope ui` as users do; returns it and an open connection to it."""
    command = [sys.executable, "-m", "kerascope", "--dir", root, "ui", "--no-browser", "--port", "0", "--json"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    if server.stdout is None:
        raise SystemExit("the server has no output")
    port = int(json.loads(server.stdout.readline())["url"].rstrip("/").rpartition(":")[2])
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    while json.loads(ask(connection, "GET", "/api/health"))["run_count"] < RUNS:
        time.sleep(0.1)
    return server, connection


def main() -> None:
    with tempfile.TemporaryDirectory() as root:
        paths = _store.folder(root)
        _store.write_run(paths, 0, ROWS, ("loss",), _store.config(0))
        for number in range(1, RUNS):
            _store.write_run(paths, number, ROWS // 100, ("loss",), _store.config(number))
        with open_index(paths) as index:
            index.refresh()
        server, connection = start(root)
        cases = [
            ("chart: 1,000 buckets of 1,000,000 points", "POST", SERIES, body(1)),
            ("the same over time", "POST", SERIES, body(1, x="time")),
            ("the same, zoomed into 1 % of the steps", "POST", SERIES, body(1, x_min=500_000, x_max=510_000)),
            (f"chart of {RUNS} runs: that one, and {RUNS - 1} of {ROWS // 100:,} points", "POST", SERIES, body(RUNS)),
            (f"page of {RUNS} runs", "GET", "/api/projects/bench/runs", None),
            ("one run", "GET", "/api/projects/bench/runs/run00000", None),
        ]
        try:
            rows = []
            for name, method, address, data in cases:
                size = len(ask(connection, method, address, data))
                work = functools.partial(ask, connection, method, address, data)
                times = [1e3 * seconds for seconds in _report.repeat(functools.partial(_report.timed, work), REPEATS)]
                rows.append([name, _report.spread(times, 1, "ms"), f"{size / 1e3:.0f} kB"])
        finally:
            server.terminate()
            server.wait(30)
    _report.write(
        "Answers over HTTP",
        "How long does the browser wait? One connection to `kerascope ui`, from request to last byte. Budget: 20 ms for the first row. "
        "`python benchmarks/http_chart.py`",
        ["request", f"median (spread) of {REPEATS}", "answer"],
        rows,
    )


if __name__ == "__main__":
    main()
