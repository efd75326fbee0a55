"""Files and many contents that become blobs without waiting or copying more than needed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kerascope.blobs.ingest import link_file, move_file, put_many, renew
from kerascope.blobs.store import BlobRef, BlobStore


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def files_of(blobs: BlobStore) -> list[Path]:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


def test_linked_files_are_the_blob_itself_and_read_only(blobs: BlobStore, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    ref = link_file(blobs, path)
    assert blobs.path(ref.sha256).samefile(path)
    assert not path.stat().st_mode & 0o222
    assert link_file(blobs, path) == ref
    assert len(files_of(blobs)) == 1


@pytest.mark.parametrize("store", [link_file, move_file])
def test_a_blob_that_is_not_whole_is_made_whole(
    blobs: BlobStore, tmp_path: Path, store: Callable[..., BlobRef]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"contents")
    ref = blobs.put_bytes(b"contents")
    blobs.path(ref.sha256).unlink()
    blobs.path(ref.sha256).write_bytes(b"cont")
    assert store(blobs, path) == ref
    assert blobs.read(ref.sha256) == b"contents"


def test_replacing_a_linked_file_leaves_the_blob_alone(blobs: BlobStore, tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"content")
    ref = link_file(blobs, path)
    other.write_bytes(b"new")
    os.replace(other, path)
    assert blobs.read(ref.sha256) == b"content"


def test_linked_blobs_are_as_young_as_the_call(blobs: BlobStore, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    os.utime(path, (1.0, 1.0))
    ref = link_file(blobs, path)
    assert time.time() - blobs.path(ref.sha256).stat().st_mtime < 3600
    os.utime(path, (1.0, 1.0))
    assert renew(blobs, ref.sha256)
    assert time.time() - blobs.path(ref.sha256).stat().st_mtime < 3600
    assert not renew(blobs, "0" * 64)


def test_where_links_are_impossible_the_bytes_are_copied(
    blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("another file system")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a"
    path.write_bytes(b"content")
    ref = link_file(blobs, path)
    assert blobs.read(ref.sha256) == b"content"
    assert not blobs.path(ref.sha256).samefile(path)


def test_moved_files_are_gone_from_their_place(blobs: BlobStore, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    ref = move_file(blobs, path)
    assert not path.exists()
    assert blobs.read(ref.sha256) == b"content"


def test_many_contents_are_stored_in_order_and_once(blobs: BlobStore) -> None:
    known = blobs.put_bytes(b"known")
    contents = [b"one", b"known", b"two", b"one", b""]
    refs = put_many(blobs, iter(contents))
    assert [blobs.read(ref.sha256) for ref in refs] == contents
    assert refs[1] == known
    assert len(files_of(blobs)) == 4
    assert all(not path.stat().st_mode & 0o222 for path in files_of(blobs))
    assert put_many(blobs, []) == []


def test_a_failure_in_the_middle_leaves_no_half_file(blobs: BlobStore) -> None:
    def contents():  # type: ignore[no-untyped-def]
        yield b"one"
        raise RuntimeError("encoder failed")

    with pytest.raises(RuntimeError):
        put_many(blobs, contents())
    assert files_of(blobs) == []


PUTTER = """
import os, sys, pathlib
from kerascope.blobs.ingest import put_many
from kerascope.blobs.store import BlobRef, BlobStore
blobs = BlobStore(pathlib.Path(sys.argv[1]))
while True:
    put_many(blobs, [os.urandom(2000) for _ in range(50)])
    print(flush=True)
"""


def test_killed_in_the_middle_every_blob_is_whole(blobs: BlobStore) -> None:
    import hashlib

    for delay_s in (0.0, 0.013, 0.031):
        process = subprocess.Popen([sys.executable, "-c", PUTTER, str(blobs.folder)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline()
        time.sleep(delay_s)  # where in the next batch it dies
        process.kill()
        process.wait(30)
        process.stdout.close()
    whole = [path for path in files_of(blobs) if path.parent != blobs.folder]
    assert len(whole) >= 150
    for path in whole:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
