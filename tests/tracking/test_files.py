from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

import kerascope
from kerascope.errors import UsageError, WrongValueError
from kerascope.events.types import File, Notice
from tests.tracking.conftest import Store


def files(store: Store, run: kerascope.Run) -> list[File]:
    return [event for event in store.events(run.id) if isinstance(event, File)]


def write(name: str, text: str = "x") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_saved_files_are_copies_in_the_runs_folder(store: Store) -> None:
    run = kerascope.init()
    write("a.txt", "one")
    write("sub/b.txt", "two")
    found = run.save("*.txt", policy="now")
    assert found == [str(Path(run.dir, "a.txt"))]
    assert run.save("sub/b.txt", policy="now") == [str(Path(run.dir, "sub/b.txt"))]
    Path("a.txt").write_text("changed")
    copy = Path(run.dir, "a.txt")
    assert copy.read_text() == "one"
    assert not copy.is_symlink()
    first = files(store, run)[0]
    assert (first.path, first.size_bytes, first.policy) == ("a.txt", 3, "now")
    assert first.digest == hashlib.sha256(b"one").hexdigest()


def test_nothing_that_matches_gives_an_empty_list() -> None:
    run = kerascope.init()
    assert run.save("*.h5") == []


def test_live_files_are_copied_again_when_they_change(store: Store) -> None:
    run = kerascope.init()
    write("a.txt", "one")
    run.save("a.txt")
    assert files(store, run)[0].digest is None
    write("a.txt", "longer")
    run._kept.refresh()
    assert Path(run.dir, "a.txt").read_text() == "longer"
    write("a.txt", "at the end")
    run.finish()
    assert Path(run.dir, "a.txt").read_text() == "at the end"
    assert files(store, run)[-1].digest == hashlib.sha256(b"at the end").hexdigest()


def test_a_live_file_written_twice_within_a_tick_of_the_clock_is_kept_as_it_was_last(store: Store) -> None:
    run = kerascope.init()
    path, stamp = write("a.txt", "one"), time.time_ns() + 3600 * 10**9  # just now, however long the test takes
    os.utime(path, ns=(stamp, stamp))
    run.save("a.txt")
    write("a.txt", "two")
    os.utime(path, ns=(stamp, stamp))
    run.finish()
    assert Path(run.dir, "a.txt").read_text() == "two"


def test_a_live_file_from_the_future_is_not_copied_again_for_ever(store: Store) -> None:
    """Its clock may run ahead of ours; that it stays as it is shows all the same."""
    run = kerascope.init()
    path, stamp = write("a.txt", "one"), time.time_ns() + 3600 * 10**9
    os.utime(path, ns=(stamp, stamp))
    run.save("a.txt")
    copies, deadline = [0, 1], time.monotonic() + 60
    while copies[-1] != copies[-2] and time.monotonic() < deadline:
        time.sleep(0.1)
        run._kept.refresh()
        copies.append(len(files(store, run)))
    assert copies[-1] == copies[-2]
    write("a.txt", "two")
    os.utime(path, ns=(stamp + 10**9, stamp + 10**9))
    run._kept.refresh()
    assert Path(run.dir, "a.txt").read_text() == "two"


def test_end_files_are_copied_at_the_end(store: Store) -> None:
    run = kerascope.init()
    write("a.txt", "one")
    run.save("a.txt", policy="end")
    assert not Path(run.dir, "a.txt").exists()
    write("a.txt", "final")
    run.finish()
    assert Path(run.dir, "a.txt").read_text() == "final"


def test_a_live_file_that_vanishes_keeps_its_last_copy() -> None:
    run = kerascope.init()
    write("a.txt", "one")
    run.save("a.txt")
    Path("a.txt").unlink()
    run.finish()
    assert Path(run.dir, "a.txt").read_text() == "one"


def test_files_already_in_the_runs_folder_stay_where_they_are(store: Store) -> None:
    run = kerascope.init()
    path = Path(run.dir, "model.h5")
    path.write_text("weights")
    assert run.save(str(path)) == [str(path)]
    assert path.read_text() == "weights"
    assert files(store, run)[0].path == "model.h5"


def test_base_path_keeps_folders_and_folders_are_kept_whole(tmp_path: Path) -> None:
    run = kerascope.init()
    write(str(tmp_path / "data/x/a.txt"))
    write(str(tmp_path / "data/x/y/b.txt"))
    assert run.save(str(tmp_path / "data/x/a.txt"), base_path=str(tmp_path / "data"), policy="now") == [
        str(Path(run.dir, "x/a.txt"))
    ]
    assert run.save(str(tmp_path / "data/x/y"), policy="now") == [str(Path(run.dir, "y/b.txt"))]
    assert run.save([str(tmp_path / "data/x/*.txt")], policy="now") == [str(Path(run.dir, "a.txt"))]


