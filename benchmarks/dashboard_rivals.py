"""How long do users of other dashboards wait for the same data? The cases of `dashboard.py` in kerascope, TensorBoard, trackio, MLflow and Aim.

Each page is opened by its address in a real chromium, in turns, and pictures are taken of it one after the other. *Drawn*, for all of them:
the first picture that shows the last visible change (0.2 % of the pixels), after which the page has stood still for three seconds, with what
was asked for in sight and no question without its first answer. That says the same of canvas, SVG and WebGL, and cannot be won with an empty
frame; it is as fine as the pictures come, about a tenth of a second, and they cost all pages the same. Every page has been opened once
before: scripts are in the browser's cache, servers are warm. Names of other hosts cannot be resolved.

A rival has `--limit` seconds to take a case; with more than that its dashboard shows what was written by then, and the table says so. A page
that is not drawn within 60 s is given up. `--keep FOLDER` uses the data of an earlier run, or leaves it for the next; `--shots FOLDER` keeps a
picture of what was drawn. Not for: what our users wait from a click (`dashboard.py`).
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import _report
import _rival_data
import _store
import numpy as np
import psutil
from dashboard import ARGUMENTS, CHROMIUM, FRAMES, RUN, serving, write_histograms, write_images
from PIL import Image
from playwright.sync_api import BrowserContext, Error, Page, sync_playwright

REPEATS = 3
DRAWN_WITHIN_S, READY_WITHIN_S, STILL_S, CHANGED_PART, CHANGED_BY = 60.0, 240.0, 3.0, 0.002, 24
SERIES, PROJECT = "/projects/bench", f"/projects/bench/runs/{RUN}"
CASES = {
    "a": "(a) one run, 1,000,000 points x 10 metrics",
    "b": "(b) 100 runs x 10,000 points in one chart",
    "c": "(c) first page of 10,000 runs",
    "d": "(d) 300 histogram series x 200 steps",
    "e": "(e) 500 images",
}
NOT_HELD = {("MLflow", "d"): "has no histograms"}
AS_IT_OPENS = {
    ("MLflow", "b"): "shows the ten newest runs",
    ("trackio", "d"): "shows the last step of each series",
    ("Aim", "d"): "shows one series",
    ("Aim", "e"): "shows five of the images",
}

# Boxes of what the page shows: charts at least 150 x 60, pictures, or rows that name a run.
_BOXES = """kind => {
  const inSight = one => { const box = one.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth ? box : null; };
  const boxes = (selector, test) => [...document.querySelectorAll(selector)].filter(test).map(inSight).filter(Boolean);
  if (kind === 'e') return boxes('img', one => one.complete && one.naturalWidth >= 32).filter(box => box.width >= 48).length;
  if (kind === 'c') {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = new Set();
    while (texts.nextNode()) for (const name of texts.currentNode.data.match(/quiet-river-\\d+/g) ?? []) found.add(name);
    return found.size >= 6 ? found.size : 0;
  }
  const isDrawn = one => one.tagName === 'CANVAS' || one.querySelector('path, rect') !== null;
  return boxes('canvas, svg', isDrawn).filter(box => box.width >= 150 && box.height >= 60).length;
}"""
_CHART = """() => { const drawn = [...document.querySelectorAll('canvas, svg')].map(one => one.getBoundingClientRect())
  .filter(box => box.width >= 150 && box.height >= 60 && box.top >= 0 && box.top < innerHeight - 100);
  return drawn.length ? [drawn[0].x, drawn[0].y, drawn[0].width, drawn[0].height] : null; }"""
_KEPT_IN_ADDRESSES = "~()*!.'-_;,/?:@&=+$#"  # by `encodeURI` of JavaScript
_AT_LEAST = {"a": 1, "b": 1, "c": 6, "d": 1, "e": 4}

Address = Callable[
    [str, Path, str], str
]  # of a case, from the address of the server, the folder of the data and the case


class Product(NamedTuple):
    """A dashboard: how its server is started, where a case is shown, and what a user has set in the browser."""

    name: str
    package: str
    command: Callable[[Path, int], list[str]]
    ready: str
    address: Address
    script: str = ""  # run before each of its pages


class Opened(NamedTuple):
    """One opening of a page."""

    drawn_ms: float
    sent_bytes: float
    server_s: float


class NotDrawn(Exception):
    """The page did not show what was asked for."""


def _tool(name: str, *arguments: object) -> list[str]:
    return [str(Path(sys.executable).with_name(name)), *map(str, arguments)]


def _of_tensorboard(url: str, folder: Path, case: str) -> str:
    return f"{url}/#timeseries"


def _of_trackio(url: str, folder: Path, case: str) -> str:
    return f"{url}/{ {'c': 'runs', 'e': 'media'}.get(case, '') }?project=bench"


def _of_mlflow(url: str, folder: Path, case: str) -> str:
    if case in "bc":
        return f"{url}/#/experiments/1/runs" + ("?compareRunsMode=CHART" if case == "b" else "")
    with sqlite3.connect(folder / "mlflow.db") as db:
        (run,) = db.execute("SELECT run_uuid FROM runs").fetchone()
    return f"{url}/#/experiments/1/runs/{run}/model-metrics"


def _of_aim(url: str, folder: Path, case: str) -> str:
    if case == "b":
        asked = {"options": [], "query": "", "advancedMode": True, "advancedQuery": "metric.name == 'loss'"}
        packed = (
            base64.urlsafe_b64encode(urllib.parse.quote(json.dumps(asked), safe=_KEPT_IN_ADDRESSES).encode())
            .decode()
            .rstrip("=")
        )
        return f"{url}/metrics?select=O-{packed}"
    if case == "c":
        return f"{url}/runs"
    run = next((folder / ".aim" / "meta" / "chunks").iterdir()).name
    return f"{url}/runs/{run}/{ {'a': 'metrics', 'd': 'distributions', 'e': 'images'}[case] }"


_TRACKIO = (
    "import time, trackio; trackio.show(project='bench', open_browser=False, block_thread=False); time.sleep(36000)"
)
RIVALS = (
    Product(
        "TensorBoard",
        "tensorboard",
        lambda folder, port: _tool(
            *("tensorboard", "--logdir", folder, "--port", port, "--reload_interval", 0),
            *("--samples_per_plugin", "images=500"),
        ),
        "/data/plugin/timeseries/tags",
        _of_tensorboard,
    ),
    Product("trackio", "trackio", lambda folder, port: [sys.executable, "-c", _TRACKIO], "/", _of_trackio),
    Product(
        "MLflow",
        "mlflow",
        lambda folder, port: _tool(
            *("mlflow", "server", "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"),
            *("--host", "127.0.0.1", "--port", port, "--workers", 1),
        ),
        "/health",
        _of_mlflow,
        "localStorage.setItem('mlflow.assistant.panelOpen_v1', 'false')",  # closes the pane that the first visit opens
    ),
    Product(
        "Aim",
        "aim",
        lambda folder, port: _tool("aim", "up", "--repo", folder, "--host", "127.0.0.1", "--port", port, "--yes"),
        "/api/projects",
        _of_aim,
    ),
)


def write_kerascope(case: str, folder: Path) -> None:
    paths = _store.folder(str(folder))
    if case == "d":
        write_histograms(paths)
    elif case == "e":
        write_images(paths)
    else:
        lines = _rival_data.LINES[case]
        for run in range(lines.runs):
            _store.write_run(paths, run, lines.points, lines.keys, _store.config(run))


def write_rival(product: Product, case: str, folder: Path, limit_s: float) -> str:
    """Writes the data of a case if it is not there; returns which part of it there is, nothing if it is all."""
    note = folder / "written.json"
    if not note.exists():
        command = [sys.executable, _rival_data.__file__, product.package, case, str(folder), str(limit_s)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=2 * limit_s + 60, check=True)
        note.write_text(done.stdout.splitlines()[-1], encoding="utf-8")
    written = json.loads(note.read_text(encoding="utf-8"))["written"]
    of = _rival_data.VALUES[case]
    return "" if written == of else f"{100 * written / of:.0f} % of the data, written in {limit_s:.0f} s"


@contextmanager
def kerascope(case: str, folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    pages = {"a": PROJECT, "b": f"{SERIES}?show=100", "c": SERIES}
    with serving(_store.folder(str(folder))) as (url, process):
        yield url + pages.get(case, f"{PROJECT}/media"), process


@contextmanager
def rival(product: Product, case: str, folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Runs a rival's server until it answers; yields the address of the case and the process."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "HOME": str(folder)}
    own = {"TRACKIO_DIR": str(folder), "GRADIO_SERVER_PORT": str(port)}
    server = subprocess.Popen(
        product.command(folder, port),
        env={**os.environ, **quiet, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + READY_WITHIN_S
        while not _answers(url + product.ready):
            if server.poll() is not None or time.monotonic() > deadline:
                raise NotDrawn(f"its server did not answer within {READY_WITHIN_S:.0f} s")
            time.sleep(0.5)
        yield product.address(url, folder, case), psutil.Process(server.pid)
    finally:
        os.killpg(server.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            server.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _answers(url: str) -> bool:
    try:
        return bool(json.loads(urllib.request.urlopen(url, timeout=60).read() or b"0"))
    except ValueError:
        return True  # a page
    except OSError:
        return False


def server_s(process: psutil.Process) -> float:
    """CPU seconds of a server and its workers."""
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


class Screen:
    """Watches a page for visible changes, outstanding answers and bytes."""

    def __init__(self, page: Page) -> None:
        self.changed_s = time.time()
        self.sent = 0.0
        self.picture = b""
        self._seen: np.ndarray[tuple[int, ...], np.dtype[np.int16]] | None = None
        self._waiting: dict[str, str] = {}
        self._answered: set[str] = set()
        self._session = page.context.new_cdp_session(page)
        self._session.on("Network.requestWillBeSent", self._asked)
        self._session.on("Network.loadingFinished", self._came)
        self._session.on("Network.loadingFailed", self._came)
        self._session.send("Network.enable")

    def close(self) -> None:
        self._session.detach()

    @property
    def is_still(self) -> bool:
        return not self._waiting and time.time() - self.changed_s > STILL_S

    def look(self) -> bool:
        """Takes a picture, and the time if it shows something new; a page that is too busy for a picture gives none."""
        asked = {"format": "jpeg", "quality": 60, "optimizeForSpeed": True}
        try:
            self.picture = base64.b64decode(self._session.send("Page.captureScreenshot", asked)["data"])
        except Error:
            return False
        now_s = time.time()
        gray = np.asarray(Image.open(io.BytesIO(self.picture)).convert("L").resize((720, 450)), np.int16)
        if self._seen is None or float((np.abs(gray - self._seen) > CHANGED_BY).mean()) > CHANGED_PART:
            self._seen, self.changed_s = gray, now_s
        return True

    def _asked(self, event: dict[str, object]) -> None:
        request: dict[str, object] = event["request"]  # type: ignore[assignment]
        question = f"{request['url']} {request.get('postData', '')}"
        # Streams and workers never end; a page that asks the same again and again is not waited for.
        if event.get("type") in ("Document", "Fetch", "Image", "XHR") and question not in self._answered:
            self._waiting[str(event["requestId"])] = question

    def _came(self, event: dict[str, object]) -> None:
        self._answered.add(self._waiting.pop(str(event["requestId"]), ""))
        self.sent += float(event.get("encodedDataLength") or 0)  # type: ignore[arg-type]


def opened(page: Page, url: str, process: psutil.Process, case: str, shot: Path | None = None) -> Opened:
    """Opens a page and waits until it is drawn.

    Raises:
        NotDrawn: if it is not within 60 s.
    """
    page.goto("about:blank")
    page.wait_for_timeout(300)
    screen = Screen(page)
    try:
        spent, began = server_s(process), time.time()
        page.goto(url, wait_until="commit")
        while True:
            page.wait_for_timeout(30)
            if screen.look() and screen.is_still and page.evaluate(_BOXES, case) >= _AT_LEAST[case]:
                return Opened((screen.changed_s - began) * 1e3, screen.sent, server_s(process) - spent)
            if time.time() - began > DRAWN_WITHIN_S + STILL_S:
                raise NotDrawn(f"not drawn within {DRAWN_WITHIN_S:.0f} s")
    except Error as error:
        raise NotDrawn(f"not drawn: {error.message.splitlines()[0]}") from None
    finally:
        screen.close()
        if shot is not None:
            shot.write_bytes(screen.picture)


def hover_rate(page: Page) -> str:
    """Frames a second while the pointer moves over the first chart."""
    box = page.evaluate(_CHART)
    if box is None:
        return "-"
    x, y, width, height = box
    page.evaluate(f"window.counted = ({FRAMES})(2)")
    deadline, at = time.monotonic() + 2, 0
    while time.monotonic() < deadline:
        at = (at + 7) % int(width - 60)
        page.mouse.move(x + 50 + at, y + height / 2)
    return f"{float(page.evaluate('window.counted')):.0f}"


class Entry:
    """A dashboard in one case: its page, and what was measured."""

    def __init__(self, name: str, note: str, problem: str = "") -> None:
        self.name, self.note, self.problem = name, note, problem
        self.found: list[Opened] = []
        self.hover = "-"
        self.page: Page | None = None
        self.where: tuple[str, psutil.Process] | None = None

    def visit(self, case: str, shot: Path | None = None) -> None:
        if self.page is None or self.where is None or self.problem:
            return
        try:
            self.found.append(opened(self.page, *self.where, case, shot))
            if case in "ab" and self.hover == "-":
                self.hover = hover_rate(self.page)
            self.page.goto("about:blank")
        except (NotDrawn, Error) as error:
            self.problem = str(error).splitlines()[0]

    def cells(self) -> list[str]:
        if self.problem or not self.found:
            return [self.name, self.problem, "-", "-", "-", self.note]
        sent, spent = self.found[-1].sent_bytes, self.found[-1].server_s
        times = _report.spread([one.drawn_ms for one in self.found], 0, "ms")
        return [self.name, times, f"{sent / 1e3:.0f} kB", f"{spent * 1e3:.0f} ms", self.hover, self.note]


def measured(case: str, context: BrowserContext, root: Path, limit_s: float, shots: Path | None) -> list[list[str]]:
    """The rows of a case: all dashboards side by side, visited in turns."""
    entries: list[Entry] = []
    with ExitStack() as stack:
        for product in (None, *RIVALS):
            name = product.name if product else "kerascope"
            folder = root / case / name.lower()
            entry = Entry(name, AS_IT_OPENS.get((name, case), ""), NOT_HELD.get((name, case), ""))
            entries.append(entry)
            if entry.problem:
                continue
            print(f"{case} {name}: data and server", flush=True)
            try:
                if product is None:
                    if not folder.exists():
                        write_kerascope(case, folder)
                    entry.where = stack.enter_context(kerascope(case, folder))
                else:
                    held = write_rival(product, case, folder, limit_s)
                    entry.note = "; ".join(filter(None, (entry.note, held)))
                    entry.where = stack.enter_context(rival(product, case, folder))
                entry.page = context.new_page()
                entry.page.set_default_timeout(DRAWN_WITHIN_S * 1e3)
                shot = shots / f"{case}-{name}.jpg" if shots else None
                if product is not None and product.script:
                    entry.page.add_init_script(product.script)
                entry.visit(case, shot)
                if entry.problem:  # a first visit may find a server that has not quite started
                    entry.problem = ""
                    entry.visit(case, shot)
                entry.found.clear()
            except subprocess.SubprocessError as error:
                entry.problem = f"its data could not be written: {type(error).__name__}"
            except (NotDrawn, Error) as error:
                entry.problem = str(error).splitlines()[0]
        for _ in range(REPEATS):
            for entry in entries:
                entry.visit(case)
        for entry in entries:
            if entry.page is not None:
                entry.page.close()
    return [[CASES[case], *entry.cells()] for entry in entries]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", default="".join(CASES))
    parser.add_argument("--limit", type=float, default=300.0)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--shots", type=Path)
    asked = parser.parse_args()
    if asked.shots:
        asked.shots.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers are stopped on the way out
    rows: list[list[str]] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, nowhere])
        for case in asked.cases:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            rows += measured(case, context, (asked.keep or Path(scratch)).resolve(), asked.limit, asked.shots)
            context.close()
            for row in rows[-1 - len(RIVALS) :]:
                print(row, flush=True)
        browser.close()
    versions = ", ".join(f"{product.name} {version(product.package)}" for product in RIVALS)
    _report.write(
        "Dashboards of others",
        f"How long does a user of {versions} wait for the same data, from opening the page to the last visible change? A real chromium without "
        "GPU, 1440 x 900, warm servers and caches, all opened in turns. `sh benchmarks/run.sh benchmarks/dashboard_rivals.py`",
        [
            "what",
            "dashboard",
            f"opened to drawn, median (spread) of {REPEATS}",
            "sent",
            "server CPU",
            "frames/s at hover",
            "note",
        ],
        rows,
        f"The whole run took {(time.monotonic() - began) / 60:.0f} minutes, the writing of the data included.",
    )


if __name__ == "__main__":
    main()
