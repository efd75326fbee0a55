"""Whether a program may come to use Keras, from its own files alone: one that cannot is run without importing it, which takes seconds.

Promises: a program counts as using Keras unless everything that it imports is known not to, and neither it nor its own modules name Keras,
TensorFlow or a way to import what no import statement says. Not for: which age a program is of (`ages.py`).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

# Packages that import Keras neither by themselves nor for what they do. `wandb` is kerascope here, whose Keras part has Keras in its name.
_PACKAGES = """
numpy scipy pandas matplotlib seaborn sklearn skimage PIL cv2 torch torchvision torchaudio xgboost lightgbm wandb tqdm yaml requests rich
click psutil
"""
_WITHOUT = frozenset(_PACKAGES.split())
# Modules of Python that import what no import statement says, or bring back objects of any class.
_UNFORESEEN = frozenset(
    ("importlib", "runpy", "imp", "pkgutil", "code", "codeop", "zipimport", "pickle", "shelve", "marshal", "copyreg")
)
_RUN_TEXT = frozenset(("__import__", "exec", "eval", "execfile"))
_KERAS = ("keras", "tensorflow", "theano")
_MAX_FILES = 200


def may_use_keras(tree: ast.Module, folder: str) -> bool:
    """Returns whether a program may come to import Keras or anything that stands on it.

    Args:
        tree: the program's syntax.
        folder: where its own modules lie: the first entry of its `sys.path`.
    """
    waiting, looked_at = [tree], {Path(folder).resolve()}
    while waiting:
        one = waiting.pop()
        if _names_keras(one):
            return True
        for root in _imported_roots(one):
            own = list(_own_files(Path(folder), root))
            if not own and not _is_known(root):
                return True
            for file in own:
                if file in looked_at:
                    continue
                looked_at.add(file)
                try:
                    waiting.append(ast.parse(file.read_bytes()))
                except (OSError, SyntaxError, ValueError):
                    return True
            if len(looked_at) > _MAX_FILES:
                return True
    return False


def _is_known(root: str) -> bool:
    return root in _WITHOUT or (root in sys.stdlib_module_names and root not in _UNFORESEEN)


def _imported_roots(tree: ast.Module) -> set[str]:
    roots: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            roots.add((node.module or "").partition(".")[0])
    return roots


def _own_files(folder: Path, root: str) -> Iterator[Path]:
    """The files of a module or package of the program's own; what it imports relatively lies in them."""
    module, package = folder / f"{root}.py", folder / root
    if package.is_dir():
        yield from (file.resolve() for file in package.rglob("*.py"))
    elif module.is_file():
        yield module.resolve()


def _names_keras(tree: ast.Module) -> bool:
    """Whether a name, an attribute or a text speaks of Keras, or a function runs what stands in a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in _RUN_TEXT:
            return True
        word = _word(node).lower()
        if any(one in word for one in _KERAS):
            return True
    return False


def _word(node: ast.AST) -> str:
    """What a node of the syntax names or says itself, "" for one that has only parts."""
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word) | ast.alias(name=word) | ast.Constant(value=str(word)):
            return word
        case ast.ImportFrom(module=str(word)):
            return word
        case _:
            return ""
