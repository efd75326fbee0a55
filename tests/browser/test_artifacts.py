"""Artifact versions in a real browser: files, aliases, differences down to the weights, and where they come from."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import TIMEOUT_MS, run_module, serving
from tests.browser.test_accessibility import AXE, faults

expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over the runs of `tabled.py`."""
    store = tmp_path_factory.mktemp("artifacts")
    assert run_module("tests.browser.tabled", store).wait(300) == 0
    with serving(store) as address:
        yield address


def test_a_table_inside_an_artifact_is_looked_at(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/tables/artifacts/pictures/v0")
    page.get_by_role("button", name="rows.table.json").click()
    expect(page.get_by_role("table", name="rows.table.json")).to_contain_text("row")
    expect(page).to_have_url(re.compile("path=rows"))


def test_aliases_are_edited_and_two_versions_differ_in_one_layer(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/tables/artifacts/net/v1")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="v1", exact=True))
    row.get_by_role("button", name="alias", exact=True).click()
    page.get_by_label("New alias").fill("chosen")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("chosen")
    page.get_by_role("button", name="Difference").click()
    weights = page.get_by_role("region", name="Weights")
    expect(weights.get_by_role("row").nth(1)).to_contain_text(re.compile("second.*25 %.*0.5.*0.25.*second/kernel"))
    expect(page.get_by_text("1 of 2 weights moved")).to_be_visible()
    page.get_by_role("button", name="Remove the alias chosen").click()
    expect(row).not_to_contain_text("chosen")


def test_a_version_says_what_it_is_and_what_it_takes_on_the_disk(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/tables/artifacts/net/v1")
    expect(page.get_by_text(re.compile("2 versions, .* on the disk"))).to_be_visible()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="v1", exact=True))
    expect(row.get_by_role("link", name="after", exact=True)).to_be_visible()
    row.get_by_role("link", name="guest in checks").click()
    expect(page).to_have_url(re.compile("/projects/checks/runs/"))
    page.get_by_role("main").get_by_role("link", name="Artifacts", exact=True).click()
    # The version is of another project than the run that used it.
    page.get_by_role("link", name="v1", exact=True).click()
    expect(page).to_have_url(re.compile("/projects/tables/artifacts/net/v1$"))
    expect(page.get_by_role("button", name="weights.npz", exact=True)).to_be_visible()


def test_artifacts_are_found_by_name_and_type(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/tables/artifacts")
    expect(page.get_by_role("status").filter(has_text="artifacts")).to_have_text("3 artifacts")
    page.get_by_label("Type").select_option("model")
    expect(page.get_by_role("link", name="net", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="pictures", exact=True)).to_have_count(0)
    page.get_by_label("Type").select_option("")
    page.get_by_label("Search artifacts").fill("PICT")
    expect(page.get_by_role("link", name="pictures", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="net", exact=True)).to_have_count(0)
    expect(page).to_have_url(re.compile("q=PICT"))


def test_the_lineage_leads_from_the_data_to_the_model(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/tables/artifacts/pictures/v0?part=lineage")
    lineage = page.get_by_role("region", name="Lineage")
    for name in ["artifact pictures:v0", "run after", "artifact net:v1"]:
        expect(lineage.get_by_role("link", name=name)).to_be_visible()
    lineage.get_by_role("link", name="artifact net:v1").click()
    expect(page).to_have_url(re.compile("/artifacts/net/v1"))


def test_checkpoints_of_two_runs_are_compared_by_layer(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/tables?q=e&keys=^scores$")
    ids = page.evaluate("fetch('/api/projects/tables/runs').then(r => r.json())")["runs"]
    names = {run["name"]: run["id"] for run in ids}
    page.goto(f"{url}/projects/tables/compare?runs={names['before']},{names['after']}&part=checkpoints")
    expect(page.get_by_role("region", name="From net:v0 to net:v1")).to_contain_text("second/kernel")


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (npm ci in web/)")
def test_no_page_of_artifacts_has_a_serious_fault(url: str, page: Page) -> None:
    found: list[str] = []
    for path in [
        "artifacts",
        "artifacts/net/v1",
        "artifacts/net/v1?part=lineage",
        "artifacts/net/v1?part=diff",
        "artifacts/evaluation/v0?path=answers.table.json",
    ]:
        page.goto(f"{url}/projects/tables/{path}")
        expect(page.get_by_role("heading").first).to_be_attached()
        expect(page.locator("[aria-busy=true]:not(.skeleton)")).to_have_count(0)
        light = faults(page)
        page.add_style_tag(content="* { transition: none !important }")  # a colour on its way to dark is neither
        page.emulate_media(color_scheme="dark")
        found += [f"{path}: {fault}" for fault in light + faults(page)]
        page.emulate_media(color_scheme="light")
    assert found == []