def unreadable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Makes files and folders of this name refuse to be read; a test may run as root, who may read anything."""
    scan, copy = os.scandir, shutil.copy2

    def refuse(path: Any) -> None:
        if Path(path).name == name:
            raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", lambda path: (refuse(path), scan(path))[1])
    monkeypatch.setattr(shutil, "copy2", lambda source, target: (refuse(source), copy(source, target))[1])


def test_a_subfolder_that_cannot_be_read_is_named_once_and_the_rest_is_saved(
    store: Store, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run = kerascope.init()
    write("data/a.txt")
    write("data/closed/b.txt")
    unreadable(monkeypatch, "closed")
    assert run.save("data", policy="now") == run.save("data", policy="now") == [str(Path(run.dir, "data/a.txt"))]
    assert capfd.readouterr().err.count("data/closed") == 1
    assert [event.text.count("data/closed") for event in store.events(run.id) if isinstance(event, Notice)] == [1]


@pytest.mark.parametrize("policy", ["now", "live", "end"])
def test_a_file_that_cannot_be_read_is_named_and_leaves_the_others_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], policy: str
) -> None:
    run = kerascope.init()
    for name in ("a", "closed", "z"):
        write(f"data/{name}")
    unreadable(monkeypatch, "closed")
    found = run.save("data", policy=policy)
    assert (str(Path(run.dir, "data/closed")) in found) == (policy != "now")  # else it is tried again
    run.finish()
    assert sorted(path.name for path in Path(run.dir, "data").iterdir()) == ["a", "z"]
    assert "data/closed could not be copied" in capfd.readouterr().err


def test_a_linked_subfolder_is_left_out_and_named(store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    run = kerascope.init()
    write("elsewhere/b.txt")
    write("data/a.txt")
    Path("data/link").symlink_to(Path("elsewhere").absolute())
    assert run.save("data", policy="now") == [str(Path(run.dir, "data/a.txt"))]
    assert "data/link is a link to a folder" in capfd.readouterr().err
    assert run.save("data/link", policy="now") == [str(Path(run.dir, "data/link/b.txt"))]


@pytest.mark.parametrize(
    "arguments",
    [
        {"glob_str": 3},
        {"glob_str": ""},
        {"glob_str": "a.txt", "policy": "sometimes"},
        {"glob_str": "../outside.txt"},
        {"glob_str": "/etc/hostname", "base_path": "/usr"},
    ],
)
def test_wrong_arguments_raise_one_sentence(arguments: dict[str, Any]) -> None:
    run = kerascope.init()
    with pytest.raises(UsageError, match="Received"):
        run.save(**arguments)


def test_restore_opens_files_of_this_run_of_another_and_of_an_artifact(tmp_path: Path) -> None:
    first = kerascope.init(id="first")
    Path(first.dir, "a.txt").write_text("one")
    with first.restore("a.txt") as file:
        assert file.read() == "one"
        assert file.name == str(Path(first.dir, "a.txt"))
    artifact = kerascope.Artifact("model-x", type="model")
    artifact.add_file(str(write("model-best.keras", "weights")))
    first.log_artifact(artifact)
    first.finish()
    second = kerascope.init(id="second")
    with second.restore("a.txt", run_path="local/uncategorized/first", root=tmp_path / "out") as file:
        assert file.name == str(tmp_path / "out" / "a.txt")
    with second.restore("model-best.keras", run_path="first") as file:
        assert file.read() == "weights"
    with second.restore("model-best.h5", run_path="uncategorized/first") as file:
        assert file.name.endswith("model-best.keras")


@pytest.mark.parametrize("name", ["missing.txt", "../../../secret", "/etc/passwd", ""])
def test_restore_refuses_what_is_not_in_the_run(name: str) -> None:
    run = kerascope.init()
    with pytest.raises((ValueError, TypeError), match="Received"):
        run.restore(name)


def test_restore_says_where_the_files_of_a_moved_run_are(tmp_path: Path) -> None:
    first = kerascope.init(project="made here", id="first")
    Path(first.dir, "a.txt").write_text("one")
    first.finish()
    kerascope.Api().run("made here/first").move("shown there")
    second = kerascope.init(id="second")
    with pytest.raises(WrongValueError, match="made in: give run_path='made here/first'"):
        second.restore("a.txt", run_path="shown there/first")
    with pytest.raises(WrongValueError, match="no such run"):
        second.restore("a.txt", run_path="nowhere")
    with second.restore("a.txt", run_path="made here/first") as file:
        assert file.read() == "one"


@pytest.mark.parametrize("run_path", ["a/b/c/d", 3, "../x/y", ""])
def test_restore_refuses_paths_that_name_no_run(run_path: Any) -> None:
    run = kerascope.init()
    with pytest.raises(UsageError, match="Received"):
        run.restore("a.txt", run_path=run_path)
