"""Runs in a real notebook kernel: static without a dashboard, a live frame with one."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import nbclient
import nbformat
import pytest

CELLS = [
    "import kerascope\nrun = kerascope.init(project='books', name='<b>bold</b>', settings={'console': 'off'})\nrun.log({'loss': 0.25})\nrun",
    "frame = kerascope.notebook.show(run, height=321)\nprint(frame.url)\nframe",
    "run",
    "import urllib.request\nanswer = urllib.request.urlopen(frame.url)\nprint(answer.headers['Content-Security-Policy'])",
    "run.finish(quiet=True)",
    "kerascope.Api().run(f'books/{run.id}')",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the notebook lies, with its store."""
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def cells(folder: Path) -> list[nbformat.NotebookNode]:
    """The cells above after a kernel has run them."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in ["import kerascope.notebook", *CELLS]]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERASCOPE_DIR", str(folder / "store"))
        client = nbclient.NotebookClient(
            notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
        )
        client.execute()
    return list(notebook.cells[1:])


def html_of(cell: nbformat.NotebookNode) -> str:
    return next(output.data["text/html"] for output in cell.outputs if "data" in output)


def printed(cell: nbformat.NotebookNode) -> str:
    return next(
        str(output.text) for output in cell.outputs if output.output_type == "stream" and output.name == "stdout"
    )


def test_without_a_dashboard_a_run_shows_its_results_as_text(cells: list[nbformat.NotebookNode]) -> None:
    text = html_of(cells[0])
    assert "<td>loss</td><td>0.25</td>" in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text
    assert "<iframe" not in text


def test_show_starts_a_dashboard_and_then_the_run_is_its_live_page(cells: list[nbformat.NotebookNode]) -> None:
    url = printed(cells[1]).strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/projects/books/runs/\w+", url)
    assert f'<iframe src="{url}"' in html_of(cells[1])
    assert 'height="321"' in html_of(cells[1])
    assert f'<iframe src="{url}"' in html_of(cells[2])


def test_a_frame_keeps_what_was_known_for_readers_without_a_dashboard(
    cells: list[nbformat.NotebookNode], folder: Path
) -> None:
    for cell in cells[1:3]:
        below = html_of(cell).partition("<details>")[2]
        assert "<td>loss</td><td>0.25</td>" in below
        assert "&lt;b&gt;bold&lt;/b&gt;" in below


def test_a_run_that_was_read_shows_itself_as_one_that_logs(cells: list[nbformat.NotebookNode]) -> None:
    assert f'<iframe src="{printed(cells[1]).strip()}"' in html_of(cells[5])
    assert "<td>loss</td><td>0.25</td>" in html_of(cells[5])


def test_only_pages_of_this_machine_may_frame_the_dashboard(cells: list[nbformat.NotebookNode]) -> None:
    policy = printed(cells[3])
    framed = policy.partition("frame-ancestors")[2].split()
    assert all(re.match(r"'self'$|https?://(localhost|127\.0\.0\.1):\*$", source) for source in framed)


def wait_until_nothing_serves(url: str, store: Path) -> None:
    """Waits until no dashboard of `store` answers at an address; one of another store may have taken the port."""
    deadline = time.monotonic() + 60
    while True:
        try:
            answer = httpx.get(httpx.URL(url).join("/api/health"), timeout=60, trust_env=False)
        except httpx.TransportError:
            return
        if answer.json()["root"] != str(store):
            return
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_dashboard_ends_with_the_kernel(cells: list[nbformat.NotebookNode], folder: Path) -> None:
    wait_until_nothing_serves(printed(cells[1]).strip(), folder / "store")


def test_the_dashboard_ends_with_a_kernel_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys, kerascope, kerascope.notebook\n"
        "run = kerascope.init(dir=sys.argv[1], settings={'console': 'off'})\n"
        "print(kerascope.notebook.show(run).url, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    # Not until the end of stdout: a dashboard would hold it for as long as it lives.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        url = killed.stdout.readline().strip()
        assert killed.wait(120) == -signal.SIGKILL
    wait_until_nothing_serves(url, tmp_path)
