"""Reports in a real browser: written, kept, and exported as a file that opens without a server and without network."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.dashboard import TIMEOUT_MS, Account, environment, run_module, serving
from tests.browser.test_accessibility import AXE, faults

expect.set_options(timeout=TIMEOUT_MS)

TEXT = """# What came out

The run **runner** went down, <script>alert(1)</script> said nobody.

```panel
runs: runner
metric: late_metric
```
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one finished run, `runner`."""
    store = tmp_path_factory.mktemp("reports")
    stop = store / "stop"
    stop.touch()
    assert run_module("tests.browser.live_writer", store, "live", "runner", str(stop)).wait(200) == 0
    return store


@pytest.fixture(scope="module")
def url(store: Path) -> Iterator[str]:
    with serving(store) as address:
        yield address


def export(store: Path, *arguments: str) -> None:
    command = [
        sys.executable,
        "-c",
        "from kerascope.cli.main import main; raise SystemExit(main())",
        "export",
        "--html",
    ]
    subprocess.run([*command, *arguments], env=environment(store), check=True, timeout=200)


def alone(browser: Browser, file: Path) -> tuple[Page, Account]:
    """Opens a file in a page that is off line."""
    page = browser.new_context(offline=True).new_page()
    account = Account(page)
    page.goto(file.as_uri())
    return page, account


def test_a_report_is_written_beside_its_preview_kept_and_exported(
    url: str, store: Path, page: Page, browser: Browser, tmp_path: Path
) -> None:
    page.goto(f"{url}/projects/live/reports")
    page.get_by_label("Name of a new report").fill("first words")
    page.get_by_role("button", name="Write report").click()
    page.get_by_label("Markdown of the report").fill(TEXT)
    preview = page.get_by_role("article", name="Preview")
    expect(preview.get_by_role("heading", name="What came out")).to_be_visible()
    expect(preview.get_by_role("application", name=re.compile("late_metric, line chart of 1 run"))).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Edit")).to_be_visible()
    page.reload()
    expect(page.get_by_text("<script>alert(1)</script> said nobody.")).to_be_visible()

    export(store, "--report", "live/first words", "-o", str(tmp_path / "report.html"))
    opened, account = alone(browser, tmp_path / "report.html")
    expect(opened.get_by_role("heading", name="What came out")).to_be_visible()
    expect(opened.get_by_role("application", name=re.compile("late_metric, line chart of 1 run"))).to_be_visible()
    opened.context.close()
    assert (account.errors, account.hosts) == ([], set())


LACKING = """# What is left

```panel
runs: runner, gone
metric: late_metric, nothing
```

```panel
colour: red
metric: late_metric
```

The end.
"""


def test_a_report_says_what_it_lacks_live_and_as_a_file(
    url: str, store: Path, page: Page, browser: Browser, tmp_path: Path
) -> None:
    answer = httpx.put(
        f"{url}/api/projects/live/views/report/lacking",
        json={"data": {"markdown": LACKING}},
        headers={"Origin": url},
        timeout=60,
        trust_env=False,
    )
    assert answer.status_code == 204
    page.goto(f"{url}/projects/live/reports/lacking")
    export(store, "--report", "live/lacking", "-o", str(tmp_path / "report.html"))
    opened, account = alone(browser, tmp_path / "report.html")
    for shown in (page, opened):
        expect(shown.get_by_text("No run called gone in live")).to_be_visible()
        expect(shown.get_by_text("No values of nothing")).to_be_visible()
        expect(shown.get_by_text("Received: colour")).to_be_visible()
        expect(shown.get_by_text("Received: colour").locator("..").get_by_role("button")).to_have_count(0)
        expect(shown.get_by_role("application", name=re.compile("late_metric, line chart of 1 run"))).to_be_visible()
        expect(shown.get_by_text("The end.")).to_be_visible()
    opened.context.close()
    assert (account.errors, account.hosts) == ([], set())


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (npm ci in web/), so no page was looked at")
def test_exported_pages_have_no_serious_fault(url: str, store: Path, browser: Browser, tmp_path: Path) -> None:
    answer = httpx.put(
        f"{url}/api/projects/live/views/report/read",
        json={"data": {"markdown": f"{LACKING}\nMore [elsewhere](https://example.org), one reads."}},
        headers={"Origin": url},
        timeout=60,
        trust_env=False,
    )
    assert answer.status_code == 204
    export(store, "--report", "live/read", "-o", str(tmp_path / "report.html"))
    export(store, "live/runner", "-o", str(tmp_path / "runs.html"))
    for name in ("report", "runs"):
        opened, _ = alone(browser, tmp_path / f"{name}.html")
        opened.set_viewport_size({"width": 400, "height": 800})
        expect(opened.get_by_role("application", name=re.compile("late_metric, line chart"))).to_be_visible()
        opened.add_style_tag(content="* { transition: none !important }")
        found = faults(opened)
        opened.emulate_media(color_scheme="dark")
        assert found + faults(opened) == []
        opened.context.close()


def test_a_deleted_report_can_be_taken_back(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/live/reports/passing?edit=1")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/reports$"))
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="passing").first).to_be_visible()


def test_exported_runs_open_without_a_server_and_show_charts_and_settings(
    store: Path, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "runs.html"
    export(store, "live/runner", "-o", str(file))
    opened, account = alone(browser, file)
    expect(opened.get_by_role("application", name=re.compile("late_metric, line chart"))).to_be_visible()
    expect(opened.get_by_role("heading", name="Results")).to_be_visible()
    opened.context.close()
    assert (account.errors, account.hosts) == ([], set())
    assert len(file.read_bytes()) < 1_000_000
