"""Kerascope: see inside a Keras training run, and keep everything worth keeping from it.

    import kerascope

    run = kerascope.init(project="faces", config={"learning_rate": 1e-3})
    run.log({"loss": 0.5})
    run.finish()

The names are those of the `wandb` package, so that a script moves over with `import kerascope as wandb`. They are loaded on first
use: this import loads no keras, numpy, media or server code. `run`, `config` and `summary` are those of the current run.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kerascope.errors import CommError, ConfigError, Error, NotFoundError, StoreError, UsageError
from kerascope.terminal import termerror, termlog, termwarn
from kerascope.version import __version__

if TYPE_CHECKING:
    from kerascope.api import Api as Api
    from kerascope.artifacts import Artifact as Artifact
    from kerascope.media.audio import Audio as Audio
    from kerascope.media.classes import Classes as Classes
    from kerascope.media.graph import Graph as Graph
    from kerascope.media.histogram import Histogram as Histogram
    from kerascope.media.html import Html as Html
    from kerascope.media.image import Image as Image
    from kerascope.media.joined import JoinedTable as JoinedTable
    from kerascope.media.joined import PartitionedTable as PartitionedTable
    from kerascope.media.molecule import Molecule as Molecule
    from kerascope.media.object3d import Object3D as Object3D
    from kerascope.media.plotly import Plotly as Plotly
    from kerascope.media.table import Table as Table
    from kerascope.media.video import Video as Video
    from kerascope.settings import SettingsOverrides as Settings
    from kerascope.sweeps.agent import agent as agent
    from kerascope.sweeps.agent import sweep as sweep
    from kerascope.tracking.alerts import AlertLevel as AlertLevel
    from kerascope.tracking.calls import alert as alert
    from kerascope.tracking.calls import define_metric as define_metric
    from kerascope.tracking.calls import finish as finish
    from kerascope.tracking.calls import link_model as link_model
    from kerascope.tracking.calls import log as log
    from kerascope.tracking.calls import log_artifact as log_artifact
    from kerascope.tracking.calls import log_model as log_model
    from kerascope.tracking.calls import login as login
    from kerascope.tracking.calls import mark_preempting as mark_preempting
    from kerascope.tracking.calls import require as require
    from kerascope.tracking.calls import restore as restore
    from kerascope.tracking.calls import save as save
    from kerascope.tracking.calls import setup as setup
    from kerascope.tracking.calls import teardown as teardown
    from kerascope.tracking.calls import unwatch as unwatch
    from kerascope.tracking.calls import use_artifact as use_artifact
    from kerascope.tracking.calls import use_model as use_model
    from kerascope.tracking.calls import watch as watch
    from kerascope.tracking.config import Config
    from kerascope.tracking.init import init as init
    from kerascope.tracking.run import Run as Run
    from kerascope.tracking.summary import Summary

    run: Run | None
    config: Config
    summary: Summary

_CALLS = (
    "alert define_metric finish link_model log log_artifact log_model login mark_preempting require restore save setup "
    "teardown unwatch use_artifact use_model watch"
)
_LAZY: dict[str, tuple[str, str]] = {
    **{name: ("kerascope.tracking.calls", name) for name in _CALLS.split()},
    "agent": ("kerascope.sweeps.agent", "agent"),
    "sweep": ("kerascope.sweeps.agent", "sweep"),
    "AlertLevel": ("kerascope.tracking.alerts", "AlertLevel"),
    "Api": ("kerascope.api", "Api"),
    "Artifact": ("kerascope.artifacts", "Artifact"),
    "Audio": ("kerascope.media.audio", "Audio"),
    "Classes": ("kerascope.media.classes", "Classes"),
    "Graph": ("kerascope.media.graph", "Graph"),
    "Histogram": ("kerascope.media.histogram", "Histogram"),
    "Html": ("kerascope.media.html", "Html"),
    "Image": ("kerascope.media.image", "Image"),
    "JoinedTable": ("kerascope.media.joined", "JoinedTable"),
    "Molecule": ("kerascope.media.molecule", "Molecule"),
    "Object3D": ("kerascope.media.object3d", "Object3D"),
    "PartitionedTable": ("kerascope.media.joined", "PartitionedTable"),
    "Plotly": ("kerascope.media.plotly", "Plotly"),
    "Run": ("kerascope.tracking.run", "Run"),
    "Settings": ("kerascope.settings", "SettingsOverrides"),
    "Table": ("kerascope.media.table", "Table"),
    "Video": ("kerascope.media.video", "Video"),
    "init": ("kerascope.tracking.init", "init"),
}
# Of the current run, so they are looked up again each time.
_LIVE = {
    "run": ("kerascope.tracking.current", "get_run"),
    "config": ("kerascope.tracking.calls", "current_config"),
    "summary": ("kerascope.tracking.calls", "current_summary"),
}
_MODULES = ("errors", "integration", "keras", "plot")

__all__ = [
    "AlertLevel",
    "Api",
    "Artifact",
    "Audio",
    "Classes",
    "CommError",
    "ConfigError",
    "Error",
    "Graph",
    "Histogram",
    "Html",
    "Image",
    "JoinedTable",
    "Molecule",
    "NotFoundError",
    "Object3D",
    "PartitionedTable",
    "Plotly",
    "Run",
    "Settings",
    "StoreError",
    "Table",
    "UsageError",
    "Video",
    "__version__",
    "agent",
    "alert",
    "config",
    "define_metric",
    "finish",
    "init",
    "link_model",
    "log",
    "log_artifact",
    "log_model",
    "login",
    "mark_preempting",
    "require",
    "restore",
    "run",
    "save",
    "setup",
    "summary",
    "sweep",
    "teardown",
    "termerror",
    "termlog",
    "termwarn",
    "unwatch",
    "use_artifact",
    "use_model",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name in _LIVE:
        module, attribute = _LIVE[name]
        return getattr(import_module(module), attribute)()
    if name in _LAZY:
        module, attribute = _LAZY[name]
        value = getattr(import_module(module), attribute)
        globals()[name] = value
        return value
    if name in _MODULES:
        return import_module(f"kerascope.{name}")
    raise AttributeError(f"module 'kerascope' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})


class _Package(ModuleType):
    """The package: `kerascope.config = {...}`, as older scripts write, sets values of the current run's config."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "config":
            __getattr__("config").update(value)
        elif name in _LIVE:
            raise UsageError(f"kerascope.{name} cannot be replaced. Received: {value!r}. Use kerascope.init().")
        else:
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
