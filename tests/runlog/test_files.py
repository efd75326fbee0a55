from __future__ import annotations

from pathlib import Path

import pytest

from kerascope.runlog.files import SegmentName, list_segments, parse_segment_name, segment_name


def test_names_sort_by_start_then_rank() -> None:
    names = [segment_name(time, rank, "ab" * 4) for time in (5, 10**18, 2 * 10**18) for rank in (0, 3, 12)]
    assert sorted(set(names)) == names
    assert parse_segment_name(names[-1]) == SegmentName(2 * 10**18, 12, "abababab")


@pytest.mark.parametrize("parts", [(-1, 0, "ab" * 4), (1, 100_000, "ab" * 4), (1, 0, "xyz"), (1, 0, "AB" * 4)])
def test_parts_that_do_not_fit_are_refused(parts: tuple[int, int, str]) -> None:
    with pytest.raises(ValueError, match="Received: time_ns="):
        segment_name(*parts)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    wanted = tmp_path / segment_name(1, 0, "0" * 8)
    for name in (wanted.name, "notes.txt", wanted.name + ".tmp", "x.klog"):
        (tmp_path / name).touch()
    assert list_segments(tmp_path) == [wanted]
    assert list_segments(tmp_path / "missing") == list_segments(wanted) == []
