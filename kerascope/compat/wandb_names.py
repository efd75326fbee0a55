"""Names of the `wandb` package that are no part of kerascope's own surface but that scripts call."""

from __future__ import annotations

import re
from typing import Any

from kerascope.api import Api
from kerascope.ids import new_run_id as generate_id
from kerascope.tracking.run import Run

__all__ = [
    "Api",
    "InternalApi",
    "PublicApi",
    "RunDisabled",
    "SURFACE_VERSION",
    "generate_id",
    "make_artifact_name_safe",
    "to_json",
]

SURFACE_VERSION = "0.27.0"
"""The release of the original whose surface this is; scripts compare it."""

PublicApi = InternalApi = Api
RunDisabled = Run


def make_artifact_name_safe(name: str) -> str:
    """Returns a name with everything that an artifact name cannot hold replaced by "_"."""
    return re.sub(r"[^A-Za-z0-9_\-.]", "_", name)[:128]


def to_json(value: Any) -> Any:
    """Returns the value itself: what can be logged is turned into JSON where it is logged."""
    return value


def __getattr__(name: str) -> Any:
    """The callback under its first name, of 2017."""
    if name == "WandbKerasCallback":
        from kerascope.keras.wandb_callback import WandbCallback

        return WandbCallback
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
