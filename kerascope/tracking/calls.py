"""The functions of the package that speak to the current run: `kerascope.log(...)` is `run.log(...)`.

Promises: before `init` (and after `finish`) each raises `Error` naming the call. Not for: anything but passing on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, NoReturn

from kerascope.errors import Error
from kerascope.events.types import Metric
from kerascope.terminal import termwarn
from kerascope.tracking.current import get_run, require_run


def log(data: Mapping[str, Any], step: int | None = None, commit: bool | None = None, sync: bool | None = None) -> None:
    """Records a row of values; see `Run.log`."""
    require_run("kerascope.log()").log(data, step, commit, sync)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """Ends the current run, if there is one; see `Run.finish`."""
    run = get_run()
    if run is not None:
        run.finish(exit_code, quiet)


def define_metric(name: str, *args: Any, **named: Any) -> Metric:
    """Says how a metric is summarised and plotted; see `Run.define_metric`."""
    return require_run("kerascope.define_metric()").define_metric(name, *args, **named)


def save(*args: Any, **named: Any) -> list[str]:
    """Keeps files with the run; see `Run.save`."""
    return require_run("kerascope.save()").save(*args, **named)


def restore(name: str, *args: Any, **named: Any) -> IO[str]:
    """Opens a file of this or another run; see `Run.restore`."""
    return require_run("kerascope.restore()").restore(name, *args, **named)


def alert(title: str, *args: Any, **named: Any) -> None:
    """Records an alert; see `Run.alert`."""
    require_run("kerascope.alert()").alert(title, *args, **named)


def log_artifact(artifact_or_path: Any, *args: Any, **named: Any) -> Any:
    """Stores an artifact version; see `Run.log_artifact`."""
    return require_run("kerascope.log_artifact()").log_artifact(artifact_or_path, *args, **named)


def use_artifact(artifact_or_name: Any, *args: Any, **named: Any) -> Any:
    """Finds an artifact version and records its use; see `Run.use_artifact`."""
    return require_run("kerascope.use_artifact()").use_artifact(artifact_or_name, *args, **named)


def log_model(path: Any, *args: Any, **named: Any) -> Any:
    """Stores a model; see `Run.log_model`."""
    return require_run("kerascope.log_model()").log_model(path, *args, **named)


def use_model(name: str) -> str:
    """Returns the path of a logged model; see `Run.use_model`."""
    return require_run("kerascope.use_model()").use_model(name)


def link_model(path: Any, *args: Any, **named: Any) -> Any:
    """Stores a model under a name to be found by; see `Run.link_model`."""
    return require_run("kerascope.link_model()").link_model(path, *args, **named)


def watch(models: Any, *args: Any, **named: Any) -> list[Any]:
    """Says where gradients are to be had; see `Run.watch`."""
    return require_run("kerascope.watch()").watch(models, *args, **named)


def unwatch(models: Any = None) -> None:
    """Does nothing: nothing was watched."""


def mark_preempting() -> None:
    """Records that the machine may be taken away soon."""
    require_run("kerascope.mark_preempting()").mark_preempting()


def login(*args: Any, **named: Any) -> bool:
    """Returns True: runs are kept on this machine and need no account. Arguments of the original have no effect."""
    return True


def setup(*args: Any, **named: Any) -> None:
    """Does nothing: there is no helper process to start."""


def teardown(exit_code: int | None = None) -> None:
    """Ends the current run, if there is one."""
    finish(exit_code)


def require(*args: Any, **named: Any) -> None:
    """Does nothing: features are not switched on one by one here."""


class BeforeInit:
    """Stands for `kerascope.config` and `kerascope.summary` while there is no run: every use raises Error.

    Args:
        name: `config` or `summary`.
    """

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    _name: str

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return self._refuse(f".{attribute}")

    def __setattr__(self, attribute: str, value: Any) -> None:
        self._refuse(f".{attribute}")

    def __getitem__(self, key: str) -> Any:
        return self._refuse(f"[{key!r}]")

    def __setitem__(self, key: str, value: Any) -> None:
        self._refuse(f"[{key!r}]")

    def __contains__(self, key: object) -> bool:
        return bool(self._refuse(""))

    def __iter__(self) -> NoReturn:
        self._refuse("")

    def __repr__(self) -> str:
        return f"<kerascope.{self._name} before kerascope.init()>"

    def _refuse(self, use: str) -> NoReturn:
        require_run(f"kerascope.{self._name}{use}")
        termwarn(f"kerascope.{self._name} was taken before init(); read kerascope.{self._name} again.", repeat=False)
        raise Error(f"This kerascope.{self._name} was taken before kerascope.init(). Use run.{self._name}.")


def current_config() -> Any:
    """Returns the config of the current run, or what raises Error on use."""
    run = get_run()
    return run.config if run is not None else BeforeInit("config")


def current_summary() -> Any:
    """Returns the summary of the current run, or what raises Error on use."""
    run = get_run()
    return run.summary if run is not None else BeforeInit("summary")
