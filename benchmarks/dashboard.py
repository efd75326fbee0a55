"""How long does a user of the dashboard wait? A real chromium clicks; the time ends with the frame in which the chart stands.

Budgets: (a) a run of 1,000,000 points x 10 metrics 0.3 s, (b) 100 runs x 10,000 points in one chart 0.5 s, (c) first page of 10,000 runs
0.3 s, sorted or filtered 0.2 s, (d) 300 histogram series x 200 steps 0.5 s, (e) 500 images (no budget); hover at 60 frames/s; 20 live runs
cost the server at most 10 % of a core; JavaScript before lazy parts at most 250 KiB gzipped. The dashboard must be built (`make web`).
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
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
import psutil
from playwright.sync_api import Page, sync_playwright

from kerascope.events import types as ev
from kerascope.events.codec import encode
from kerascope.index.build import open_index
from kerascope.paths import StorePaths
from kerascope.runlog.files import segment_name
from kerascope.runlog.format import MAGIC, frame
from kerascope.server.static_files import STATIC

REPEATS = 5
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
RUN = "run00000"
LIVE_RUNS, LIVE_S, LIVE_HZ = 20, 20.0, 10.0

# Goes to an address as a click on a link does; resolves with the milliseconds until `done` holds in a drawn frame.
_CLICK = """([url, done]) => new Promise((resolve, reject) => {
  window.topRow = () => [...document.querySelectorAll('[role=row]')].find(row => row.textContent.includes('quiet-river'))?.textContent;
  window.firstRow = topRow();
  const isDone = new Function('return ' + done), link = document.createElement('a');
  link.href = url; document.body.append(link);
  const before = performance.now();
  link.click(); link.remove();
  const look = () => {
    if (performance.now() - before > 30000) reject(new Error('nothing was drawn within 30 s'));
    else if (isDone()) requestAnimationFrame(() => resolve(performance.now() - before));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
_BYTES = "() => performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize, 0)"
FRAMES = """seconds => new Promise(resolve => { const times = []; const tick = now => { times.push(now);
  times[times.length - 1] - times[0] < seconds * 1000 ? requestAnimationFrame(tick) : resolve(times.length / seconds); };
  requestAnimationFrame(tick); })"""
_ROWS = "[...document.querySelectorAll('[role=row]')].filter(row => row.textContent.includes('quiet-river')).length > 5"
_OTHER_ROWS = f"{_ROWS} && topRow() !== firstRow"


def chart(key: str) -> str:
    return f"document.querySelector('[data-key=\"{key}\"] canvas') && !document.querySelector('[data-key=\"{key}\"] [aria-busy=true]')"


@contextmanager
def serving(paths: StorePaths) -> Iterator[tuple[str, psutil.Process]]:
    """Runs `kerascope ui` on a folded store; yields its address and process."""
    with open_index(paths) as index:
        index.refresh()
    command = [
        sys.executable,
        "-m",
        "kerascope",
        "--dir",
        str(paths.root),
        "ui",
        "--no-browser",
        "--port",
        "0",
        "--json",
    ]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    if server.stdout is None:
        raise SystemExit("the server has no output")
    url = json.loads(server.stdout.readline())["url"].rstrip("/")
    try:
        while json.load(urllib.request.urlopen(f"{url}/api/health"))["index_lag_bytes"]:
            time.sleep(0.1)
        yield url, psutil.Process(server.pid)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def clicks(page: Page, url: str, process: psutil.Process, start: str, target: str, done: str) -> list[str]:
    """Goes from page `start` to `target` several times; returns the cells: time, bytes, CPU of the server."""
    times: list[float] = []
    sent, spent = 0, 0.0
    for _ in range(REPEATS):
        page.goto(url + start)
        page.wait_for_timeout(1500)
        page.evaluate("performance.clearResourceTimings()")
        before = cpu_s(process)
        times.append(page.evaluate(_CLICK, [target, done]))
        page.wait_for_timeout(300)
        spent = cpu_s(process) - before
        sent = page.evaluate(_BYTES)
    return [_report.spread(times, 0, "ms"), f"{sent / 1e3:.0f} kB", f"{spent * 1e3:.0f} ms"]


def hover_rate(page: Page, key: str) -> float:
    """Frames a second while the pointer moves over a chart."""
    box = page.locator(f'[data-key="{key}"] canvas').first.bounding_box()
    if box is None:
        raise SystemExit(f"the chart of {key} is not on the page")
    page.evaluate(f"window.counted = ({FRAMES})(2)")
    deadline = time.monotonic() + 2
    at = 0
    while time.monotonic() < deadline:
        at = (at + 7) % int(box["width"] - 60)
        page.mouse.move(box["x"] + 50 + at, box["y"] + box["height"] / 2)
    return float(page.evaluate("window.counted"))


def write_histograms(paths: StorePaths) -> None:
    """One run with 300 series of histograms of 64 bins over 200 steps."""
    names = tuple(f"parameters/layer{number:03d}.weights" for number in range(300))
    bins = [-1 + edge / 32 for edge in range(65)]
    pieces = [MAGIC, *(frame(encode(event)) for event in _head(0, names))]
    for step in range(200):
        value = {"_type": "histogram", "bins": bins, "values": [(step + 7 * bin) % 50 for bin in range(64)]}
        pieces.append(frame(encode(ev.Row(0, step, _store.START_S + step, float(step), [value] * len(names)))))
    pieces.append(frame(encode(ev.Finish("finished", 0, _store.START_S + 200))))
    _segment(paths, 0).write_bytes(b"".join(pieces))


def write_images(paths: StorePaths) -> None:
    """One run with 500 pictures of 64 x 64 at one step, written as users do."""
    code = (
        "import kerascope, numpy as np; r = np.random.default_rng(0)\n"
        f"run = kerascope.init(project='bench', id='{RUN}', name='quiet-river-0')\n"
        "run.log({'images': [kerascope.Image(r.integers(0, 255, (64, 64, 3), np.uint8)) for _ in range(500)]}); run.finish(quiet=True)"
    )
    environment = {**os.environ, "KERASCOPE_DIR": str(paths.root), "KERASCOPE_CONSOLE": "off"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.DEVNULL)


def _head(number: int, names: tuple[str, ...]) -> list[object]:
    run = f"run{number:05d}"
    begin = ev.Segment(1, "bench", run, "local", 0, 1, _store.START_S, "elsewhere", 1, 0.0, 0, False, 0, "0")
    return [begin, ev.RunInfo(name=f"quiet-river-{number}"), ev.Config({}), ev.Keys(0, names)]


def _segment(paths: StorePaths, number: int) -> Path:
    folder = paths.log("bench", f"run{number:05d}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / segment_name(int(_store.START_S * 1e9), 0, f"{number:08x}")


def live_cost(page: Page, paths: StorePaths) -> str:
    """Share of a core that the server takes while 20 runs log 10 rows a second each and a page shows them."""
    files = []
    for number in range(LIVE_RUNS):
        file = os.open(_segment(paths, number), os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        os.write(file, b"".join([MAGIC, *(frame(encode(event)) for event in _head(number, ("loss",)))]))
        files.append(file)
    with serving(paths) as (url, process):
        page.goto(f"{url}/projects/bench?show=20")
        page.wait_for_timeout(3000)
        before, began, step = cpu_s(process), time.monotonic(), 0
        while time.monotonic() - began < LIVE_S:
            for file in files:
                os.write(file, frame(encode(ev.Row(0, step, time.time(), step / LIVE_HZ, [1 / (1 + step)]))))
            step += 1
            time.sleep(1 / LIVE_HZ)
        share = (cpu_s(process) - before) / (time.monotonic() - began)
        page.goto("about:blank")
    return f"{100 * share:.1f} % of a core"


def script_size() -> str:
    """Gzipped size of the scripts that the page names: all that runs before lazy parts."""
    names = re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', (STATIC / "index.html").read_text(encoding="utf-8"))
    return f"{sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names) / 1024:.0f} KiB"


def main() -> None:
    rows: list[list[str]] = []
    names = tuple(f"m{number}" for number in range(10))
    project, run = "/projects/bench", f"/projects/bench/runs/{RUN}"
    all_rows = ("loss", "accuracy", "val_loss", "val_accuracy", "epoch", "lr")

    def many(count: int, length: int, keys: tuple[str, ...]) -> Callable[[StorePaths], None]:
        def write(paths: StorePaths) -> None:
            for number in range(count):
                _store.write_run(paths, number, length, keys, _store.config(number))

        return write

    images = (
        "[...document.querySelectorAll('[data-key=\"images\"] img')].filter(one => one.naturalWidth > 0).length >= 8"
    )
    histograms = "document.querySelectorAll('[data-key] canvas').length >= 6"
    cases: list[tuple[Callable[[StorePaths], None], list[tuple[str, str, str, str, str]], str | None]] = [
        (
            many(1, 1_000_000, names),
            [("(a) one run, 1,000,000 points x 10 metrics", project, run, chart("m0"), "300 ms")],
            "m0",
        ),
        (
            many(100, 10_000, ("loss",)),
            [("(b) 100 runs x 10,000 points in one chart", "/", f"{project}?show=100", chart("loss"), "500 ms")],
            "loss",
        ),
        (
            many(10_000, 5, all_rows),
            [
                ("(c) first page of 10,000 runs", "/", project, _ROWS, "300 ms"),
                ("(c) sorted by val_loss", project, f"{project}?sort=summary.val_loss", _OTHER_ROWS, "200 ms"),
                ("(c) filtered by config.lr", project, f"{project}?f=config.lr:gt:0.05", _OTHER_ROWS, "200 ms"),
            ],
            None,
        ),
        (write_histograms, [("(d) 300 histogram series x 200 steps", run, f"{run}/media", histograms, "500 ms")], None),
        (write_images, [("(e) 500 images", run, f"{run}/media", images, "-")], None),
    ]
    facts = [f"JavaScript before lazy parts: {script_size()} gzipped (budget 250)."]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(60_000)
        for write, questions, hovered in cases:
            with tempfile.TemporaryDirectory() as root:
                paths = _store.folder(root)
                write(paths)
                with serving(paths) as (url, process):
                    for name, start, target, done, budget in questions:
                        rows.append([name, *clicks(page, url, process, start, target, done), budget])
                        print(rows[-1], flush=True)
                    if hovered is not None:
                        facts.append(
                            f"Hover over {questions[0][0][:3]}: {hover_rate(page, hovered):.0f} frames/s (budget 60)."
                        )
                    page.goto("about:blank")
        with tempfile.TemporaryDirectory() as root:
            facts.append(
                f"{LIVE_RUNS} live runs x {LIVE_HZ:.0f} rows/s with a page open: {live_cost(page, _store.folder(root))} (budget 10 %)."
            )
        browser.close()
    _report.write(
        "Dashboard",
        "How long does a user wait from the click to the drawn chart? A real chromium without GPU, 1440 x 900. `sh benchmarks/run.sh benchmarks/dashboard.py`",
        ["what", f"click to drawn, median (spread) of {REPEATS}", "sent", "server CPU", "budget"],
        rows,
        "\n\n".join(facts),
    )


if __name__ == "__main__":
    main()
