"""What a run tells of things that could not be stored."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from kerascope.events.types import Notice
from kerascope.tracking.init import init
from tests.tracking.conftest import QUIET, Store


def test_a_disk_that_refuses_many_files_is_shown_once_and_recorded_for_each(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = init(project="p", settings=QUIET)
    for name in ("m_1.keras", "m_2.keras", "m_2.keras"):
        run._recorder.fail("saving", OSError(errno.EROFS, "Read-only file system", str(tmp_path / name)))
    run._recorder.fail("saving", OSError(errno.ENOSPC, "No space left on device", "m_3.keras"))
    run._recorder.fail("saving", ValueError("of another kind"))
    run.finish()
    shown = capsys.readouterr().err
    assert [shown.count(text) for text in ("m_1.keras", "m_2.keras", "m_3.keras", "of another kind")] == [1, 0, 1, 1]
    told = [event.text for event in store.events(run.id, "p") if isinstance(event, Notice)]
    assert [sum(text in line for line in told) for text in ("m_1", "m_2", "m_3", "another kind")] == [1, 1, 1, 1]
