"""What changes while one looks: runs that train, edits, a server that goes away."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from kerascope.notebook import Frame
from tests.browser.dashboard import TIMEOUT_MS, run_module, serving
from tests.distributed.processes import free_port

expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture
def stop(tmp_path: Path) -> Iterator[Path]:
    """The file that ends the writer; there at the end in any case."""
    file = tmp_path / "stop"
    yield file
    file.touch()


def test_a_training_appears_and_moves_while_one_looks(tmp_path: Path, stop: Path, page: Page) -> None:
    store = tmp_path / "store"
    store.mkdir()
    with serving(store) as url:
        page.goto(url)
        expect(page.get_by_text("No runs yet.")).to_be_visible()
        writer = run_module("tests.browser.live_writer", store, "live", "runner", str(stop))
        page.get_by_role("link", name="live").click()
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name="runner", exact=True))
        expect(row).to_contain_text("running")
        expect(page.locator('[data-key="loss"]').get_by_role("application")).to_be_visible()

        page.get_by_role("link", name="runner", exact=True).click()
        step = page.get_by_title("Last step")
        before = int(step.inner_text().split()[1])
        expect(step).not_to_have_text(f"step {before}")
        page.get_by_role("link", name="Console").click()
        expect(page.get_by_role("log")).to_contain_text(f"step {before + 3}")
        page.get_by_role("link", name="Charts").click()

        stop.touch()
        assert writer.wait(120) == 0
        expect(page.get_by_role("main").get_by_text("finished")).to_be_visible()
        expect(page.locator('[data-key="late_metric"]')).to_be_visible()
        page.close()  # before its server ends: a lost connection is an error on the console


def test_the_page_catches_up_when_the_server_comes_back(tmp_path: Path, stop: Path, page: Page) -> None:
    store = tmp_path / "store"
    stop.touch()
    assert run_module("tests.browser.live_writer", store, "live", "first", str(stop)).wait(120) == 0
    port = int(free_port())
    with serving(store, port) as url:
        page.goto(f"{url}/projects/live")
        expect(page.get_by_role("link", name="first", exact=True)).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("status")).to_contain_text("Reconnecting")
    assert run_module("tests.browser.live_writer", store, "live", "second", str(stop)).wait(120) == 0
    with serving(store, port):
        expect(page.get_by_role("link", name="second", exact=True)).to_be_visible()
        expect(page.get_by_role("banner").get_by_role("status")).to_contain_text("Live")
        page.close()
    page.account.errors.clear()  # type: ignore[attr-defined]  # the browser tells of the lost connection


def test_what_changes_between_the_first_answers_and_the_live_stream_is_shown(
    tmp_path: Path, stop: Path, page: Page
) -> None:
    store = tmp_path / "store"
    stop.touch()
    assert run_module("tests.browser.live_writer", store, "live", "first", str(stop)).wait(120) == 0
    held: list[Route] = []
    page.route("**/api/live*", lambda route, _request: held.append(route))
    with serving(store) as url:
        page.goto(f"{url}/projects/live")
        expect(page.get_by_role("link", name="first", exact=True)).to_be_visible()
        (run,) = httpx.get(f"{url}/api/projects/live/runs").json()["runs"]
        changed = httpx.patch(f"{url}/api/projects/live/runs/{run['id']}", json={"name": "renamed"})
        assert changed.json()["name"] == "renamed"
        for route in held:
            route.continue_()
        expect(page.get_by_role("link", name="renamed", exact=True)).to_be_visible()
        page.close()


def test_edits_last_and_a_deletion_can_be_undone(tmp_path: Path, stop: Path, page: Page) -> None:
    store = tmp_path / "store"
    stop.touch()
    assert run_module("tests.browser.live_writer", store, "edits", "draft", str(stop)).wait(120) == 0
    with serving(store) as url:
        page.goto(f"{url}/projects/edits")
        page.get_by_role("link", name="draft", exact=True).click()
        page.get_by_role("button", name=re.compile("^Name: draft")).click()
        page.get_by_label("Name", exact=True).fill("final")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("final")
        page.get_by_role("button", name="tag", exact=True).click()
        page.get_by_label("New tag").fill("keep")
        page.keyboard.press("Enter")
        expect(page.get_by_text("keep", exact=True)).to_be_visible()
        page.get_by_role("link", name="Overview").click()
        page.get_by_role("button", name=re.compile("^Notes")).click()
        page.get_by_label("Notes", exact=True).fill("Worked at once.")
        page.keyboard.press("Control+Enter")
        page.reload()
        expect(page.get_by_role("paragraph").filter(has_text="Worked at once.")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_contain_text("final")

        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("button", name="Undo")).to_be_visible()
        expect(page.get_by_role("link", name="final", exact=True)).to_have_count(0)
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("final")
        page.close()  # before its server ends: a lost connection is an error on the console


@pytest.fixture
def notebook() -> Iterator[tuple[str, list[str]]]:
    """The address of a page at another port of this machine, and what it shows."""
    shown: list[str] = []

    class Cell(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write("".join(shown).encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Cell)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/lab", shown
    server.shutdown()
    server.server_close()


def test_the_frame_of_a_notebook_shows_the_live_page_of_the_run(
    tmp_path: Path, stop: Path, page: Page, notebook: tuple[str, list[str]]
) -> None:
    address, shown = notebook
    store = tmp_path / "store"
    store.mkdir()
    writer = run_module("tests.browser.live_writer", store, "live", "runner", str(stop))
    with serving(store) as url:
        page.goto(f"{url}/projects/live")
        page.get_by_role("link", name="runner", exact=True).click()
        expect(page).to_have_url(re.compile("/runs/"))
        shown.append("<link rel=icon href=data:,>" + Frame(page.url)._repr_html_())
        page.goto(address)
        frame = page.frame_locator("iframe")
        expect(frame.locator('[data-key="loss"]').get_by_role("application")).to_be_visible()
        step = frame.get_by_title("Last step")
        before = step.inner_text()
        expect(step).not_to_have_text(before)
        stop.touch()
        assert writer.wait(120) == 0
        expect(frame.get_by_role("main").get_by_text("finished")).to_be_visible()
        page.close()  # before its server ends: a lost connection is an error on the console
