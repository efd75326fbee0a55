"""Imports of old module paths: a finder that answers before Python's own, with modules that look their names up elsewhere.

Promises: nothing is imported before it is used; `remove` takes every alias out of `sys.modules` and off its parent, and gives an
installed package that was shadowed back its place.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Lookup = Callable[[str, str], Any]
"""From a module's alias and a name to the object; raises AttributeError."""

_ABSENT = object()


class AliasModule(ModuleType):
    """A module whose names are looked up on each use, so that live ones (`wandb.run`) stay live."""

    def __init__(self, name: str, lookup: Lookup, forward: str | None = None) -> None:
        super().__init__(name, f"Stands in for {name}; see kerascope.compat.")
        self.__dict__.update(_lookup=lookup, _forward=forward)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        value = self.__dict__["_lookup"](self.__name__, name)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        forward = self.__dict__["_forward"]
        if forward is not None and name in ("config", "run", "summary"):
            setattr(importlib.import_module(forward), name, value)
        else:
            super().__setattr__(name, value)


class AliasFinder(MetaPathFinder, Loader):
    """Finds aliases.

    Args:
        resolve: from a module path to the module that stands in for it (an `AliasModule` or an existing module), or None if the
            path is none of ours.
    """

    def __init__(self, resolve: Callable[[str], Callable[[], ModuleType] | None]) -> None:
        self._resolve = resolve
        self._made: dict[str, ModuleType] = {}
        self._shadowed: dict[str, ModuleType] = {}
        self._children: list[tuple[ModuleType, str, Any]] = []

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Returns a spec for an alias, None for everything else."""
        if self._resolve(name) is None:
            return None
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            holder = sys.modules[parent]
            self._children.append((holder, child, vars(holder).get(child, _ABSENT)))
        spec = ModuleSpec(name, self, is_package=True)
        spec.submodule_search_locations = []
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Returns None: an ordinary empty module, which `exec_module` replaces."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Puts what stands in for the module into its place."""
        name = module.__name__
        make = self._resolve(name)
        if make is None:
            raise ImportError(f"There is no stand-in for {name}.", name=name)
        stand_in = make()
        if isinstance(stand_in, AliasModule):
            stand_in.__dict__.update(__spec__=module.__spec__, __path__=[], __loader__=self, __package__=name)
        self._made[name] = stand_in
        sys.modules[name] = stand_in

    def shadow(self, package: str) -> None:
        """Takes an imported package out of the way until `remove`."""
        for name in [one for one in sys.modules if one == package or one.startswith(f"{package}.")]:
            self._shadowed[name] = sys.modules.pop(name)

    def remove(self) -> None:
        """Takes all aliases back."""
        for name, module in self._made.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
        for holder, child, before in reversed(self._children):
            if before is not _ABSENT:
                setattr(holder, child, before)
            elif vars(holder).get(child) is not None:
                delattr(holder, child)
        sys.modules.update(self._shadowed)
        self._made.clear()
        self._children.clear()
        self._shadowed.clear()


def fetch(target: str) -> Any:
    """Returns what `module:name` or `module` stands for."""
    module, _, name = target.partition(":")
    found = importlib.import_module(module)
    return getattr(found, name) if name else found


def first_of(targets: Sequence[str], name: str) -> Any:
    """Returns the name from the first module that has it.

    Raises:
        AttributeError: If none has it.
    """
    for target in targets:
        try:
            return getattr(importlib.import_module(target), name)
        except AttributeError:
            continue
    raise AttributeError(name)
