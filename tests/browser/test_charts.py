"""Charts at their limits: a hundred lines under the mouse, long names, values that cannot be drawn, figures that would fetch something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chart_runs import AXES, AXIS_NAMES, CROWD, EDGES, MANY, MEDIA, RUNS, STEPS, loss_of
from tests.browser.dashboard import TIMEOUT_MS, Account, run_module, serving

expect.set_options(timeout=TIMEOUT_MS)

_BOX = "box => { const {left, top, right, bottom} = box.getBoundingClientRect(); return [left, top, right, bottom]; }"


@pytest.fixture(scope="module")
def url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the runs of `chart_runs.py`."""
    store: Path = tmp_path_factory.mktemp("charts")
    assert run_module("tests.browser.chart_runs", store).wait(300) == 0
    with serving(store) as address:
        yield address


@pytest.fixture
def laid_out(url: str) -> Iterator[str]:
    """The server; what the test did to the layouts is forgotten."""
    yield url
    for project in (AXES, EDGES):
        httpx.delete(f"{url}/api/projects/{project}/views/panels/default", timeout=60, trust_env=False)


def run_address(url: str, project: str) -> str:
    """The page of the only run of a project."""
    (run,) = httpx.get(f"{url}/api/projects/{project}/runs", timeout=60, trust_env=False).json()["runs"]
    return f"{url}/projects/{project}/runs/{run['id']}"


def panel(page: Page, key: str) -> Locator:
    return page.locator(f'[data-key="{key}"]')


def crowd(page: Page, url: str) -> Locator:
    """The chart of all hundred runs."""
    page.goto(f"{url}/projects/{CROWD}?show={RUNS}&keys=^loss$")
    chart = panel(page, "loss").get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile(f"line chart of {RUNS} runs"))
    return chart


def hover_at(page: Page, chart: Locator, share: float) -> Locator:
    """Moves the mouse over a chart; returns the box of values."""
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 50 + share * (box["width"] - 70), box["y"] + 80)
    return chart.get_by_role("status")


@pytest.mark.parametrize("width", [1440, 1000])
def test_hover_lists_all_lines_by_value_inside_the_window(url: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    chart = crowd(page, url)
    for share in (0.01, 0.5, 0.99):
        box = hover_at(page, chart, share)
        expect(box.locator(".row")).to_have_count(RUNS)
        expect(box.locator(".more")).to_have_count(0)
        left, top, right, bottom = box.evaluate(_BOX)
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= 900
        for row in (box.locator(".row").first, box.locator(".row").last):
            row_left, row_top, row_right, row_bottom = row.evaluate(_BOX)
            assert left <= row_left < row_right <= right
            assert top <= row_top < row_bottom <= bottom
        step = int(box.locator(".head").inner_text().split()[-1])
        values = [float(text) for text in box.locator(".value").all_inner_texts()]
        assert values == sorted((loss_of(number, step) for number in range(RUNS)), reverse=True)
        assert len(set(box.locator(".name").all_inner_texts())) == RUNS
        expect(box.locator(".near")).to_have_count(1)


@pytest.mark.parametrize(("asked", "charted"), [("-5", 1), ("what", 10)])
def test_an_address_that_asks_for_no_number_of_runs_still_charts_some(
    url: str, page: Page, asked: str, charted: int
) -> None:
    page.goto(f"{url}/projects/{CROWD}?show={asked}&keys=^loss$")
    chart = panel(page, "loss").get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile(f"line chart of {charted} runs?\\."))


def test_on_a_phone_hover_shows_what_fits_and_counts_the_rest(url: str, page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(f"{url}/projects/{CROWD}?show={RUNS}&keys=^loss$")
    page.get_by_role("button", name="Charts", exact=True).click()
    chart = panel(page, "loss").get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile(f"line chart of {RUNS} runs"))
    box = hover_at(page, chart, 0.5)
    expect(box).to_be_visible()
    shown = box.locator(".row").count()
    assert 20 <= shown < RUNS
    expect(box.locator(".more")).to_have_text(f"{RUNS - shown} more")
    left, top, right, bottom = box.evaluate(_BOX)
    assert left >= 0
    assert top >= 0
    assert right <= 400
    assert bottom <= 800


