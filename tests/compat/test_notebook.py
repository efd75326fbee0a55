"""Notebooks run with their magics and shell lines; errors name the cell; scripts made from notebooks run too."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from kerascope.compat.notebook import WithoutImport, as_python, asks_the_shell, notebook_cells
from kerascope.errors import UsageError
from tests.compat.test_run_command import kerascope


@pytest.mark.parametrize(
    ("line", "python"),
    [
        ("%matplotlib inline", "get_ipython().run_line_magic('matplotlib', 'inline')"),
        ("    !ls -l {x}", "    get_ipython().system('ls -l {x}')"),
        ("!!ls", "get_ipython().getoutput('ls')"),
        ("files = !ls", "files = get_ipython().getoutput('ls')"),
        ("here = %pwd", "here = get_ipython().run_line_magic('pwd', '')"),
        ("%time model.fit(x, y)", "model.fit(x, y)"),
        ("%timeit -n 10 -r3 f(x)", "f(x)"),
        ("model.fit?", "pass"),
        ("??wandb", "pass"),
        ("pip install wandb -q", "get_ipython().run_line_magic('pip', 'install wandb -q')"),
        ("cd data", "get_ipython().run_line_magic('cd', 'data')"),
        ("ls = 1", "ls = 1"),
        ("a = b % c", "a = b % c"),
        ("a != b", "a != b"),
        ("x = '!no' if y else '%no'", "x = '!no' if y else '%no'"),
        ("rm -rf", "rm -rf"),  # a difference of two names, too
    ],
)
def test_lines_that_are_no_python_become_calls(line: str, python: str) -> None:
    assert as_python(line) == f"{python}\n"


def test_only_the_beginning_of_a_statement_is_a_magic() -> None:
    cell = 'text = """\n%time\n!ls\n"""\nx = (3\n % 2)\ny = 1 + \\\n 2\n%env A=b'
    made = as_python(cell).splitlines()
    assert made[:-1] == cell.splitlines()[:-1]
    assert made[-1] == "get_ipython().run_line_magic('env', 'A=b')"


def test_cells_keep_their_lines() -> None:
    assert as_python("\n%%time\nx = 1\n!ls").splitlines() == ["", "", "x = 1", "get_ipython().system('ls')"]
    assert as_python("%%capture out\nprint(1)").splitlines()[1] == "print(1)"
    assert as_python("%%bash\nls\n") == "get_ipython().run_cell_magic('bash', '', 'ls\\n')\n"


def test_function_of_a_notebook_is_not_hidden_by_an_import() -> None:
    tree = ast.parse(
        "from IPython import get_ipython\nfrom IPython import get_ipython, display\nget_ipython().magic('x')"
    )
    assert asks_the_shell(tree)
    assert ast.unparse(WithoutImport().visit(tree)).splitlines()[:2] == ["pass", "from IPython import display"]
    assert not asks_the_shell(ast.parse("is_notebook = get_ipython().__class__.__name__ == 'ZMQInteractiveShell'"))


def test_other_json_is_no_notebook(tmp_path: Path) -> None:
    path = tmp_path / "book.ipynb"
    path.write_text("[1]")
    with pytest.raises(UsageError, match="must be JSON with cells"):
        notebook_cells(path)


def write(path: Path, *cells: str) -> None:
    kinds = [{"cell_type": "markdown", "source": ["# text"]}]
    kinds += [{"cell_type": "code", "source": cell.splitlines(True)} for cell in cells]
    path.write_text(json.dumps({"cells": kinds, "nbformat": 4}))


def test_notebook_runs_with_what_ipython_would_do(tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text("import sys\nfrom_part = sys.argv[1:]\n")
    write(
        tmp_path / "book.ipynb",
        "!pip install -q wandb\n%load_ext wandb\n%matplotlib inline\nname = 'made'",
        "!mkdir {name} && echo 5 > $name/five.txt\nlines = !cat made/five.txt\nassert lines == ['5'], lines",
        "%%writefile made/note.txt\nkept {name}",
        "%%capture out\nprint('hidden')",
        "assert out.stdout == 'hidden\\n'\n%env KIND=small\nimport os\nassert os.environ['KIND'] == 'small'",
        "%%html\n<b>shown</b>",
        "%%R\nplot(1)",
        "%run part.py a b\nassert from_part == ['a', 'b']",
        "%cd made\nassert open('note.txt').read() == 'kept {name}\\n'\ndisplay(name)",
        "import wandb\nwandb.init(project='p', config={'a': 1})\nwandb.config.a = 2",
        "%%wandb\nrun = wandb.init(project='p')\nfirst = run.id\nwandb.log({'x': 1})",
        "%%time\nassert wandb.init().id != first\nget_ipython().system('echo said')\nwandb.finish()",
    )
    done = kerascope(tmp_path, "run", "--no-report", "book.ipynb")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["made", "said"]
    left_out = [line for line in done.stderr.splitlines() if "left out" in line]
    assert len(left_out) == 2, done.stderr
    assert "!pip install -q wandb" in left_out[0]
    assert "install packages before the run" in left_out[0]
    assert "%%R" in left_out[1]


def test_error_in_a_notebook_names_its_cell_and_nothing_of_ours(tmp_path: Path) -> None:
    write(tmp_path / "book.ipynb", "def fail():\n    return {}['key']", "\n%matplotlib inline\nx = 1\nfail()")
    done = kerascope(tmp_path, "run", "--no-report", "book.ipynb")
    assert done.returncode == 1
    frames = [line.strip() for line in done.stderr.splitlines() if line.startswith("  File")]
    assert frames == [
        'File "book.ipynb, cell 2", line 4, in <module>',
        'File "book.ipynb, cell 1", line 2, in fail',
    ], done.stderr
    assert "return {}['key']" in done.stderr


def test_script_made_from_a_notebook_runs(tmp_path: Path) -> None:
    (tmp_path / "book.py").write_text(
        "# coding: utf-8\n# In[1]:\nfrom IPython import get_ipython\n"
        "get_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().magic('config x = 1')\n"
        "get_ipython().system('echo one')\nget_ipython().run_cell_magic('time', '', 'two = 2\\n')\nprint(two)\n"
    )
    done = kerascope(tmp_path, "run", "--no-report", "book.py")
    assert (done.returncode, done.stdout.split()) == (0, ["one", "2"]), done.stderr
