"""Laws of media in pages that stand alone: whole values only, the newest first, and no more bytes than allowed."""

import base64

import pytest

from kerascope.blobs.store import BlobStore
from kerascope.reports import media
from tests.index.logs import Log, reading, store


@pytest.fixture
def paths(tmp_path):
    return store(tmp_path)


def _image(blobs, number, size=1000):
    return {"_type": "image-file", "sha256": blobs.put_bytes(bytes([number]) * size).sha256, "path": "a.png"}


def _gathered(paths, keys, most_bytes=1 << 20):
    wanted = [media.Wanted("faces", "r1", key, "image-file") for key in keys]
    with reading(paths) as db:
        return media.gather(db, BlobStore(paths.blobs), wanted, most_bytes)


def _steps(entry):
    return [cell["step"] for cell in entry["cells"]]


def test_values_come_with_all_their_files(paths):
    blobs = BlobStore(paths.blobs)
    inner = _image(blobs, 1)
    table = blobs.put_bytes(b'{"_type":"table","data":[[{"sha256":"' + inner["sha256"].encode() + b'"}]]}').sha256
    Log(paths, "r1").row(0, a={"_type": "table-file", "sha256": table, "path": "a.table.json"}).finish()
    found = _gathered(paths, ["a"])
    assert set(found.blobs) == {table, inner["sha256"]}
    assert base64.b64decode(found.blobs[inner["sha256"]]) == b"\1" * 1000
    assert (found.values[0]["total"], _steps(found.values[0])) == (1, [0])


def test_more_than_fits_is_thinned_evenly_and_keeps_the_newest(paths):
    blobs = BlobStore(paths.blobs)
    Log(paths, "r1").rows({"a": _image(blobs, number)} for number in range(8)).finish()
    found = _gathered(paths, ["a"], most_bytes=5000)
    assert _steps(found.values[0]) == [1, 3, 5, 7]
    assert found.values[0]["total"] == 8
    assert sum(len(base64.b64decode(blob)) for blob in found.blobs.values()) <= 5000


def test_what_one_key_does_not_need_the_next_may_have(paths):
    blobs = BlobStore(paths.blobs)
    small, large = [_image(blobs, number, size) for number, size in ((1, 100), (2, 6000))]
    Log(paths, "r1").row(0, a=small, b=large).finish()
    found = _gathered(paths, ["a", "b"], most_bytes=8000)
    assert [len(entry["cells"]) for entry in found.values] == [1, 1]


def test_what_is_too_large_or_lost_is_told_and_not_shown(paths):
    blobs = BlobStore(paths.blobs)
    large, lost = _image(blobs, 1, 9000), _image(blobs, 2)
    blobs.path(lost["sha256"]).unlink()
    Log(paths, "r1").row(0, large=large, lost=lost).finish()
    found = _gathered(paths, ["large", "lost", "nothing"], most_bytes=8000)
    assert [(entry["key"], entry["cells"], entry["is_missing"]) for entry in found.values] == [
        ("large", [], False),
        ("lost", [], True),
    ]
    assert found.values[0]["newest_bytes"] > 9000
    assert found.blobs == {}


def test_a_file_that_several_values_share_is_there_once_and_counts_once(paths):
    blobs = BlobStore(paths.blobs)
    Log(paths, "r1").rows({"a": _image(blobs, 7, 3000)} for _ in range(5)).finish()
    found = _gathered(paths, ["a"], most_bytes=5000)
    assert (len(found.values[0]["cells"]), len(found.blobs)) == (5, 1)


def test_a_large_value_is_there_where_many_small_ones_leave_room(paths):
    blobs = BlobStore(paths.blobs)
    small = {f"small{number}": _image(blobs, number, 10) for number in range(50)}
    Log(paths, "r1").row(0, large=_image(blobs, 99, 6000), **small).finish()
    found = _gathered(paths, ["large", *small], most_bytes=20_000)
    assert [entry["key"] for entry in found.values] == ["large", *small]
    assert all(len(entry["cells"]) == 1 for entry in found.values)
