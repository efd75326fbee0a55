"""`WandbModelCheckpoint`: Keras' ModelCheckpoint, whose files are also versions of an artifact, written atomically, and good to resume from."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerascope.artifacts import Artifact
from kerascope.errors import WrongValueError
from kerascope.keras import arguments
from kerascope.keras.best import Best
from kerascope.keras.notices import guarded, notice
from kerascope.keras.ranks import logs_here
from kerascope.keras.resume import TrainingStates
from kerascope.keras.saving import check_savedmodel_possible, save_model, suffix_of
from kerascope.terminal import termlog, termwarn
from kerascope.tracking.current import get_run, require_run

_EXTRA_KEYWORDS = ("options", "save_format", "background", "resume", "log_ranks")


class WandbModelCheckpoint(keras.callbacks.ModelCheckpoint):  # type: ignore[misc]
    """Saves the model, or its weights, at some frequency; each file becomes a version of the artifact `run_<run id>_model`.

    A version has the aliases `latest` and `epoch_<n>` (n from 0; `{epoch}` in the file name counts from 1, as in Keras), or
    `epoch_<n>_batch_<m>` with an integer `save_freq`; with `save_best_only` also `best`. Its metadata name epoch, metric and value.

    Args:
        filepath: path of the file; may contain `{epoch}`, `{batch}` and metric names. Endings: `.keras`, `.h5`, with `save_weights_only`
            `.weights.h5`. A path without such an ending gets one, with a warning.
        monitor: metric that tells what is best.
        verbose: 1: one line per file.
        save_best_only: save only if `monitor` is better than ever before. Nothing saved, no version.
        save_weights_only: save weights and optimizer state instead of the whole model.
        mode: "min", "max", or "auto": the direction the Keras metric knows, else by its name.
        save_freq: "epoch", or a number of batches.
        initial_value_threshold: a value that the first best must beat.
        **kwargs: `resume=True`: go on from the newest whole state of an earlier training with this `filepath` that did not end (states are
            kept beside the files, after every epoch). `background=True`: hash and store on another thread. `save_format="tf"`: a
            SavedModel folder (TensorFlow backend). `log_ranks="all"`: every process of a distributed training saves its own
            files, whose names must differ, and versions of `run_<run id>_rank<n>_model`. `options` is ignored. Others warn.

    Raises:
        Error: if there is no run.
        UsageError: for an argument of the wrong kind.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
        **kwargs: Any,
    ) -> None:
        self._run = require_run("WandbModelCheckpoint")
        extra = {name: kwargs.pop(name) for name in _EXTRA_KEYWORDS if name in kwargs}
        arguments.warn_unknown(
            "WandbModelCheckpoint", kwargs, [*WandbModelCheckpoint.__init__.__annotations__, *_EXTRA_KEYWORDS]
        )
        weights_only = arguments.flag("save_weights_only", save_weights_only)
        threshold = arguments.threshold("initial_value_threshold", initial_value_threshold)
        is_savedmodel = _is_savedmodel(extra.get("save_format"), filepath)
        path = _checked_path(filepath, weights_only, is_savedmodel)
        super().__init__(
            filepath=f"{path}.keras" if is_savedmodel else path,
            monitor=arguments.text("monitor", monitor),
            verbose=arguments.verbosity(verbose),
            save_best_only=arguments.flag("save_best_only", save_best_only),
            save_weights_only=weights_only,
            mode=arguments.mode(mode),
            save_freq=_checked_frequency(save_freq),
            initial_value_threshold=threshold,
        )
        self.filepath = path
        # With `save_freq="epoch"` the batch hook of Keras does nothing, and need not hold up the training.
        self.async_safe = self.save_freq == "epoch"
        self._record = Best(self.monitor, self.mode)
        self._record.seed(threshold)
        self._background = arguments.flag("background", extra.get("background", False))
        self._is_active = logs_here(self._run, arguments.log_ranks(extra.get("log_ranks")) or "first")
        self._resumes = arguments.flag("resume", extra.get("resume", False))
        self._states = TrainingStates(path)

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Goes on from an earlier training, if asked to."""
        self._run = get_run() or self._run
        if not self._resumes:
            return
        with guarded(self._run, "resuming from a checkpoint"):
            state = self._states.restore(self.model)
            if state is not None:
                epoch, memory = state
                self._record.seed(memory.get("best"))
                self.best = memory.get("best")
                self._batches_seen_since_last_saving = memory.get("batches", 0)
                self.model._initial_epoch = epoch + 1
                termlog(f"Training goes on after epoch {epoch + 1}.")

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Counts the epoch."""
        super().on_epoch_begin(epoch, logs)
        if self._resumes and self._model is not None:
            self._model._initial_epoch = None  # this fit has taken it; the next one starts where it is told to

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Saves at the end of an epoch, if that is the frequency."""
        if not self._is_active:
            return
        if self.save_freq == "epoch":
            self._save_model(epoch=epoch, batch=None, logs=logs)
        if self._resumes:
            best = self._record.value if self._record.is_started else None
            with guarded(self._run, "keeping the state to resume from"):
                self._states.save(self.model, epoch, {"best": best, "batches": self._batches_seen_since_last_saving})

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Drops the states to resume from: the training is complete."""
        if self._resumes and self._is_active:
            self._states.clear()

    def _save_model(self, epoch: int, batch: int | None, logs: Mapping[str, Any] | None) -> None:
        """Called by the hooks of Keras when it is time to save."""
        if not self._is_active:
            return
        logs = logs or {}
        with guarded(self._run, "saving a checkpoint"):
            if self.save_best_only and not self._is_best(epoch, logs):
                return
            path = self._path_of(epoch, batch, logs)
            save_model(self.model, path)
            if self.verbose > 0:
                termlog(f"Epoch {epoch + 1:05d}: saved the model to {path}")
            self._log(path, epoch, batch, logs)

    def _is_best(self, epoch: int, logs: Mapping[str, Any]) -> bool:
        self._record.settle(self.model.metrics)
        self.monitor_op = self._record.is_better
        value = logs.get(self.monitor)
        if value is None:
            notice(
                self._run,
                f"WandbModelCheckpoint: as long as the metric {self.monitor!r} is missing, nothing can be best and nothing is saved. "
                f"There are: {', '.join(sorted(logs)) or 'none'}. Set `monitor`, or save_freq='epoch' for validation metrics.",
            )
            return False
        improved = self._record.improves(float(value), epoch)
        self.best = self._record.value
        return improved

    def _path_of(self, epoch: int, batch: int | None, logs: Mapping[str, Any]) -> Path:
        facts = {**logs, "epoch": epoch + 1, **({} if batch is None else {"batch": batch + 1})}
        try:
            return Path(self.filepath.format(**facts))
        except (KeyError, IndexError) as error:
            raise WrongValueError(
                f"`filepath` may name epoch, batch and metrics that exist when it is saved. Received: {self.filepath!r}; "
                f"there is no {error}. There are: {', '.join(sorted(facts))}."
            ) from error

    def _log(self, path: Path, epoch: int, batch: int | None, logs: Mapping[str, Any]) -> None:
        run = self._run
        if run.disabled:
            return
        alias = f"epoch_{epoch}" if batch is None else f"epoch_{epoch}_batch_{batch}"
        aliases = ["latest", alias, *(["best"] if self.save_best_only else [])]
        value = logs.get(self.monitor)
        metadata = {"epoch": epoch, "weights_only": self.save_weights_only, "monitor": self.monitor}
        metadata |= {} if batch is None else {"batch": batch}
        metadata |= {} if value is None else {"value": float(value)}
        owner = f"run_{run.id}_rank{run.settings.rank}" if run.settings.rank else f"run_{run.id}"
        artifact = Artifact(f"{owner}_model", type="model", metadata=metadata)
        if not self._background:
            _add(artifact, path, is_temporary=False)
            run.log_artifact(artifact, aliases=aliases)
            return
        scratch = _linked_copy(path)

        def store() -> None:
            try:
                _add(artifact, scratch / path.name, is_temporary=True)
                run.log_artifact(artifact, aliases=aliases)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)

        run.worker.submit(store)


