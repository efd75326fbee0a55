from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from kerascope.events.types import Config, Keys, Notice, Row
from kerascope.runlog.format import KEYS_REPEAT
from kerascope.runlog.reader import scan
from kerascope.runlog.writer import SegmentWriter
from tests.runlog.segments import first_event, named_rows, rows_at, write_rows


def test_what_append_returned_true_for_is_in_the_file_without_sync_or_close(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "a.klog", first_event(), sync_interval_s=3600)
    assert writer.append(Config(set={"lr": 0.1}))
    assert writer.append_row(0, 1.0, 0.0, ("loss",), [float("inf")])
    found = scan(writer.path)
    assert [type(event).__name__ for _, event in found.events] == ["Segment", "Config", "Keys", "Row"]
    assert found.next_offset == writer.size_bytes == writer.path.stat().st_size
    writer.close()


def test_rows_keep_names_values_and_order_when_key_sets_alternate(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "a.klog", first_event())
    rows = [(i, {f"k{j}": i * j for j in range(i % 3 + 1)}) for i in range(50)]
    for step, row in rows:
        writer.append_row(step, 1.0, 0.0, tuple(row), list(row.values()))
    writer.close()
    assert named_rows(scan(writer.path)) == rows


def test_key_sets_are_repeated_so_that_damage_stays_local(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.klog", range(KEYS_REPEAT * 2 + 1))
    kinds = [type(event) for _, event in scan(tmp_path / "a.klog").events]
    assert kinds.count(Keys) == 3
    assert max(kinds[i:].index(Keys) for i in range(1, KEYS_REPEAT)) <= KEYS_REPEAT


def test_one_id_never_names_two_key_sets(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "a.klog", first_event())
    for step in range(KEYS_REPEAT + 500):
        writer.append_row(step, 1.0, 0.0, (f"key{step}",), [step])
    for step in range(3):
        writer.append_row(step, 1.0, 0.0, (f"key{step}",), [step])
    writer.close()
    events = [event for _, event in scan(writer.path).events]
    ids = [event.id for event in events if isinstance(event, Keys)]
    assert len(ids) == len(set(ids))
    assert all(name == f"key{value}" for _, row in named_rows(scan(writer.path)) for name, value in row.items())


def test_an_existing_segment_is_never_opened(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.klog", range(3))
    before = (tmp_path / "a.klog").read_bytes()
    errors: list[OSError] = []
    writer = SegmentWriter(tmp_path / "a.klog", first_event(), on_error=errors.append)
    assert not writer.append(Config())
    writer.close()
    assert [type(error) for error in errors] == [FileExistsError]
    assert (tmp_path / "a.klog").read_bytes() == before


def test_after_close_nothing_is_written_and_the_caller_is_told(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "a.klog", first_event())
    writer.close()
    writer.close()
    size = writer.path.stat().st_size
    assert not writer.append(Config())
    assert not writer.append_row(0, 1.0, 0.0, ("a",), [1])
    assert writer.path.stat().st_size == size


@pytest.mark.parametrize("event", [Row(0, 0, 0.0, 0.0, []), Keys(0, ("a",))])
def test_rows_and_keys_are_numbered_by_the_writer_only(tmp_path: Path, event: Row | Keys) -> None:
    writer = SegmentWriter(tmp_path / "a.klog", first_event())
    with pytest.raises(ValueError, match="append_row"):
        writer.append(event)
    with pytest.raises(ValueError, match="one value per name"):
        writer.append_row(0, 1.0, 0.0, ("a", "b"), [1])
    writer.close()


def test_a_value_that_cannot_be_encoded_leaves_no_trace(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "a.klog", first_event())
    with pytest.raises(TypeError, match="lists and maps"):
        writer.append_row(0, 1.0, 0.0, ("a",), [object()])
    writer.append_row(1, 1.0, 0.0, ("a",), [1])
    writer.close()
    found = scan(writer.path)
    assert named_rows(found) == [(1, {"a": 1})]
    assert not found.damage


def test_every_row_of_every_thread_is_whole(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "a.klog", first_event())

    def work(thread: int) -> None:
        for step in range(500):
            assert writer.append_row(step, 1.0, 0.0, (f"t{thread}", f"s{step % 5}"), [thread, step])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    found = scan(writer.path)
    assert not found.damage
    seen = [(row[name], step) for step, row in named_rows(found) for name in row if name[0] == "t"]
    assert sorted(seen) == [(thread, step) for thread in range(6) for step in range(500)]
    assert all(f"t{thread}" in row for step, row in named_rows(found) for thread in [next(iter(row.values()))])


@pytest.mark.filterwarnings(
    "ignore:os.fork:RuntimeWarning"
)  # of JAX, where an earlier test loaded it: the child calls nothing of JAX
def test_a_forked_child_never_writes_into_its_parents_file(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "a.klog", first_event())
    writer.append_row(0, 1.0, 0.0, ("a",), [0])
    with writer._lock:  # held by the parent at the moment of the fork
        pid = os.fork()
        if pid == 0:
            quiet = not writer.append_row(1, 1.0, 0.0, ("a",), [1]) and not writer.append(Config()) and writer.closed
            writer.sync()
            writer.close()
            os._exit(0 if quiet else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert writer.append_row(2, 1.0, 0.0, ("a",), [2])
    writer.close()
    assert [step for step, _ in rows_at(writer.path)] == [0, 2]


def test_what_was_written_is_synced_soon_and_an_idle_writer_syncs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []

    def fdatasync(fd: int) -> None:
        synced.append(os.fstat(fd).st_size)
        os.fsync(fd)

    monkeypatch.setattr("kerascope.runlog.writer._fdatasync", fdatasync)
    writer = SegmentWriter(tmp_path / "a.klog", first_event(), sync_interval_s=0.005)
    for step in range(3):
        writer.append_row(step, 1.0, 0.0, ("a",), [step])
        deadline = time.monotonic() + 60
        while not synced or synced[-1] != writer.size_bytes:
            assert time.monotonic() < deadline
            time.sleep(0.001)
    writer.sync()  # the thread may have synced a row before `append_row` could note that it was there
    count = len(synced)
    writer.sync()
    assert len(synced) == count
    writer.append(Config())
    writer.close()
    assert synced[-1] == writer.path.stat().st_size


def test_rows_logged_while_another_thread_closes_are_whole_or_refused(tmp_path: Path) -> None:
    for attempt in range(10):
        writer = SegmentWriter(tmp_path / f"{attempt}.klog", first_event())
        taken: list[int] = []

        def work(writer: SegmentWriter = writer, taken: list[int] = taken) -> None:
            step = 0
            while writer.append_row(step, 1.0, 0.0, ("a",), [step]):
                taken.append(step)
                step += 1

        thread = threading.Thread(target=work)
        thread.start()
        while len(taken) < 100:
            time.sleep(0.0001)
        writer.close()
        other = os.open(tmp_path / "other", os.O_CREAT | os.O_RDWR | os.O_TRUNC)  # would take a freed descriptor
        thread.join()
        assert os.fstat(other).st_size == 0
        os.close(other)
        found = scan(writer.path)
        assert not found.damage
        assert {row["a"] for _, row in named_rows(found)} >= set(taken)


def test_a_dropped_writer_does_not_live_on_in_its_sync_thread(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "a.klog", first_event(), sync_interval_s=0.01)
    thread = writer._thread
    del writer
    thread.join(20)
    assert not thread.is_alive()
    assert not isinstance(scan(tmp_path / "a.klog").events[0][1], Notice)
