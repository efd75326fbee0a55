"""Runs side by side in a real browser: what differs is what is shown."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.dashboard import TIMEOUT_MS, environment, run_module, serving
from tests.browser.test_accessibility import AXE, faults

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


def test_thousands_of_values_are_shown_in_part_until_all_are_wanted(tmp_path: Path, page: Page) -> None:
    program = tmp_path / "train.py"
    program.write_text(
        "import kerascope\nfor n in (1, 2):\n"
        "    config = {f'value_{place}': place * n for place in range(1, 5_011)}\n"
        "    kerascope.init(project='many', config=config).finish()\n"
    )
    subprocess.run([sys.executable, str(program)], env=environment(tmp_path / "store"), cwd=ROOT, check=True)
    with serving(tmp_path / "store") as url:
        runs = httpx.get(f"{url}/api/projects/many/runs", timeout=60, trust_env=False).json()["runs"]
        page.goto(f"{url}/projects/many/compare?runs={','.join(run['id'] for run in runs)}")
        rows = page.get_by_role("region", name="Config, values").get_by_role("row")
        expect(rows).to_have_count(5_001)
        page.get_by_text("10 more values").get_by_role("button", name="Show all").click()
        expect(rows).to_have_count(5_011)
        page.close()


@pytest.fixture(scope="module")
def twenty(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the compare page of the twenty runs of `twenty.py`."""
    store = tmp_path_factory.mktemp("twenty")
    assert run_module("tests.browser.twenty", store).wait(400) == 0
    with serving(store) as url:
        runs = httpx.get(f"{url}/api/projects/twenty/runs", timeout=60, trust_env=False).json()["runs"]
        ids = [run["id"] for run in sorted(runs, key=lambda run: run["name"])]
        yield f"{url}/projects/twenty/compare?runs={','.join(ids)}"


def test_twenty_runs_keep_their_names_in_sight(twenty: str, page: Page) -> None:
    page.goto(twenty)
    config = page.get_by_role("region", name="Config", exact=True)
    # What all have in common is left out.
    expect(config.get_by_role("rowheader")).to_have_text(["learning_rate", "optimizer", "model.widths"])
    values = config.get_by_role("region", name="Config, values")
    expect(values.get_by_role("columnheader")).to_have_count(21)
    values.evaluate("box => box.scrollTo(box.scrollWidth, 0)")
    expect(values.get_by_role("columnheader", name="trial-19")).to_be_in_viewport()
    for name in ("learning_rate", "model.widths"):
        expect(values.get_by_role("rowheader", name=name)).to_be_in_viewport(ratio=0.9)
    expect(values.get_by_role("columnheader", name="Name", exact=True)).to_be_in_viewport(ratio=0.9)


def test_the_base_of_many_stands_beside_the_names(twenty: str, page: Page) -> None:
    page.goto(twenty)
    heads = page.get_by_role("region", name="Config, values").get_by_role("columnheader")
    expect(heads.nth(1)).to_have_text("trial-00")
    chip = page.get_by_role("list", name="Compared runs").get_by_role("listitem").filter(has_text="trial-15")
    chip.get_by_role("button", name="set as base").click()
    expect(heads.nth(1)).to_have_text("trial-15")
    expect(heads.nth(2)).to_have_text("trial-00")


def test_a_search_says_where_only_equal_values_match(twenty: str, page: Page) -> None:
    page.goto(twenty)
    config = page.get_by_role("region", name="Config", exact=True)
    page.get_by_label("Search Config").fill("batch_size")
    expect(config).to_contain_text("Nothing that differs matches; 1 equal value does.")
    config.get_by_role("button", name="Show equal").click()
    expect(config.get_by_role("rowheader")).to_have_text(["batch_size"])


def test_a_link_with_too_many_runs_says_so(twenty: str, page: Page) -> None:
    page.goto(twenty.replace("runs=", "runs=one-too-many,"))
    expect(page.get_by_text("The link names 1 more run: at most 20 are compared.")).to_be_visible()
    expect(page.get_by_text("one-too-many")).to_be_visible()
    page.account.errors.clear()  # type: ignore[attr-defined]  # the run that is not there


def test_what_is_compared_survives_a_reload(twenty: str, page: Page) -> None:
    page.goto(twenty)
    page.get_by_label("Search Results").fill("accuracy")
    chip = page.get_by_role("list", name="Compared runs").get_by_role("listitem").filter(has_text="trial-03")
    chip.get_by_role("button", name="set as base").click()
    page.reload()
    expect(page.get_by_label("Search Results")).to_have_value("accuracy")
    expect(page.get_by_label("Search Config")).to_have_value("")
    parts = page.get_by_role("navigation", name="What is compared")
    parts.get_by_role("button", name="Checkpoints").click()
    page.get_by_label("trial-03 against").select_option(label="trial-06")
    expect(page.get_by_role("heading", name="From net-03:v1 to net-06:v1")).to_be_visible()
    page.get_by_label("Checkpoint of trial-03").select_option(label="net-03:v0")
    moved = page.get_by_role("region", name="From net-03:v0 to net-06:v1")
    expect(moved).to_contain_text("%")
    page.reload()
    expect(parts.get_by_role("button", name="Checkpoints")).to_have_attribute("aria-current", "page")
    expect(moved).to_contain_text("%")
    parts.get_by_role("button", name="Models").click()
    page.get_by_role("button", name="Show equal").click()
    page.reload()
    expect(page.get_by_role("button", name="Show equal")).to_have_attribute("aria-pressed", "true")


