"""Runs a script, a module or a notebook as `__main__`, as Python would, with the old names in place.

Promises: `sys.argv`, `sys.path[0]`, `__main__` and `__file__` are those of `python script.py`; an error shows the script's own
traceback, which names the cell of a notebook; `sys.exit` of the script is the exit code. Not for: notebooks' magics (`notebook.py`).
"""

from __future__ import annotations

import ast
import builtins
import importlib
import importlib.util
import linecache
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from kerascope.compat import notebook, tensorflow_names
from kerascope.compat.ages import age_of, asks_for_acc
from kerascope.compat.install import install
from kerascope.compat.needs import may_use_keras
from kerascope.errors import NotFoundError

_OURS = str(Path(__file__).resolve().parent)
_BACKENDS = ("jax", "torch", "tensorflow")


@dataclass(frozen=True)
class Program:
    """What is to be run.

    Args:
        codes: compiled; one piece, or one for each cell of a notebook.
        tree: its syntax, to see which age it is of.
        file: its path.
        path_entry: what Python would put first on `sys.path`.
        package: of a module run with `-m`, else None.
    """

    codes: tuple[CodeType, ...]
    tree: ast.Module
    file: str
    path_entry: str
    package: str | None = None

    @property
    def is_notebook(self) -> bool:
        """Whether it is a notebook."""
        return self.file.endswith(".ipynb")


def load_script(path: str) -> Program:
    """Reads a script, a notebook or a folder with `__main__.py`.

    Raises:
        NotFoundError: if there is no such file.
        UsageError: if a notebook is no JSON.
    """
    file = Path(path)
    if file.is_dir():
        return _compiled((file / "__main__.py").read_bytes(), str(file / "__main__.py"), str(file))
    if not file.is_file():
        raise NotFoundError(f"The script must be a file. Received: {path!r}.")
    folder = str(file.resolve().parent)
    if file.suffix == ".ipynb":
        return _notebook(file, path, folder)
    return _compiled(file.read_bytes(), path, folder)


def load_module(name: str) -> Program:
    """Finds a module as `python -m` does.

    Raises:
        NotFoundError: if there is no such module.
    """
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            name = f"{name}.__main__"
            spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise NotFoundError(f"The module must be one that Python finds. Received: -m {name}.")
    program = _compiled(Path(spec.origin).read_bytes(), spec.origin, os.getcwd(), package=name.rpartition(".")[0])
    return program


def _notebook(file: Path, path: str, folder: str) -> Program:
    """Compiles each cell under a name of its own, which tracebacks show."""
    trees: list[ast.Module] = []
    codes: list[CodeType] = []
    for number, source in enumerate(notebook.notebook_cells(file), 1):
        name = f"{path}, cell {number}"
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        tree, code = _parsed(source.encode(), name, from_notebook=True)
        trees.append(tree)
        codes.append(code)
    whole = ast.Module([statement for tree in trees for statement in tree.body], [])
    return Program(tuple(codes), whole, path, folder)


def _compiled(source: bytes, file: str, path_entry: str, package: str | None = None) -> Program:
    tree, code = _parsed(source, file)
    return Program((code,), tree, file, path_entry, package)


