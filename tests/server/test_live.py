"""Laws of live views: what a training process writes reaches a listener, across reconnects, and edits show at once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from kerascope.index.build import open_index
from kerascope.paths import StorePaths
from tests.server.conftest import serving
from tests.server.stores import RunLog, wait_for


class Listener:
    """Collects the events of `/api/live` in a thread."""

    def __init__(self, client: httpx.Client, last_id: str | None = None, **query: str) -> None:
        self.events: list[tuple[str, str, Any]] = []
        self.last_id = last_id or ""
        self._client, self._query = client, query
        self._headers = {"Last-Event-ID": last_id} if last_id else {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Listener:
        self._thread.start()
        wait_for(lambda: self.last_id or self.events)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _listen(self) -> None:
        timeout = httpx.Timeout(60, read=0.5)
        while not self._stop.is_set():
            try:
                with self._client.stream(
                    "GET", "/api/live", params=self._query, headers=self._headers, timeout=timeout
                ) as answer:
                    self._read(answer.iter_lines())
            except httpx.ReadTimeout:
                self._headers = {"Last-Event-ID": self.last_id}  # as a browser does when it comes back

    def _read(self, lines: Iterator[str]) -> None:
        kind = ""
        for line in lines:
            name, _, value = line.partition(": ")
            if name == "id":
                self.last_id = value
            elif name == "event":
                kind = value
            elif name == "data":
                self.events.append((self.last_id, kind, json.loads(value)))
            if self._stop.is_set():
                return

    def changes(self, run: str) -> list[dict[str, Any]]:
        return [one for _, kind, data in self.events if kind == "change" for one in data["runs"] if one["run"] == run]

    def projects(self) -> set[str]:
        return {name for _, kind, data in self.events if kind == "change" for name in data["projects"]}


@pytest.fixture
def live(own_paths: StorePaths) -> Iterator[httpx.Client]:
    with serving(own_paths) as client:
        yield client


def test_a_run_is_heard_of_as_it_grows_and_ends(own_paths: StorePaths, live: httpx.Client) -> None:
    with Listener(live) as listener:
        run = RunLog(own_paths, "faces", "new", start_s=time.time())
        run.row(0, loss=1.0)
        wait_for(lambda: listener.changes("new"))
        assert "faces" in listener.projects()
        run.row(1, loss=0.5)
        wait_for(lambda: listener.changes("new")[-1]["last_step"] == 1)
        assert any(change["new_keys"] for change in listener.changes("new"))
        assert listener.changes("new")[-1]["state"] == "running"
        run.finish()
        wait_for(lambda: listener.changes("new")[-1]["state"] == "finished")


def test_who_comes_back_hears_what_was_missed_and_a_foreign_cursor_is_told_to_reset(
    own_paths: StorePaths, live: httpx.Client
) -> None:
    with Listener(live) as listener:
        RunLog(own_paths, "faces", "one", start_s=time.time()).finish()
        wait_for(lambda: listener.changes("one"))
    RunLog(own_paths, "faces", "two", start_s=time.time()).finish()
    wait_for(lambda: live.get("/api/health").json()["run_count"] == 2)
    with Listener(live, last_id=listener.last_id) as back:
        wait_for(lambda: back.changes("two"))
    with Listener(live, last_id="another-7") as stranger:
        wait_for(lambda: stranger.events)
        assert stranger.events[0][1] == "reset"


def test_a_stream_tells_first_what_changed_since_the_cursor_that_a_new_listener_names(
    own_paths: StorePaths, live: httpx.Client
) -> None:
    with Listener(live) as listener:
        before = listener.last_id
    RunLog(own_paths, "faces", "between").finish()
    wait_for(lambda: live.get("/api/health").json()["run_count"] == 1)
    with Listener(live, after=before) as late:
        wait_for(lambda: late.changes("between"))


def test_a_run_whose_process_died_is_reported_as_crashed(own_paths: StorePaths, live: httpx.Client) -> None:
    code = (
        "import sys, time; from pathlib import Path; from kerascope.paths import StorePaths; "
        "from tests.server.stores import RunLog; "
        "RunLog(StorePaths(Path(sys.argv[1])), 'faces', 'dies', start_s=time.time()).row(0, loss=1.0); "
        "print('ready', flush=True); time.sleep(600)"
    )
    with Listener(live) as listener:
        process = subprocess.Popen([sys.executable, "-c", code, str(own_paths.root)], stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            wait_for(lambda: listener.changes("dies") and listener.changes("dies")[-1]["state"] == "running")
        finally:
            process.kill()
            process.communicate()
        wait_for(lambda: listener.changes("dies")[-1]["state"] == "crashed")


def test_edits_show_in_the_answer_and_are_heard(own_paths: StorePaths, live: httpx.Client) -> None:
    RunLog(own_paths, "faces", "one").finish()
    address = "/api/projects/faces/runs/one"
    wait_for(lambda: live.get(address).status_code == 200)
    with Listener(live, project="faces", run="one") as listener:
        changes = {"name": "better", "notes": None, "tags": ["x", "y"], "group": "g", "archived": True}
        answer = live.patch(address, json=changes)
        assert answer.status_code == 200
        run = answer.json()
        assert {name: run[name] for name in changes} == changes
        wait_for(lambda: listener.changes("one"))
        assert live.delete(address).status_code == 204
        assert live.get("/api/projects/faces/runs", params={"archived": "true"}).json()["total"] == 0
        assert live.get("/api/projects/faces/runs", params={"deleted": "true", "archived": "true"}).json()["total"] == 1
        wait_for(lambda: listener.projects() == {"faces"})
        assert live.post(f"{address}/restore").status_code == 204
        assert live.get("/api/projects/faces/runs", params={"archived": "true"}).json()["total"] == 1


def test_views_are_saved_replaced_and_removed(live: httpx.Client, own_paths: StorePaths) -> None:
    address = "/api/projects/faces/views/panels/my%20view%2Fold"
    for data in ({"charts": [1, 2]}, {"charts": []}):
        assert live.put(address, json={"data": data}).status_code == 204
        (view,) = live.get("/api/projects/faces/views").json()["views"]
        assert (view["kind"], view["name"], view["data"]) == ("panels", "my view/old", data)
    assert live.delete(address).status_code == 204
    assert live.get("/api/projects/faces/views").json() == {"views": []}


def test_a_server_beside_another_that_folds_shows_the_same_and_takes_over(own_paths: StorePaths) -> None:
    with serving(own_paths) as second_to_come:
        RunLog(own_paths, "faces", "one").finish()
        wait_for(lambda: second_to_come.get("/api/health").json()["run_count"] == 1)
    with open_index(own_paths) as folding:
        wait_for(folding.hold)
        with serving(own_paths) as client:
            with Listener(client) as listener:
                RunLog(own_paths, "faces", "two").finish()
                folding.refresh()
                wait_for(lambda: listener.changes("two"))
            folding.close()
            RunLog(own_paths, "faces", "three").finish()
            wait_for(lambda: client.get("/api/health").json()["run_count"] == 3)


def test_an_index_that_vanishes_under_the_server_is_made_anew_and_listeners_are_told(
    own_paths: StorePaths, live: httpx.Client
) -> None:
    RunLog(own_paths, "faces", "one").finish()
    wait_for(lambda: live.get("/api/health").json()["run_count"] == 1)
    with Listener(live) as listener:
        for suffix in ("", "-wal", "-shm"):
            own_paths.index.with_name(own_paths.index.name + suffix).unlink(missing_ok=True)
        wait_for(lambda: any(event[1] == "reset" for event in listener.events))
        wait_for(lambda: live.get("/api/projects/faces/runs/one").status_code == 200)
