"""Laws of looking: what grew, came or went is found; what did not is not looked at twice."""

import os
import shutil
import time

import pytest

from kerascope.index import folders
from kerascope.index.build import open_index
from kerascope.index.db import read
from kerascope.index.folding import known_runs
from tests.index.logs import START_S, Log, dump, store


def known(paths):
    with open_index(paths) as index:
        assert index.refresh()
    with read(paths) as connection:
        return known_runs(connection)


def age(paths, run_id, seconds=10):
    """Makes the log folder look as if it had changed so long ago."""
    then = time.time() - seconds
    os.utime(paths.log("faces", run_id), (then, then))


def test_what_has_not_changed_is_not_found(tmp_path):
    paths = store(tmp_path)
    Log(paths, "ended").row(0, a=1.0).finish()
    Log(paths, "open").row(0, a=1.0)
    age(paths, "ended")
    assert list(folders.look(paths, known(paths))) == []


def test_growth_and_new_segments_are_found(tmp_path):
    paths = store(tmp_path)
    log = Log(paths, "r1").row(0, a=1.0)
    Log(paths, "r2").row(0, a=1.0).finish()
    seen = known(paths)
    log.row(1, a=2.0)
    Log(paths, "r2", attempt=1, time_s=START_S + 5)
    Log(paths, "r3")
    found = {one.key.run_id: one for one in folders.look(paths, seen)}
    assert sorted(found) == ["r1", "r2", "r3"]
    assert [len(one.grown) for one in found.values()] == [1, 1, 1]
    assert [one.key.run_id for one in folders.look(paths, seen, only=folders.RunKey("faces", "r1"))] == ["r1"]


def test_a_folder_that_changed_just_now_is_listed_again(tmp_path):
    """Two changes may get one time stamp, so a fresh one says nothing."""
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0).finish()
    age(paths, "r1", seconds=-3600)  # as if just now, however long the look takes
    seen = known(paths)
    stamp = os.stat(paths.log("faces", "r1")).st_mtime_ns
    Log(paths, "r1", attempt=1, time_s=START_S + 5)
    os.utime(paths.log("faces", "r1"), ns=(stamp, stamp))
    assert [one.key.run_id for one in folders.look(paths, seen)] == ["r1"]


def test_a_folder_from_the_future_is_not_listed_for_ever(tmp_path):
    """The clock that stamped it may run ahead of ours; that it stays as it is shows all the same."""
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0).finish()
    age(paths, "r1", seconds=-3600)
    seen = known(paths)
    run = seen[folders.RunKey("faces", "r1")]
    deadline = time.monotonic() + 60
    while run.listed == 0 and time.monotonic() < deadline:
        assert list(folders.look(paths, seen)) == []
        time.sleep(0.1)
    assert run.listed == os.stat(paths.log("faces", "r1")).st_mtime_ns


@pytest.mark.parametrize("part", ["r1/log", "."])
def test_a_folder_that_cannot_be_read_is_told_of_and_not_taken_for_gone(tmp_path, part):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0)
    folder = paths.projects / "faces" / "runs" / part
    with open_index(paths) as index:
        assert index.refresh()
        before = dump(paths)
        os.rename(folder, tmp_path / "aside")
        folder.symlink_to(folder)  # a circle, which no privilege can read
        assert index.refresh()
        assert list(index.problems) == [folder]
        assert dump(paths) == before
        folder.unlink()
        os.rename(tmp_path / "aside", folder)
        assert index.refresh()
        assert index.problems == {}
        assert dump(paths) == before


def test_a_quick_look_passes_over_what_had_ended(tmp_path):
    paths = store(tmp_path)
    Log(paths, "ended").row(0, a=1.0).finish()
    log = Log(paths, "open").row(0, a=1.0)
    seen = known(paths)
    Log(paths, "ended", attempt=1, time_s=START_S + 5)
    log.row(1, a=1.0)
    assert [one.key.run_id for one in folders.look(paths, seen, skip_ended=True)] == ["open"]
    assert len(list(folders.look(paths, seen))) == 2


def test_a_quick_refresh_finds_a_resumed_run_in_the_end(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0).finish()
    with open_index(paths) as index:
        assert index.refresh(quick=True)
        Log(paths, "r1", attempt=1, time_s=START_S + 5).row(1, a=1.0)
        deadline = time.monotonic() + 60
        while len(dump(paths)["segment"]) < 2 and time.monotonic() < deadline:
            assert index.refresh(quick=True)
            time.sleep(0.05)
    assert len(dump(paths)["segment"]) == 2


def test_a_project_folder_whose_name_is_no_text_is_told_of_and_hides_no_other(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0).finish()
    strange = os.path.join(os.fsencode(paths.projects), b"caf\xe9")
    shutil.copytree(os.fsencode(paths.projects / "faces"), strange)
    with open_index(paths) as index:
        assert index.refresh()
        assert {str(path): reason for path, reason in index.problems.items()} == {
            f"{paths.projects}/caf\\xe9": "no project can be called so: the name is no UTF-8"
        }
    assert [key.project for key in known(paths)] == ["faces"]


def test_other_files_are_left_alone(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0).finish()
    (paths.log("faces", "r1") / "notes.txt").write_text("mine")
    (paths.projects / "faces" / "runs" / "not a run!").mkdir()
    (paths.projects / "stray.txt").write_text("mine")
    age(paths, "r1")
    assert [key.run_id for key in known(paths)] == ["r1"]
