from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kerascope.blobs.store import BlobRef, BlobStore
from kerascope.blobs.sweep import orphans, remove, temporaries
from kerascope.errors import NotFoundError, UsageError


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def files(store: BlobStore) -> list[str]:
    return sorted(path.name for path in store.folder.rglob("*") if path.is_file())


def test_a_blob_is_named_by_its_content_and_stored_once(store: BlobStore, tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "file").write_bytes(data)
    ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
    assert store.put_bytes(data) == ref
    assert store.put_file(tmp_path / "file") == store.put_file(str(tmp_path / "file"), link=False) == ref
    assert store.put_chunks([data[:10], b"", data[10:]]) == ref
    assert files(store) == [ref.sha256]
    assert store.path(ref.sha256) == store.folder / ref.sha256[:2] / ref.sha256
    assert store.has(ref.sha256)
    assert store.read(ref.sha256) == data


def test_an_empty_blob_is_a_blob(store: BlobStore) -> None:
    assert store.read(store.put_bytes(b"").sha256) == b""


@pytest.mark.parametrize("link", [True, False])
def test_later_changes_of_the_file_do_not_reach_the_blob(store: BlobStore, tmp_path: Path, link: bool) -> None:
    (tmp_path / "file").write_bytes(b"before")
    ref = store.put_file(tmp_path / "file", link=link)
    (tmp_path / "file").write_bytes(b"AFTER!")
    assert store.read(ref.sha256) == b"before"
    assert not store.path(ref.sha256).stat().st_mode & 0o222


@pytest.mark.parametrize("can_clone", [True, False])
def test_blocks_are_shared_where_the_system_can_and_copied_where_not(
    store: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_clone: bool
) -> None:
    """The file systems of most machines cannot clone, so the kernel's answer is played here: it clones, or says that it cannot."""
    asked = []

    def ioctl(target: int, request: int, source: int) -> int:
        asked.append(request)
        if not can_clone:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        return os.sendfile(target, source, 0, 1 << 20) * 0

    (tmp_path / "file").write_bytes(data := os.urandom(100_000))
    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    if can_clone:  # then nothing is copied by us
        monkeypatch.setattr(BlobStore, "put_chunks", lambda *_: pytest.fail("copied"))
    ref = store.put_file(tmp_path / "file")
    assert ref == BlobRef(hashlib.sha256(data).hexdigest(), len(data))
    assert store.read(ref.sha256) == data
    assert store.put_file(tmp_path / "file") == ref
    assert files(store) == [ref.sha256]
    assert asked == [0x40049409] * 2


def test_a_blob_that_lost_bytes_is_made_whole_when_put_again(store: BlobStore) -> None:
    ref = store.put_bytes(b"0123456789")
    path = store.path(ref.sha256)
    path.chmod(0o600)
    path.write_bytes(b"012")
    assert store.put_bytes(b"0123456789") == ref
    assert store.read(ref.sha256) == b"0123456789"


def test_nothing_stays_behind_when_the_source_fails(store: BlobStore, tmp_path: Path) -> None:
    def chunks() -> object:
        yield b"some"
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        store.put_chunks(chunks())  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        store.put_file(tmp_path / "missing")
    assert files(store) == []


@pytest.mark.parametrize("name", ["", "ab", "../../etc/passwd", "A" * 64, "g" * 64, "ab" * 32 + "\n", None])
def test_what_is_no_digest_names_no_path(store: BlobStore, name: str) -> None:
    with pytest.raises(UsageError, match="64 lower-case hex digits"):
        store.path(name)


def test_a_missing_blob_is_not_found(store: BlobStore) -> None:
    assert not store.has("0" * 64)
    with pytest.raises(NotFoundError, match="not in this store"):
        store.open("0" * 64)


def test_threads_that_put_the_same_blobs_do_not_disturb_each_other(store: BlobStore) -> None:
    contents = [bytes([i]) * 1000 for i in range(20)]
    threads = [threading.Thread(target=lambda: [store.put_bytes(data) for data in contents]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files(store) == sorted(hashlib.sha256(data).hexdigest() for data in contents)


def test_a_process_killed_while_it_puts_leaves_whole_blobs_only(store: BlobStore) -> None:
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from kerascope.blobs.store import BlobStore\n"
        "store = BlobStore(Path(sys.argv[1]))\n"
        "while True:\n"
        "    print(store.put_bytes(os.urandom(200_000)).sha256, flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(store.folder)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = [child.stdout.readline().strip() for _ in range(5)]
    child.kill()
    told += [line.strip() for line in child.stdout if line.endswith("\n")]
    child.stdout.close()
    child.wait()
    for name in files(store):
        if not name.endswith(".tmp"):
            assert hashlib.sha256(store.read(name)).hexdigest() == name
    assert all(store.has(digest) for digest in told)


def test_orphans_are_old_blobs_that_nothing_names(store: BlobStore) -> None:
    kept, gone, young = (store.put_bytes(data).sha256 for data in (b"kept", b"gone", b"young"))
    long_ago = time.time() - 10 * 86400
    for digest in (kept, gone):
        os.utime(store.path(digest), (long_ago, long_ago))
    left = store.folder / "123-abc.tmp"
    left.write_bytes(b"half")
    os.utime(left, (long_ago, long_ago))
    (store.folder / "README").write_text("not ours")
    found = orphans(store.folder, {kept})
    assert [leftover.path.name for leftover in found] == [gone]
    assert [leftover.path for leftover in temporaries(store.folder)] == [left]
    assert remove([*found, *temporaries(store.folder)]) == len(b"gone") + len(b"half")
    assert set(files(store)) == {kept, young, "README"}
    assert orphans(store.folder / "missing", set()) == temporaries(store.folder / "missing") == []


def test_a_blob_that_is_put_again_meanwhile_is_not_swept(store: BlobStore) -> None:
    ref = store.put_bytes(b"back in use")
    long_ago = time.time() - 10 * 86400
    os.utime(store.path(ref.sha256), (long_ago, long_ago))
    found = orphans(store.folder, set())
    store.put_bytes(b"back in use")
    assert remove(found) == 0
    assert store.has(ref.sha256)
