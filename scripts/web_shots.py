"""Pictures of every page of the dashboard, light and dark and on a phone, into `web/shots/`; those of the docs into `docs/images/`.

    python scripts/web_shots.py                    trains (the demo and the browser tests' runs), then takes the pictures
    python scripts/web_shots.py --store FOLDER     takes them of a store that is there; it must hold these three projects

Each picture is named `<page>-<light|dark|phone|phone-dark>.png`: every page of the dashboard in each look, and what opens on them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from kerascope.paths import StorePaths
from kerascope.query.edits import Editor

ROOT = Path(__file__).parent.parent
SHOTS = ROOT / "web" / "shots"
TOUR = ROOT / "docs" / "images"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOKS = {
    "light": {"viewport": {"width": 1400, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1400, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 400, "height": 860}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 400, "height": 860}, "color_scheme": "dark"},
}
TABS = ("media", "overview", "config", "summary", "console", "system", "source", "files", "graph", "artifacts")
PARTS = ("metrics", "models", "environment", "code", "checkpoints")
REPORT = """# Why hasty failed

One of two trainings learned nothing.

```panel
runs: steady, hasty
metric: loss, val_loss
```

* `steady` falls from 2.3 on
* `hasty` jumps, then guesses
"""


def main() -> int:
    """Takes the pictures; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, help="a store that is there")
    parser.add_argument("--tour", action="store_true", help="only the pictures of docs/")
    arguments = parser.parse_args()
    given = arguments.store
    with tempfile.TemporaryDirectory() as scratch:
        store = given or Path(scratch)
        if given is None:
            train(store)
        server, url = serve(store)
        try:
            SHOTS.mkdir(exist_ok=True)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
                take_tour(browser, url)
                for look in [] if arguments.tour else LOOKS:
                    take_all(browser, url, look)
                browser.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)
    print(f"{len(list(SHOTS.glob('*.png')))} pictures in {SHOTS}")
    return 0


def environment(store: Path) -> dict[str, str]:
    """The environment of processes that use `store`."""
    return {**os.environ, "KERASCOPE_DIR": str(store), "KERAS_BACKEND": "jax", "PYTHONUNBUFFERED": "1"}


def train(store: Path) -> None:
    """Trains real models into an empty store: about a minute."""
    for module in ("kerascope.demo", "tests.browser.training", "tests.browser.evaluation"):
        subprocess.run([sys.executable, "-m", module], env=environment(store), cwd=ROOT, check=True)
    with Editor(StorePaths(store)) as editor:
        editor.save_view("digits", "report", "why", {"markdown": REPORT})


