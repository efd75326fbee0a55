"""Logged tables in a real browser: sorted, filtered, grouped, compared and downloaded, also with 200,000 rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.dashboard import TIMEOUT_MS, run_module, serving

expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over the runs of `tabled.py`."""
    store = tmp_path_factory.mktemp("tabled")
    assert run_module("tests.browser.tabled", store).wait(300) == 0
    with serving(store) as address:
        yield address


def open_table(page: Page, url: str, run: str, key: str) -> Locator:
    page.goto(f"{url}/projects/tables")
    page.get_by_role("link", name=run, exact=True).click()
    page.get_by_role("link", name="Media", exact=True).click()
    panel = page.locator(f'[data-key="{key}"]')
    expect(panel.get_by_role("table")).to_be_visible()
    return panel


def test_a_table_is_filtered_grouped_and_downloaded(url: str, page: Page) -> None:
    panel = open_table(page, url, "after", "scores")
    expect(panel.get_by_role("img").first).to_be_visible()
    panel.get_by_role("button", name="Filter scores").click()
    page.get_by_role("button", name="Add condition").click()
    page.get_by_label("Column").select_option("score")
    page.get_by_label("Comparison").select_option("gt")
    page.get_by_label("Value").fill("0.5")
    expect(panel.get_by_role("status")).to_have_text("20 of 40 rows")
    page.get_by_role("button", name="Remove the condition").click()
    page.keyboard.press("Escape")
    panel.get_by_role("button", name="Group scores").click()
    page.get_by_role("checkbox", name="label").check()
    page.get_by_role("group", name="Per group").get_by_role("button", name="mean").last.click()
    expect(panel.get_by_role("status")).to_have_text("2 groups")
    expect(panel.get_by_role("row", name=re.compile("even 20 0.75"))).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        panel.get_by_role("button", name="Download scores as CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0] == "label,count,mean(score)"
    assert sorted(lines[1:]) == ["even,20,0.75", "odd,20,0.25"]


def test_two_runs_are_compared_row_by_row(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/tables?q=e&keys=^scores$")
    panel = page.locator('[data-key="scores"]')
    panel.get_by_role("combobox", name="Run shown in scores").select_option(label="before")
    panel.get_by_role("button", name="Compare scores").click()
    page.get_by_label("Compare with").select_option(label="after")
    expect(panel.get_by_role("columnheader", name="score_diff")).to_be_visible()
    # The greatest loss stands first.
    first = panel.get_by_role("row").nth(1)
    expect(first).to_contain_text("odd")
    expect(first).to_contain_text("−0.25")
    page.keyboard.press("Escape")
    expect(panel.get_by_role("button", name="worse 20", exact=True)).to_be_visible()
    panel.get_by_role("button", name="better 20", exact=True).click()
    expect(panel.get_by_role("status")).to_have_text("20 of 40 rows")
    expect(panel.get_by_role("row").nth(1)).to_contain_text("+0.25")


def test_the_page_of_one_run_offers_the_tables_of_the_others(url: str, page: Page) -> None:
    panel = open_table(page, url, "before", "scores")
    panel.get_by_role("button", name="Compare scores").click()
    page.get_by_label("Compare with").select_option(label="after")
    heads = panel.get_by_role("columnheader")
    # What is compared is in sight at once, behind the key and the picture.
    expect(heads).to_have_text(
        ["#", "example", "image", "score", "score (after)", "score_diff", "label", "image (after)", "label (after)"]
    )
    expect(panel.get_by_role("row").nth(1)).to_contain_text("−0.25")


def test_versions_of_a_table_are_compared_by_row_number_and_truth_counts_as_a_number(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/tables/artifacts/evaluation/v0?path=answers.table.json")
    table = page.get_by_role("region", name="answers.table.json").first
    page.get_by_role("button", name="Compare answers.table.json").click()
    page.get_by_label("Compare with").select_option(label="v1")
    expect(page.get_by_label("Rows belong together by")).to_have_value("")
    expect(table.get_by_role("button", name="better 1", exact=True)).to_be_visible()
    page.get_by_label("Compare with").select_option(label="nothing")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Group answers.table.json").click()
    page.get_by_role("checkbox", name="label").check()
    page.get_by_role("group", name="Per group").get_by_role("button", name="mean").click()
    expect(table.get_by_role("row", name=re.compile("odd 2 0.5"))).to_be_visible()


def test_a_comparison_keeps_rows_that_only_one_table_has_where_wanted(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/tables?q=e&keys=^scores$")
    panel = page.locator('[data-key="scores"]')
    panel.get_by_role("combobox", name="Run shown in scores").select_option(label="before")
    panel.get_by_role("button", name="Compare scores").click()
    page.get_by_label("Compare with").select_option(label="fewer")
    expect(panel.get_by_role("button", name="all 30", exact=True)).to_be_visible()
    page.get_by_label("Rows of the comparison").select_option(label="all of this table")
    expect(panel.get_by_role("button", name="all 40", exact=True)).to_be_visible()
    page.get_by_label("Rows of the comparison").select_option(label="all of both tables")
    expect(panel.get_by_role("button", name="all 45", exact=True)).to_be_visible()
    expect(panel.get_by_role("button", name="changed 0", exact=True)).to_be_visible()


def test_rows_are_compared_by_a_key_of_two_columns(url: str, page: Page) -> None:
    panel = open_table(page, url, "twin-a", "passes")
    panel.get_by_role("button", name="Compare passes").click()
    page.get_by_label("Compare with").select_option(label="twin-b")
    expect(page.get_by_label("Rows belong together by")).to_have_value("example")
    expect(panel.get_by_role("button", name="all 40", exact=True)).to_be_visible()
    expect(page.get_by_text("Up to 2 rows have the same example")).to_be_visible()
    page.get_by_label("Column 2 of the key").select_option(label="epoch")
    expect(panel.get_by_role("button", name="all 20", exact=True)).to_be_visible()
    expect(panel.get_by_role("button", name="better 20", exact=True)).to_be_visible()
    expect(page.get_by_text("have the same example")).to_have_count(0)
    expect(panel.get_by_role("columnheader")).to_have_text(
        ["#", "example", "epoch", "score", "score (twin-b)", "score_diff"]
    )


def test_what_is_asked_of_a_table_survives_a_reload(url: str, page: Page, browser: Browser) -> None:
    page.goto(f"{url}/projects/tables?q=e&keys=^scores$")
    panel = page.locator('[data-key="scores"]')
    panel.get_by_role("combobox", name="Run shown in scores").select_option(label="after")
    panel.get_by_role("button", name="Filter scores").click()
    page.get_by_role("button", name="Add condition").click()
    page.get_by_label("Column", exact=True).select_option("label")
    page.get_by_label("Value").fill("odd")
    page.keyboard.press("Escape")
    panel.get_by_role("button", name="Compare scores").click()
    page.get_by_label("Compare with").select_option(label="before")
    page.get_by_label("Rows of the comparison").select_option(label="all of both tables")
    page.keyboard.press("Escape")
    panel.get_by_role("button", name="better 20", exact=True).click()
    panel.get_by_role("columnheader", name="example").get_by_role("button").click()

    def shows_the_same(page: Page) -> None:
        panel = page.locator('[data-key="scores"]')
        expect(panel.get_by_role("status")).to_have_text("20 of 40 rows")
        picked = panel.get_by_role("combobox", name="Run shown in scores").locator("option:checked")
        expect(picked).to_have_text("after")
        expect(panel.locator(".row").nth(1)).to_contain_text("39")
        expect(panel.locator(".row").nth(1)).to_contain_text("+0.25")
        expect(panel.get_by_role("button", name="better 20", exact=True)).to_have_attribute("aria-pressed", "true")
        panel.get_by_role("button", name="Compare scores").click()
        expect(page.get_by_label("Compare with").locator("option:checked")).to_have_text("before")
        expect(page.get_by_label("Rows of the comparison")).to_have_value("outer")
        expect(page.get_by_label("Compared column")).to_have_value("score")
        page.keyboard.press("Escape")
        panel.get_by_role("button", name="Filter scores").click()
        expect(page.get_by_label("Value", exact=True)).to_have_value("odd")
        expect(page.get_by_label("Column", exact=True)).to_have_value("label")

    shows_the_same(page)
    page.reload()
    shows_the_same(page)
    other = browser.new_context().new_page()
    other.goto(page.url)
    shows_the_same(other)
    other.context.close()


def test_a_question_that_does_not_fit_the_table_can_be_dropped(url: str, page: Page) -> None:
    panel = open_table(page, url, "after", "scores")
    panel.get_by_role("columnheader", name="score").get_by_role("button").click()
    expect(page).to_have_url(re.compile("table.scores"))
    page.goto(page.url.replace("score%22", "scroe%22"))
    expect(panel.get_by_text("The table must have this column")).to_be_visible()
    panel.get_by_role("button", name="Show the whole table").click()
    expect(panel.get_by_role("status")).to_have_text("40 rows")
    page.account.errors.clear()  # type: ignore[attr-defined]  # the refused question


def test_the_comparison_of_an_artifact_s_table_survives_a_reload(url: str, page: Page) -> None:
    page.goto(f"{url}/projects/tables/artifacts/evaluation/v0?path=answers.table.json")
    page.get_by_role("button", name="Compare answers.table.json").click()
    page.get_by_label("Compare with").select_option(label="v1")
    table = page.get_by_role("region", name="answers.table.json").first
    expect(table.get_by_role("button", name="better 1", exact=True)).to_be_visible()
    page.reload()
    expect(table.get_by_role("button", name="better 1", exact=True)).to_be_visible()
    # Another file begins anew.
    page.get_by_role("button", name="answers.table.json", exact=True).click()
    expect(page).not_to_have_url(re.compile("table.answers"))


def test_no_question_is_asked_twice(url: str, page: Page) -> None:
    asked: list[str | None] = []
    page.on("request", lambda request: asked.append(request.post_data) if request.url.endswith("/api/table") else None)
    panel = open_table(page, url, "twin-a", "passes")
    expect(panel.get_by_role("status")).to_have_text("20 rows")
    page.wait_for_timeout(500)
    assert asked
    assert len(set(asked)) == len(asked)


def test_rows_in_sight_are_there_whenever_another_question_is_answered(url: str, page: Page) -> None:
    panel = open_table(page, url, "large", "large")
    rows = panel.get_by_role("region")
    rows.evaluate("box => box.scrollTo(0, box.scrollHeight / 2)")
    panel.get_by_role("columnheader", name="value").get_by_role("button").click()
    expect(panel.get_by_role("row").nth(5).get_by_role("cell").nth(1)).not_to_have_text("")


def test_two_hundred_thousand_rows_scroll_and_sort(url: str, page: Page) -> None:
    panel = open_table(page, url, "large", "large")
    expect(panel.get_by_role("status")).to_have_text("200,000 rows")
    assert panel.get_by_role("row").count() < 100
    panel.get_by_role("region").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    expect(panel.get_by_role("cell", name="199,999", exact=True)).to_be_visible()
    panel.get_by_role("region").evaluate("box => box.scrollTo(0, 0)")
    panel.get_by_role("columnheader", name="row").get_by_role("button").click()
    expect(panel.get_by_role("row").nth(1)).to_contain_text("199,999")
