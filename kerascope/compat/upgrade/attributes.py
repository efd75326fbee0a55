"""Chains of attributes: `keras.layers.Convolution2D`, `model.optimizer.lr`, `wandb.util.generate_id`."""

from __future__ import annotations

import ast

from kerascope.compat import tables, wandb_tables
from kerascope.compat.upgrade.homes import dotted, has, today
from kerascope.compat.upgrade.work import Work

# Modules that `kerascope` gives as attributes of its own.
_OF_THE_ROOT = ("errors", "integration", "keras", "plot")


def rewrite_attribute(work: Work, node: ast.Attribute, modules: dict[str, str]) -> None:
    """Writes a chain of attributes as today's.

    Args:
        work: the script.
        node: the whole chain or a part of it.
        modules: from `wandb_modules`.
    """
    path = dotted(node)
    if path is None:
        return
    first, _, rest = path.partition(".")
    if first in modules:
        _wandb(work, node, modules[first], first, rest.split("."))
        return
    module, _, name = path.rpartition(".")
    target = tables.KERAS_NAMES.get(module, {}).get(name, "")
    if target.startswith("keras.") and ":" in target and not target.startswith("keras.src"):
        work.replace(node, target.replace(":", "."))
    elif path.endswith("optimizer.lr"):
        work.replace(node, work.text.of(node.value) + ".learning_rate")


def wandb_modules(tree: ast.Module) -> dict[str, str]:
    """Returns which names of a script stand for which module of wandb."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == "wandb":
                    found[alias.asname or "wandb"] = alias.name if alias.asname else "wandb"
    return found


def _wandb(work: Work, node: ast.Attribute, module: str, short: str, parts: list[str]) -> None:
    """Writes a name of wandb, whose whole chain this is, as the one that stands for it; a part of a longer chain is left alone."""
    root = short if module == "wandb" else None
    while len(parts) > 1 and f"{module}.{parts[0]}" in wandb_tables.MODULES:
        module = f"{module}.{parts[0]}"
        parts = parts[1:]
    if len(parts) != 1 or f"{module}.{parts[0]}" in wandb_tables.MODULES:
        return
    name = parts[0]
    found = _place(module, name)
    if found is None:
        way_out = wandb_tables.MISSING.get(name) or wandb_tables.MISSING.get(module.rpartition(".")[2], "")
        work.leave(node, f"`{module}.{name}` has no counterpart. {way_out}".strip())
        return
    home, new = found
    if root is None and home == today(module):
        return  # the import gives the module of today under the same name
    written = _written(home, new, root)
    if written != work.text.of(node):
        work.replace(node, written)
        if root is None or not written.startswith(f"{root}."):
            work.imports.append(f"import {home}")


def _place(module: str, name: str) -> tuple[str, str] | None:
    """Module and name of today; None if there is none."""
    target = wandb_tables.NAMES.get(name, "") if module == "wandb" else ""
    if ":" in target:
        home, _, new = target.partition(":")
        return home, new
    return next(((home, name) for home in wandb_tables.MODULES[module] if has(home, name)), None)


def _written(home: str, name: str, root: str | None) -> str:
    """The name as a chain that begins at the script's own name for kerascope, where that reaches it."""
    part = home.removeprefix("kerascope").lstrip(".")
    if root is not None and part in ("", *_OF_THE_ROOT):
        return ".".join(one for one in (root, part, name) if one)
    return f"{home}.{name}"
