"""Notebooks as Python: each code cell with its magics and shell lines written as calls of `get_ipython()`, line for line.

Promises: only what begins a statement is taken for a magic, so that `%` inside brackets and texts stays; line numbers stay those of
the cell. Not for: running anything (see `shell.py`, which answers the calls).
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from pathlib import Path

from kerascope.errors import UsageError

# Cell magics whose body is Python and runs as it is.
_PYTHON_CELLS = frozenset(
    {"time", "timeit", "prun", "capture", "wandb", "python", "python3", "debug", "memit", "mprun"}
)
# Line magics in front of a statement that runs as it is.
_TIMED = frozenset({"time", "timeit", "prun", "memit"})
# Commands that notebooks also take without a sign in front.
_BARE = frozenset({"pip", "conda", "cd", "ls", "mkdir", "cp", "mv", "rm", "cat"})
_OPTIONS = re.compile(r"(?:-[a-zA-Z]\s*[\d.]*\s+)*")
_ASSIGNED = re.compile(r"^([^=!%#'\"]+=\s*)([!%])(?=[^\s=])(.*)$")
_HELP = re.compile(r"^\??\??[\w.]+\??\??;?$")


def notebook_cells(file: Path) -> list[str]:
    """Returns the code cells of a notebook as Python.

    Raises:
        UsageError: if it is no notebook.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        cells = (
            found["cells"] if "cells" in found else [cell for sheet in found["worksheets"] for cell in sheet["cells"]]
        )
        texts = [cell.get("source", cell.get("input")) for cell in cells if cell.get("cell_type") == "code"]
        return [as_python(one if isinstance(one, str) else "".join(one)) for one in texts]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"A notebook must be JSON with cells. Received: {file}.") from error


def as_python(cell: str) -> str:
    """Returns a code cell as Python that asks `get_ipython()` for what is no Python."""
    head, body = cell[: len(cell) - len(cell.lstrip("\r\n"))], cell.lstrip("\r\n")
    if not body.startswith("%%"):
        return head + _statements(body)
    first, _, rest = body.partition("\n")
    name, _, line = first[2:].strip().partition(" ")
    if name not in _PYTHON_CELLS:
        return f"{head}get_ipython().run_cell_magic({name!r}, {line.strip()!r}, {rest!r})\n"
    if name == "capture" and _captured_name(line):
        return f"{head}get_ipython().begin_capture({_captured_name(line)!r})\n{_statements(rest)}\nget_ipython().end_capture()\n"
    return f"{head}\n{_statements(rest)}"


def asks_the_shell(tree: ast.Module) -> bool:
    """Whether a script was made from a notebook: it calls methods of `get_ipython()`, as such scripts do."""
    return any(
        isinstance(node, ast.Attribute)
        and not node.attr.startswith("__")
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "get_ipython"
        for node in ast.walk(tree)
    )


class WithoutImport(ast.NodeTransformer):
    """Takes `from IPython import get_ipython` out of a program, which would hide the function that is given to it."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        """Returns the statement without that name, or one that does nothing."""
        if (node.module or "").partition(".")[0] != "IPython":
            return node
        node.names = [alias for alias in node.names if alias.name != "get_ipython"]
        return node if node.names else ast.copy_location(ast.Pass(), node)


def _captured_name(line: str) -> str:
    return next((word for word in line.split() if not word.startswith("-")), "")


def _statements(text: str) -> str:
    made: list[str] = []
    pending = ""
    for line in text.splitlines():
        pending += (line if pending else _statement(line)) + "\n"
        if _is_whole(pending):
            made.append(pending)
            pending = ""
    return "".join(made) + pending


def _is_whole(text: str) -> bool:
    """Whether no bracket, text or backslash is left open."""
    try:
        for _ in tokenize.generate_tokens(io.StringIO(text).readline):
            pass
    except tokenize.TokenError:
        return False
    except SyntaxError:
        return True
    return True


def _statement(line: str) -> str:
    """Returns the first line of a statement as Python."""
    bare = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    assigned = _ASSIGNED.match(line)
    if assigned is not None:
        return assigned[1] + _call(assigned[2], assigned[3].strip(), is_wanted=True)
    if bare[:1] in ("!", "%"):
        return indent + _call(bare[0], bare[1:].strip(), is_wanted=False)
    if "?" in bare and _HELP.match(bare):
        return f"{indent}pass"
    words = bare.split(maxsplit=1)
    if len(words) == 2 and words[0] in _BARE and not _parses(bare):
        return indent + _call("%", bare, is_wanted=False)
    return line


def _call(sign: str, text: str, is_wanted: bool) -> str:
    if sign == "!":
        is_wanted, text = is_wanted or text.startswith("!"), text.lstrip("!")
        return f"get_ipython().{'getoutput' if is_wanted else 'system'}({text!r})"
    name, _, rest = text.lstrip("%").partition(" ")
    if name in _TIMED:
        return _OPTIONS.sub("", rest.strip() + " ", count=1).strip() or "pass"
    return f"get_ipython().run_line_magic({name!r}, {rest.strip()!r})"


def _parses(line: str) -> bool:
    try:
        ast.parse(line)
    except SyntaxError:
        return False
    return True
