"""The run table in a real browser over many runs: grouping, columns, selection, saved views, palette, keys."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.dashboard import TIMEOUT_MS, run_module, serving
from tests.browser.sweep import PROJECT, loss_of

expect.set_options(timeout=TIMEOUT_MS)

RUNS = 130
COLUMNS = "cols=summary.val_loss,config.optimizer,config.width,tags"


@pytest.fixture(scope="module")
def sweep(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the project's page, over a store with `RUNS` runs. Tests undo what they change."""
    store = tmp_path_factory.mktemp("sweep")
    assert run_module("tests.browser.sweep", store, str(RUNS)).wait(400) == 0
    with serving(store) as url:
        yield f"{url}/projects/{PROJECT}"


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def names(page: Page) -> list[str]:
    """The names of the first runs of the table, from the top."""
    rows = page.locator(".body [data-index]")
    expect(rows.first).to_be_visible()
    found = rows.evaluate_all(
        "rows => rows.sort((a, b) => a.dataset.index - b.dataset.index).map(r => r.querySelector('a')?.innerText.trim())"
    )
    return [name for name in found if name]


def head(page: Page, column: str) -> Locator:
    return page.locator(f'[data-column="{column}"]')


def menu(page: Page, column: str, item: str) -> None:
    """Chooses something from the menu of a column."""
    head(page, column).hover()
    head(page, column).locator(".head-menu").click()
    page.get_by_role("button", name=item, exact=True).click()


def select(page: Page, *wanted: str) -> None:
    for name in wanted:
        page.get_by_label(f"Select {name}", exact=True).check()


