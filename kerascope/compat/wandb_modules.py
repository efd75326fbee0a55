"""The modules of the `wandb` package that stand in for it while aliases are in place.

Promises: names are looked up on each use, so that live ones (`wandb.run`) stay live; a name outside the tables raises one sentence that
says so and what to use instead. Not for: putting them in place (see `install.py`).
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from kerascope.compat import wandb_tables as tables
from kerascope.compat.finder import AliasModule, fetch, first_of
from kerascope.compat.report import note
from kerascope.ids import did_you_mean

_WAY_OUT = "The page docs/compat.md lists what is there."


def module(name: str) -> ModuleType:
    """Returns what stands in for a module of wandb.

    Args:
        name: dotted path, `wandb` or `wandb.<...>`.

    Raises:
        ModuleNotFoundError: if there is nothing.
    """
    if name not in tables.MODULES:
        parts = name.removeprefix("wandb.").removeprefix("integration.").split(".")
        way_out = next((tables.MISSING[part] for part in parts if part in tables.MISSING), _WAY_OUT)
        raise ModuleNotFoundError(f"{name} is not part of kerascope, which stands in for wandb. {way_out}", name=name)
    targets = tables.MODULES[name]
    today = targets[0] if targets else "kerascope"
    note(f"import {name}", f"import {today}" if not today.endswith("wandb_names") else "see docs/compat.md")
    return AliasModule(name, _look_up, forward="kerascope" if name == "wandb" else None)


def _look_up(home: str, name: str) -> Any:
    if home == "wandb" and name in tables.NAMES:
        return fetch(tables.NAMES[name])
    try:
        return first_of(tables.MODULES[home], name)
    except AttributeError:
        pass
    if f"{home}.{name}" in tables.MODULES:
        return importlib.import_module(f"{home}.{name}")
    way_out = tables.MISSING.get(name) or did_you_mean(name, _public_names(home)).strip() or _WAY_OUT
    raise AttributeError(f"{home}.{name} is not part of kerascope, which stands in for wandb. {way_out}")


def _public_names(home: str) -> list[str]:
    found = {name for target in tables.MODULES[home] for name in dir(importlib.import_module(target))}
    return sorted({*found, *(tables.NAMES if home == "wandb" else ())})
