"""Laws of reports as pages: which runs a panel means."""

import json
import re

import pytest

from kerascope.events import types as ev
from kerascope.query.edits import Editor
from kerascope.reports import page
from tests.index.logs import START_S, Log, reading, store


@pytest.fixture
def paths(tmp_path):
    """Eight runs, the oldest of them `r0`; `r1` is archived and `r2` deleted."""
    paths = store(tmp_path)
    for number in range(8):
        log = Log(paths, f"r{number}", time_s=START_S + number)
        log.say(ev.RunInfo(name=f"name-{number}")).row(0, loss=float(number)).finish()
    with Editor(paths) as editor:
        editor.edit("faces", "r1", {"archived": True})
        editor.delete("faces", "r2")
    return paths


def _data(paths, tmp_path, *lines):
    """What stands in the page of a report with one panel."""
    markdown = "\n".join(["```panel", "metric: loss", *lines, "```"])
    with Editor(paths) as editor:
        editor.save_view("faces", page.REPORT, "r", {"markdown": markdown})
    assets = tmp_path / "page"
    assets.mkdir(exist_ok=True)
    for name in ("page.js", "page.css"):
        (assets / name).write_text("")
    with reading(paths) as db:
        html = page.report_page(db, assets, "faces", "r").decode()
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html)
    return json.loads(found[1])


def test_a_named_run_is_found_however_many_newer_ones_there_are(paths, tmp_path, monkeypatch):
    monkeypatch.setattr(page, "_MAX_RUNS", 2)
    data = _data(paths, tmp_path, "runs: name-0, r3")
    assert data["panels"] == [{"project": "faces", "runs": ["name-0", "r3"], "ids": ["r0", "r3"]}]
    assert [one["run"] for one in data["series"]] == ["r0", "r3"]


def test_archived_runs_are_there_and_deleted_ones_are_not(paths, tmp_path):
    assert _data(paths, tmp_path, "runs: r1, r2, r1")["panels"][0]["ids"] == ["r1"]


def test_without_names_the_newest_are_meant(paths, tmp_path):
    assert _data(paths, tmp_path)["panels"][0]["ids"] == ["r7", "r6", "r5", "r4", "r3"]


def test_the_title_of_many_runs_names_the_first(paths, tmp_path):
    (tmp_path / "page.js").write_text("")
    (tmp_path / "page.css").write_text("")
    with reading(paths) as db:
        few = page.runs_page(db, tmp_path, [("faces", "r3"), ("faces", "r4")]).decode()
        many = page.runs_page(db, tmp_path, [("faces", f"r{number}") for number in range(3, 8)]).decode()
    assert "<title>name-3, name-4</title>" in few
    assert "<title>name-3, name-4, name-5 and 2 more</title>" in many
