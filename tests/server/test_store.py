"""Laws of the store that a server serves: its one thread that folds goes on, whatever happens."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from kerascope.paths import StorePaths
from kerascope.server.records import LiveChange
from kerascope.server.store import Store
from kerascope.server.watch import Watcher


def test_the_thread_that_folds_goes_on_after_an_error_that_nobody_foresaw(
    own_paths: StorePaths, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    look, defects = Watcher.look, iter([RuntimeError("a defect")])

    def fail_once(watcher: Watcher, db: Connection) -> LiveChange | None:
        for defect in defects:
            raise defect
        return look(watcher, db)

    monkeypatch.setattr(Watcher, "look", fail_once)
    with Store(own_paths) as store:
        store.catch_up()
    assert "a defect" in caplog.text
    assert "Traceback" in caplog.text
