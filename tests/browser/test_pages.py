"""Every page of the dashboard, in a real browser, over a real training."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import TIMEOUT_MS

expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture(scope="module")
def run_id(server: str) -> str:
    """The id of the run `steady`."""
    runs = httpx.get(f"{server}/api/projects/digits/runs", timeout=60, trust_env=False).json()["runs"]
    return next(run["id"] for run in runs if run["name"] == "steady")


def panel(page: Page, key: str):
    return page.locator(f'[data-key="{key}"]')


def row(page: Page, name: str):
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def test_the_way_from_the_projects_to_a_run_is_links(server: str, page: Page) -> None:
    page.goto(server)
    page.get_by_role("link", name="digits").click()
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("link", name="hasty", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("hasty")
    page.go_back()
    expect(row(page, "steady")).to_be_visible()


def test_the_charts_of_a_project_draw_every_visible_run(server: str, page: Page) -> None:
    page.goto(f"{server}/projects/digits")
    chart = panel(page, "val_loss").get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile("val_loss, line chart of 2 runs"))
    row(page, "hasty").get_by_role("button", name="Hide from charts").click()
    expect(chart).to_have_accessible_name(re.compile("val_loss, line chart of 1 run,?"))
    expect(page).to_have_url(re.compile("hide="))


def test_hovering_a_chart_names_the_runs_and_their_values_largest_first(server: str, page: Page) -> None:
    page.goto(f"{server}/projects/digits")
    chart = panel(page, "val_accuracy").get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile("2 runs"))
    chart.hover(position={"x": 200, "y": 80})
    box = chart.get_by_role("status")
    expect(box).to_contain_text("steady")
    names = box.locator(".name").all_inner_texts()
    values = [float(text) for text in box.locator(".value").all_inner_texts()]
    assert sorted(names) == ["hasty", "steady"]
    assert values == sorted(values, reverse=True)


def test_dragging_zooms_all_charts_and_a_double_click_goes_back(server: str, page: Page) -> None:
    page.goto(f"{server}/projects/digits")
    chart = panel(page, "loss").get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile("2 runs"))
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 120, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 220, box["y"] + 80, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile("zoom=step"))
    expect(page.get_by_role("button", name="Reset zoom")).to_be_visible()
    page.mouse.dblclick(box["x"] + 160, box["y"] + 90)
    expect(page).not_to_have_url(re.compile("zoom="))


def test_the_address_holds_how_charts_and_table_are_shown(server: str, page: Page) -> None:
    page.goto(
        f"{server}/projects/digits?x=epoch&smooth=0.9&log=1&sort=summary.val_loss&cols=summary.val_loss,tags&keys=loss"
    )
    expect(page.get_by_label("X axis")).to_have_value("epoch")
    expect(page.get_by_role("button", name="Log scale")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("output")).to_have_text("0.90")
    expect(page.get_by_role("columnheader")).to_have_text(["Name", "val_loss", "Tags"])
    expect(page.get_by_role("columnheader").nth(1)).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("row").nth(1)).to_contain_text("steady")
    expect(page.locator("[data-key]")).to_have_count(2)


def test_filters_and_search_narrow_the_table(server: str, page: Page) -> None:
    page.goto(f"{server}/projects/digits")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_label("Field", exact=True).fill("config.learning_rate")
    page.get_by_label("Field", exact=True).press("Tab")
    page.get_by_label("Comparison").select_option("gt")
    page.get_by_label("Value", exact=True).fill("0.5")
    page.get_by_label("Value", exact=True).press("Tab")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(row(page, "hasty")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Search runs").fill("nothing like it")
    expect(page.get_by_text("No run matches", exact=True)).to_be_visible()


def test_columns_are_chosen_and_remembered(server: str, page: Page) -> None:
    page.goto(f"{server}/projects/digits")
    page.get_by_role("button", name="Columns", exact=True).click()
    page.get_by_label("Search columns").fill("activation")
    page.get_by_role("checkbox", name="model.activation").check()
    page.keyboard.press("Escape")
    page.goto(f"{server}/projects/digits")
    expect(page.get_by_role("columnheader", name="model.activation")).to_be_visible()
    expect(row(page, "steady")).to_contain_text("relu")


def test_media_of_a_run_are_shown_by_their_kind(server: str, run_id: str, page: Page) -> None:
    page.goto(f"{server}/projects/digits/runs/{run_id}/media")
    expect(panel(page, "examples").locator("img")).to_have_count(8)
    expect(panel(page, "verdict")).to_contain_text("of 100 are right")
    table = panel(page, "predictions")
    table.scroll_into_view_if_needed()
    expect(table).to_contain_text("100 rows")
    table.get_by_role("button", name="score").click()
    first_cells = table.get_by_role("row").nth(1).get_by_role("cell")
    expect(first_cells.nth(1).locator("img")).to_have_count(1)
    scores = [float(cell) for cell in table.get_by_role("row").get_by_role("cell").nth(4).all_inner_texts()]
    assert scores[0] > 0.1
    histogram = page.locator('[data-key^="parameters/"]').first
    histogram.scroll_into_view_if_needed()
    expect(histogram.get_by_role("application")).to_have_accessible_name(re.compile("histograms of 3 steps"))
    histogram.get_by_role("button", name="One step").click()
    expect(histogram.get_by_role("img")).to_be_visible()


def test_masks_are_switched_by_class(server: str, run_id: str, page: Page) -> None:
    page.goto(f"{server}/projects/digits/runs/{run_id}/media?keys=segmentation")
    masks = panel(page, "segmentation")
    count_painted = """canvas => {
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
        copy.drawImage(canvas, 0, 0);
        const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((value, index) => index % 4 === 3 && value > 0).length;
    }"""
    edge = masks.locator("li").first.locator("canvas").nth(1)
    page.wait_for_function(f"canvas => ({count_painted})(canvas) === 8", arg=edge.element_handle())
    masks.get_by_role("button", name="edge").click()
    page.wait_for_function(f"canvas => ({count_painted})(canvas) === 0", arg=edge.element_handle())


def test_the_model_is_drawn_layer_by_layer(server: str, run_id: str, page: Page) -> None:
    page.goto(f"{server}/projects/digits/runs/{run_id}/graph")
    expect(page.get_by_text("4 layers, 1.49k parameters")).to_be_visible()
    page.get_by_role("button", name=re.compile("Conv2D")).press("Enter")
    expect(page.get_by_role("complementary")).to_contain_text("num parameters")


def test_text_tabs_say_what_the_run_was(server: str, run_id: str, page: Page) -> None:
    base = f"{server}/projects/digits/runs/{run_id}"
    page.goto(f"{base}/overview")
    expect(page.get_by_role("paragraph").filter(has_text="A first try.")).to_be_visible()
    page.goto(f"{base}/config")
    page.get_by_label("Search").fill("filters")
    expect(page.get_by_text("learning_rate")).to_have_count(0)
    expect(page.get_by_text("filters", exact=True)).to_be_visible()
    page.goto(f"{base}/summary")
    expect(page.get_by_text("val_accuracy", exact=True)).to_be_visible()
    page.goto(f"{base}/console")
    expect(page.get_by_role("log")).to_contain_text("Epoch 3/3")
    page.goto(f"{base}/source")
    expect(page.get_by_text("python", exact=False).first).to_be_visible()
    page.get_by_text("training.py", exact=True).click()
    expect(page.get_by_text("PROJECT = ", exact=False)).to_be_visible()
    page.goto(f"{base}/system")
    expect(page.get_by_role("region", name="system")).to_be_visible()
    page.goto(f"{base}/files")
    page.get_by_role("button", name=re.compile("examples_.*png")).first.click()
    expect(page.locator(".preview img")).to_be_visible()


def test_unknown_addresses_say_so_and_lead_back(server: str, page: Page) -> None:
    page.goto(f"{server}/nowhere")
    expect(page.get_by_text("There is no page at this address")).to_be_visible()
    page.goto(f"{server}/projects/digits/runs/none")
    expect(page.get_by_text("Not found")).to_be_visible()
    page.account.errors.clear()  # type: ignore[attr-defined]  # the 404 is what was asked for


def test_everything_is_reached_with_the_keyboard(server: str, page: Page) -> None:
    page.goto(f"{server}/projects/digits?keys=^loss$")
    chart = panel(page, "loss").get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile("2 runs"))
    reached: set[str] = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText.trim()"
            )
        )
    wanted = ["Skip to content", "Filter", "Columns", "Width of runs", "Log scale", "steady: Hide from charts", "hasty"]
    assert [name for name in wanted if name not in reached] == []
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(chart.get_by_role("status")).to_contain_text("steady")
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("zoom="))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("zoom="))


def test_the_theme_follows_the_system_until_one_is_chosen(server: str, page: Page) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    page.goto(server)
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(background)
    assert light != dark
    switch = page.get_by_role("button", name=re.compile("Colours: as the system"))
    switch.click()
    assert page.evaluate(background) == light
    page.reload()
    expect(page.get_by_role("button", name=re.compile("Colours: light"))).to_be_visible()
    assert page.evaluate(background) == light


def test_pages_fit_a_phone(server: str, run_id: str, page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    for path in ["", "/projects/digits", f"/projects/digits/runs/{run_id}", f"/projects/digits/runs/{run_id}/overview"]:
        page.goto(server + path)
        expect(page.get_by_role("heading", level=1)).to_be_attached()
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, path
