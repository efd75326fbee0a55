from __future__ import annotations

import threading
import time

import pytest

from kerascope.tracking.worker import Worker


def worker(max_bytes: float = 1e6) -> tuple[Worker, list[Exception], list[float]]:
    errors: list[Exception] = []
    blocked: list[float] = []
    return Worker(max_bytes, errors.append, blocked.append), errors, blocked


def test_jobs_run_in_order_and_close_waits_for_all() -> None:
    pump, errors, _ = worker()
    done: list[int] = []
    for i in range(100):
        pump.submit(lambda i=i: done.append(i))  # type: ignore[misc]
    pump.close()
    assert done == list(range(100))
    assert errors == []


def test_a_failed_job_is_reported_and_does_not_stop_the_next() -> None:
    pump, errors, _ = worker()
    done: list[int] = []

    def fail() -> None:
        raise ValueError("x")

    pump.submit(fail)
    pump.submit(lambda: done.append(1))
    pump.close()
    assert done == [1]
    assert [str(error) for error in errors] == ["x"]


def test_submit_waits_while_too_many_bytes_wait() -> None:
    pump, _, _ = worker(max_bytes=10)
    gate, started = threading.Event(), threading.Event()
    done: list[int] = []

    def hold() -> None:
        started.set()
        gate.wait(60)

    pump.submit(hold, 1)
    assert started.wait(60)
    pump.submit(lambda: done.append(1), 8)
    late = threading.Thread(target=lambda: pump.submit(lambda: done.append(2), 8))
    late.start()
    late.join(0.2)
    assert late.is_alive()
    gate.set()
    late.join(60)
    pump.close()
    assert done == [1, 2]


def test_a_job_larger_than_the_limit_is_let_in_alone() -> None:
    pump, _, _ = worker(max_bytes=10)
    done: list[int] = []
    pump.submit(lambda: done.append(1), 1000)
    pump.close()
    assert done == [1]


def test_jobs_from_the_worker_itself_and_after_close_run_at_once() -> None:
    pump, _, _ = worker()
    done: list[int] = []
    pump.submit(lambda: pump.submit(lambda: done.append(1)))
    pump.close()
    pump.submit(lambda: done.append(2))
    assert done == [1, 2]
    pump.close()


def test_a_job_that_comes_while_the_worker_closes_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pump, _, _ = worker()
    done: list[int] = []
    pump.submit(lambda: done.append(1))

    def close_meanwhile() -> float:  # what another thread may do when this one has begun to submit
        monkeypatch.undo()
        pump.close()
        return time.monotonic()

    monkeypatch.setattr("kerascope.tracking.worker.time.monotonic", close_meanwhile)
    pump.submit(lambda: done.append(2))
    assert done == [1, 2]
    assert pump.drain(1)
