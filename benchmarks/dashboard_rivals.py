"""How long do users of other dashboards wait for the same chart? 100 runs x 10,000 points, in kerascope, TensorBoard and trackio.

Each is opened in a real chromium at the address of its charts; the clock ends when the request that carries the lines has been answered in
full, so before anything is drawn from it: that moment is the same thing in all three, and favours those that draw slowly. Their servers are
warm: each has answered the page once. `--keep FOLDER` uses the data of an earlier run, or leaves it for the next. Not for: what our own
users wait until the chart is drawn (`dashboard.py`).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import _report
import _store
from dashboard import ARGUMENTS, CHROMIUM, serving
from playwright.sync_api import Page, sync_playwright

RUNS, POINTS, REPEATS = 100, 10_000, 3
TIMEOUT_MS = 120_000
TRACKIO = (
    "import time, trackio; trackio.show(project='bench', open_browser=False, block_thread=False); time.sleep(3600)"
)


def values(run: int) -> list[float]:
    """The points of a run, as `_store.write_run` makes them."""
    rng = random.Random(run)
    return [math.exp(-step / POINTS) + rng.random() for step in range(POINTS)]


def write_kerascope(folder: Path) -> None:
    for run in range(RUNS):
        _store.write_run(_store.folder(str(folder)), run, POINTS, ("loss",), _store.config(run))


def write_tensorboard(folder: Path) -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    for run in range(RUNS):
        path = folder / f"quiet-river-{run}"
        path.mkdir(parents=True)
        with open(path / "events.out.tfevents.1790000000.host", "wb") as file:
            writer = RecordWriter(file)
            writer.write(Event(wall_time=_store.START_S, file_version="brain.Event:2").SerializeToString())
            for step, value in enumerate(values(run)):
                summary = Summary(value=[Summary.Value(tag="loss", simple_value=value)])
                event = Event(wall_time=_store.START_S + step * 0.01, step=step, summary=summary)
                writer.write(event.SerializeToString())


def write_trackio(folder: Path) -> None:
    os.environ["TRACKIO_DIR"] = str(folder)
    from trackio.sqlite_storage import SQLiteStorage

    for run in range(RUNS):
        rows = [{"loss": value} for value in values(run)]
        SQLiteStorage.bulk_log("bench", f"quiet-river-{run}", rows, steps=list(range(POINTS)))


@contextmanager
def kerascope(folder: Path) -> Iterator[str]:
    with serving(_store.folder(str(folder))) as (url, _):
        yield f"{url}/projects/bench?show={RUNS}"


@contextmanager
def tensorboard(folder: Path) -> Iterator[str]:
    port = free_port()
    command = [str(Path(sys.executable).with_name("tensorboard")), "--logdir", str(folder), "--port", str(port)]
    with running(command) as url_ready:
        url_ready(f"http://127.0.0.1:{port}/data/plugin/scalars/tags", lambda answer: len(json.loads(answer)) == RUNS)
        yield f"http://127.0.0.1:{port}/#timeseries"


@contextmanager
def trackio(folder: Path) -> Iterator[str]:
    port = free_port()
    environment = {"TRACKIO_DIR": str(folder), "GRADIO_SERVER_PORT": str(port)}
    with running([sys.executable, "-c", TRACKIO], environment) as url_ready:
        url_ready(f"http://127.0.0.1:{port}/", lambda _: True)
        yield f"http://127.0.0.1:{port}/?project=bench"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(
    command: list[str], environment: dict[str, str] | None = None
) -> Iterator[Callable[[str, Callable[[bytes], bool]], None]]:
    """A rival's server; yields how to wait until one of its addresses gives a good answer."""
    server = subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def wait(url: str, is_good: Callable[[bytes], bool]) -> None:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            try:
                if is_good(urllib.request.urlopen(url, timeout=60).read()):
                    return
            except OSError:
                pass
            time.sleep(0.5)
        raise SystemExit(f"{command[0]} was not ready within 240 s")

    try:
        yield wait
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def opened_ms(page: Page, url: str, carries: str) -> tuple[float, int]:
    """Milliseconds from opening the page to the end of the answer that carries the lines, and its bytes, unpacked."""
    page.goto("about:blank")
    began = time.perf_counter()
    with page.expect_response(lambda response: carries in response.url, timeout=TIMEOUT_MS) as found:
        page.goto(url, wait_until="commit")
    size = len(found.value.body())
    return (time.perf_counter() - began) * 1e3, size


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path)
    kept = parser.parse_args().keep
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, write, serve, carries in (
            ("kerascope", write_kerascope, kerascope, "/api/series"),
            ("TensorBoard 2.21.0, Time Series", write_tensorboard, tensorboard, "/timeSeries"),
            ("trackio 0.43.0", write_trackio, trackio, "/api/get_logs"),
        ):
            folder = (kept or Path(scratch)) / name.split()[0].lower()
            if not folder.exists():
                write(folder)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            with serve(folder) as url:
                opened_ms(page, url, carries)
                found = [opened_ms(page, url, carries) for _ in range(REPEATS)]
            page.close()
            rows.append([name, _report.spread([ms for ms, _ in found], 0, "ms"), f"{found[-1][1] / 1e3:.0f} kB"])
            print(rows[-1], flush=True)
        browser.close()
    _report.write(
        "Dashboards of others",
        f"How long does the data of one chart of {RUNS} runs x {POINTS:,} points take to come, from opening the page? A real chromium, warm "
        "servers. TensorBoard sends at most 1,000 points a run, trackio 3,000, kerascope as many buckets as the chart has pixels, with "
        "minimum and maximum. `sh benchmarks/run.sh benchmarks/dashboard_rivals.py`",
        ["dashboard", f"opened to data there, median (spread) of {REPEATS}", "data, unpacked"],
        rows,
    )


if __name__ == "__main__":
    main()
