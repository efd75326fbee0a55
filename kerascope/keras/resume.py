"""The whole state of a training after an epoch, in one file, so that a killed training goes on as if nothing had happened.

Kept: every variable of model and optimizer (seeds included), the random generators, the epoch, and what the checkpoint callback remembers.
A file is written beside its place, synced and renamed, so it is whole or not there; the newest two are kept. Not kept: the state of other
callbacks, and iterators of the user's that do not restart with an epoch.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerascope.keras import randomness
from kerascope.keras.gradients import EXTRA_NAME
from kerascope.keras.saving import suffix_of

_KEPT = 2
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


class TrainingStates:
    """The states kept for the checkpoints at `filepath`, in a folder beside them."""

    def __init__(self, filepath: str) -> None:
        path = Path(filepath)
        stem = re.sub(r"\{[^}]*\}", "", path.name.removesuffix(suffix_of(path))).strip("-_. ")
        self.folder = path.parent / f"{stem or 'model'}.resume"

    def save(self, model: Any, epoch: int, memory: dict[str, Any]) -> None:
        """Writes the state after `epoch`; `memory` is any JSON to get back with it.

        Raises:
            OSError: if the disk refuses.
        """
        random = randomness.capture()
        arrays = {name: value for name, value in random.items() if isinstance(value, np.ndarray)}
        facts = {
            "epoch": epoch,
            "memory": memory,
            "random": {name: value for name, value in random.items() if name not in arrays},
            "variables": [_fingerprint(v) for v in _variables(model)],
        }
        arrays |= {f"v{i}": _array(v) for i, v in enumerate(_variables(model))}
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f".{os.getpid()}.tmp"
        with temporary.open("wb") as file:
            np.savez(file, facts=np.array(json.dumps(facts)), **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.folder / f"epoch_{epoch:08d}.npz")
        for old in self._files()[_KEPT:]:
            old.unlink(missing_ok=True)

    def restore(self, model: Any) -> tuple[int, dict[str, Any]] | None:
        """Puts model, optimizer and random generators to the newest whole state.

        Returns:
            The epoch it was taken after, and the memory; None if there is no state.

        Raises:
            ValueError: if the state is that of another model; nothing is changed then.
        """
        for path in self._files():
            try:
                with np.load(path, allow_pickle=False) as stored:
                    facts = json.loads(str(stored["facts"]))
                    content = {name: stored[name] for name in stored.files if name != "facts"}
            except _UNREADABLE:
                continue  # torn or damaged: an older one is whole
            _assign(model, facts["variables"], content)
            randomness.restore(facts["random"] | {n: a for n, a in content.items() if not re.fullmatch(r"v\d+", n)})
            return int(facts["epoch"]), dict(facts["memory"])
        return None

    def clear(self) -> None:
        """Removes the states: the training is complete."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("epoch_*.npz"), reverse=True)


def _variables(model: Any) -> list[Any]:
    optimizer = model.optimizer
    if optimizer is not None and not optimizer.built:
        optimizer.build(model.trainable_variables)
    own = [] if optimizer is None else [v for v in optimizer.variables if EXTRA_NAME not in v.name]
    return [*model.variables, *own]


def _fingerprint(variable: Any) -> list[Any]:
    return [str(variable.name), [int(size) for size in variable.shape], str(variable.dtype)]


def _array(variable: Any) -> np.ndarray[Any, Any]:
    value = np.asarray(keras.ops.convert_to_numpy(variable.value))
    return value if value.dtype.kind in "biufc" else value.astype(np.float32)  # bfloat16 and the like have no file form


def _assign(model: Any, known: list[Any], content: dict[str, Any]) -> None:
    variables = _variables(model)
    found = [_fingerprint(v) for v in variables]
    shapes = [item[1:] for item in known]
    if [item[1:] for item in found] != shapes:
        raise ValueError(
            "The state to resume from belongs to another model or optimizer. "
            f"Received: {len(found)} variables where the state has {len(known)}, or other shapes. "
            "Use another filepath, or remove the .resume folder beside it."
        )
    for i, variable in enumerate(variables):
        variable.assign(content[f"v{i}"])
