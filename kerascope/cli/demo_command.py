"""`kerascope demo`: trains the demo's three runs, live in the dashboard, then opens the best one in a browser.

The training runs in a process of its own: the server answers while Keras is busy, and Ctrl-C ends both.
With `KERASCOPE_DEMO_NO_SERVE=1` nothing is served: it trains, prints the summary of the runs and ends.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from kerascope.cli.output import Output, duration, number
from kerascope.cli.show_command import show
from kerascope.cli.store import OpenStore, open_store, store_paths
from kerascope.cli.ui_command import given_token, open_browser
from kerascope.demo import PROJECT, RUN_COUNT
from kerascope.errors import UsageError
from kerascope.paths import StorePaths
from kerascope.query import history, runs
from kerascope.query.records import RunSummary

if TYPE_CHECKING:
    import uvicorn

    from kerascope.server.run import Listening

# JAX watches the garbage collection, and Python drops a Ctrl-C that falls into that.
_HEARS_S = 10.0


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `demo`."""
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")


def run(args: argparse.Namespace, out: Output) -> int:
    """Trains, then serves until Ctrl-C."""
    _check_packages()
    paths = _make_store(args)
    if os.environ.get("KERASCOPE_DEMO_NO_SERVE", "").strip() not in ("", "0"):
        code = _end(_start_training(paths, out), None)
        return code or _print_summary(args, out)
    from kerascope.server.run import listen

    return _Demo(args, paths, out).serve(listen(token=given_token()))


def _check_packages() -> None:
    backend = os.environ.get("KERAS_BACKEND", "jax")
    missing = [name for name in ("skimage", backend) if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"The demo needs scikit-image and the {backend} package. Received neither or one: {', '.join(missing)} is missing. "
            "Run `pip install 'kerascope[demo]'`."
        )


def _make_store(args: argparse.Namespace) -> StorePaths:
    """Returns the store; unlike other commands, this one makes the folder that `--dir` names."""
    if args.dir is not None:
        Path(args.dir).expanduser().mkdir(parents=True, exist_ok=True)
    return store_paths(args)


def _start_training(paths: StorePaths, out: Output) -> subprocess.Popen[bytes]:
    environment = dict(os.environ, KERASCOPE_DIR=str(paths.root), PYTHONUNBUFFERED="1")
    # With --json, stdout belongs to the JSON alone.
    return subprocess.Popen(
        [sys.executable, "-m", "kerascope.demo"], env=environment, stdout=sys.stderr if out.as_json else None
    )


def _end(training: subprocess.Popen[bytes], timeout_s: float | None) -> int:
    """Waits for the training, and after `timeout_s` tells it to end: first as Ctrl-C does, then for good."""
    steps: tuple[Callable[[], None], ...] = (
        functools.partial(training.send_signal, signal.SIGINT),
        training.terminate,
        training.kill,
    )
    for tell in steps:
        try:
            return _exit_code(training.wait(timeout_s))
        except subprocess.TimeoutExpired:
            tell()
            timeout_s = 20.0
        except BaseException:
            # Ctrl-C reaches both. A second one would cut off the end of the run; only what does not hear the first is told again.
            _end(training, _HEARS_S)
            raise
    return _exit_code(training.wait())


def _exit_code(returncode: int) -> int:
    """What a shell would say: 128 and the number of the signal that ended the process."""
    return returncode if returncode >= 0 else 128 - returncode


class _Demo:
    """The server in this thread, and one that waits for the training in another."""

    def __init__(self, args: argparse.Namespace, paths: StorePaths, out: Output) -> None:
        self._args = args
        self._paths = paths
        self._out = out
        self._trained = threading.Event()

    def serve(self, listening: Listening) -> int:
        from kerascope.server.run import make_server

        server = make_server(self._paths, listening)
        if not self._out.as_json:
            self._out.line(f"Watch the training live at {listening.address(f'projects/{PROJECT}')}")
        training = _start_training(self._paths, self._out)
        waiting = threading.Thread(
            target=self._wait, args=(training, server, listening), name="kerascope-demo", daemon=True
        )
        waiting.start()
        was_stopped = False
        try:
            server.run(sockets=[listening.socket])
        except KeyboardInterrupt:
            was_stopped = True
        finally:
            was_trained = self._trained.is_set()  # before the wait, in which a training can still come to its end
            code = _end(training, _HEARS_S)
        # How a training ends that was told to, by itself or by force, is not what ended the demo.
        return 130 if was_stopped and not was_trained else code

    def _wait(self, training: subprocess.Popen[bytes], server: uvicorn.Server, listening: Listening) -> None:
        """When the training is done: shows the best run, or ends the server if it failed."""
        if training.wait():
            server.should_exit = True
            return
        self._trained.set()
        with open_store(self._args, self._out) as store:
            best = _newest_runs(store)[0]
        address = listening.address(f"projects/{PROJECT}/runs/{quote(best.id)}")
        if self._out.as_json:
            self._out.json_line({"url": address, "project": PROJECT, "run": best.id})
        else:
            self._out.line(f"\nThe best run is {best.name}: {address}  (Ctrl-C ends)")
            sys.stdout.flush()
        if not self._args.no_browser:
            open_browser(address)


def _newest_runs(store: OpenStore) -> list[RunSummary]:
    """The runs of the newest demo, the best first."""
    newest = runs.page(store.db, PROJECT, limit=RUN_COUNT).runs
    return sorted(newest, key=lambda one: -float(one.summary.get("best_val_accuracy", 0.0)))


def _print_summary(args: argparse.Namespace, out: Output) -> int:
    with open_store(args, out) as store:
        newest = _newest_runs(store)
        if out.as_json:
            out.json({"runs": newest})
            return 0
        out.line()
        out.table(["run", "name", "learning rate", "best accuracy", "took"], [_row(one) for one in newest])
        best = runs.detail(store.db, PROJECT, newest[0].id)
        keys = [key for key in history.keys(store.db, PROJECT, [best.id]) if not key.hidden]
        show(store, best, keys, 12, out)
    return 0


def _row(one: RunSummary) -> list[str]:
    rate, best = number(one.config.get("learning_rate")), number(one.summary.get("best_val_accuracy"))
    return [one.id, one.name, rate, best, duration(one.duration_s)]
