"""Laws of what each command says and does."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from pathlib import Path

import pytest

from kerascope.paths import StorePaths
from tests.cli.conftest import Command
from tests.server.stores import RunLog


def test_ls_lists_projects_and_the_runs_of_one(reading: StorePaths, kerascope: Command) -> None:
    projects = kerascope("ls")
    assert projects.code == 0
    assert [line.split("  ")[0] for line in projects.out.splitlines()] == ["project", "a b", "faces"]
    found = kerascope("ls", "faces")
    assert [line.split()[0] for line in found.out.splitlines()] == ["run", "bbb", "aaa"]
    assert "second try" in found.out
    assert kerascope("ls", "faces", "--json").json["total"] == 2
    assert [run["id"] for run in kerascope("ls", "faces", "--sort", "created_s", "--json").json["runs"]] == [
        "aaa",
        "bbb",
    ]
    chosen = kerascope(
        "ls", "faces", "--filter", '{"config.lr": 0.1}', "--columns", "config.lr", "--limit", "1", "--json"
    )
    assert [(run["id"], run["config"]) for run in chosen.json["runs"]] == [("bbb", {"lr": 0.1})]
    assert "No run fits." in kerascope("ls", "faces", "--search", "nothing").out


def test_ls_of_a_store_without_runs_says_so(kerascope: Command) -> None:
    empty = kerascope("ls")
    assert (empty.code, "no runs" in empty.out) == (0, True)
    assert kerascope("ls", "--json").json == {"projects": []}


@pytest.mark.parametrize("run", ["aaa", "faces/aaa", "first try", "faces/first try"])
def test_show_takes_a_run_by_id_path_or_name(reading: StorePaths, kerascope: Command, run: str) -> None:
    assert kerascope("show", run, "--json").json["run"]["id"] == "aaa"


def test_show_prints_config_metrics_with_sparklines_and_what_went_wrong(
    reading: StorePaths, kerascope: Command
) -> None:
    page = kerascope("show", "aaa").out
    for text in (
        "faces/aaa",
        "finished",
        "opt.name",
        "adam",
        "loss",
        "▁",
        "html-file",
        "careful: loss is high",
        "could not be stored",
    ):
        assert text in page
    assert "exit code 3" in kerascope("show", "bbb").out


def test_text_of_users_cannot_steer_the_terminal(paths: StorePaths, kerascope: Command) -> None:
    run = RunLog(paths, "faces", "evil", "\x1b[31mred\x07 [bold]x[/bold]")
    run.finish()
    for out in (kerascope("ls", "faces").out, kerascope("show", "evil").out, kerascope("log", "cat", "evil").out):
        assert "\x1b" not in out
        assert "\x07" not in out
        assert "[bold]x[/bold]" in out


def test_tail_prints_the_newest_lines_and_ends_with_the_run(reading: StorePaths, kerascope: Command) -> None:
    lines = kerascope("tail", "bbb", "-n", "3").out.splitlines()
    assert lines[0].startswith("step 8  loss=8")
    assert lines[2].endswith("failed with exit code 3")
    records = [
        json.loads(line)
        for line in kerascope("tail", "aaa", "-n", "1000", "--only", "console", "--json").out.splitlines()
    ]
    assert [one["text"] for one in records if one["kind"] == "console"] == ["one", "two", "three"]
    assert not [one for one in records if one["kind"] == "row"]


def test_export_writes_to_a_file_or_to_standard_output(reading: StorePaths, kerascope: Command, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(kerascope("export", "aaa").out)))
    assert len(rows) == 101
    assert float(rows[3]["loss"]) == 0.25
    assert len(list(csv.reader(io.StringIO(kerascope("export", "faces").out)))) == 112
    assert json.loads(kerascope("export", "aaa", "--format", "json").out)["id"] == "aaa"
    target = tmp_path / "run.parquet"
    assert kerascope("export", "aaa", "-o", str(target), "--json").json["format"] == "parquet"
    assert target.read_bytes()[:4] == b"PAR1"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".tmp")] == []


def test_log_cat_prints_every_record_with_its_offset(reading: StorePaths, kerascope: Command) -> None:
    records = [json.loads(line) for line in kerascope("log", "cat", "bbb", "--json").out.splitlines()]
    assert [one["event"] for one in records[:5]] == ["Segment", "RunInfo", "Config", "Keys", "Row"]
    assert (records[4]["values"]["loss"], records[-1]["event"]) == (0.0, "Finish")
    assert len(kerascope("log", "cat", "bbb", "--limit", "2").out.splitlines()) == 3
    (segment,) = reading.log("faces", "bbb").glob("*.klog")
    later = kerascope("log", "cat", str(segment), "--offset", str(records[4]["offset"]), "--json")
    assert later.out.splitlines()[0].startswith(f'{{"file":"{segment.name}","offset":{records[4]["offset"]},')


def test_log_cat_and_doctor_report_damage_and_exit_1(store: StorePaths, kerascope: Command) -> None:
    (segment,) = store.log("faces", "bbb").glob("*.klog")
    data = bytearray(segment.read_bytes())
    data[150] ^= 0xFF
    segment.write_bytes(data)
    printed = kerascope("log", "cat", "bbb")
    assert (printed.code, "could not be read" in printed.out) == (1, True)
    report = kerascope("doctor", "--json")
    assert (report.code, report.json["is_sound"]) == (1, False)
    assert report.json["problems"][0]["kind"] == "damage"
    assert kerascope("doctor", "--fix").code == 1
    assert segment.read_bytes() == data


def test_doctor_of_a_sound_store_says_so(store: StorePaths, kerascope: Command) -> None:
    report = kerascope("doctor")
    assert (report.code, "The store is sound." in report.out) == (0, True)


def test_doctor_repairs_what_has_a_remedy(store: StorePaths, kerascope: Command) -> None:
    leftover = store.trash / "faces-x-1"
    leftover.mkdir(parents=True)
    (leftover / "file").write_text("x")
    long_ago = time.time() - 10 * 86400  # younger leftovers may belong to a command at work
    for path in (leftover / "file", leftover):
        os.utime(path, (long_ago, long_ago))
    (problem,) = kerascope("doctor", "--json").json["problems"]
    assert (problem["fixed"], leftover.exists()) == (False, True)
    (problem,) = kerascope("doctor", "--fix", "--json").json["problems"]
    assert (problem["fixed"], leftover.exists()) == (True, False)
    assert kerascope("doctor").code == 0


def test_rm_hides_runs_and_can_take_it_back(store: StorePaths, kerascope: Command) -> None:
    assert kerascope("rm", "aaa", "faces/bbb", "aaa", "--json").json["runs"] == [
        {"project": "faces", "id": "aaa"},
        {"project": "faces", "id": "bbb"},
    ]
    assert kerascope("ls", "faces", "--json").json["total"] == 0
    assert kerascope("ls", "faces", "--deleted", "--json").json["total"] == 2
    assert kerascope("rm", "aaa").code == 2
    assert kerascope("rm", "aaa", "--restore").code == 0
    assert [run["id"] for run in kerascope("ls", "faces", "--json").json["runs"]] == ["aaa"]


def test_mv_shows_runs_in_another_project_and_old_addresses_stay_true(store: StorePaths, kerascope: Command) -> None:
    moved = kerascope("mv", "aaa", "faces/bbb", "best ones")
    assert (moved.code, "faces/aaa  first try  is now best ones/aaa" in moved.out) == (0, True)
    assert kerascope("ls", "best ones", "--json").json["total"] == 2
    assert "No run fits." in kerascope("ls", "faces").out
    for address in ("best ones/aaa", "faces/aaa", "first try"):
        assert kerascope("show", address, "--json").json["run"]["project"] == "best ones"
        assert kerascope("tail", address, "--no-follow", "-n", "1").code == 0
        assert kerascope("log", "cat", address, "--limit", "1").code == 0
    assert kerascope("mv", "faces/aaa", "faces", "--json").json == {
        "project": "faces",
        "runs": [{"from": "best ones", "id": "aaa"}],
    }
    assert kerascope("ls", "faces", "--json").json["total"] == 1
    assert kerascope("rm", "bbb", "--purge", "--yes").code == 0
    assert not store.run("faces", "bbb").exists()


def test_rm_purge_deletes_the_files_but_only_when_told_twice(store: StorePaths, kerascope: Command) -> None:
    folder = store.run("faces", "bbb")
    assert kerascope("rm", "bbb").code == 0
    asked = kerascope("rm", "bbb", "--purge", "--json")
    assert (asked.code, folder.exists()) == (2, True)
    assert "--yes" in asked.err
    assert kerascope("rm", "bbb", "--purge", "--yes").code == 0
    assert not folder.exists()
    assert list(store.trash.iterdir()) == []
    RunLog(store, "faces", "bbb", "born again").finish()
    assert kerascope("show", "bbb", "--json").json["run"]["name"] == "born again"


def test_a_run_that_is_still_running_is_not_purged(paths: StorePaths, kerascope: Command) -> None:
    RunLog(paths, "faces", "lives", start_s=time.time())
    refused = kerascope("rm", "lives", "--purge", "--yes")
    assert (refused.code, "still running" in refused.err) == (2, True)
    assert paths.run("faces", "lives").exists()


def test_index_rebuild_makes_the_same_answers_again(store: StorePaths, kerascope: Command) -> None:
    before = kerascope("ls", "faces", "--json").json
    rebuilt = kerascope("index", "rebuild", "--json").json
    assert (rebuilt["run_count"], rebuilt["problems"]) == (3, {})
    assert kerascope("ls", "faces", "--json").json == before
    store.index.unlink()
    assert kerascope("ls", "faces", "--json").json == before
