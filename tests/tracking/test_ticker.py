from __future__ import annotations

import threading

from kerascope.tracking.ticker import Task, Ticker


def test_tasks_are_repeated_until_stop() -> None:
    reached = threading.Event()
    calls: list[int] = []

    def tick() -> None:
        calls.append(1)
        if len(calls) >= 3:
            reached.set()

    ticker = Ticker([Task("t", tick, 0.001, 0.0)], lambda name, error: None)
    ticker.start()
    assert reached.wait(60)
    ticker.stop()
    count = len(calls)
    ticker.stop()
    assert len(calls) == count


def test_a_failing_task_is_reported_once_and_tried_again() -> None:
    reached = threading.Event()
    errors: list[str] = []
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        if len(calls) >= 3:
            reached.set()
        raise ValueError("x")

    ticker = Ticker([Task("t", fail, 0.001, 0.0)], lambda name, error: errors.append(f"{name}: {error}"))
    ticker.start()
    assert reached.wait(60)
    ticker.stop()
    assert errors == ["t: x"]


def test_no_tasks_means_no_thread() -> None:
    before = threading.active_count()
    ticker = Ticker([], lambda name, error: None)
    ticker.start()
    assert threading.active_count() == before
    ticker.stop()
