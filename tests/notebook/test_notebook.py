"""Runs in a real notebook kernel: static without a dashboard, a live frame with one."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import nbclient
import nbformat
import pytest

CELLS = [
    "import kerascope\nrun = kerascope.init(project='books', name='<b>bold</b>', settings={'console': 'off'})\nrun.log({'loss': 0.25})\nrun",
    "frame = kerascope.notebook.show(run, height=321)\nprint(frame.url)\nframe",
    "run",
    "import urllib.request\nanswer = urllib.request.urlopen(frame.url)\nprint(answer.headers['Content-Security-Policy'])",
    "run.finish(quiet=True)",
]


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[nbformat.NotebookNode]:
    """The cells above after a kernel has run them."""
    folder = tmp_path_factory.mktemp("notebook")
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


def test_only_pages_of_this_machine_may_frame_the_dashboard(cells: list[nbformat.NotebookNode]) -> None:
    policy = printed(cells[3])
    framed = policy.partition("frame-ancestors")[2].split()
    assert all(re.match(r"'self'$|https?://(localhost|127\.0\.0\.1):\*$", source) for source in framed)


def test_the_dashboard_ends_with_the_kernel(cells: list[nbformat.NotebookNode]) -> None:
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(printed(cells[1]).strip(), timeout=5)
