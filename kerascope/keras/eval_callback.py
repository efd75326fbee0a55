"""`WandbEvalCallback`: a base class for evaluations of your own, kept as tables."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from kerascope.artifacts import Artifact
from kerascope.errors import WrongTypeError
from kerascope.keras import arguments
from kerascope.keras.notices import guarded
from kerascope.keras.ranks import computes_here
from kerascope.media.table import Table
from kerascope.tracking.current import get_run, require_run


class WandbEvalCallback(keras.callbacks.Callback, ABC):  # type: ignore[misc]
    """Fills one table of data when training begins, and one of predictions after every epoch.

    Subclasses implement `add_ground_truth` (fill `self.data_table`) and `add_model_predictions` (fill `self.pred_table`, a fresh table
    each epoch). The data table is stored in artifact `val` (type `dataset`) and read back as `self.data_table_ref`, whose
    `get_index()` gives row links to put into the prediction table. Predictions are stored in artifact `run_<run id>_pred` (type
    `evaluation`), one version per epoch.

    Args:
        data_table_columns: names of the data table's columns.
        pred_table_columns: names of the prediction table's columns.
        *args: ignored, as in the original.
        **kwargs: `log_ranks`: "first" or "all" processes of a distributed training; by default what `init` goes by. Others warn.

    Raises:
        Error: if there is no run.
        UsageError: if a list of columns is no list of text.
    """

    def __init__(
        self, data_table_columns: Sequence[str], pred_table_columns: Sequence[str], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__()
        self._run = require_run("WandbEvalCallback")
        unknown = {name: value for name, value in kwargs.items() if name != "log_ranks"}
        arguments.warn_unknown(type(self).__name__, unknown, ["data_table_columns", "pred_table_columns", "log_ranks"])
        self.data_table_columns = _columns("data_table_columns", data_table_columns)
        self.pred_table_columns = _columns("pred_table_columns", pred_table_columns)
        self.data_table_ref: Table | None = None
        self._is_active = computes_here(self._run, arguments.log_ranks(kwargs.get("log_ranks")))

    @abstractmethod
    def add_ground_truth(self, logs: Mapping[str, Any] | None = None) -> None:
        """Fills `self.data_table`. Called once, when training begins."""

    @abstractmethod
    def add_model_predictions(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Fills `self.pred_table`. Called at the end of every epoch."""

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Makes and stores the data table."""
        self._run = get_run() or self._run
        if self._is_active:
            with guarded(self._run, f"{type(self).__name__}.add_ground_truth"):
                self.init_data_table(self.data_table_columns)
                _call(self.add_ground_truth, logs)
                self.log_data_table()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Makes and stores the prediction table."""
        if self._is_active:
            with guarded(self._run, f"{type(self).__name__}.add_model_predictions"):
                self.init_pred_table(self.pred_table_columns)
                _call(self.add_model_predictions, epoch, logs)
                self.log_pred_table()

    def init_data_table(self, column_names: Sequence[str]) -> None:
        """Makes an empty data table; its cells may be of any type."""
        self.data_table = Table(columns=list(column_names), allow_mixed_types=True)

    def init_pred_table(self, column_names: Sequence[str]) -> None:
        """Makes an empty prediction table."""
        self.pred_table = Table(columns=list(column_names))

    def log_data_table(self, name: str = "val", type: str = "dataset", table_name: str = "val_data") -> None:
        """Stores the data table in an artifact that the run uses, and reads it back as `data_table_ref`.

        Args:
            name: name of the artifact.
            type: its type.
            table_name: name of the table in it.
        """
        artifact = Artifact(name, type=type)
        artifact.add(self.data_table, table_name)
        used = self._run.use_artifact(artifact)
        self.data_table_ref = self.data_table if self._run.disabled else used.get(table_name)

    def log_pred_table(
        self, type: str = "evaluation", table_name: str = "eval_data", aliases: Sequence[str] | None = None
    ) -> None:
        """Stores the prediction table as a new version.

        Args:
            type: type of the artifact.
            table_name: name of the table in it.
            aliases: `["latest"]` by default.
        """
        artifact = Artifact(f"run_{self._run.id}_pred", type=type)
        artifact.add(self.pred_table, table_name)
        self._run.log_artifact(artifact, aliases=list(aliases or ["latest"]))


def _call(method: Callable[..., None], *args: Any) -> None:
    """Calls a method of the user's with as many of `args` as it takes: examples of the original leave `logs` out."""
    parameters = inspect.signature(method).parameters.values()
    takes_all = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    positional = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    method(*(args if takes_all else args[:positional]))


def _columns(name: str, value: Any) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(c, str) for c in value):
        raise WrongTypeError(f"`{name}` must be a list of column names. Received: {name}={value!r}.")
    return list(value)
