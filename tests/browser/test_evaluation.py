"""Logged charts and artifacts in a real browser, over runs without a training."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import TIMEOUT_MS, run_module, serving

expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over the runs of `evaluation.py`."""
    store = tmp_path_factory.mktemp("evaluation")
    assert run_module("tests.browser.evaluation", store).wait(200) == 0
    with serving(store) as address:
        yield address


def test_logged_charts_are_drawn_and_say_what_they_show(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/evaluation")
    page.get_by_role("link", name="scored", exact=True).click()
    page.get_by_role("link", name="Media", exact=True).click()
    for key, words in {"confusion": "confusion matrix of 3 rows", "growth": "line chart of weight over size"}.items():
        chart = page.locator(f'[data-key="{key}"]').get_by_role("img")
        expect(chart).to_have_accessible_name(re.compile(f"{key} at step 2, {words}"))
    page.locator('[data-key="roc"]').scroll_into_view_if_needed()
    curve = page.locator('[data-key="roc"]').get_by_role("img")
    expect(curve).to_have_accessible_name(re.compile("ROC curve of True positive rate .*: cat, dog, owl"))


def test_beside_the_runs_a_panel_shows_the_first_run_that_has_values_of_it(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/evaluation")  # `served`, the newest run, has logged no chart
    chart = page.locator('[data-key="confusion"]').get_by_role("img")
    expect(chart).to_have_accessible_name(re.compile("confusion at step 2"))
    page.keyboard.press("Control+k")
    page.get_by_label("Go to or do").fill("pets")
    page.get_by_role("option", name=re.compile("pets$")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("pets")


def test_an_artifact_leads_to_its_files_and_to_the_runs_that_made_and_used_it(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/evaluation")
    page.get_by_role("link", name="Artifacts", exact=True).click()
    page.get_by_role("link", name="pets", exact=True).click()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="v0", exact=True))
    expect(row).to_contain_text("best")
    row.get_by_role("link", name="v0", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download weights.txt").click()
    assert Path(download.value.path()).read_text() == "weights of epoch 0\n"
    row.get_by_role("link").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("served")
    page.get_by_role("link", name="Artifacts", exact=True).last.click()
    expect(page.get_by_role("heading", name="Used")).to_be_visible()
