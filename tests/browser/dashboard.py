"""What the browser tests stand on: the real command that serves, and a browser page that keeps account of what it did."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT_MS = 60_000


def environment(store: Path) -> dict[str, str]:
    """The environment of processes that use `store` and nothing else."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "KERASCOPE_STATIC" or not name.startswith(("KERASCOPE_", "WANDB_"))
    }
    return kept | {"KERASCOPE_DIR": str(store), "PYTHONUNBUFFERED": "1", "KERAS_BACKEND": "jax"}


@contextmanager
def serving(store: Path, port: int = 0) -> Iterator[str]:
    """Runs `kerascope ui` on a free port (or the given one); yields its address without the slash at the end.

    What the store holds is in the server's index by then.
    """
    command = [sys.executable, "-c", "from kerascope.cli.main import main; raise SystemExit(main())"]
    process = subprocess.Popen(
        [*command, "ui", "--json", "--no-browser", "--port", str(port)],
        env=environment(store),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, "`kerascope ui` ended before it said its address"
        url = json.loads(line)["url"].rstrip("/")
        wait_for_index(url, sum(1 for _ in store.glob("projects/*/runs/*/log")))
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        process.stdout.close()


def wait_for_index(url: str, run_count: int) -> None:
    """Waits until a server has read all that was there when it began."""
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while True:
        health = httpx.get(f"{url}/api/health", timeout=TIMEOUT_MS / 1000, trust_env=False).json()
        if health["run_count"] >= run_count and health["index_lag_bytes"] == 0:
            return
        assert time.monotonic() < deadline, health
        time.sleep(0.05)


def run_module(module: str, store: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Starts a module of the tests in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=environment(store),
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
    )


class Account:
    """What a page did: its errors, and the machines it talked to."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        page.on("pageerror", lambda error: self.errors.append(f"exception: {error}"))
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("request", lambda request: self._request(request.url))
        page.on("response", lambda response: self._response(response.status, response.url))

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.errors.append(f"{kind}: {text}")

    def _request(self, url: str) -> None:
        host = urlsplit(url).hostname
        if host is not None:  # blob: and data: addresses stay inside the page
            self.hosts.add(host)

    def _response(self, status: int, url: str) -> None:
        if status >= 400:
            self.errors.append(f"status {status}: {url}")
