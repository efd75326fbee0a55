"""Disks that refuse: full, read-only, gone. Real ones: a small tmpfs where one may be mounted, a file size limit everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kerascope.events.types import Config, Notice, Row
from kerascope.runlog.reader import scan
from kerascope.runlog.writer import SegmentWriter
from tests.runlog.segments import first_event, rows_at, rows_of


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a file system can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(writer: SegmentWriter, steps: range) -> list[int]:
    """Logs until the disk is full and beyond; returns the steps that were taken."""
    return [step for step in steps if writer.append_row(step, 1.0, 0.0, ("a", "b"), [step, "x" * (step % 50)])]


def test_a_full_disk_harms_nothing_written_before_and_is_told_once(small_disk: Path) -> None:
    errors: list[OSError] = []
    writer = SegmentWriter(small_disk / "a.klog", first_event(), on_error=errors.append)
    kept = fill(writer, range(3000))
    writer.close()
    assert 0 < len(kept) < 3000
    assert [error.strerror for error in errors] == ["No space left on device"]
    assert writer.failed is errors[0]
    assert writer.lost_count == 3000 - len(kept)
    assert [step for step, _ in rows_at(writer.path)] == kept


def test_when_space_returns_logging_goes_on_and_the_loss_is_recorded(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(32 * 1024))
    writer = SegmentWriter(small_disk / "a.klog", first_event())
    kept = fill(writer, range(2000))
    (small_disk / "ballast").unlink()
    assert writer.append_row(5000, 1.0, 0.0, ("new",), [1])
    assert writer.append(Config(set={"after": True}))
    writer.close()
    events = [event for _, event in scan(writer.path).events]
    notices = [event for event in events if isinstance(event, Notice)]
    assert [notice.text.split(" could")[0] for notice in notices] == [f"{2000 - len(kept)} records"]
    assert "No space left" in notices[0].text
    assert [event.step for event in events if isinstance(event, Row)] == [*kept, 5000]
    assert Config(set={"after": True}) in events


_LIMITED = """
import json, resource, sys
from pathlib import Path
from tests.runlog.segments import first_event
from kerascope.runlog.writer import SegmentWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
errors = []
writer = SegmentWriter(Path(sys.argv[1]), first_event(), on_error=lambda error: errors.append(error.strerror))
kept = [step for step in range(1000) if writer.append_row(step, 1.0, 0.0, ("a", "b"), [step, "x" * (step % 50)])]
writer.close()
print(json.dumps([kept, errors, writer.lost_count]))
"""


def test_a_file_size_limit_neither_kills_the_process_nor_harms_the_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path / "a.klog")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    kept, errors, lost = json.loads(done.stdout)
    assert errors == ["File too large"]
    assert 0 < len(kept) == 1000 - lost
    found = scan(tmp_path / "a.klog")
    assert [step for step, _ in rows_of(found.events)] == kept


def test_a_folder_that_cannot_be_written_is_told_once_and_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    errors: list[OSError] = []
    writer = SegmentWriter(tmp_path / "file" / "log" / "a.klog", first_event(), on_error=errors.append)
    assert not any(writer.append_row(step, 1.0, 0.0, ("a",), [step]) for step in range(100))
    assert not writer.append(Config())
    writer.sync()
    writer.close()
    assert len(errors) == 1
    assert writer.lost_count == 101


@pytest.mark.skipif(os.getuid() == 0, reason="root may write to a read-only folder")
def test_a_read_only_folder_is_told_once_and_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir(mode=0o500)
    errors: list[OSError] = []
    writer = SegmentWriter(tmp_path / "log" / "a.klog", first_event(), on_error=errors.append)
    assert not writer.append(Config())
    writer.close()
    assert [type(error) for error in errors] == [PermissionError]


def test_a_folder_that_becomes_writable_is_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kerascope.runlog.writer._REOPEN_INTERVAL_S", 0.0)
    (tmp_path / "log").write_text("in the way")
    writer = SegmentWriter(tmp_path / "log" / "a.klog", first_event())
    assert not writer.append_row(0, 1.0, 0.0, ("a",), [0])
    (tmp_path / "log").unlink()
    assert writer.append_row(1, 1.0, 0.0, ("a",), [1])
    writer.close()
    found = scan(writer.path)
    assert found.events[0][1] == first_event()
    assert [step for step, _ in rows_of(found.events)] == [1]
    assert any(isinstance(event, Notice) for _, event in found.events)
