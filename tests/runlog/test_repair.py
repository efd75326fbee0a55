from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from kerascope.blobs.store import BlobStore
from kerascope.errors import StoreError
from kerascope.events.types import EditSegment, Environment, File
from kerascope.paths import StorePaths
from kerascope.runlog.files import segment_name
from kerascope.runlog.reader import scan, scan_raw
from kerascope.runlog.repair import Problem, Report, check_store, fix
from kerascope.runlog.writer import SegmentWriter
from tests.runlog.segments import first_event, rows_at

LONG_AGO = time.time() - 10 * 86400


@pytest.fixture
def paths(tmp_path: Path) -> StorePaths:
    return StorePaths(tmp_path)


def new_segment(paths: StorePaths, run_id: str = "abcd1234", nonce: str = "0" * 8) -> SegmentWriter:
    name = segment_name(time.time_ns(), 0, nonce)
    return SegmentWriter(paths.log("faces", run_id) / name, first_event(run_id))


def write_run(paths: StorePaths, rows: int = 20) -> Path:
    writer = new_segment(paths)
    for step in range(rows):
        writer.append_row(step, 1.0, 0.0, ("loss", "acc"), [1 / (step + 1), step])
    writer.close()
    return writer.path


def write_manifest(paths: StorePaths, entries: list[dict[str, object]]) -> Path:
    path = paths.artifact("faces", "model") / "v0.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"format": 1, "entries": entries}))
    return path


def age(path: Path) -> Path:
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def kinds(report: Report) -> list[str]:
    return [problem.kind for problem in report.problems]


def only(report: Report) -> Problem:
    assert len(report.problems) == 1, report.problems
    return report.problems[0]


def image(sha256: str, size: int) -> dict[str, object]:
    return {"_type": "image-file", "sha256": sha256, "size": size, "path": "media/images/a.png", "caption": None}


def test_a_sound_store_has_no_problems(paths: StorePaths) -> None:
    blobs = BlobStore(paths.blobs)
    ref, part = blobs.put_bytes(b"picture"), blobs.put_bytes(b"0123456789")
    writer = new_segment(paths)
    writer.append(Environment({"diff": {"sha256": ref.sha256, "size": 7, "path": "diff"}}))
    writer.append(File("a.txt", ref.sha256, 7, "now"))
    writer.append_row(0, 1.0, 0.0, ("image",), [{"_type": "images/separated", "items": [image(ref.sha256, 7)]}])
    writer.close()
    write_manifest(
        paths,
        [
            {"path": "a", "sha256": ref.sha256, "size": 7},
            {"path": "b", "sha256": "0" * 64, "size": 9, "chunks": [[part.sha256, 4], [part.sha256, 5, 5]]},
            {"path": "c", "reference": "s3://bucket/c", "sha256": "1" * 64},
        ],
    )
    edits = SegmentWriter(paths.edits / segment_name(1, 0, "0" * 8), EditSegment(1, 1.0, "host", 1, "0.1"))
    edits.close()
    report = check_store(paths, thorough=True, grace_s=0.0)
    assert report.problems == []
    assert report.is_sound
    assert (report.segment_count, report.version_count, report.blob_count) == (2, 1, 2)
    assert report.record_count == 6


def test_damage_and_torn_tails_are_reported_and_never_touched(paths: StorePaths) -> None:
    path = write_run(paths)
    data = bytearray(path.read_bytes())
    offsets = [offset for offset, _ in scan_raw(path).payloads]
    data[offsets[5] + 12] ^= 0xFF
    path.write_bytes(data[:-3])
    before = path.read_bytes()
    report = check_store(paths)
    damage, torn = report.problems
    assert (damage.kind, damage.severity, damage.offset) == ("damage", "error", offsets[5])
    assert damage.size_bytes == offsets[6] - offsets[5]
    assert (torn.kind, torn.severity, torn.offset) == ("torn tail", "note", offsets[-1])
    assert damage.remedy is torn.remedy is None
    assert not report.is_sound
    assert fix(paths, report) == ((), (), 0)
    assert path.read_bytes() == before
    assert len(rows_at(path)) == 18


