"""The panels, one after the other: how they are laid out, what they draw, and how they are read with mouse and keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.dashboard import TIMEOUT_MS, run_module, serving
from tests.browser.panel_runs import IMAGE_STEPS, RUNS

expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture(scope="module")
def sweep(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the runs of `panel_runs.py`."""
    store: Path = tmp_path_factory.mktemp("sweep")
    assert run_module("tests.browser.panel_runs", store).wait(300) == 0
    with serving(store) as url:
        yield url


@pytest.fixture(scope="module")
def media_run(sweep: str) -> str:
    """The address of the run that has media."""
    runs = httpx.get(f"{sweep}/api/projects/sweep/runs", timeout=60, trust_env=False).json()["runs"]
    run = next(run for run in runs if run["name"] == f"run-{RUNS - 1}")
    return f"{sweep}/projects/sweep/runs/{run['id']}"


@pytest.fixture
def laid_out(sweep: str) -> Iterator[str]:
    """The project's page; what the test did to the layout is forgotten."""
    yield f"{sweep}/projects/sweep"
    httpx.delete(f"{sweep}/api/projects/sweep/views/panels/default", timeout=60, trust_env=False)


def panel(page: Page, key: str) -> Locator:
    return page.locator(f'[data-key="{key}"]')


def keys(page: Page) -> list[str]:
    return [element.get_attribute("data-key") or "" for element in page.locator("[data-key]").all()]


def menu(page: Page, key: str, action: str) -> None:
    panel(page, key).hover()
    panel(page, key).get_by_role("button", name=re.compile("^Menu of")).click()
    panel(page, key).get_by_role("button", name=action).click()


def add_panel(page: Page, kind: str) -> Locator:
    page.get_by_role("button", name="Add a panel").click()
    dialog = page.get_by_role("dialog", name="Add a panel")
    dialog.get_by_role("button", name=kind, exact=True).click()
    return dialog


def test_panels_are_moved_resized_and_hidden_and_stay_so(laid_out: str, page: Page) -> None:
    page.goto(laid_out)
    expect(panel(page, "loss").get_by_role("application")).to_be_visible()
    assert keys(page)[:3] == ["loss", "val_loss", "accuracy"]

    panel(page, "accuracy").locator("figcaption").drag_to(
        panel(page, "loss").locator("figcaption"), target_position={"x": 8, "y": 8}
    )
    expect(page.locator("[data-key]").first).to_have_attribute("data-key", "accuracy")
    menu(page, "val_loss", "Move earlier")
    expect(page.locator("[data-key]").nth(1)).to_have_attribute("data-key", "val_loss")

    page.keyboard.press("Escape")
    before = panel(page, "accuracy").bounding_box()
    assert before is not None
    panel(page, "accuracy").hover()
    page.mouse.move(before["x"] + before["width"] - 6, before["y"] + before["height"] - 6)
    page.mouse.down()
    page.mouse.move(before["x"] + before["width"] - 6, before["y"] + before["height"] + 94, steps=4)
    page.mouse.up()
    menu(page, "epoch", "Hide panel")
    expect(panel(page, "epoch")).to_have_count(0)

    page.reload()
    expect(page.locator("[data-key]").first).to_have_attribute("data-key", "accuracy")
    expect(panel(page, "epoch")).to_have_count(0)
    after = panel(page, "accuracy").bounding_box()
    assert after is not None
    assert after["height"] > before["height"] + 60
    page.get_by_role("button", name="Layout of the panels").click()
    page.get_by_role("button", name="Show epoch again").click()
    expect(panel(page, "epoch")).to_have_count(1)
    with page.expect_response(
        lambda response: response.request.method == "DELETE" and "/views/panels/" in response.url
    ):
        page.get_by_role("button", name="Lay out as at first").click()


