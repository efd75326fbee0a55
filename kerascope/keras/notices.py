"""The border between training and tracking: what fails inside a callback is recorded with the run and shown once; training goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kerascope.tracking.run import Run


@contextmanager
def guarded(run: Run, what: str) -> Iterator[None]:
    """Runs a piece of tracking work; an exception from it becomes a notice of `run` that names `what`."""
    try:
        yield
    except Exception as error:  # border: training must never stop because of tracking
        run._recorder.fail(what, error)


def notice(run: Run, text: str) -> None:
    """Records `text` as a warning of `run` and shows it; the same text once per run."""
    run._recorder.warn(text)