def test_a_segment_without_its_first_record_or_in_the_wrong_place_is_named(paths: StorePaths) -> None:
    path = write_run(paths)
    data = bytearray(path.read_bytes())
    data[20] ^= 0xFF
    path.write_bytes(data)
    assert kinds(check_store(paths)) == ["no beginning", "damage"]
    path.write_bytes(b"KSLOG")
    assert kinds(check_store(paths)) == ["torn tail", "no beginning"]
    path.unlink()
    new_segment(paths, "other").close()
    os.rename(paths.run("faces", "other"), paths.run("faces", "moved"))
    assert only(check_store(paths)).kind == "misplaced"
    assert "faces/other" in only(check_store(paths)).text


def test_old_blobs_that_nothing_mentions_are_deleted_and_only_those(paths: StorePaths) -> None:
    blobs = BlobStore(paths.blobs)
    used, orphan, young = (blobs.put_bytes(data) for data in (b"used", b"orphan", b"young"))
    for ref in (used, orphan):
        age(blobs.path(ref.sha256))
    writer = new_segment(paths)
    writer.append_row(0, 1.0, 0.0, ("image",), [image(used.sha256, 4)])
    writer.close()
    report = check_store(paths)
    found = only(report)
    assert (found.kind, found.path, found.remedy, found.severity) == (
        "orphan blob",
        blobs.path(orphan.sha256),
        "delete",
        "note",
    )
    assert fix(paths, report) == ((found,), (), len(b"orphan"))
    assert [blobs.has(ref.sha256) for ref in (used, orphan, young)] == [True, False, True]


def test_what_only_the_cells_of_a_table_refer_to_is_in_use_and_must_be_there(paths: StorePaths) -> None:
    blobs = BlobStore(paths.blobs)
    picture = blobs.put_bytes(b"picture")
    cells = [[image(picture.sha256, 7)], [image("0" * 64, 9)]]
    table = blobs.put_bytes(json.dumps({"_type": "table", "data": cells}, separators=(",", ":")).encode())
    for ref in (picture, table):
        age(blobs.path(ref.sha256))
    value = {"_type": "table-file", "sha256": table.sha256, "size": table.size_bytes, "path": "media/t.table.json"}
    writer = new_segment(paths)
    writer.append_row(3, 1.0, 0.0, ("t",), [value])
    writer.close()
    found = only(check_store(paths))
    assert found.kind == "missing blob"
    assert "a cell of the table" in found.text
    writer.path.unlink()
    assert sorted(kinds(check_store(paths))) == ["orphan blob", "orphan blob"]


def test_a_blob_that_came_back_into_use_after_the_check_stays(paths: StorePaths) -> None:
    blobs = BlobStore(paths.blobs)
    ref = blobs.put_bytes(b"orphan")
    age(blobs.path(ref.sha256))
    report = check_store(paths)
    blobs.put_bytes(b"orphan")
    assert fix(paths, report).freed_bytes == 0
    assert blobs.has(ref.sha256)


def test_a_blob_that_only_a_damaged_record_mentions_is_no_orphan(paths: StorePaths) -> None:
    blobs = BlobStore(paths.blobs)
    ref = blobs.put_bytes(b"picture")
    age(blobs.path(ref.sha256))
    writer = new_segment(paths)
    writer.append_row(0, 1.0, 0.0, ("image",), [image(ref.sha256, 7)])
    writer.close()
    data = bytearray(writer.path.read_bytes())
    data[-1] ^= 0xFF
    writer.path.write_bytes(data)
    assert kinds(check_store(paths)) == ["torn tail"]


def test_no_blob_is_an_orphan_while_something_cannot_be_read(paths: StorePaths) -> None:
    ref = BlobStore(paths.blobs).put_bytes(b"picture")
    age(BlobStore(paths.blobs).path(ref.sha256))
    write_manifest(paths, []).write_text("{broken")
    assert kinds(check_store(paths)) == ["unreadable"]
    write_manifest(paths, []).write_text('{"format": 1}')
    assert kinds(check_store(paths)) == ["unreadable"]


def test_no_blob_is_an_orphan_while_a_project_is_out_of_reach(paths: StorePaths, tmp_path: Path) -> None:
    ref = BlobStore(paths.blobs).put_bytes(b"picture")
    age(BlobStore(paths.blobs).path(ref.sha256))
    write_manifest(paths, [])
    here, there = paths.project("faces"), tmp_path / "other disk"
    here.rename(there)
    here.symlink_to(there)
    assert kinds(check_store(paths)) == ["orphan blob"]
    there.rename(tmp_path / "unmounted")
    (found,) = check_store(paths).problems
    assert (found.kind, found.path) == ("unreadable", here)


