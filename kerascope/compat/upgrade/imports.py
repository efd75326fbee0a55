"""Import statements: where what they name is imported from today."""

from __future__ import annotations

import ast

from kerascope.compat.upgrade.homes import Home, home_of, today
from kerascope.compat.upgrade.text import Edit
from kerascope.compat.upgrade.work import Work


def rewrite_import(work: Work, node: ast.Import) -> None:
    """`import keras.layers.core as core`."""
    for alias in node.names:
        if alias.name == "tensorflow" and _keras_alone(work, alias.asname or alias.name):
            work.replace(alias, "keras")
            continue
        new = today(alias.name)
        if new == alias.name:
            continue
        if alias.asname is None and alias.name.partition(".")[0] == "wandb":
            work.replace(alias, "kerascope as wandb")
            continue
        if alias.asname is None:
            work.leave(node, f"`import {alias.name}` is `import {new}` now, under its own name.")
            continue
        work.replace(alias, new if alias.asname == new else f"{new} as {alias.asname}")


def _keras_alone(work: Work, short: str) -> bool:
    """Whether a script uses nothing of TensorFlow but `tf.keras`; each use is written as `keras` then."""
    uses = [node for node in ast.walk(work.tree) if isinstance(node, ast.Name) and node.id == short]
    chains = [node for node in ast.walk(work.tree) if isinstance(node, ast.Attribute) and node.attr == "keras"]
    through = [node for node in chains if isinstance(node.value, ast.Name) and node.value.id == short]
    if not uses or len(uses) != len(through):
        return False
    for node in through:
        work.replace(node, "keras")
    return True


def rewrite_import_from(work: Work, node: ast.ImportFrom) -> None:
    """`from keras.layers.core import Dense`."""
    if node.level or node.module is None:
        return
    if _is_backend(work, node):
        return
    if node.module == "tensorflow" and len(node.names) == 1:
        _import_module(work, node, node.names[0])
        return
    homes = {alias.name: home_of(node.module, alias.name) for alias in node.names}
    home = homes[node.names[0].name].module
    if all(one.module == home and not one.is_module for one in homes.values()):
        _rewrite_names(work, node, home, homes)
        return
    lines = []
    for alias in node.names:
        found = homes[alias.name]
        short = alias.asname or (alias.name if found.is_module and found.name != alias.name else None)
        start = f"from {found.module} import" if found.module else "import"
        lines.append(f"{start} {found.name}" + (f" as {short}" if short else ""))
        if found.name != alias.name and short is None:
            work.renamed[alias.name] = found.name
    work.replace(node, f"\n{' ' * node.col_offset}".join(dict.fromkeys(lines)))


def _rewrite_names(work: Work, node: ast.ImportFrom, home: str, homes: dict[str, Home]) -> None:
    """Changes module and names in place, so that line breaks and comments between them stay."""
    if home != node.module:
        place = work.text.data.index(str(node.module).encode(), work.text.start(node))
        work.edits.append(Edit(place, place + len(str(node.module)), home))
    for alias in node.names:
        name = homes[alias.name].name
        if name != alias.name:
            work.replace(alias, name if alias.asname is None else f"{name} as {alias.asname}")
            if alias.asname is None:
                work.renamed[alias.name] = name


def _is_backend(work: Work, node: ast.ImportFrom) -> bool:
    """`from keras import backend as K`, where functions are used that only the stand-in has."""
    (alias, *more) = node.names
    if more or alias.name != "backend" or node.module not in ("keras", "tensorflow.keras", "keras_core"):
        return False
    short = alias.asname or alias.name
    import keras

    used = {
        one.attr
        for one in ast.walk(work.tree)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == short
    }
    if all(hasattr(keras.backend, one) for one in used):
        return node.module == "keras"
    work.replace(node, f"from kerascope.compat import backend{f' as {short}' if short != 'backend' else ''}")
    return True


def _import_module(work: Work, node: ast.ImportFrom, alias: ast.alias) -> None:
    """`from tensorflow import keras`."""
    whole = f"{node.module}.{alias.name}"
    new = today(whole)
    short = alias.asname or alias.name
    if new == whole:
        return
    if "." not in new:
        work.replace(node, f"import {new}" if short == new else f"import {new} as {short}")
    else:
        parent, _, child = new.rpartition(".")
        work.replace(node, f"from {parent} import {child} as {short}")