def test_one_column_is_one_column_and_no_panel_is_wider(laid_out: str, page: Page) -> None:
    page.goto(laid_out)
    expect(panel(page, "pictures")).to_have_css("grid-column", "span 2")
    page.get_by_role("button", name="Layout of the panels").click()
    page.get_by_role("button", name="1 column").click()
    expect(panel(page, "pictures")).to_have_css("grid-column", "span 1")
    page.keyboard.press("Escape")
    menu(page, "epoch", "Hide panel")
    expect(panel(page, "epoch")).to_have_count(0)
    page.get_by_role("button", name="Layout of the panels").click()
    page.get_by_role("button", name="Show epoch again").click()
    expect(panel(page, "epoch")).to_have_count(1)
    boxes = [panel(page, key).bounding_box() for key in ["loss", "val_loss", "epoch", "pictures"]]
    assert len({(box["x"], box["width"]) for box in boxes if box is not None}) == 1


def test_a_layout_changed_just_before_its_page_goes_is_saved(laid_out: str, page: Page) -> None:
    page.goto(laid_out)
    menu(page, "epoch", "Hide panel")
    with page.expect_response(lambda response: "/views/panels/" in response.url) as saved:
        page.get_by_role("link", name=f"run-{RUNS - 1}", exact=True).click()
    assert saved.value.request.method == "PUT"
    page.goto(laid_out)
    expect(panel(page, "loss")).to_be_visible()
    expect(panel(page, "epoch")).to_have_count(0)


def test_one_panel_draws_several_metrics_over_an_axis_of_its_own(laid_out: str, page: Page) -> None:
    page.goto(laid_out)
    dialog = add_panel(page, "Lines")
    dialog.get_by_role("checkbox", name="loss", exact=True).check()
    dialog.get_by_label("And all that match").fill("^val_")
    dialog.get_by_label("X axis").select_option("epoch")
    dialog.get_by_label("Title").fill("both losses")
    with page.expect_response(lambda response: "/views/panels/" in response.url):
        dialog.get_by_role("button", name="Add panel").click()
    chart = panel(page, "both losses").get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile(f"both losses, line chart of {2 * RUNS} lines"))
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(chart.get_by_role("status")).to_contain_text("epoch")
    expect(chart.get_by_role("status")).to_contain_text("val_loss")
    page.reload()
    menu(page, "both losses", "Remove panel")
    expect(panel(page, "both losses")).to_have_count(0)


def test_groups_become_a_mean_and_smoothing_has_three_kinds(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}/projects/sweep?smooth=0.9&keys=^loss$")
    chart = panel(page, "loss").get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile(f"line chart of {RUNS} runs"))
    page.get_by_role("button", name="Chart options").click()
    page.get_by_role("combobox", name="Smoothing").select_option("gaussian")
    expect(page.locator("output")).to_have_text("σ 9")
    page.get_by_role("combobox", name="Smoothing").select_option("mean")
    expect(page.locator("output")).to_have_text("19 pts")
    page.get_by_role("combobox", name="Mean of runs with one").select_option("config.optimizer")
    expect(chart).to_have_accessible_name(re.compile("line chart of 2 lines"))
    page.get_by_role("combobox", name="Band").select_option("stderr")
    page.get_by_label("Logarithmic x axis").check()
    page.get_by_label("Ignore outliers").check()
    expect(page).to_have_url(re.compile("band=stderr"))
    page.keyboard.press("Escape")
    chart.hover(position={"x": 200, "y": 80})
    expect(chart.get_by_role("status")).to_contain_text("adam (4)")
    names = chart.get_by_role("status").locator(".name")
    assert sorted(names.all_inner_texts()) == ["adam (4)", "sgd (4)"]


