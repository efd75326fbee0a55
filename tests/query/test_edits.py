"""Laws of edits, views and files."""

import threading

import pytest

from kerascope.errors import NotFoundError, StoreError, UsageError
from kerascope.events import types as ev
from kerascope.query import files, runs, views
from kerascope.query.edits import Editor
from kerascope.runlog.files import list_segments
from tests.index.logs import START_S, Log, reading, store


@pytest.fixture
def paths(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").say(ev.RunInfo(name="old", tags=("a",))).row(0, loss=1.0).finish()
    return paths


def test_edits_are_seen_after_a_refresh(paths):
    with Editor(paths) as editor:
        editor.edit("faces", "r1", {"name": "new", "tags": ["b", "b"], "archived": True})
        with reading(paths) as db:
            run = runs.detail(db, "faces", "r1")
            assert (run.name, run.tags, run.archived) == ("new", ("b",), True)
            assert runs.page(db, "faces").total == 0
            assert runs.page(db, "faces", archived=True).total == 1
        editor.edit("faces", "r1", {"archived": False, "notes": None, "group": "g"}, remove_tags=("b",))
        editor.delete("faces", "r1")
        editor.restore("faces", "r1")
    with reading(paths) as db:
        run = runs.detail(db, "faces", "r1")
        assert (run.group, run.notes, run.tags) == ("g", None, ())
        assert runs.page(db, "faces").total == 1


def test_an_editor_makes_one_segment_for_all_threads_and_none_without_edits(paths):
    with Editor(paths):
        pass
    assert list_segments(paths.edits) == []
    with Editor(paths) as editor:
        threads = [threading.Thread(target=editor.edit, args=("faces", "r1", {"name": f"n{i}"})) for i in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(list_segments(paths.edits)) == 1
    with reading(paths) as db:
        assert runs.detail(db, "faces", "r1").name.startswith("n")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "x"},
        {"name": ""},
        {"name": None},
        {"tags": "a"},
        {"tags": [1]},
        {"tags": [""]},
        {"archived": 1},
        {"notes": 5},
    ],
)
def test_wrong_changes_are_named(paths, changes):
    (name,) = changes
    with Editor(paths) as editor, pytest.raises(UsageError, match=f"Received: {name}="):
        editor.edit("faces", "r1", changes)
    with Editor(paths) as editor, pytest.raises(UsageError):
        editor.edit("fa/ces", "r1", {})
    with Editor(paths) as editor, pytest.raises(UsageError):
        editor.delete("faces", "../r1")


def test_an_edit_that_cannot_be_written_is_an_error(paths):
    paths.edits.write_text("in the way")
    with Editor(paths) as editor, pytest.raises(StoreError, match="writable"):
        editor.delete("faces", "r1")


def test_views_are_kept_replaced_and_removed(paths):
    with Editor(paths) as editor:
        editor.save_view("faces", "layout", "main", {"panels": [1, float("inf")]})
        editor.save_view("faces", "layout", "gone", {})
        editor.save_view("faces", "report", "main", "text")
        editor.save_view("faces", "layout", "main", {"panels": [2]})
        editor.save_view("faces", "layout", "gone", None)
        with pytest.raises(UsageError, match="name"):
            editor.save_view("faces", "layout", "", {})
    with reading(paths) as db:
        found = [(view.kind, view.name, view.data) for view in views.listing(db, "faces")]
        assert found == [("layout", "main", {"panels": [2]}), ("report", "main", "text")]
        assert views.listing(db, "other") == []


def test_files_are_those_of_the_folder_then_saved_ones_then_media(paths):
    image = {"_type": "image-file", "sha256": "2" * 64, "size": 7, "path": "media/images/x.png"}
    Log(paths, "r1", attempt=1, time_s=START_S + 5).row(
        1, time_s=START_S + 6, pictures={"_type": "images/separated", "items": [image]}
    ).say(
        ev.File("saved.txt", "1" * 64, 3, "end"),
        ev.File("live.txt", None, 3, "live"),
        ev.File("here.txt", "3" * 64, 1, "now"),
    ).finish()
    folder = paths.files("faces", "r1")
    folder.mkdir(parents=True)
    (folder / "here.txt").write_text("here")
    outside = paths.root / "secret"
    outside.write_text("secret")
    with reading(paths) as db:
        listed = [(file.path, file.size_bytes, file.digest) for file in files.listing(db, paths, "faces", "r1")]
        assert listed == [
            ("here.txt", 4, None), ("saved.txt", 3, "1" * 64), ("media/images/x.png", 7, "2" * 64),
        ]  # fmt: skip
        assert files.listing(db, paths, "faces", "r1")[2].modified_s == START_S + 6
        assert files.locate(db, paths, "faces", "r1", "here.txt").read_text() == "here"
        assert files.locate(db, paths, "faces", "r1", "saved.txt") == paths.blobs / "11" / ("1" * 64)
        for name in ("../../../../../secret", str(outside), "", ".", "x\0y", "live.txt", "here.txt/.."):
            with pytest.raises(NotFoundError, match=r"here\.txt"):
                files.locate(db, paths, "faces", "r1", name)


def test_a_log_cannot_name_a_file_outside_the_blobs(paths):
    (paths.root / "secret").write_text("secret")
    Log(paths, "r1", attempt=1, time_s=START_S).say(
        ev.File("a.txt", "../../secret", 6, "end"), ev.File("b.txt", "1" * 64, 3, "end")
    ).finish()
    with reading(paths) as db:
        assert [file.path for file in files.listing(db, paths, "faces", "r1")] == ["b.txt"]
        with pytest.raises(NotFoundError, match=r"b\.txt"):
            files.locate(db, paths, "faces", "r1", "a.txt")
