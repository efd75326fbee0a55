"""Media in pages that stand alone: opened from the disk, off line, every panel works with the files that lie in the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.dashboard import TIMEOUT_MS, Account, run_module
from tests.browser.test_reports import alone, export

expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture(scope="module")
def exported(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of `media_run.py` as a page with at most 3 MiB of media: one picture is larger."""
    store = tmp_path_factory.mktemp("media")
    assert run_module("tests.browser.media_run", store).wait(300) == 0
    file = store / "page.html"
    export(store, "media/pictured", "--media-mb", "3", "-o", str(file))
    return file


@pytest.fixture(scope="module")
def opened(exported: Path, browser: Browser) -> Iterator[tuple[Page, Account]]:
    page, account = alone(browser, exported)
    yield page, account
    page.context.close()


def figure(page: Page, key: str) -> Locator:
    return page.get_by_role("figure").filter(has=page.locator(f'figcaption[title="{key}"]'))


def test_every_kind_of_media_is_drawn_from_the_page_alone(opened: tuple[Page, Account]) -> None:
    page, account = opened
    picture = figure(page, "pictures").get_by_role("img", name="picture 1")
    expect(picture).to_be_visible()
    page.wait_for_function("() => document.querySelector('img[alt=\"picture 1\"]').naturalWidth === 16")
    # The mask is read from pixels, which a browser allows for files of the page's own only.
    page.wait_for_function("() => document.querySelector('.frame canvas').width === 16")
    expect(page.get_by_role("application", name=re.compile("weights, histograms of 2 steps"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("curve at step 1, line chart"))).to_be_visible()
    drawn = figure(page, "figure").locator("iframe").content_frame
    expect(drawn.locator(".main-svg").first).to_be_visible()
    expect(page.get_by_role("application", name=re.compile("^cloud"))).to_be_visible()
    page.wait_for_function("() => document.querySelector('audio').duration > 0")
    logged = figure(page, "page").locator("iframe").content_frame
    expect(logged.get_by_text("a logged page, alive")).to_be_visible()
    expect(page.get_by_label("words", exact=True)).to_contain_text("some words")
    assert (account.errors, account.hosts) == ([], set())


def test_a_table_is_sorted_and_searched_without_a_server(opened: tuple[Page, Account]) -> None:
    page, account = opened
    table = page.get_by_role("table", name="rows")
    expect(table.get_by_role("row").nth(1)).to_contain_text("row-0")
    table.get_by_role("button", name="score").click()
    expect(table.get_by_role("row").nth(1)).to_contain_text("30")
    expect(page.get_by_role("button", name="Filter rows")).to_have_count(0)
    page.get_by_label("Search rows of rows").fill("row-17")
    expect(page.get_by_text("1 of 30 rows")).to_be_visible()
    assert (account.errors, account.hosts) == ([], set())


def test_what_is_too_large_says_so(opened: tuple[Page, Account], exported: Path) -> None:
    page, _ = opened
    expect(page.get_by_text("noise of pictured is not in this page")).to_be_visible()
    expect(page.get_by_text("--media-mb")).to_be_visible()
    assert exported.stat().st_size < 3_000_000