def test_a_click_on_a_point_opens_the_media_of_its_step(media_run: str, page: Page) -> None:
    page.goto(f"{media_run}?keys=^loss$")
    chart = panel(page, "loss").get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile("line chart of 1 run"))
    chart.hover(position={"x": 200, "y": 80})
    dot = chart.locator(".dot").first.bounding_box()
    assert dot is not None
    page.mouse.move(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
    page.mouse.click(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
    expect(page).to_have_url(re.compile(r"/media\?step=\d+$"))
    page.goto(f"{media_run}/media?step=150&keys=pictures")
    expect(panel(page, "pictures").locator("output")).to_have_text("step 150")


def test_brushing_an_axis_marks_the_runs_in_all_panels_over_runs(laid_out: str, page: Page) -> None:
    page.goto(f"{laid_out}?keys=Parallel|Scatter")
    add_panel(page, "Parallel coordinates").get_by_role("button", name="Add panel").click()
    add_panel(page, "Scatter").get_by_role("button", name="Add panel").click()
    axis = panel(page, "Parallel coordinates").get_by_role("slider", name=re.compile("^lr"))
    expect(axis).to_have_attribute("aria-valuetext", "all")
    axis.focus()
    page.keyboard.press("ArrowUp")
    for key in ["Parallel coordinates", "Scatter"]:
        expect(panel(page, key).get_by_role("status").last).to_have_text(f"2 of {RUNS} runs")
    panel(page, "Scatter").get_by_role("button", name="Clear brush").click()
    expect(axis).to_have_attribute("aria-valuetext", "all")
    scatter = panel(page, "Scatter").get_by_role("application")
    expect(scatter).to_have_accessible_name(re.compile(f"val_loss over lr of {RUNS} runs"))
    scatter.focus()
    page.keyboard.press("ArrowRight")
    expect(scatter.get_by_role("status")).to_contain_text("run-")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/runs/\w+"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("run-")


def test_importance_and_bars_say_which_parameter_and_run_is_the_best(laid_out: str, page: Page) -> None:
    page.goto(f"{laid_out}?keys=Parameter|Bars")
    add_panel(page, "Parameter importance").get_by_role("button", name="Add panel").click()
    rows = panel(page, "Parameter importance").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("lr")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("−0.98")
    add_panel(page, "Bars").get_by_role("button", name="Add panel").click()
    expect(panel(page, "Bars").get_by_role("listitem").first).to_contain_text("run-")
    # A loss: the best is the lowest.
    values = [float(text) for text in panel(page, "Bars").locator(".value").all_inner_texts()]
    assert values == sorted(values)
    assert len(values) == RUNS


def test_sick_layers_are_pointed_out(media_run: str, page: Page) -> None:
    page.goto(f"{media_run}/media?keys=layer health")
    health = panel(page, "layer health")
    expect(health.get_by_role("status")).to_contain_text("2 of 3 layers need a look")
    for layer, verdict in [("good", "healthy"), ("stuck", "dead"), ("wild", "exploding")]:
        expect(health.get_by_role("row").filter(has_text=layer)).to_contain_text(verdict)
    health.get_by_role("button", name="wild").click()
    expect(page.locator("[data-key]")).to_have_count(1)
    histogram = panel(page, "gradients/wild/kernel.gradient")
    histogram.get_by_role("button", name="One step").click()
    histogram.get_by_role("slider").fill("0")
    expect(histogram.locator("output")).to_have_text("step 40")


def test_images_stand_side_by_side_with_boxes_from_a_score_on(media_run: str, page: Page) -> None:
    page.goto(f"{media_run}/media?keys=pictures")
    pictures = panel(page, "pictures")
    expect(pictures.get_by_text(f"300 of {IMAGE_STEPS}")).to_be_visible()
    expect(pictures.locator(".box")).to_have_count(2)
    pictures.get_by_label("Score").fill("0.5")
    expect(pictures.locator(".box")).to_have_count(1)
    pictures.get_by_role("button", name="cat").click()
    expect(pictures.locator(".box")).to_have_count(0)
    pictures.get_by_label("Side by side").select_option("steps")
    expect(pictures.locator("img")).to_have_count(8)
    expect(pictures.get_by_role("heading", level=4).first).to_have_text("Step 100")


def test_clouds_figures_pages_and_films_are_shown(media_run: str, page: Page) -> None:
    page.goto(f"{media_run}/media?keys=^shown/")
    cloud = panel(page, "shown/cloud").get_by_role("application")
    expect(cloud).to_have_accessible_name(re.compile("500 points"))
    painted = """canvas => {
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
        copy.drawImage(canvas, 0, 0);
        const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
        let hash = 0;
        data.forEach((value, place) => { hash = (hash * 31 + value * (place % 97)) % 1000003; });
        return hash;
    }"""
    page.wait_for_function(f"canvas => ({painted})(canvas) !== 0", arg=cloud.element_handle())
    before = cloud.evaluate(painted)
    cloud.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"([canvas, old]) => ({painted})(canvas) !== old", arg=[cloud.element_handle(), before])
    lines = panel(page, "shown/lines").locator("iframe").content_frame
    expect(lines.locator(".scatterlayer path.js-line")).to_have_count(2)
    expect(lines.locator(".legendtext")).to_have_text(["a", "b"])
    pie = panel(page, "shown/pie").locator("iframe")
    expect(pie).to_have_attribute("title", "Who is seen")
    expect(pie.content_frame.get_by_text("75%")).to_be_visible()
    expect(pie.content_frame.get_by_text("Who is seen")).to_be_visible()
    # An origin of its own: the figure sees neither the page around it nor what it has stored.
    assert pie.element_handle().content_frame().evaluate("() => origin") == "null"
    frame = panel(page, "shown/page").locator("iframe")
    expect(frame).to_have_attribute("sandbox", "allow-scripts")
    expect(frame.content_frame.get_by_text("a page of the run")).to_be_visible()
    expect(panel(page, "shown/film").locator("img")).to_be_visible()
    tone = panel(page, "shown/tone").locator("audio")
    page.wait_for_function("sound => sound.duration === 0.5", arg=tone.element_handle())
    expect(panel(page, "shown/tone")).to_contain_text("a tone")
    expect(panel(page, "shown/words")).to_contain_text("said at the end")


def test_panels_stand_by_prefix_and_are_found_by_regular_expression(laid_out: str, page: Page) -> None:
    page.goto(laid_out)
    section = page.get_by_role("region", name="shown", exact=True)
    expect(section.locator("[data-key]")).to_have_count(7)
    search = page.get_by_label("Search charts by name or regular expression")
    search.fill("^(val_)?loss$|/film$")
    expect(page.locator("[data-key]")).to_have_count(3)
    expect(page).to_have_url(re.compile("keys="))
    assert keys(page) == ["loss", "val_loss", "shown/film"]
    search.fill("loss(")
    expect(page.get_by_text("No panel has this name")).to_be_visible()
    search.fill("")
    section.get_by_role("button", name=re.compile("^shown")).click()
    expect(section.locator("[data-key]")).to_have_count(0)
    page.reload()
    expect(panel(page, "loss")).to_be_visible()
    expect(section.locator("[data-key]")).to_have_count(0)


def test_a_panel_fills_the_screen_and_goes_back(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}/projects/sweep?keys=^loss$")
    small = panel(page, "loss").get_by_role("application").bounding_box()
    panel(page, "loss").hover()
    page.get_by_role("button", name="Show loss full screen").click()
    full = page.get_by_role("dialog", name="loss")
    chart = full.get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile(f"line chart of {RUNS} runs"))
    large = chart.bounding_box()
    assert small is not None
    assert large is not None
    assert large["width"] > 1.5 * small["width"]
    assert large["height"] > 2 * small["height"]
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(chart.get_by_role("status")).to_contain_text("run-")
    expect(page).to_have_url(re.compile("full=number"))
    page.reload()
    expect(chart).to_have_accessible_name(re.compile(f"line chart of {RUNS} runs"))
    full.get_by_role("button", name="Leave full screen").click()
    expect(full).to_have_count(0)
    expect(page).not_to_have_url(re.compile("full="))
    expect(panel(page, "loss").get_by_role("application")).to_be_visible()