def test_models_and_sources_of_all_runs_are_held_against_the_base(twenty: str, page: Page) -> None:
    page.goto(f"{twenty}&part=models")
    models = page.get_by_role("region", name="Models of all runs")
    expect(models.get_by_role("row")).to_have_count(21)
    expect(models.get_by_role("row", name=re.compile("trial-03 .* the same$"))).to_be_visible()
    wider = models.get_by_role("row", name=re.compile("trial-19 .* 2 layers differ$"))
    wider.get_by_role("button", name="trial-19").click()
    expect(page).to_have_url(re.compile("with="))
    expect(page.get_by_role("region", name="Model of trial-19")).to_be_visible()
    page.get_by_role("navigation", name="What is compared").get_by_role("button", name="Code").click()
    sources = page.get_by_role("region", name="Source of all runs")
    expect(sources.get_by_role("row", name=re.compile("trial-11 .* the same"))).to_have_count(1)
    expect(sources.get_by_role("button", name="trial-19")).to_have_attribute("aria-pressed", "true")


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (npm ci in web/), so no page was looked at")
@pytest.mark.parametrize("part", ["config", "models", "code", "checkpoints"])
def test_the_lists_of_twenty_runs_have_no_serious_fault(twenty: str, page: Page, part: str) -> None:
    page.goto(f"{twenty}&part={part}")
    expect(page.get_by_role("navigation", name="What is compared")).to_be_visible()
    expect(page.locator("[aria-busy=true]:not(.skeleton)")).to_have_count(0)
    light = faults(page)
    page.add_style_tag(content="* { transition: none !important }")
    page.emulate_media(color_scheme="dark")
    assert light + faults(page) == []


def test_weights_of_another_shape_are_not_said_to_have_moved(twenty: str, page: Page) -> None:
    page.goto(f"{twenty}&part=checkpoints")
    # One hidden layer against two, of which the first is wider.
    expect(page.get_by_text("0 of 6 weights moved, 4 reshaped, 2 added")).to_be_visible()
    expect(page.get_by_role("region", name="From net-00:v1 to net-01:v1").locator(".bar")).to_have_count(0)


def test_every_part_can_be_reached_on_a_phone(twenty: str, page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(twenty)
    parts = page.get_by_role("navigation", name="What is compared").get_by_role("button")
    expect(parts).to_have_count(6)
    for part in parts.all():
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 400
    # Neither the runs nor their names take the room of the values.
    navigation = page.get_by_role("navigation", name="What is compared").bounding_box()
    assert navigation is not None
    assert navigation["y"] + navigation["height"] < 400
    name = page.get_by_role("region", name="Config, values").get_by_role("rowheader").first.bounding_box()
    assert name is not None
    assert name["width"] < 200


def test_a_source_of_which_git_told_nothing_is_not_called_clean(tmp_path: Path, page: Page) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "train.py").write_text(
        "import sys\nimport kerascope\nkerascope.init(project='sources', name=sys.argv[1]).finish()\n"
    )

    def run(name: str, **more: str) -> None:
        variables = environment(tmp_path / "store") | {"PYTHONPATH": str(ROOT)} | more
        subprocess.run([sys.executable, "train.py", name], env=variables, cwd=work, check=True)

    def git(*arguments: str) -> None:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", *arguments]
        subprocess.run(command, cwd=work, check=True, capture_output=True)

    run("nowhere")
    git("init", "-q", "-b", "main")
    git("add", "train.py")
    git("commit", "-q", "-m", "first")
    run("clean")
    run("untold", PATH="/nowhere")
    (work / "more.py").write_text("")
    run("more")
    (work / "train.py").write_text((work / "train.py").read_text() + "# more\n")
    run("dirty")
    words = {
        "nowhere": "the program lay in no git repository",
        "clean": "none: the commit is what ran",
        "untold": "not known: no git command was found",
        "more": "none in the files of the commit; 1 beside them is not in git",
        "dirty": "not committed when the run began, below",
    }
    with serving(tmp_path / "store") as url:
        runs = httpx.get(f"{url}/api/projects/sources/runs", timeout=60, trust_env=False).json()["runs"]
        ids = {run["name"]: run["id"] for run in runs}
        for name, text in words.items():
            page.goto(f"{url}/projects/sources/runs/{ids[name]}/source")
            expect(page.get_by_text(text, exact=True)).to_be_visible()
        page.goto(f"{url}/projects/sources/runs/{ids['untold']}/overview")
        expect(page.get_by_text("not known: no git command was found")).to_be_visible()
        chosen = ",".join(ids[name] for name in ("dirty", "clean", "nowhere", "untold"))
        page.goto(f"{url}/projects/sources/compare?runs={chosen}&part=code&with={ids['untold']}")
        expect(page.get_by_role("row", name=re.compile("dirty .* yes"))).to_be_visible()
        expect(page.get_by_role("row", name=re.compile("untold – – not known"))).to_be_visible()
        page.goto(f"{url}/projects/sources/compare?runs={chosen}&part=environment")
        changes = page.get_by_role("row", name=re.compile("^git.changes"))
        expect(page.get_by_role("row", name=re.compile("^git.commit [0-9a-f]{12} "))).to_be_visible()
        expect(changes).to_contain_text("the program lay in no git repository")
        expect(changes).to_contain_text("not known: no git command was found")
        page.close()
