"""The page of one run: what it was made from, its console, and its model, over a training whose head explodes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.dashboard import TIMEOUT_MS, environment, serving
from tests.browser.deep import BLOCKS, LINES, PROJECT

expect.set_options(timeout=TIMEOUT_MS)

ROOT = Path(__file__).parents[2]
SCRIPT = "from tests.browser import deep\n\ndeep.main()\n"
CHANGE = "# tried in a hurry\n"


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a committed training script that was changed since."""
    folder = tmp_path_factory.mktemp("repository")
    script = folder / "train.py"
    script.write_text(SCRIPT)
    git(folder, "init", "--quiet", "--initial-branch", "trial")
    git(folder, "add", "train.py")
    git(folder, "commit", "--quiet", "-m", "A first try")
    script.write_text(CHANGE + SCRIPT)
    return folder


@pytest.fixture(scope="module")
def run_url(browser: Browser, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the run that the script made."""
    store = tmp_path_factory.mktemp("deep")
    command = [sys.executable, "train.py", "--rate", "too fast"]
    variables = environment(store) | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=repository, env=variables, check=True, stdout=subprocess.DEVNULL, timeout=400)
    with serving(store) as url:
        (run,) = httpx.get(f"{url}/api/projects/{PROJECT}/runs", timeout=60, trust_env=False).json()["runs"]
        yield f"{url}/projects/{PROJECT}/runs/{run['id']}"


def fact(page: Page, box: str, name: str) -> Locator:
    """The value beside a name in a titled box."""
    section = page.locator("section").filter(has=page.get_by_role("heading", name=box, exact=True))
    return section.locator("dt", has_text=re.compile(f"^{name}$")).locator("xpath=following-sibling::dd[1]")


def test_the_overview_says_who_made_the_run_and_from_what(run_url: str, repository: Path, page: Page) -> None:
    page.goto(f"{run_url}/overview")
    expect(fact(page, "Run", "State")).to_have_text("finished")
    for time in ("Started", "Ended"):
        expect(fact(page, "Run", time)).to_have_text(re.compile(r"\w{3}, \d+ \w{3} \d{4}, \d\d:\d\d:\d\d"))
    expect(fact(page, "Run", "Duration")).to_have_text(re.compile(r"\d"))
    expect(fact(page, "Made by", "Command")).to_have_text("python train.py --rate 'too fast'")
    expect(fact(page, "Made by", "Folder")).to_have_text(str(repository))
    expect(fact(page, "Made by", "Host")).not_to_be_empty()
    commit = git(repository, "rev-parse", "HEAD")
    expect(fact(page, "Made by", "Commit")).to_have_text(
        re.compile(rf"^\s*{commit[:10]}\s+on trial,\s+with\s+changes\s*$")
    )
    expect(fact(page, "Made by", "Packages")).to_contain_text("keras 3.")
    expect(page.get_by_role("heading", name="Why")).to_be_visible()
    expect(page.locator("strong", has_text="head")).to_be_visible()
    page.get_by_role("link", name="changes").click()
    expect(page.locator(".line.add")).to_contain_text(["+" + CHANGE.strip()])
    expect(page.get_by_text(commit)).to_be_visible()
    page.get_by_label("Search packages").fill("keras")
    expect(page.locator("dl.packages dt", has_text=re.compile("^keras$"))).to_be_visible()
    expect(page.locator("dl.packages dt", has_text="numpy")).to_have_count(0)


def test_the_console_shows_colours_and_is_searched(run_url: str, page: Page) -> None:
    page.goto(f"{run_url}/console")
    log = page.get_by_role("log")
    log.press("Home")
    green, orange, plain = (log.get_by_text(text, exact=True) for text in ("begins", "at 208", "on blue"))
    expect(green).to_have_css("font-weight", "650")
    color = "element => getComputedStyle(element).color"
    assert len({green.evaluate(color), orange.evaluate(color), plain.evaluate(color)}) == 3
    assert orange.evaluate("element => element.style.getPropertyValue('--ink')") == "rgb(255 135 0)"
    expect(plain).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
    page.get_by_label("Search output").fill("line 7 of")
    expect(log.locator(".line")).to_have_count(1)
    expect(log).to_contain_text("line 7 of the end")
    page.get_by_label("Search output").fill("nothing like it")
    expect(page.get_by_text("No line contains “nothing like it”")).to_be_visible()


def test_the_console_follows_the_end_until_one_scrolls_up(run_url: str, page: Page) -> None:
    page.goto(f"{run_url}/console")
    log, follow = page.get_by_role("log"), page.get_by_role("button", name="Follow")
    last = log.get_by_text(f"line {LINES - 1} of the end", exact=True)
    expect(last).to_be_in_viewport()
    expect(follow).to_have_attribute("aria-pressed", "true")
    log.press("Home")
    expect(log.get_by_text("begins", exact=True)).to_be_in_viewport()
    expect(follow).to_have_attribute("aria-pressed", "false")
    follow.click()
    expect(last).to_be_in_viewport()


def test_config_and_summary_are_trees_that_open_and_are_searched(run_url: str, page: Page) -> None:
    page.goto(f"{run_url}/config")
    expect(page.get_by_text("clip", exact=True)).to_be_visible()
    page.locator("summary", has_text="optimizer").click()
    expect(page.get_by_text("clip", exact=True)).to_be_hidden()
    page.get_by_label("Search").fill("sgd")
    expect(page.get_by_text("name", exact=True)).to_have_count(1)
    expect(page.get_by_text("digits", exact=True)).to_have_count(0)
    page.goto(f"{run_url}/summary")
    page.get_by_label("Search").fill("^loss")
    expect(page.get_by_text("loss", exact=True)).to_have_count(0)
    page.get_by_label("Search").fill("loss")
    expect(page.get_by_text("loss", exact=True)).to_be_visible()


def test_a_large_net_is_drawn_by_block_and_its_sick_layer_stands_out(run_url: str, page: Page) -> None:
    page.goto(f"{run_url}/graph")
    expect(page.get_by_text(re.compile(f"^{3 * BLOCKS + 3} layers, .* parameters, .* FLOPs$"))).to_be_visible()
    expect(page.get_by_text("1 layer is not well")).to_be_visible()
    nodes = page.locator("svg .node")
    expect(nodes).to_have_count(BLOCKS + 3)
    block = page.get_by_role("button", name=re.compile(r"^3 layers .*\bblock3\b"))
    expect(block).to_contain_text(re.compile(r"\(\?, 8\)"))
    expect(block).to_contain_text("params")
    block.dblclick()
    expect(nodes).to_have_count(BLOCKS + 5)
    page.get_by_role("button", name="Close blocks").click()
    expect(nodes).to_have_count(BLOCKS + 3)

    search = page.get_by_label("Search layers")
    last = page.get_by_role("button", name=re.compile(rf"^3 layers .*\bblock{BLOCKS - 1}\b"))
    expect(last).not_to_be_in_viewport()
    search.fill(f"block{BLOCKS - 1}_norm")
    expect(page.locator("svg .node:not(.faded)")).to_have_count(1)
    expect(last).to_be_in_viewport()
    search.press("Enter")
    expect(page.get_by_role("complementary", name=f"Layer block{BLOCKS - 1}")).to_be_visible()
    search.fill("")
    page.get_by_role("button", name="Fit").click()
    scale = "document.querySelector('svg > g').transform.baseVal.consolidate().matrix.a"
    before = page.evaluate(scale)
    page.get_by_role("button", name="Zoom in").click()
    assert page.evaluate(scale) > 1.2 * before
    page.get_by_role("button", name="Fit").click()
    assert page.evaluate(scale) == pytest.approx(before)

    head = page.get_by_role("button", name=re.compile(r"^Dense .*\bhead\b"))
    expect(head).to_contain_text("FLOPs")
    head.press("Enter")
    facts = page.get_by_role("complementary", name="Layer head")
    expect(facts).to_contain_text(re.compile("exploding, gradients grew from .* to"))
    expect(facts.locator("dt", has_text="gradients: kernel")).to_be_visible()
    page.get_by_role("button", name="Open all blocks").click()
    page.get_by_role("button", name=re.compile(r"^Dense .*\bblock3_dense\b")).press("Enter")
    expect(page.get_by_role("complementary", name="Layer block3_dense")).to_contain_text("healthy")


def test_layer_names_and_verdicts_stay_whole_on_a_phone(run_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 860})
    page.goto(f"{run_url}/media?keys=layer health")
    health = page.get_by_role("region", name="Layers of explodes")
    name = health.get_by_role("button", name="block0_dense")
    expect(name).to_be_visible()
    lines = "element => Math.round(element.getBoundingClientRect().height / parseFloat(getComputedStyle(element).lineHeight))"
    assert name.evaluate(lines) == 1
    assert health.evaluate("element => element.scrollWidth <= element.clientWidth")
    page.get_by_role("button", name="Only these").click()
    expect(health.get_by_role("row")).to_have_count(2)
    expect(health).to_contain_text("exploding")


def test_artifacts_that_were_made_lead_to_their_page(run_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 860})
    page.goto(f"{run_url}/artifacts")
    expect(page.get_by_role("heading", name="Made")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.get_by_role("link", name="rows", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("rows")
