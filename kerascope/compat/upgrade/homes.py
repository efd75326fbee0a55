"""Where an old name lives today, read off the tables of names.

Promises: only keras and kerascope are imported, to see which of several places has a name.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kerascope.compat import tables, wandb_tables


def today(module: str) -> str:
    """Returns the module path of today."""
    for old, new in tables.PACKAGES.items():
        if module == old or module.startswith(f"{old}."):
            module = new + module.removeprefix(old)
    found = tables.KERAS_MODULES.get(module) or wandb_tables.MODULES.get(module)
    if not found:
        return module
    return next((one for one in found if one.startswith(("keras", "kerascope"))), module)


@dataclass(frozen=True)
class Home:
    """Where a name is to be imported from today; `module` is "" for `import name`."""

    module: str
    name: str
    is_module: bool = False


def home_of(old: str, name: str) -> Home:
    """Returns module and name of what `from old import name` means."""
    for package, new in tables.PACKAGES.items():
        if old == package or old.startswith(f"{package}."):
            old = new + old.removeprefix(package)
    if old == "wandb" and ":" in wandb_tables.NAMES.get(name, ""):
        home, _, new = wandb_tables.NAMES[name].partition(":")
        return Home(home, new)
    for modules in (tables.KERAS_MODULES, wandb_tables.MODULES):
        targets = modules.get(f"{old}.{name}")
        if targets:
            parent, _, child = targets[0].rpartition(".")
            return Home(parent, child, True)
    module = today(old)
    for place in (module, *tables.KERAS_MODULES.get(old, ()), *wandb_tables.MODULES.get(old, ())):
        target = tables.KERAS_NAMES.get(place, {}).get(name, "")
        if ":" in target:
            home, _, new = target.partition(":")
            return Home(home, new)
        if has(place, name):
            return Home(place, name)
    if module == "keras.backend" and has("kerascope.compat.backend", name):
        return Home("kerascope.compat.backend", name)
    return Home(module, name)


def has(module: str, name: str) -> bool:
    """Whether a module can be imported and has the name."""
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


def keras_class(name: str) -> Any:
    """Returns the layer, optimizer or callback of this name; None if Keras has none."""
    import keras

    for home in (keras.layers, keras.optimizers, keras.callbacks):
        found = getattr(home, name, None)
        if isinstance(found, type):
            return found
    return None


def imports_keras(tree: ast.Module) -> bool:
    """Whether a program imports Keras under any of its names."""
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return any(name.partition(".")[0] in ("keras", "keras_core", "tf_keras", "tensorflow") for name in names)


def dotted(node: ast.Attribute) -> str | None:
    """Returns a chain of attributes as text: `keras.layers.Dense`; None if it hangs on something that has no name."""
    return ".".join(reversed(list(_parts(node)))) or None


def _parts(node: Any) -> Iterator[str]:
    while isinstance(node, ast.Attribute):
        yield node.attr
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
