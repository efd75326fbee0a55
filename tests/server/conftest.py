"""A real server on a free port, over a store written by the real segment writer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from kerascope.paths import StorePaths
from kerascope.server.run import listen, make_server
from tests.server.stores import wait_for, write_runs


@contextmanager
def serving(paths: StorePaths, host: str = "127.0.0.1", token: str | None = None) -> Iterator[httpx.Client]:
    """Serves a store in a thread; yields a client whose addresses begin at the server's root."""
    listening = listen(host, 0, token)
    server = make_server(paths, listening)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening.socket]})
    thread.start()
    try:
        wait_for(lambda: server.started)
        with httpx.Client(base_url=f"http://127.0.0.1:{listening.port}", timeout=60, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(60)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> StorePaths:
    return write_runs(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def client(paths: StorePaths) -> Iterator[httpx.Client]:
    """A client of a server whose index holds the three runs; tests that use it change nothing."""
    with serving(paths) as found:
        wait_for(lambda: found.get("/api/health").json()["run_count"] == 3)
        wait_for(lambda: found.get("/api/health").json()["index_lag_bytes"] == 0)
        yield found


@pytest.fixture
def own_paths(tmp_path: Path) -> StorePaths:
    """A store for one test that writes."""
    return StorePaths(tmp_path / "store")
