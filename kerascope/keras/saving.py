"""Writing models to files so that a reader never sees half of one.

A file is written under a temporary name in its folder and renamed into place. Formats by ending: `.weights.h5` (weights and optimizer),
`.keras`, `.h5` (the whole model), anything else a SavedModel folder (`model.export`, TensorFlow backend).
"""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from kerascope.errors import WrongValueError

SUFFIXES = (".weights.h5", ".keras", ".h5")


def save_model(model: Any, path: Path) -> None:
    """Writes `model` to `path` in the format its name asks for, replacing what is there in one step.

    Raises:
        Exception: whatever Keras raises when it cannot write the model; `path` is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    suffix = suffix_of(path)
    temporary = path.with_name(f".{path.name.removesuffix(suffix)}.{os.getpid()}.tmp{suffix}")
    try:
        _write(model, temporary, suffix)
        _replace(temporary, path)
    finally:
        _remove(temporary)


def suffix_of(path: Path) -> str:
    """Returns the ending that names the format, an empty text for a SavedModel folder."""
    return next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), "")


def check_savedmodel_possible(path: str) -> None:
    """Raises unless this backend can write a SavedModel.

    Raises:
        WrongValueError: if the backend is not TensorFlow.
    """
    if keras.backend.backend() != "tensorflow":
        raise WrongValueError(
            "A SavedModel folder needs the TensorFlow backend. "
            f"Received: filepath={path!r} on backend {keras.backend.backend()!r}. Let the path end in .keras."
        )


def _write(model: Any, path: Path, suffix: str) -> None:
    with _without_format_advice(), _without_distribution(), _kept_compile_config(model):
        if suffix == ".weights.h5":
            model.save_weights(path, overwrite=True)
        elif suffix:
            model.save(path, overwrite=True)
        else:
            model.export(path, verbose=False)


@contextmanager
def _without_distribution() -> Iterator[None]:
    """Lets one process save alone: with a `keras.distribution`, variables that Keras makes on the way wait for the other processes."""
    distribution = keras.distribution.distribution()
    if distribution is None:
        yield
        return
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(distribution)


@contextmanager
def _kept_compile_config(model: Any) -> Iterator[None]:
    """Leaves the model compiled as it was: Keras drops the optimizer from this map when it writes HDF5, and later files would lack it."""
    config = getattr(getattr(model, "_compile_config", None), "config", None)
    if not isinstance(config, dict):
        yield
        return
    kept = dict(config)
    try:
        yield
    finally:
        config.clear()
        config.update(kept)


@contextmanager
def _without_format_advice() -> Iterator[None]:
    """Keeps Keras from advising against the format on every save: the user chose it, or needs its old name."""
    logger = logging.getLogger("absl")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*HDF5.*")
            warnings.filterwarnings("ignore", message="You are saving a model that has not yet been built")
            yield
    finally:
        logger.setLevel(level)


def _replace(source: Path, target: Path) -> None:
    """Puts `source` in the place of `target`; where the old one is a folder, it is left at `source`."""
    if not (source.is_dir() and target.is_dir()):
        os.replace(source, target)
    elif not _exchange(source, target):
        # For a moment there is no folder of this name, but never half of one.
        old = target.with_name(f".{target.name}.{os.getpid()}.old")
        os.replace(target, old)
        os.replace(source, target)
        shutil.rmtree(old)


def _exchange(one: Path, other: Path) -> bool:
    """Lets two folders change places in one step; False where the system or file system cannot."""
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError, TypeError):  # not a Linux, or an old one
        return False
    return bool(renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
