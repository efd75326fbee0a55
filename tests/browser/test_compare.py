"""Runs side by side in a real browser: what differs is what is shown."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import TIMEOUT_MS, environment, serving

expect.set_options(timeout=TIMEOUT_MS)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ids(server: str) -> dict[str, str]:
    """The ids of the two trained runs, by name."""
    runs = httpx.get(f"{server}/api/projects/digits/runs", timeout=60, trust_env=False).json()["runs"]
    return {run["name"]: run["id"] for run in runs}


def test_only_differing_settings_are_shown_until_all_are_wanted(server: str, ids: dict[str, str], page: Page) -> None:
    page.goto(f"{server}/projects/digits/compare?runs={ids['steady']},{ids['hasty']}")
    config = page.get_by_role("region", name="Config", exact=True)
    expect(config.get_by_role("row")).to_have_count(2)
    expect(config.get_by_role("row").last).to_contain_text(re.compile("learning_rate.*0.03.*1"))
    config.get_by_role("button", name="Show equal").click()
    expect(config.get_by_role("row", name=re.compile("model.filters"))).to_be_visible()
    expect(page).to_have_url(re.compile("all=1"))
    expect(page.get_by_role("region", name="Results", exact=True)).to_contain_text("val_loss")


def test_a_run_is_added_from_a_search_and_can_become_the_base(server: str, ids: dict[str, str], page: Page) -> None:
    page.goto(f"{server}/projects/digits/compare?runs={ids['steady']}")
    expect(page.get_by_text("Choose two runs or more")).to_be_visible()
    page.get_by_role("button", name="Add a run", exact=True).click()
    page.get_by_label("Search runs").fill("hast")
    page.get_by_role("dialog").get_by_role("button", name=re.compile("hasty")).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="set as base").click()
    expect(page).to_have_url(re.compile(f"base={ids['hasty']}"))


def test_metrics_models_and_code_of_both_runs_are_side_by_side(server: str, ids: dict[str, str], page: Page) -> None:
    page.goto(f"{server}/projects/digits/compare?runs={ids['steady']},{ids['hasty']}")
    parts = page.get_by_role("navigation", name="What is compared")
    parts.get_by_role("button", name="Metrics").click()
    chart = page.locator('[data-key="loss"]').get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile("2 runs"))
    parts.get_by_role("button", name="Models").click()
    expect(page.get_by_role("region", name="Layers", exact=True)).to_contain_text("the same in both")
    expect(page.get_by_role("application", name=re.compile("Model graph of 4 layers"))).to_have_count(2)
    parts.get_by_role("button", name="Code").click()
    expect(page.get_by_text("Equal in both: training.py")).to_be_visible()
    parts.get_by_role("button", name="Environment").click()
    expect(page.get_by_role("region", name="Packages", exact=True)).to_contain_text("0 of")


def test_changed_lines_of_the_program_stand_side_by_side(tmp_path: Path, page: Page) -> None:
    program = tmp_path / "train.py"
    for name, rate in {"one": 0.125, "two": 0.875}.items():
        program.write_text(
            f"import kerascope\n\nrate = {rate}\nrun = kerascope.init(project='code', name='{name}')\n"
            "run.log({'loss': rate})\nrun.finish()\n"
        )
        subprocess.run([sys.executable, str(program)], env=environment(tmp_path / "store"), cwd=ROOT, check=True)
    with serving(tmp_path / "store") as url:
        runs = httpx.get(f"{url}/api/projects/code/runs", timeout=60, trust_env=False).json()["runs"]
        found = {run["name"]: run["id"] for run in runs}
        page.goto(f"{url}/projects/code/compare?runs={found['one']},{found['two']}&part=code")
        changed = page.get_by_role("main")
        expect(changed).to_contain_text("rate = 0.125")
        expect(changed).to_contain_text("rate = 0.875")
        page.close()
