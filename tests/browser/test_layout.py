"""Pages stay where they are while they load, and fit their window, on a screen and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.dashboard import TIMEOUT_MS, run_module, serving

expect.set_options(timeout=TIMEOUT_MS)

WIDTHS = [1440, 400]
JUMP = 0.1
"""More than this share of the window moved, as the browser counts it, is a jump that people notice."""
WATCH = """
window.jumps = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.jumps += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
REPORT = "# Words\n\n```panel\nruns: before, after\nmetric: scores\n```\n\nText below.\n"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over the runs of `tabled.py`, with a report."""
    store = tmp_path_factory.mktemp("layout")
    assert run_module("tests.browser.tabled", store).wait(300) == 0
    with serving(store) as address:
        saved = httpx.put(
            f"{address}/api/projects/tables/views/report/{quote('in words')}",
            json={"data": {"markdown": REPORT}},
            timeout=60,
        )
        assert saved.is_success, saved.text
        yield address


def paths(url: str) -> list[str]:
    runs = httpx.get(f"{url}/api/projects/tables/runs", timeout=60).json()["runs"]
    ids = {run["name"]: run["id"] for run in runs}
    compared = f"/projects/tables/compare?runs={ids['before']},{ids['after']}"
    run = f"/projects/tables/runs/{ids['after']}"
    net = "/projects/tables/artifacts/net/v1"
    return [
        "/",
        "/projects/tables",
        *(compared + part for part in ("", "&part=environment", "&part=code", "&part=checkpoints")),
        *(run + tab for tab in ("/media", "/overview", "/files", "/artifacts")),
        "/projects/tables/artifacts",
        *(net + part for part in ("", "?part=lineage", "?part=diff", "?path=weights.npz")),
        "/projects/tables/artifacts/evaluation/v0?path=answers.table.json",
        "/projects/tables/reports",
        "/projects/tables/reports/in words",
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_jumps_while_it_loads_nor_is_wider_than_its_window(url: str, browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 860})
    context.set_default_timeout(TIMEOUT_MS)
    context.add_init_script(WATCH)
    page = context.new_page()
    faults: list[str] = []
    for path in paths(url):
        page.goto(url + path)
        expect(page.get_by_role("heading").first).to_be_attached()
        expect(page.locator("[aria-busy=true]:visible")).to_have_count(0)
        page.wait_for_timeout(200)
        moved, wider = page.evaluate("[window.jumps, document.documentElement.scrollWidth - innerWidth]")
        if moved > JUMP or wider > 0:
            faults.append(f"{path}: {moved:.2f} of the window jumped, {wider} px too wide")
    context.close()
    assert faults == []