def test_the_x_axis_is_steps_times_or_any_metric(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}/projects/sweep?keys=^loss$")
    chart = panel(page, "loss").get_by_role("application")
    head = chart.get_by_role("status").locator(".head")
    for axis, said in [
        ("Step", r"^step \d+$"),
        ("Relative time", r"^\d[\d.]* m?s$"),
        ("Wall time", r"\d{4}, \d\d:\d\d:\d\d$"),
        ("epoch", r"^epoch \d$"),
        ("accuracy", r"^accuracy 0\.\d+$"),
    ]:
        page.get_by_label("X axis").select_option(label=axis)
        expect(page).to_have_url(re.compile(r"[?&]x="))
        page.reload()
        expect(chart).to_have_accessible_name(re.compile(f"line chart of {RUNS} runs"))
        chart.focus()
        page.keyboard.press("ArrowRight")
        expect(head).to_have_text(re.compile(said))


def test_a_zoom_of_one_chart_is_that_of_all(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}/projects/sweep?keys=loss$&x=step")
    loss, other = (panel(page, key).get_by_role("application") for key in ("loss", "val_loss"))
    for chart in (loss, other):
        expect(chart).to_have_accessible_name(re.compile(f"line chart of {RUNS} runs"))
    box = loss.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 80, steps=4)
    page.mouse.up()
    expect(page.get_by_role("button", name="Reset zoom")).to_be_visible()
    other.focus()
    page.keyboard.press("ArrowRight")
    head = other.get_by_role("status").locator(".head")
    expect(head).to_have_text(re.compile(r"^step (1[5-9]|2\d)$"))
    page.get_by_role("button", name="Reset zoom").click()
    expect(page).not_to_have_url(re.compile("zoom="))
    other.hover(position={"x": 62, "y": 80})
    expect(head).to_have_text(re.compile(r"^step [0-4]$"))