def test_a_tap_on_a_chart_reads_its_values(url: str, browser: Browser) -> None:
    with browser.new_context(viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        account = Account(page)
        page.goto(f"{run_address(url, EDGES)}?keys=^grows$")
        chart = panel(page, "grows").get_by_role("application")
        expect(chart).to_be_visible()
        chart.tap(position={"x": 180, "y": 100})
        expect(chart.get_by_role("status")).to_contain_text(re.compile(r"step \d"))
        expect(chart.locator(".value")).to_have_count(1)
        page.get_by_label("Search charts by name").tap()
        expect(chart.get_by_role("status")).to_have_count(0)
    assert account.errors == []


def test_a_screen_reader_hears_the_largest_values_and_how_many_follow(url: str, page: Page) -> None:
    chart = crowd(page, url)
    chart.focus()
    page.keyboard.press("ArrowRight")
    box = chart.get_by_role("status")
    expect(box.locator(".row")).to_have_count(RUNS)
    expect(box.locator(".row:not([aria-hidden])")).to_have_count(12)
    expect(box).to_contain_text(f"and {RUNS - 12} lines more")


@pytest.mark.parametrize("width", [1440, 400])
def test_names_of_eight_axes_do_not_overlap_and_are_told_whole(laid_out: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{laid_out}/projects/{AXES}?keys=Parallel")
    if width == 400:
        page.get_by_role("button", name="Charts", exact=True).click()
    page.get_by_role("button", name="Add a panel").click()
    dialog = page.get_by_role("dialog", name="Add a panel")
    dialog.get_by_role("button", name="Parallel coordinates", exact=True).click()
    dialog.get_by_role("button", name="Add panel").click()
    shown = panel(page, "Parallel coordinates")
    sliders = shown.get_by_role("slider")
    expect(sliders).to_have_count(8)
    for name in AXIS_NAMES:
        expect(shown.get_by_role("slider", name=re.compile(f"^{re.escape(name)}: "))).to_have_count(1)
    names = shown.locator(".name")
    boxes = [name.evaluate(_BOX) for name in names.all()]
    frame = shown.evaluate(_BOX)
    for place, (left, top, right, bottom) in enumerate(boxes):
        assert frame[0] <= left < right <= frame[2]
        for other in boxes[place + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
    assert min(len(text) for text in names.all_inner_texts()) >= 8
    # The whole name once its axis is reached.
    spoken = sliders.nth(1).get_attribute("aria-label") or ""
    sliders.nth(1).focus()
    expect(names.nth(1)).to_have_text(spoken.split(":")[0])


def test_a_run_without_numbers_points_to_its_media(url: str, page: Page) -> None:
    page.goto(run_address(url, MEDIA))
    expect(page.get_by_text("No numbers yet")).to_be_visible()
    expect(page.get_by_text("This run has logged")).to_contain_text("picture")
    page.get_by_role("link", name="see its media and tables").click()
    expect(page).to_have_url(re.compile("/media$"))
    expect(panel(page, "rows")).to_be_visible()


def test_values_that_cannot_be_drawn_are_said(url: str, page: Page) -> None:
    page.goto(f"{run_address(url, EDGES)}?keys=^(all_nan|negative|half|single)$")
    expect(panel(page, "all_nan")).to_contain_text("All values are NaN or infinite")
    for key in ("negative", "half", "single"):
        expect(panel(page, key).get_by_role("application")).to_be_visible()
    page.get_by_role("button", name="Log scale").click()
    expect(panel(page, "negative")).to_contain_text("No value above zero")
    expect(panel(page, "all_nan")).to_contain_text("All values are NaN or infinite")
    expect(panel(page, "half").get_by_role("application")).to_be_visible()


@pytest.mark.parametrize("log", ["0", "1"])
def test_axes_of_exploded_and_vanished_values_have_numbers(url: str, page: Page, log: str) -> None:
    page.goto(f"{run_address(url, EDGES)}?keys=^(explodes|vanishes)$&log={log}")
    for key in ("explodes", "vanishes"):
        canvas = panel(page, key).locator("canvas")
        expect(canvas).to_be_visible()
        # Whatever is drawn left of the chart are the numbers of its axis.
        page.wait_for_function(
            """canvas => {
                const {data} = canvas.getContext("2d").getImageData(0, 0, 20, canvas.height);
                return data.some((value, place) => place % 4 === 3 && value > 0);
            }""",
            arg=canvas.element_handle(),
        )


def test_an_axis_that_runs_backwards_is_read_in_its_own_order(url: str, page: Page) -> None:
    page.goto(f"{run_address(url, EDGES)}?keys=^grows$&x=back")
    chart = panel(page, "grows").get_by_role("application")
    expect(chart).to_be_visible()
    seen = []
    for share in (0.0, 1.0):
        box = hover_at(page, chart, share)
        seen.append((box.locator(".head").inner_text(), box.locator(".value").inner_text()))
    assert seen == [(f"back −{STEPS - 1}", str(STEPS - 1)), ("back 0", "0")]


def test_small_densities_fill_their_histogram(url: str, page: Page) -> None:
    page.goto(f"{run_address(url, EDGES)}/media?keys=^density$")
    histogram = panel(page, "density")
    histogram.get_by_role("button", name="One step").click()
    bars = histogram.locator("rect")
    expect(bars).to_have_count(3)
    heights = [float(bar.get_attribute("height") or 0) for bar in bars.all()]
    assert heights[1] > 80
    assert heights[1] == pytest.approx(2 * heights[2])
    chart = histogram.get_by_role("application")
    chart.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(chart.get_by_role("status")).to_have_text("0.4 in 1 to 2")


def test_a_histogram_of_nothing_but_nan_says_so(url: str, page: Page) -> None:
    page.goto(f"{run_address(url, EDGES)}/media?keys=^broken$")
    expect(panel(page, "broken")).to_contain_text("All values are NaN or infinite")


def test_classes_with_long_names_are_told_apart_below_a_confusion_matrix(url: str, page: Page) -> None:
    page.goto(f"{run_address(url, EDGES)}/media?keys=^matrix$")
    columns = panel(page, "matrix").locator("text.column:not(.name)")
    expect(columns.first).to_have_text("0")
    names = [name.strip() for name in columns.all_text_contents()]
    assert len(names) > 4
    assert len(set(names)) == len(names)


def test_maps_are_drawn_without_what_they_would_fetch_or_say_what_to_do(url: str, page: Page) -> None:
    page.goto(f"{run_address(url, MEDIA)}/media?keys=^(countries|shapes|places|tiles)$")
    countries = panel(page, "countries")
    expect(countries).to_contain_text("The outlines of this map are not in the figure")
    expect(countries).to_contain_text("geojson")
    expect(countries.get_by_role("link", name="Download the figure")).to_be_visible()
    point = ".scattergeo .point"
    for key, drawn in (("shapes", ".choroplethlayer path"), ("places", point), ("tiles", point)):
        expect(panel(page, key).locator("iframe").content_frame.locator(drawn).first).to_be_visible()
        expect(panel(page, key)).to_contain_text("Without background map")


def test_what_the_lines_of_a_panel_mean_stands_below_them(laid_out: str, page: Page) -> None:
    page.goto(f"{run_address(laid_out, EDGES)}?keys=both")
    page.get_by_role("button", name="Add a panel").click()
    dialog = page.get_by_role("dialog", name="Add a panel")
    dialog.get_by_role("button", name="Lines", exact=True).click()
    for key in ("grows", "falls"):
        dialog.get_by_role("checkbox", name=key, exact=True).check()
    dialog.get_by_label("Title").fill("both")
    dialog.get_by_role("button", name="Add panel").click()
    expect(panel(page, "both").get_by_role("listitem")).to_have_text(["grows", "falls"])


def test_a_panel_of_too_many_metrics_says_how_many_it_draws(laid_out: str, page: Page) -> None:
    page.goto(f"{run_address(laid_out, EDGES)}?keys=crowded")
    page.get_by_role("button", name="Add a panel").click()
    dialog = page.get_by_role("dialog", name="Add a panel")
    dialog.get_by_role("button", name="Lines", exact=True).click()
    dialog.get_by_label("And all that match").fill("^many/")
    dialog.get_by_label("Title").fill("crowded")
    dialog.get_by_role("button", name="Add panel").click()
    expect(panel(page, "crowded")).to_contain_text(f"The first 20 of {MANY} metrics")
    chart = panel(page, "crowded").get_by_role("application")
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(chart.locator(".row")).to_have_count(20)