def serve(store: Path) -> tuple[subprocess.Popen[str], str]:
    """Starts the dashboard's server; returns it and its address."""
    command = [sys.executable, "-c", "from kerascope.cli.main import main; raise SystemExit(main())"]
    server = subprocess.Popen(
        [*command, "ui", "--json", "--no-browser", "--port", "0"],
        env=environment(store),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None  # noqa: S101
    return server, json.loads(server.stdout.readline())["url"].rstrip("/")


def take_all(browser: Browser, url: str, look: str) -> None:
    """Takes one picture of each page."""
    demo, digits = newest_run(url, "demo"), newest_run(url, "digits")
    served = newest_run(url, "evaluation")
    compared = f"/projects/digits/compare?runs={','.join(runs_of(url, 'digits').values())}"
    pages = {
        "projects": "/",
        "projects-none": "/?q=nothing",
        "missing": "/nowhere",
        "missing-run": "/projects/demo/runs/none",
        "runs": "/projects/demo",
        "runs-none": "/projects/demo?q=nothing",
        "runs-grouped": "/projects/digits?group=config.learning_rate&open=*",
        "runs-smooth-log": "/projects/demo?smooth=0.9&log=1&x=epoch",
        "run": f"/projects/demo/runs/{demo}",
        **{tab: f"/projects/demo/runs/{demo}/{tab}" for tab in TABS},
        "media-digits": f"/projects/digits/runs/{digits}/media",
        "logged-charts": "/projects/evaluation",
        "artifacts": "/projects/evaluation/artifacts",
        "artifacts-none": "/projects/nothing/artifacts",
        "artifact": "/projects/evaluation/artifacts/pets/best",
        "run-artifacts": f"/projects/evaluation/runs/{served}/artifacts",
        "lineage": "/projects/evaluation/artifacts/pets/v0?part=lineage",
        "artifact-file": "/projects/evaluation/artifacts/pets/v1?path=weights.txt",
        "artifact-diff": "/projects/evaluation/artifacts/pets/v1?part=diff",
        "compare": compared,
        **{f"compare-{part}": f"{compared}&part={part}" for part in PARTS},
        "reports": "/projects/digits/reports",
        "reports-none": "/projects/demo/reports",
        "report": "/projects/digits/reports/why",
        "report-edit": "/projects/digits/reports/why?edit=1",
    }
    context = browser.new_context(**LOOKS[look])  # type: ignore[arg-type]
    page = context.new_page()
    for name, path in pages.items():
        page.goto(url + path)
        settle(page)
        page.screenshot(path=SHOTS / f"{name}-{look}.png")
    page.goto(url + "/projects/demo")
    settle(page)
    take_boxes(page, look)
    if not look.startswith("phone"):
        take_actions(page, look)
    context.close()


def take_boxes(page: Page, look: str) -> None:
    """Pictures of what opens over every page, and of the bar of selected runs on the page of a project."""
    for name, key in (("palette", "Control+k"), ("help", "?")):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        settle(page)
        page.screenshot(path=SHOTS / f"{name}-{look}.png")
        page.keyboard.press("Escape")
    page.get_by_label("Select just-right", exact=True).check()
    page.get_by_label("Select too-fast", exact=True).check()
    page.get_by_role("button", name="Move to a project").click()
    settle(page)
    page.screenshot(path=SHOTS / f"selected-{look}.png")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Forget the selection").click()


def take_tour(browser: Browser, url: str) -> None:
    """Pictures for docs/tour.md, why one of the two trainings of `digits` went wrong, and for the README."""
    TOUR.mkdir(exist_ok=True)
    context = browser.new_context(viewport={"width": 1400, "height": 700}, color_scheme="light")
    page = context.new_page()
    runs = runs_of(url, "digits")
    compared = f"/projects/digits/compare?runs={runs['steady']},{runs['hasty']}"

    def take(name: str, path: str, group_by: str | None = None) -> None:
        page.goto(url + path)
        settle(page)
        if group_by is not None:
            page.get_by_role("button", name="Group predictions").click()
            page.get_by_role("checkbox", name=group_by).check()
            page.keyboard.press("Escape")
            settle(page)
        page.screenshot(path=TOUR / f"tour-{name}.png")

    take("runs", "/projects/digits?keys=^(val_)?(loss|accuracy)$")
    take("guesses", f"/projects/digits/runs/{runs['hasty']}/media?keys=^predictions$", group_by="guess")
    take("weights", f"/projects/digits/runs/{runs['hasty']}/media?keys=^parameters")
    take("compare", compared)
    page.goto(f"{url}/projects/demo")
    settle(page)
    page.screenshot(path=TOUR / "workspace.png")
    context.close()


def runs_of(url: str, project: str) -> dict[str, str]:
    """The ids of a project's runs by name; of a name that several have, the oldest."""
    with urllib.request.urlopen(f"{url}/api/projects/{project}/runs?order=-created_s") as answer:
        return {run["name"]: run["id"] for run in json.load(answer)["runs"]}


def take_actions(page: Page, look: str) -> None:
    """Pictures of what opens and what hovers on the page of a project."""
    page.locator('[data-key="loss"] .chart').hover(position={"x": 230, "y": 90})
    page.wait_for_timeout(300)
    page.screenshot(path=SHOTS / f"hover-{look}.png")
    for name in ("Filter", "Columns"):
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_timeout(300)
        page.screenshot(path=SHOTS / f"{name.lower()}-{look}.png")
        page.keyboard.press("Escape")
    page.locator('[data-key="loss"]').hover()
    page.get_by_label("Show loss full screen").click()
    settle(page)
    page.screenshot(path=SHOTS / f"full-screen-{look}.png")


def newest_run(url: str, project: str) -> str:
    """The id of the run of a project that began last."""
    with urllib.request.urlopen(f"{url}/api/projects/{project}/runs?limit=1") as answer:
        return str(json.load(answer)["runs"][0]["id"])


def settle(page: Page) -> None:
    """Waits until nothing is loading any more. (The live stream never ends, so the network is never idle.)"""
    page.wait_for_timeout(700)
    expect(page.locator("[aria-busy=true]:visible")).to_have_count(0, timeout=60_000)
    page.wait_for_timeout(500)


if __name__ == "__main__":
    raise SystemExit(main())