def test_a_class_has_an_opacity_of_its_own(media_run: str, page: Page) -> None:
    page.goto(f"{media_run}/media?keys=pictures")
    boxes = panel(page, "pictures").locator(".box")
    expect(boxes).to_have_count(2)
    before = boxes.evaluate_all("boxes => boxes.map(box => getComputedStyle(box).opacity)")
    panel(page, "pictures").get_by_role("button", name="Opacity of the overlays").click()
    page.get_by_role("dialog", name="Opacity of the overlays").get_by_label("cat").fill("1")
    after = boxes.evaluate_all("boxes => boxes.map(box => getComputedStyle(box).opacity)")
    assert float(after[0]) == 1.0 > float(before[0])
    assert after[1] == before[1]


def test_the_images_of_runs_stand_below_each_other_at_the_same_step(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}/projects/sweep?keys=pictures")
    pictures = panel(page, "pictures")
    pictures.get_by_label("Side by side").select_option("runs")
    title = pictures.get_by_role("heading", level=4)
    expect(title.filter(has_text=f"run-{RUNS - 2}, step 120")).to_be_visible()
    expect(title.filter(has_text=re.compile(rf"run-{RUNS - 1}, step \d+"))).to_be_visible()
    expect(pictures.get_by_text("the other run", exact=True)).to_be_visible()


def test_the_bar_of_the_charts_is_one_line_beside_the_table_and_two_on_a_phone(sweep: str, page: Page) -> None:
    bar = page.get_by_role("toolbar", name="Charts")
    page.set_viewport_size({"width": 1200, "height": 800})
    page.goto(f"{sweep}/projects/sweep?keys=^loss$")
    expect(bar.get_by_role("button", name="Add a panel")).to_be_visible()
    single = bar.bounding_box()
    page.set_viewport_size({"width": 400, "height": 800})
    page.get_by_role("button", name="Charts", exact=True).click()
    double = bar.bounding_box()
    assert single is not None
    assert double is not None
    assert single["height"] < 60
    assert double["height"] < 90
