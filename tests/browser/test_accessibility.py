"""axe finds no serious fault on any page, in light and in dark, with the boxes of the pages open and closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import TIMEOUT_MS

expect.set_options(timeout=TIMEOUT_MS)

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATHS = [
    "/",
    "/projects/digits",
    "/projects/digits?group=config.learning_rate&open=*",
    "/projects/digits/artifacts",
    "/projects/digits/reports",
    "/projects/digits/reports/first?edit=1",
    *(
        f"/projects/digits/compare?runs={{first}},{{second}}{part}"
        for part in ("", "&part=metrics", "&part=models", "&part=environment", "&part=code", "&part=checkpoints")
    ),
    *(
        f"/projects/digits/runs/{{first}}{tab}"
        for tab in (
            "",
            "/media",
            "/overview",
            "/config",
            "/summary",
            "/console",
            "/system",
            "/source",
            "/files",
            "/graph",
            "/artifacts",
        )
    ),
]


@pytest.fixture(scope="module")
def run_ids(server: str) -> dict[str, str]:
    runs = httpx.get(f"{server}/api/projects/digits/runs", timeout=60, trust_env=False).json()["runs"]
    return {"first": runs[0]["id"], "second": runs[1]["id"]}


@pytest.fixture(autouse=True)
def axe() -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci in web/), so no page was looked at")


def faults(page: Page) -> list[str]:
    """The serious and critical faults that axe finds, each with where it is.

    Of the boxes in a drawing axe joins the lines of text without spaces, and then misses them in the name of the box.
    """
    if not page.evaluate("'axe' in window"):
        # As a file the page's policy would refuse it: it is evaluated instead, as the browser's tools do.
        page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)"
    )
    return [
        f"{fault['id']}: {node['target']} {node['html'][:160]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
        if not (fault["id"] == "label-content-name-mismatch" and node["html"].startswith("<g "))
    ]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_no_serious_fault(server: str, run_ids: dict[str, str], page: Page, path: str) -> None:
    page.goto(server + path.format(**run_ids))
    expect(page.get_by_role("heading", level=1)).to_be_attached()
    expect(page.locator("[aria-busy=true]:not(.skeleton)")).to_have_count(0)
    light = faults(page)
    page.add_style_tag(content="* { transition: none !important }")  # a colour on its way to dark is neither
    page.emulate_media(color_scheme="dark")
    assert light + faults(page) == []


@pytest.mark.parametrize("box", ["Filter", "Group", "Columns", "Views", "More"])
def test_a_box_of_the_toolbar_has_no_serious_fault(server: str, page: Page, box: str) -> None:
    page.goto(f"{server}/projects/digits")
    toolbar = page.get_by_role("toolbar", name="Runs")
    toolbar.get_by_role("button", name=box, exact=True).click()
    expect(page.get_by_role("dialog", name=box, exact=True)).to_be_visible()
    assert faults(page) == []


def test_palette_help_sheet_and_bulk_bar_have_no_serious_fault(server: str, page: Page) -> None:
    page.goto(f"{server}/projects/digits")
    page.get_by_label("Select steady").check()
    assert faults(page) == []
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Command palette")).to_be_visible()
    assert faults(page) == []
