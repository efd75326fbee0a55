"""Names of the `wandb` package that are no part of kerascope's own surface but that scripts call."""

from __future__ import annotations

import importlib
import os
import re
from types import ModuleType
from typing import Any

from kerascope.compat.finder import fetch
from kerascope.errors import Error
from kerascope.ids import new_run_id
from kerascope.settings import load_settings

SURFACE_VERSION = "0.27.0"
"""The release of the original whose surface this is; scripts compare it."""

# Looked up on use: reading runs loads SQL, which a training does without.
_ELSEWHERE = {
    **dict.fromkeys(("Api", "PublicApi", "InternalApi"), "kerascope.api:Api"),
    **{name: f"kerascope.api:{name}" for name in ("File", "Project", "Run", "Runs", "Sweep")},
    "RunDisabled": "kerascope.tracking.run:Run",
    "WandbKerasCallback": "kerascope.keras.wandb_callback:WandbCallback",  # its first name, of 2017
    "WBValue": "kerascope.media.base:Media",
    "Media": "kerascope.media.base:Media",
    "BatchableMedia": "kerascope.media.base:Media",
    "ROC": "kerascope.plot:roc_curve",
    "precision_recall": "kerascope.plot:pr_curve",
    # Kinds of errors that scripts catch: what cannot happen here under the name of what can.
    **dict.fromkeys(("AuthenticationError", "WaitTimeoutError", "RunNotFoundError"), "kerascope.errors:CommError"),
    **dict.fromkeys(
        ("LogError", "LogMultiprocessError", "UnsupportedError", "RequireError"), "kerascope.errors:UsageError"
    ),
    **dict.fromkeys(("WandbError", "LaunchError", "Warning"), "kerascope.errors:Error"),
    "MultiprocessError": "kerascope.errors:Error",
    "json_friendly_val": "kerascope.jsonable:to_jsonable",
}


class _Account:
    """`wandb.api`: what scripts ask it, to know whether somebody is logged in."""

    api_key = "local"

    @property
    def default_entity(self) -> str:
        """Who runs belong to."""
        return load_settings().entity

    def settings(self, key: str | None = None) -> Any:
        """Returns entity and project that hold now, or one of them."""
        found = load_settings()
        known = {"entity": found.entity, "project": found.project, "base_url": None}
        return known if key is None else known.get(key)


api = _Account()


def generate_id(length: int = 8) -> str:
    """Returns a fresh run id of so many letters and digits."""
    made = ""
    while len(made) < length:
        made += new_run_id()
    return made[:length]


def ensure_configured() -> None:
    """Does nothing: nothing needs to be configured."""


def get_module(name: str, required: str | bool | None = None, lazy: bool = True) -> ModuleType | None:
    """Returns a module, or None if it is not installed.

    Raises:
        Error: if it is not installed and `required` is a text, which is the message.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        if required:
            raise Error(str(required)) from error
        return None


def mkdir_exists_ok(path: str | os.PathLike[str]) -> None:
    """Makes a folder unless it is there."""
    os.makedirs(path, exist_ok=True)


def make_artifact_name_safe(name: str) -> str:
    """Returns a name with everything that an artifact name cannot hold replaced by "_"."""
    return re.sub(r"[^A-Za-z0-9_\-.]", "_", name)[:128]


def to_json(value: Any) -> Any:
    """Returns the value itself: what can be logged is turned into JSON where it is logged."""
    return value


def __getattr__(name: str) -> Any:
    if name in _ELSEWHERE:
        return fetch(_ELSEWHERE[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ELSEWHERE})
