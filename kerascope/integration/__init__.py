"""The place where later versions of the original keep their callbacks: `kerascope.integration.keras`. Nothing but names."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    if name == "keras":
        return import_module("kerascope.integration.keras")
    raise AttributeError(f"module 'kerascope.integration' has no attribute {name!r}")