def test_the_best_of_all_runs_is_marked_wherever_it_stands_in_the_list(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&sort=summary.val_loss")
    expect(row(page, "sweep-0").get_by_role("img", name="Best: lowest val_loss")).to_be_visible()
    menu(page, "summary.val_loss", "Best is the highest")
    expect(page.get_by_role("img", name=re.compile("^Best"))).to_have_count(0)
    menu(page, "summary.val_loss", "Largest first")
    expect(row(page, f"sweep-{RUNS - 1}").get_by_role("img", name="Best: highest val_loss")).to_be_visible()
    expect(page).to_have_url(re.compile("best=-summary.val_loss"))


def test_shift_sorts_by_several_columns(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}")
    head(page, "config.width").get_by_role("button").first.click()
    head(page, "summary.val_loss").get_by_role("button").first.click(modifiers=["Shift"])
    head(page, "summary.val_loss").get_by_role("button").first.click(modifiers=["Shift"])
    expect(head(page, "summary.val_loss")).to_have_attribute("aria-sort", "ascending")
    expect(row(page, "sweep-3")).to_be_visible()
    assert names(page)[:3] == ["sweep-3", "sweep-7", "sweep-11"]
    expect(page).to_have_url(re.compile("sort=-config.width%2Csummary.val_loss"))


def test_groups_show_counts_and_spreads_and_open_level_by_level(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&group=config.optimizer,config.width&sort=summary.val_loss")
    adam = page.get_by_role("button", name=re.compile(r"optimizer adam"), expanded=False)
    expect(adam).to_contain_text(str(len(range(0, RUNS, 3))))
    losses = [loss_of(index) for index in range(0, RUNS, 3)]
    spread = page.get_by_role("row").filter(has=adam).get_by_title(re.compile("^mean of 44"))
    expect(spread.first).to_contain_text(f"{sum(losses) / len(losses):.4f}")
    expect(spread.first).to_contain_text(f"{losses[0]:.4f}–{losses[-1]:.4f}")
    adam.click()
    width = page.get_by_role("button", name=re.compile("width 16"), expanded=False)
    width.click()
    expect(row(page, "sweep-12")).to_be_visible()
    expect(row(page, "sweep-1")).to_have_count(0)
    page.reload()
    expect(row(page, "sweep-12")).to_be_visible()
    page.get_by_role("button", name=re.compile("optimizer adam"), expanded=True).click()
    expect(row(page, "sweep-12")).to_have_count(0)


def test_groups_are_all_opened_selected_and_hidden_at_once(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&group=config.optimizer&sort=summary.val_loss&show=5")
    page.get_by_label("Select the runs with optimizer adam").check()
    bulk = page.get_by_role("toolbar", name="Selected runs")
    expect(bulk).to_contain_text(f"{len(range(0, RUNS, 3))} runs")
    page.get_by_role("button", name="Group 1", exact=True).click()
    page.get_by_role("button", name="Open all").click()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Select sweep-0", exact=True)).to_be_checked()
    expect(page.get_by_label("sweep-3: Hide from charts")).to_be_visible()
    page.get_by_role("button", name="optimizer adam: Hide from charts").click()
    expect(page.get_by_label("sweep-3: Only the first 5 runs are charted")).to_be_visible()
    page.get_by_role("button", name=re.compile("optimizer adam"), expanded=True).click()
    expect(row(page, "sweep-0")).to_have_count(0)
    expect(page.get_by_label("sweep-1: Hide from charts")).to_be_visible()
    page.reload()
    expect(page.get_by_label("sweep-1: Hide from charts")).to_be_visible()
    expect(row(page, "sweep-0")).to_have_count(0)


def test_charts_join_the_groups_of_the_table_when_asked_to(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&group=config.optimizer")
    page.get_by_role("button", name="Group 1", exact=True).click()
    page.get_by_label("One mean line for each group").check()
    expect(page).to_have_url(re.compile("mean=config.optimizer"))
    expect(page).to_have_url(re.compile("color=config.optimizer"))
    page.get_by_label("One mean line for each group").uncheck()
    expect(page).not_to_have_url(re.compile("mean="))


def test_keys_walk_through_the_projects(sweep: str, page: Page) -> None:
    page.goto(sweep.removesuffix(f"/projects/{PROJECT}"))
    project = page.get_by_role("link", name=re.compile(f"^{PROJECT}"))
    expect(project).to_be_visible()
    page.keyboard.press("j")
    expect(project).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/projects/{PROJECT}"))


def test_runs_of_one_group_share_a_colour_when_asked_to(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&color=config.optimizer&sort=summary.val_loss")
    swatch = "el => getComputedStyle(el.querySelector('.swatch')).backgroundColor"
    expect(row(page, "sweep-3")).to_be_visible()
    page.wait_for_function(
        "() => new Set([...document.querySelectorAll('.body [data-index] .swatch:not(.hollow)')]"
        ".map(e => getComputedStyle(e).backgroundColor)).size === 3"
    )
    assert row(page, "sweep-0").evaluate(swatch) == row(page, "sweep-3").evaluate(swatch)
    assert row(page, "sweep-0").evaluate(swatch) != row(page, "sweep-1").evaluate(swatch)


@pytest.mark.parametrize(
    ("field", "comparison", "value", "count"),
    [
        ("config.width", ">", "32", sum(index % 4 > 1 for index in range(RUNS))),
        ("config.optimizer", "contains", "prop", len(range(2, RUNS, 3))),
        ("tags", "has", "baseline", len(range(0, RUNS, 10))),
        ("created_s", "before", "2020-01-31", 0),
        ("created_s", "after", "2020-01-31", RUNS),
        ("state", "is", "crashed", 0),
        ("config.augment", "is", "true", len(range(0, RUNS, 2))),
    ],
)
def test_a_filter_asks_for_what_its_field_is(
    sweep: str, page: Page, field: str, comparison: str, value: str, count: int
) -> None:
    page.goto(f"{sweep}?{COLUMNS}")
    page.get_by_role("toolbar", name="Runs").get_by_role("button", name="Filter", exact=True).click()
    page.get_by_label("Field", exact=True).fill(field)
    page.get_by_label("Field", exact=True).press("Tab")
    page.get_by_label("Comparison").select_option(label=comparison)
    entry = page.get_by_label("Value", exact=True)
    if entry.evaluate("entry => entry.tagName") == "SELECT":
        entry.select_option(value)
    else:
        entry.fill(value)
        entry.press("Tab")
    expect(page).to_have_url(re.compile("f="))
    expect(page.get_by_role("toolbar", name="Runs").get_by_role("status")).to_have_text(f"{count} runs")
    page.reload()
    expect(page.get_by_role("toolbar", name="Runs").get_by_role("status")).to_have_text(f"{count} runs")


def test_a_run_has_the_colour_that_was_chosen_in_table_and_charts(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&sort=summary.val_loss&show=5&keys=^val_loss$")
    swatch = row(page, "sweep-0").get_by_role("button", name="Colour of sweep-0")
    swatch.click()
    page.get_by_role("button", name="olive", exact=True).click()
    color = "element => getComputedStyle(element.querySelector('.swatch')).backgroundColor"
    olive = swatch.evaluate(color)
    page.reload()
    expect(row(page, "sweep-0")).to_be_visible()
    assert swatch.evaluate(color) == olive
    chart = page.locator('[data-key="val_loss"]').get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile("5 runs"))
    chart.focus()
    page.keyboard.press("ArrowRight")
    named = chart.get_by_role("status").locator(".row").filter(has_text=re.compile("^\\s*sweep-0\\b"))
    expect(named.locator(".swatch")).to_have_css("background-color", olive)


def test_only_rows_in_sight_exist(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&sort=-summary.val_loss")
    expect(row(page, f"sweep-{RUNS - 1}")).to_be_visible()
    rows = page.locator(".body [data-index]")
    assert rows.count() < 60
    page.locator(".body").first.hover()
    page.mouse.wheel(0, 100_000)
    expect(row(page, "sweep-0")).to_be_visible()
    expect(row(page, f"sweep-{RUNS - 1}")).to_have_count(0)
    assert rows.count() < 60


def test_conditions_in_a_group_are_joined_the_other_way(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&f=config.width:is:16&fg=config.optimizer:is:adam|config.optimizer:is:sgd")
    count = sum(1 for index in range(RUNS) if index % 4 == 0 and index % 3 != 2)
    expect(page.get_by_role("table")).to_have_attribute("aria-rowcount", str(count + 1))
    page.get_by_role("button", name="Filter 3", exact=True).click()
    page.get_by_label("Match").select_option("any")
    expect(page).to_have_url(re.compile("any=1"))
    # width is 16, or (adam and sgd at once): the second holds for no run.
    expect(page.get_by_role("table")).to_have_attribute("aria-rowcount", str(len(range(0, RUNS, 4)) + 1))


def test_columns_are_moved_pinned_and_resized_and_the_address_says_so(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}")
    first, second = head(page, "summary.val_loss"), head(page, "config.optimizer")
    start, target = second.bounding_box(), first.bounding_box()
    assert start is not None
    assert target is not None
    page.mouse.move(start["x"] + 30, start["y"] + 15)
    page.mouse.down()
    page.mouse.move(target["x"] + 8, target["y"] + 15, steps=5)
    page.mouse.up()
    expect(page.get_by_role("columnheader").nth(1)).to_contain_text("optimizer")
    expect(page).to_have_url(re.compile("cols=config.optimizer%2Csummary.val_loss"))

    edge = second.bounding_box()
    assert edge is not None
    page.mouse.move(edge["x"] + edge["width"] - 1, edge["y"] + 15)
    page.mouse.down()
    page.mouse.move(edge["x"] + edge["width"] + 59, edge["y"] + 15, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"w=config.optimizer%3A19\d"))

    menu(page, "config.width", "Pin to the left")
    expect(page.get_by_role("columnheader").nth(1)).to_contain_text("width")
    head(page, "config.width").get_by_role("button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.get_by_role("columnheader")).to_have_text(["Name", "width", "val_loss", "optimizer", "Tags"])
    expect(page).to_have_url(re.compile("cols=summary.val_loss%2Cconfig.optimizer"))
    page.reload()
    expect(page.get_by_role("columnheader")).to_have_text(["Name", "width", "val_loss", "optimizer", "Tags"])


def test_many_runs_are_tagged_moved_archived_and_deleted_at_once_and_all_of_it_is_undone(
    sweep: str, page: Page
) -> None:
    page.goto(f"{sweep}?{COLUMNS},group&sort=summary.val_loss&w=tags:200")
    select(page, "sweep-1", "sweep-2")
    bar = page.get_by_role("toolbar", name="Selected runs")
    bar.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_label("Tag to add").fill("keep")
    page.keyboard.press("Enter")
    expect(row(page, "sweep-2")).to_contain_text("keep")
    expect(bar).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "sweep-2")).not_to_contain_text("keep")

    select(page, "sweep-1", "sweep-2")
    bar.get_by_role("button", name="Move to a group").click()
    page.get_by_role("textbox", name="Group", exact=True).fill("finals")
    page.keyboard.press("Enter")
    expect(row(page, "sweep-1")).to_contain_text("finals")
    page.keyboard.press("Control+z")
    expect(row(page, "sweep-1")).not_to_contain_text("finals")

    select(page, "sweep-1", "sweep-2")
    bar.get_by_role("button", name="Move to a project").click()
    page.get_by_label("Project", exact=True).fill("finals")
    page.keyboard.press("Enter")
    expect(page.get_by_role("table")).to_have_attribute("aria-rowcount", str(RUNS - 1))
    expect(row(page, "sweep-1")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(row(page, "sweep-1")).to_have_count(1)

    total = page.get_by_role("table")
    for action in ("Archive", "Delete"):
        select(page, "sweep-1", "sweep-2")
        bar.get_by_role("button", name=action, exact=True).click()
        expect(total).to_have_attribute("aria-rowcount", str(RUNS - 1))
        expect(row(page, "sweep-1")).to_have_count(0)
        page.keyboard.press("Control+z")
        expect(total).to_have_attribute("aria-rowcount", str(RUNS + 1))


def test_the_page_of_a_moved_run_is_found_at_its_old_address(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?sort=name&q=sweep-7")
    row(page, "sweep-7").get_by_role("link", name="sweep-7", exact=True).click()
    expect(page.get_by_role("heading", name="sweep-7")).to_be_visible()
    place, _, run_id = page.url.partition("?")[0].rpartition("/")
    server = sweep.partition("/projects/")[0]
    move = {"runs": [run_id], "action": "move", "project": "finals"}
    assert httpx.post(f"{server}/api/projects/{PROJECT}/bulk", json=move).status_code == 200
    page.goto(f"{place}/{run_id}/config")
    page.wait_for_url(f"{server}/projects/finals/runs/{run_id}/config")
    expect(page.get_by_role("heading", name="sweep-7")).to_be_visible()
    back = move | {"project": PROJECT}
    assert httpx.post(f"{server}/api/projects/finals/bulk", json=back).status_code == 200


def test_all_matching_runs_are_exported_with_the_shown_columns(sweep: str, page: Page, tmp_path: Path) -> None:
    page.goto(f"{sweep}?{COLUMNS}&sort=summary.val_loss")
    page.get_by_label(f"Select all {RUNS} runs").check()
    with page.expect_download() as download:
        page.get_by_role("toolbar", name="Selected runs").get_by_role("button", name="Export CSV").click()
    file = tmp_path / "runs.csv"
    download.value.save_as(file)
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == RUNS
    assert rows[0]["name"] == "sweep-0"
    assert float(rows[9]["summary.val_loss"]) == loss_of(9)
    assert rows[4]["config.optimizer"] == "sgd"


def test_selected_runs_are_taken_to_the_comparison(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&sort=summary.val_loss")
    select(page, "sweep-1")
    page.get_by_label("Select sweep-4", exact=True).click(modifiers=["Shift"])
    bar = page.get_by_role("toolbar", name="Selected runs")
    expect(bar).to_contain_text("4 runs")
    page.get_by_role("link", name="Compare").click()
    expect(page).to_have_url(re.compile(r"/compare\?runs=(\w+,){3}\w+$"))


def test_a_saved_view_brings_back_the_whole_page_and_can_be_deleted_with_undo(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&q=sweep-1&sort=summary.val_loss")
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_label("Name of a new view").fill("Ones, best first")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved the view “Ones, best first”")).to_be_visible()
    page.goto(sweep)
    expect(row(page, f"sweep-{RUNS - 1}")).to_be_visible()
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_role("button", name="Ones, best first", exact=True).click()
    expect(page.get_by_label("Search runs")).to_have_value("sweep-1")
    expect(page.get_by_role("row").nth(1)).to_contain_text("sweep-1")
    page.get_by_role("button", name="Views: Ones, best first", exact=True).click()
    page.get_by_role("button", name="Delete the view Ones, best first").click()
    expect(page.get_by_text("Deleted the view “Ones, best first”")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone: Deleted the view")).to_be_visible()
    address = sweep.replace("/projects/", "/api/projects/") + "/views"
    views = httpx.get(address, timeout=60, trust_env=False).json()["views"]
    assert [view["name"] for view in views if view["kind"] == "workspace"] == ["Ones, best first"]


def test_keys_walk_through_rows_that_are_not_there_yet(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&sort=summary.val_loss")
    expect(row(page, "sweep-0")).to_be_visible()
    for _ in range(60):
        page.keyboard.press("j")
    expect(page.get_by_role("link", name="sweep-59", exact=True)).to_be_focused()
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="sweep-58", exact=True)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_label("Select sweep-58", exact=True)).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Select sweep-58", exact=True)).not_to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("sweep-58")


def test_the_palette_finds_runs_and_does_what_pages_offer(sweep: str, page: Page) -> None:
    page.goto(f"{sweep}?{COLUMNS}&q=nothing-like-it")
    expect(page.get_by_text("No run matches", exact=True)).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_label("Go to or do").fill("clear filters")
    page.keyboard.press("Enter")
    expect(row(page, f"sweep-{RUNS - 1}")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_label("Go to or do").fill("sweep-7")
    page.get_by_role("option", name=re.compile("sweep-7$")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("sweep-7")
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", level=1)).to_have_text("Projects")


def test_the_help_sheet_lists_what_the_keys_of_this_page_do(sweep: str, page: Page) -> None:
    page.goto(sweep)
    expect(row(page, f"sweep-{RUNS - 1}")).to_be_visible()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("Next row")
    expect(sheet).to_contain_text("Command palette")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("sweep-12?t")
    expect(page.get_by_label("Search runs")).to_have_value("sweep-12?t")
