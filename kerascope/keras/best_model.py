"""Keeping the best model of a run: the file scripts restore, and a versioned artifact.

`<run.dir>/model-best.h5` is what `restore("model-best.h5")` and `keras.models.load_model` of older scripts ask for. The artifact
`model-<run name>` holds `model.keras`, or with weights only `model.weights.h5`, and has the aliases `latest`, `best` and `epoch_<n>`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from kerascope.artifacts import Artifact, safe_name
from kerascope.keras.notices import guarded, notice
from kerascope.keras.saving import save_model
from kerascope.tracking.run import Run

LEGACY_NAME = "model-best.h5"
WEIGHTS_NAME = "model-best.weights.h5"


class BestModel:
    """Saves the best model of `run`.

    Args:
        weights_only: keep weights and optimizer state, not the architecture.
    """

    def __init__(self, weights_only: bool) -> None:
        self._weights_only = weights_only
        self._cannot_save_whole = False

    def save(self, run: Run, model: Any, epoch: int, metadata: dict[str, Any]) -> None:
        """Writes the files, in the first process only; what cannot be written as a whole model is kept as weights.

        Hashing and storing the version is left to the run's worker: it is there when the worker has come to it, at the latest when the
        run ends.

        Raises:
            OSError: if the disk refuses.
        """
        if run.settings.rank:
            return
        folder = Path(run.dir)
        # Beside `files/`: on the disk of the store, where a file can be moved instead of copied.
        scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".saving-"))
        try:
            file = self._save_file(run, model, scratch)
            with guarded(run, f"keeping {LEGACY_NAME}"):  # the version in the artifact does not depend on it
                self._save_legacy(run, model, folder, file)
            size_bytes = file.stat().st_size
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        artifact = Artifact(safe_name(f"model-{run.name}"), type="model", metadata=metadata)

        def store() -> None:
            try:
                with guarded(run, "keeping the best model"):
                    artifact.add_file(str(file), name=file.name, is_tmp=True)
                    run.log_artifact(artifact, aliases=["latest", "best", f"epoch_{epoch}"])
            finally:
                shutil.rmtree(scratch, ignore_errors=True)

        run.worker.submit(store, size_bytes)

    def _save_file(self, run: Run, model: Any, folder: Path) -> Path:
        if not self._weights_only and not self._cannot_save_whole:
            try:
                save_model(model, folder / "model.keras")
                return folder / "model.keras"
            except OSError:
                raise
            except Exception as error:  # a custom object that cannot be serialised: its weights still can be kept
                self._cannot_save_whole = True
                notice(run, f"the best model cannot be saved as a whole, so its weights are kept: {error}"[:500])
        save_model(model, folder / "model.weights.h5")
        return folder / "model.weights.h5"

    def _save_legacy(self, run: Run, model: Any, folder: Path, file: Path) -> None:
        if file.suffix == ".keras":
            try:
                save_model(model, folder / LEGACY_NAME)
                return
            except Exception as error:  # the older format knows fewer models; its weights are better than nothing
                notice(run, f"{LEGACY_NAME} holds weights only, model.keras in the artifact the whole: {error}"[:500])
                save_model(model, folder / WEIGHTS_NAME)
        else:
            _copy(file, folder / WEIGHTS_NAME)
        _copy(folder / WEIGHTS_NAME, folder / LEGACY_NAME)


def _copy(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.copyfile(source, temporary)
    os.replace(temporary, target)