def _parsed(source: bytes, file: str, from_notebook: bool = False) -> tuple[ast.Module, CodeType]:
    try:
        tree = ast.parse(source, file)
        if from_notebook or notebook.asks_the_shell(tree):
            tree = notebook.WithoutImport().visit(tree)
        return tree, compile(tree, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        traceback.print_exception(type(error), error, None)
        raise SystemExit(1) from None


def run(program: Program, arguments: Sequence[str]) -> int:
    """Runs a program and returns its exit code.

    Args:
        program: from `load_script` or `load_module`.
        arguments: `sys.argv[1:]` of the program.
    """
    choose_backend(program.tree)
    warnings.filterwarnings("ignore", message="Do not pass an `input_shape`")
    _import_tensorflow(program.tree)
    install(
        keras=_may_use_keras(program),
        old_accuracy=asks_for_acc(program.tree),
        without_tensorflow=_needs_no_tensorflow(program.tree),
        defaults=age_of(program.tree),
    )
    main = _main_module(program)
    end_capture = _give_shell(program, vars(main))
    sys.argv = [program.file, *arguments]
    sys.path[0:1] = [program.path_entry]
    try:
        for code in program.codes:
            exec(code, vars(main))
    except SystemExit as leaving:
        return _exit_code(leaving)
    except BaseException as error:
        show(error, program.file)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    finally:
        end_capture()
    return 0


def _may_use_keras(program: Program) -> bool:
    """Whether Keras is made ready; a notebook, and a script made from one, may run anything."""
    if program.is_notebook or program.package is not None or notebook.asks_the_shell(program.tree):
        return True
    return may_use_keras(program.tree, program.path_entry)


def _give_shell(program: Program, names: dict[str, Any]) -> Callable[[], None]:
    """Gives a notebook, and a script made from one, what IPython would; returns what ends a capture that is under way."""
    if not program.is_notebook and not notebook.asks_the_shell(program.tree):
        return lambda: None
    from kerascope.compat.shell import Shell, display

    shell = Shell(names, program.is_notebook)
    names["get_ipython"] = lambda: shell
    if program.is_notebook:
        names["display"] = display
        sys.excepthook = traceback.print_exception  # which knows the lines of cells; Python's own reads files
        os.environ.setdefault("MPLBACKEND", "agg")  # as inline pictures do, `plt.show()` must not wait
    return shell.end_capture


def _main_module(program: Program) -> ModuleType:
    main = ModuleType("__main__")
    main.__dict__.update(__file__=program.file, __builtins__=builtins, __package__=program.package, __spec__=None)
    sys.modules["__main__"] = main
    return main


def _exit_code(leaving: SystemExit) -> int:
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return leaving.code
    sys.stderr.write(f"{leaving.code}\n")
    return 1


def show(error: BaseException, file: str) -> None:
    """Hands an error to `sys.excepthook` with the script's own frames: none of ours above or between them."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        one.__traceback__ = without_ours(one.__traceback__)
        one = one.__cause__ or one.__context__
    sys.excepthook(type(error), error, error.__traceback__)


def without_ours(trace: TracebackType | None) -> TracebackType | None:
    """Returns a traceback without the frames of this package."""
    frames = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(_OURS):
            frames.append(trace)
        trace = trace.tb_next
    kept: TracebackType | None = None
    for frame in reversed(frames):
        kept = TracebackType(kept, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return kept


def choose_backend(tree: ast.Module) -> None:
    """Sets `KERAS_BACKEND` to a backend that is installed, unless one is set or the user has a Keras configuration."""
    config = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"), "keras.json")
    if "KERAS_BACKEND" in os.environ or config.exists():
        return
    wanted = ("tensorflow", *_BACKENDS) if _uses_tensorflow_itself(tree) else _BACKENDS
    for name in wanted:
        if importlib.util.find_spec(name) is not None:
            os.environ["KERAS_BACKEND"] = name
            return


def _uses_tensorflow_itself(tree: ast.Module) -> bool:
    """Whether the script uses names of TensorFlow other than `tf.keras`."""
    short = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "tensorflow"
    }
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in short
        and not tensorflow_names.serves(node.attr)
        for node in ast.walk(tree)
    )


def _needs_no_tensorflow(tree: ast.Module) -> bool | None:
    """True if a stand-in will do although TensorFlow may be installed; None to let `install` see."""
    if os.environ.get("KERAS_BACKEND") in ("jax", "torch") and not _uses_tensorflow_itself(tree):
        return True
    return None


def _import_tensorflow(tree: ast.Module) -> None:
    """Imports TensorFlow for a script that uses it itself, so that `install` can give it the names of its first version."""
    if _uses_tensorflow_itself(tree) and importlib.util.find_spec("tensorflow") is not None:
        importlib.import_module("tensorflow")