def _add(artifact: Artifact, path: Path, is_temporary: bool) -> None:
    if path.is_dir():
        artifact.add_dir(str(path))
    else:
        artifact.add_file(str(path), name=path.name, is_tmp=is_temporary)


def _linked_copy(path: Path) -> Path:
    """A folder beside `path` with the same file or folder in it: the next checkpoint may replace `path` before this one is stored."""
    scratch = Path(tempfile.mkdtemp(prefix=".storing-", dir=path.parent))
    if path.is_dir():
        shutil.copytree(path, scratch / path.name, copy_function=_link)
    else:
        _link(path, scratch / path.name)
    return scratch


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)


def _checked_path(filepath: Any, weights_only: bool, is_savedmodel: bool) -> str:
    if not isinstance(filepath, str | os.PathLike) or not os.fspath(filepath):
        raise WrongValueError(
            f"`filepath` must be a path. Received: filepath={filepath!r}. Pass a name such as 'model-{{epoch:02d}}.keras'."
        )
    path = arguments.file_template("filepath", os.fsdecode(filepath))
    if is_savedmodel:
        check_savedmodel_possible(path)
        return path
    wanted = (".weights.h5",) if weights_only else (".keras", ".h5")
    if suffix_of(Path(path)) in wanted:
        return path
    base = f"{path}model" if path.endswith(os.sep) else path.removesuffix(".h5") if weights_only else path
    termwarn(
        f"Keras saves to files that end in {' or '.join(wanted)}: {path!r} becomes {base + wanted[0]!r}.", repeat=False
    )
    return base + wanted[0]


def _is_savedmodel(save_format: Any, filepath: Any) -> bool:
    if save_format in (None, "tf", "tf_saved_model"):
        return save_format is not None
    if save_format in ("h5", "keras") and str(filepath).endswith(f".{save_format}"):
        return False
    raise WrongValueError(
        "`save_format` must be 'tf', None, or what the ending of `filepath` says anyway. "
        f"Received: save_format={save_format!r}. Other formats go by that ending: .keras or .h5."
    )


def _checked_frequency(value: Any) -> str | int:
    if value == "epoch":
        return "epoch"
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= 1:
        return int(value)
    raise WrongValueError(
        f"`save_freq` must be 'epoch' or an int >= 1. Received: save_freq={value!r}. An int is a number of batches."
    )
