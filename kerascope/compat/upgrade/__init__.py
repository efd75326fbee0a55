"""Writes a script's old names as today's: small replacements at the places the syntax tree names, all else stays byte for byte.

Promises: comments and formatting are kept; a script in today's names is not changed; what cannot be written by rule is listed with
its line, never guessed. Not for: running anything; only keras is imported, to know which arguments its classes take.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from kerascope.compat.ages import asks_for_acc
from kerascope.compat.upgrade.attributes import rewrite_attribute, wandb_modules
from kerascope.compat.upgrade.calls import rewrite_call
from kerascope.compat.upgrade.customs import rewrite_customs
from kerascope.compat.upgrade.imports import rewrite_import, rewrite_import_from
from kerascope.compat.upgrade.text import Text
from kerascope.compat.upgrade.usual import write_usual
from kerascope.compat.upgrade.work import Work


@dataclass
class Upgraded:
    """An upgraded script.

    Args:
        source: its new text.
        left: what must be done by hand: (line, sentence).
    """

    source: str
    left: list[tuple[int, str]] = field(default_factory=list)


def upgrade(source: str) -> Upgraded:
    """Returns a script with its old names written as today's.

    Args:
        source: Python source.

    Raises:
        SyntaxError: if it is none.
    """
    tree = ast.parse(source)
    work = Work(Text(source), tree)
    _run(work)
    return Upgraded(work.text.applied(work.edits), sorted(set(work.left)))


def _run(work: Work) -> None:
    nodes = list(ast.walk(work.tree))
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            rewrite_import_from(work, node)
        elif isinstance(node, ast.Import):
            rewrite_import(work, node)
    modules = wandb_modules(work.tree)
    old_accuracy = asks_for_acc(work.tree) and any(_is_compile(node) for node in nodes)
    for node in nodes:
        if isinstance(node, ast.Call):
            rewrite_call(work, node)
        elif isinstance(node, ast.Name) and node.id in work.renamed:
            work.replace(node, work.renamed[node.id])
        elif isinstance(node, ast.Attribute):
            rewrite_attribute(work, node, modules)
        elif isinstance(node, ast.Constant) and old_accuracy and node.value in ("acc", "val_acc"):
            _rename_key(work, node)
    rewrite_customs(work)
    write_usual(work)
    work.add_imports()


def _is_compile(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "compile"


def _rename_key(work: Work, node: ast.Constant) -> None:
    """`"acc"` as `"accuracy"`, in the quotes that it has."""
    quote = work.text.of(node)[0]
    if quote in "'\"":
        work.replace(node, f"{quote}{node.value!s}uracy{quote}")