def test_blobs_that_are_missing_or_damaged_are_named_with_who_needs_them(paths: StorePaths) -> None:
    blobs = BlobStore(paths.blobs)
    short, changed = blobs.put_bytes(b"0123456789"), blobs.put_bytes(b"original")
    for ref, data in ((short, b"012"), (changed, b"ORIGINAL")):
        blobs.path(ref.sha256).chmod(0o600)
        blobs.path(ref.sha256).write_bytes(data)
    writer = new_segment(paths)
    writer.append_row(7, 1.0, 0.0, ("a", "b"), [image("0" * 64, 5), image(short.sha256, 10)])
    writer.close()
    write_manifest(paths, [{"path": "weights.h5", "sha256": "1" * 64, "size": 3}])
    assert kinds(check_store(paths)) == ["missing blob", "missing blob", "damaged blob"]
    report = check_store(paths, thorough=True)
    assert kinds(report) == ["missing blob", "missing blob", "damaged blob", "damaged blob"]
    texts = sorted(problem.text for problem in report.problems if problem.kind == "missing blob")
    assert "step 7" in texts[1]
    assert "weights.h5" in texts[0]
    fixed = fix(paths, report)
    assert [problem.kind for problem in fixed.done] == ["damaged blob", "damaged blob"]
    assert blobs.put_bytes(b"original") == changed
    assert blobs.read(changed.sha256) == b"original"
    assert len(list((paths.trash / "blobs").iterdir())) == 2


def test_what_dead_processes_left_is_deleted(paths: StorePaths) -> None:
    write_run(paths)
    BlobStore(paths.blobs).put_bytes(b"x")
    write_manifest(paths, [])
    left = [paths.blobs / "12-ab.tmp", paths.artifact("faces", "model") / ".ab.tmp", paths.root / "store.json.1.tmp"]
    for path in left:
        path.write_bytes(b"half")
        age(path)
    (paths.trash / "faces-run-1" / "log").mkdir(parents=True)
    (paths.trash / "faces-run-1" / "log" / "a.klog").write_bytes(b"12345")
    age(paths.trash / "faces-run-1")
    (paths.blobs / "young.tmp").write_bytes(b"still at work")
    report = check_store(paths)
    assert sorted(kinds(report)) == ["leftover file"] * 3 + ["leftover folder"]
    fixed = fix(paths, report)
    assert (len(fixed.done), fixed.failed, fixed.freed_bytes) == (4, (), 3 * 4 + 5)
    assert not any(path.exists() for path in left)
    assert list(paths.trash.iterdir()) == []
    assert check_store(paths).problems == []


def test_checking_changes_nothing_and_tells_how_far_it_is(paths: StorePaths) -> None:
    write_run(paths)
    BlobStore(paths.blobs).put_bytes(b"x")
    before = {path: path.stat().st_mtime_ns for path in paths.root.rglob("*")}
    told: list[tuple[int, int]] = []
    check_store(paths, thorough=True, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    assert {path: path.stat().st_mtime_ns for path in paths.root.rglob("*")} == before


def test_a_folder_that_does_not_exist_is_no_store(paths: StorePaths) -> None:
    with pytest.raises(StoreError, match="must be a store"):
        check_store(StorePaths(paths.root / "missing"))


def test_a_large_segment_is_checked_in_pieces(paths: StorePaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kerascope.runlog.repair.PIECE_BYTES", 300)
    path = write_run(paths, rows=50)
    data = bytearray(path.read_bytes())
    for offset, _ in scan_raw(path).payloads[10:40:10]:
        data[offset + 12] ^= 0xFF
    path.write_bytes(data)
    report = check_store(paths)
    assert kinds(report) == ["damage"] * 3
    assert report.record_count == len(scan(path).events) == 49


def test_a_blob_inside_a_logged_table_is_no_orphan(paths: StorePaths) -> None:
    blobs = BlobStore(paths.blobs)
    image = blobs.put_bytes(b"pixels")
    cell = {"_type": "image-file", "sha256": image.sha256, "size": image.size_bytes}
    table = blobs.put_bytes(json.dumps({"_type": "table", "data": [[cell]]}, separators=(",", ":")).encode())
    for ref in (image, table):
        age(blobs.path(ref.sha256))
    writer = new_segment(paths)
    value = {
        "_type": "table-file",
        "sha256": table.sha256,
        "size": table.size_bytes,
        "path": "media/table/t.table.json",
    }
    writer.append_row(0, 1.0, 0.0, ("table",), [value])
    writer.close()
    assert check_store(paths).problems == []
